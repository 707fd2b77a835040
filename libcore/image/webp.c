/* WebP through libwebp. The first frame of what moves. */
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include "image/broken_internal.h"
#include "image/exif_internal.h"
#include "image/format_internal.h"

static bool known(const uint8_t *bytes, size_t n)
{
    return n >= 12 && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0;
}

/* NULL where the file is broken or cut. */
static WebPDemuxer *open_whole(const uint8_t *bytes, size_t n)
{
    const WebPData data = {bytes, n};
    WebPDemuxState state;
    WebPDemuxer *demuxer = WebPDemuxPartial(&data, &state);
    if (demuxer != NULL && state == WEBP_DEMUX_DONE)
        return demuxer;
    WebPDemuxDelete(demuxer);
    return NULL;
}

static int orientation_of(WebPDemuxer *demuxer)
{
    WebPChunkIterator exif;
    if (!WebPDemuxGetChunk(demuxer, "EXIF", 1, &exif))
        return 1;
    const uint8_t *tiff = exif.chunk.bytes;
    size_t size = exif.chunk.size;
    if (size >= 6 && memcmp(tiff, "Exif\0\0", 6) == 0) { /* as in JPEG; some writers leave it */
        tiff += 6;
        size -= 6;
    }
    int orientation = exif_orientation(tiff, size);
    WebPDemuxReleaseChunkIterator(&exif);
    return orientation;
}

static int size(Stored *stored, const uint8_t *bytes, size_t n, Err *err)
{
    WebPDemuxer *demuxer = open_whole(bytes, n);
    if (demuxer == NULL)
        return err_set(err, "broken WebP: the file is damaged or ends too early");
    stored->h = (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT);
    stored->w = (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH);
    stored->orientation = orientation_of(demuxer);
    WebPDemuxDelete(demuxer);
    return 0;
}

/* A frame that moves may be smaller than the picture, which is black around it. */
static int read_frame(Image image, const WebPIterator *frame, Err *err)
{
    const int stride = 3 * image.w;
    if (frame->x_offset < 0 || frame->width < 1 || frame->width > image.w - frame->x_offset ||
        frame->y_offset < 0 || frame->height < 1 || frame->height > image.h - frame->y_offset)
        return err_set(err, "broken WebP: a frame that lies outside the picture");
    if (frame->width < image.w || frame->height < image.h)
        memset(image.pixels, 0, image_bytes(image.h, image.w));
    uint8_t *at = image.pixels + (size_t)frame->y_offset * stride + 3 * (size_t)frame->x_offset;
    const size_t room = (size_t)(frame->height - 1) * stride + 3 * (size_t)frame->width;
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return err_set(err, "a libwebp of another version than the one this was built with");
    config.output = (WebPDecBuffer){.colorspace = MODE_RGB, .is_external_memory = 1};
    config.output.u.RGBA = (WebPRGBABuffer){at, stride, room};
    VP8StatusCode status = WebPDecode(frame->fragment.bytes, frame->fragment.size, &config);
    if (status != VP8_STATUS_OK)
        return image_broken(err, "WebP",
                            status == VP8_STATUS_OUT_OF_MEMORY ? "out of memory"
                                                               : "its pixels are damaged");
    return 0;
}

static int pixels(Image image, const uint8_t *bytes, size_t n, Err *err)
{
    WebPDemuxer *demuxer = open_whole(bytes, n);
    WebPIterator frame;
    int rc = -1;
    if (demuxer == NULL || !WebPDemuxGetFrame(demuxer, 1, &frame)) {
        err_set(err, "broken WebP: no picture in it");
    } else {
        rc = read_frame(image, &frame, err);
        WebPDemuxReleaseIterator(&frame);
    }
    WebPDemuxDelete(demuxer);
    return rc;
}

const Format format_webp = {known, size, pixels};
