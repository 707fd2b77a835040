/* TIFF through libtiff: the first picture of the file, of any kind the library knows. Not the
 * thumbnails that cameras' raw files, which are TIFF too, begin with. */
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

#include "image/broken_internal.h"
#include "image/format_internal.h"

/* Bytes that a file's tables may need, and a pixel: four floats. */
enum { HEADER_MOST = 1 << 24, PIXEL_MOST = 16 };

typedef struct Input {
    const uint8_t *bytes;
    toff_t size, at;
    char reason[160]; /* the first thing that was wrong */
} Input;

static bool known(const uint8_t *bytes, size_t n)
{
    return n >= 8 && (memcmp(bytes, "II*\0", 4) == 0 || memcmp(bytes, "MM\0*", 4) == 0 ||
                      memcmp(bytes, "II+\0", 4) == 0 || memcmp(bytes, "MM\0+", 4) == 0);
}

static tmsize_t on_read(thandle_t handle, void *out, tmsize_t n)
{
    Input *in = handle;
    const toff_t left = in->at < in->size ? in->size - in->at : 0;
    const size_t some = (toff_t)n < left ? (size_t)n : (size_t)left;
    memcpy(out, in->bytes + in->at, some);
    in->at += some;
    return (tmsize_t)some;
}

static tmsize_t on_write(thandle_t handle, void *in, tmsize_t n)
{
    (void)handle;
    (void)in;
    (void)n;
    return -1;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence)
{
    Input *in = handle;
    in->at = whence == SEEK_SET ? offset : whence == SEEK_CUR ? in->at + offset : in->size + offset;
    return in->at;
}

static int on_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t on_size(thandle_t handle)
{
    return ((Input *)handle)->size;
}

static int on_map(thandle_t handle, void **base, toff_t *size)
{
    (void)handle;
    (void)base;
    (void)size;
    return 0;
}

static void on_unmap(thandle_t handle, void *base, toff_t size)
{
    (void)handle;
    (void)base;
    (void)size;
}

static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list ap)
{
    Input *in = user;
    (void)tiff;
    (void)module;
    if (in->reason[0] == '\0')
        vsnprintf(in->reason, sizeof in->reason, format, ap);
    return 1;
}

/* Of unknown tags and the like, which are not used here; but also of a tag that lies beyond the end
 * of a file, without which its colours would be others. */
static int on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list ap)
{
    return strstr(format, "IO error") != NULL ? on_error(tiff, user, module, format, ap) : 1;
}

static int broken(const Input *in, Err *err)
{
    return image_broken(err, "TIFF", in->reason[0] != '\0' ? in->reason : "damaged");
}

/* The library allocates no more than `most` bytes at a time, beyond the size of the file. NULL
 * where that is broken. */
static TIFF *open_file(Input *in, const uint8_t *bytes, size_t n, size_t most, Err *err)
{
    *in = (Input){.bytes = bytes, .size = n};
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (options == NULL) {
        err_memory(err, "a TIFF decoder", n);
        return NULL;
    }
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, in);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, in);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)(n + most));
    TIFF *tiff = TIFFClientOpenExt("picture", "rm", in, on_read, on_write, on_seek, on_close,
                                   on_size, on_map, on_unmap, options);
    TIFFOpenOptionsFree(options);
    if (tiff == NULL)
        broken(in, err);
    return tiff;
}

/* A thumbnail, and what lies behind it in sub-directories, or Canon's raw pictures. */
static bool is_raw(TIFF *tiff, const uint8_t *bytes, size_t n)
{
    uint32_t kind = 0;
    uint16_t behind = 0;
    void *where;
    TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind);
    bool more = TIFFGetField(tiff, TIFFTAG_SUBIFD, &behind, &where) && behind > 0;
    return ((kind & FILETYPE_REDUCEDIMAGE) != 0 && more) ||
           (n >= 10 && memcmp(bytes + 8, "CR", 2) == 0);
}

static int read_size(Stored *stored, TIFF *tiff, Err *err)
{
    uint32_t h = 0, w = 0;
    uint16_t orientation = 1;
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &h);
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &w);
    TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation);
    if (h > IMAGE_MAX_SIDE || w > IMAGE_MAX_SIDE)
        return err_set(err, "%u x %u pixels, over the limit of %d a side", (unsigned)w, (unsigned)h,
                       IMAGE_MAX_SIDE);
    stored->h = (int)h;
    stored->w = (int)w;
    stored->orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
    return 0;
}

static int size(Stored *stored, const uint8_t *bytes, size_t n, Err *err)
{
    Input in;
    TIFF *tiff = open_file(&in, bytes, n, HEADER_MOST, err);
    if (tiff == NULL)
        return -1;
    int rc = in.reason[0] != '\0' ? broken(&in, err)
             : is_raw(tiff, bytes, n)
                 ? err_set(err, "a camera's raw picture; convert it to PNG or JPEG first")
                 : read_size(stored, tiff, err);
    TIFFClose(tiff);
    return rc;
}

/* As it is stored, with its colours as they are: the library would turn half of the orientations,
 * and multiply colours by what it takes for transparency. */
static void take_as_stored(TIFF *tiff)
{
    uint16_t extra = 0, *kind;
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, (uint16_t)ORIENTATION_TOPLEFT);
    if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &extra, &kind) && extra > 0) {
        uint16_t as_they_are[8];
        if (extra > 8)
            return;
        for (int i = 0; i < extra; i++)
            as_they_are[i] = EXTRASAMPLE_ASSOCALPHA;
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, extra, as_they_are);
    }
}

static int read_pixels(Image image, TIFF *tiff, const Input *in, Err *err)
{
    const size_t count = (size_t)image.h * image.w;
    uint32_t *raster = malloc(count * sizeof *raster);
    if (raster == NULL)
        return err_memory(err, "a TIFF picture", count * sizeof *raster);
    take_as_stored(tiff);
    int rc = 0;
    if (!TIFFReadRGBAImageOriented(tiff, (uint32_t)image.w, (uint32_t)image.h, raster,
                                   ORIENTATION_TOPLEFT, 1) ||
        in->reason[0] != '\0') /* what it told of and went on from */
        rc = broken(in, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        image.pixels[3 * i] = TIFFGetR(raster[i]);
        image.pixels[3 * i + 1] = TIFFGetG(raster[i]);
        image.pixels[3 * i + 2] = TIFFGetB(raster[i]);
    }
    free(raster);
    return rc;
}

static int pixels(Image image, const uint8_t *bytes, size_t n, Err *err)
{
    Input in;
    TIFF *tiff =
        open_file(&in, bytes, n, HEADER_MOST + PIXEL_MOST * (size_t)image.h * image.w, err);
    if (tiff == NULL)
        return -1;
    int rc = read_pixels(image, tiff, &in, err);
    TIFFClose(tiff);
    return rc;
}

const Format format_tiff = {known, size, pixels};
