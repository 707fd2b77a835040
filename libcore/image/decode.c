#include "image/decode.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "image/png.h"
#include "image/pnm.h"

struct Decoder {
    tjhandle jpeg; /* NULL until there is a JPEG to read */
    uint8_t *pixels;
    size_t room;
};

/* One file format. size() reads the header; pixels() is called after it with what it found, and
 * has room for exactly that. */
typedef struct Format {
    bool (*known)(const uint8_t *bytes, size_t n);
    int (*size)(Decoder *decoder, int *h, int *w, const uint8_t *bytes, size_t n, Err *err);
    int (*pixels)(Decoder *decoder, Image image, const uint8_t *bytes, size_t n, Err *err);
} Format;

Decoder *decoder_new(Err *err)
{
    Decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL)
        err_memory(err, "a decoder", sizeof *decoder);
    return decoder;
}

void decoder_free(Decoder *decoder)
{
    if (decoder == NULL)
        return;
    if (decoder->jpeg != NULL)
        tjDestroy(decoder->jpeg);
    free(decoder->pixels);
    free(decoder);
}

bool image_is_jpeg(const uint8_t *bytes, size_t size)
{
    return size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0;
}

/* An error in the markers can stay in TurboJPEG's handle and spoil the next, sound image (seen with
 * libjpeg-turbo 2.1.5), so the handle goes with the image that was bad. */
static int jpeg_failed(Decoder *decoder, Err *err)
{
    err_set(err, "broken JPEG: %s", tjGetErrorStr2(decoder->jpeg));
    tjDestroy(decoder->jpeg);
    decoder->jpeg = NULL;
    return -1;
}

static int jpeg_size(Decoder *decoder, int *h, int *w, const uint8_t *bytes, size_t n, Err *err)
{
    int subsampling, space;
    if (decoder->jpeg == NULL && (decoder->jpeg = tjInitDecompress()) == NULL)
        return err_set(err, "cannot start a JPEG decoder: %s", tjGetErrorStr2(NULL));
    if (tjDecompressHeader3(decoder->jpeg, bytes, n, w, h, &subsampling, &space) != 0)
        return jpeg_failed(decoder, err);
    if (space == TJCS_CMYK || space == TJCS_YCCK)
        return err_set(err, "a CMYK JPEG; only RGB and grey are read");
    return 0;
}

static int jpeg_pixels(Decoder *decoder, Image image, const uint8_t *bytes, size_t n, Err *err)
{
    int flags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
    if (tjDecompress2(decoder->jpeg, bytes, n, image.pixels, image.w, 0, image.h, TJPF_RGB,
                      flags) != 0)
        return jpeg_failed(decoder, err);
    return 0;
}

static int png_size(Decoder *decoder, int *h, int *w, const uint8_t *bytes, size_t n, Err *err)
{
    (void)decoder;
    return png_read_size(h, w, bytes, n, err);
}

static int png_pixels(Decoder *decoder, Image image, const uint8_t *bytes, size_t n, Err *err)
{
    (void)decoder;
    return png_read_pixels(image, bytes, n, err);
}

static int pnm_size(Decoder *decoder, int *h, int *w, const uint8_t *bytes, size_t n, Err *err)
{
    (void)decoder;
    return pnm_read_size(h, w, bytes, n, err);
}

static int pnm_pixels(Decoder *decoder, Image image, const uint8_t *bytes, size_t n, Err *err)
{
    (void)decoder;
    return pnm_read_pixels(image, bytes, n, err);
}

static const Format *format_of(const uint8_t *bytes, size_t n)
{
    static const Format formats[] = {{image_is_jpeg, jpeg_size, jpeg_pixels},
                                     {png_known, png_size, png_pixels},
                                     {pnm_known, pnm_size, pnm_pixels}};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i].known(bytes, n))
            return &formats[i];
    return NULL;
}

bool image_known(const uint8_t *bytes, size_t size)
{
    return format_of(bytes, size) != NULL;
}

static const Format *read_size(Decoder *decoder, int *h, int *w, const uint8_t *bytes, size_t n,
                               Err *err)
{
    const Format *format = format_of(bytes, n);
    if (format == NULL) {
        err_set(err, n == 0 ? "empty" : "not an image (JPEG, PNG, PGM or PPM)");
        return NULL;
    }
    if (format->size(decoder, h, w, bytes, n, err) != 0)
        return NULL;
    if (*h < 1 || *w < 1 || *h > IMAGE_MAX_SIDE || *w > IMAGE_MAX_SIDE ||
        (int64_t)*h * *w > IMAGE_MAX_PIXELS) {
        err_set(err, "%d x %d pixels, over the limit of %d a side and %d in all", *w, *h,
                IMAGE_MAX_SIDE, IMAGE_MAX_PIXELS);
        return NULL;
    }
    return format;
}

int decoder_size(Decoder *decoder, int *h, int *w, const uint8_t *bytes, size_t size, Err *err)
{
    return read_size(decoder, h, w, bytes, size, err) != NULL ? 0 : -1;
}

int decoder_read(Decoder *decoder, Image *image, const uint8_t *bytes, size_t size, Err *err)
{
    int h, w;
    const Format *format = read_size(decoder, &h, &w, bytes, size, err);
    if (format == NULL)
        return -1;
    if (image_bytes(h, w) > decoder->room) {
        free(decoder->pixels);
        decoder->room = 0;
        decoder->pixels = malloc(image_bytes(h, w));
        if (decoder->pixels == NULL)
            return err_memory(err, "an image", image_bytes(h, w));
        decoder->room = image_bytes(h, w);
    }
    *image = (Image){decoder->pixels, h, w};
    return format->pixels(decoder, *image, bytes, size, err);
}

int decoder_read_to(Decoder *decoder, uint8_t *pixels, int h, int w, const uint8_t *bytes,
                    size_t size, Err *err)
{
    int found_h, found_w;
    const Format *format = read_size(decoder, &found_h, &found_w, bytes, size, err);
    if (format == NULL)
        return -1;
    if (found_h != h || found_w != w)
        return err_set(err, "%d x %d pixels (w x h), not %d x %d", found_w, found_h, w, h);
    return format->pixels(decoder, (Image){pixels, h, w}, bytes, size, err);
}
