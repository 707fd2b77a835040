/* PNG through libpng. */
#include <png.h>
#include <setjmp.h>
#include <string.h>
#include <zlib.h>

#include "image/broken_internal.h"
#include "image/exif_internal.h"
#include "image/format_internal.h"

typedef struct Input {
    const uint8_t *bytes;
    size_t left;
    char reason[96];
} Input;

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool known(const uint8_t *bytes, size_t n)
{
    return n >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0;
}

/* What eXIf says, wherever it stands. A chunk is its length, its name, that many bytes, and the CRC
 * of name and bytes; one with another CRC counts for nothing, as for libpng. */
static int find_orientation(const uint8_t *bytes, size_t n)
{
    enum { AROUND = 12 };
    size_t length;
    for (size_t at = 8; n - at >= AROUND; at += AROUND + length) {
        const uint8_t *chunk = bytes + at;
        length = big_endian(chunk);
        if (length > n - at - AROUND)
            break;
        if (memcmp(chunk + 4, "eXIf", 4) == 0 &&
            crc32(0, chunk + 4, (uInt)length + 4) == big_endian(chunk + 8 + length))
            return exif_orientation(chunk + 8, length);
    }
    return 1;
}

static int size(Stored *stored, const uint8_t *bytes, size_t n, Err *err)
{
    if (n < 24 || memcmp(bytes + 12, "IHDR", 4) != 0)
        return err_set(err, "broken PNG: no IHDR chunk");
    uint32_t wide = big_endian(bytes + 16), high = big_endian(bytes + 20);
    if (wide > IMAGE_MAX_SIDE || high > IMAGE_MAX_SIDE)
        return err_set(err, "%u x %u pixels, over the limit of %d a side", wide, high,
                       IMAGE_MAX_SIDE);
    stored->h = (int)high;
    stored->w = (int)wide;
    stored->orientation = find_orientation(bytes, n);
    return 0;
}

static void on_read(png_structp png, png_bytep out, png_size_t n)
{
    Input *in = png_get_io_ptr(png);
    if (n > in->left)
        png_error(png, "the file ends too early");
    memcpy(out, in->bytes, n);
    in->bytes += n;
    in->left -= n;
}

static void on_error(png_structp png, png_const_charp reason)
{
    Input *in = png_get_error_ptr(png);
    strncpy(in->reason, reason, sizeof in->reason - 1);
    longjmp(png_jmpbuf(png), 1);
}

/* libpng warns of colour profiles and text chunks, which are not used here. */
static void on_warning(png_structp png, png_const_charp reason)
{
    (void)png;
    (void)reason;
}

/* Everything libpng may jump out of. All that must outlive the jump is the caller's. */
static int read_rows(png_structp png, png_infop info, Image image, Input *in)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return -1;
    png_set_read_fn(png, in, on_read);
    png_set_user_limits(png, IMAGE_MAX_SIDE, IMAGE_MAX_SIDE);
    png_read_info(png, info);
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_strip_alpha(png);
    png_set_gray_to_rgb(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t stride = png_get_rowbytes(png, info);
    if (png_get_image_height(png, info) != (png_uint_32)image.h ||
        stride != image_bytes(1, image.w))
        png_error(png, "rows of an unexpected length");
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < image.h; y++)
            png_read_row(png, image.pixels + (size_t)y * stride, NULL);
    png_read_end(png, NULL);
    return 0;
}

static int pixels(Image image, const uint8_t *bytes, size_t n, Err *err)
{
    Input in = {.bytes = bytes, .left = n};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &in, on_error, on_warning);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    int rc = -1;
    if (info == NULL)
        err_memory(err, "a PNG decoder", 0);
    else if ((rc = read_rows(png, info, image, &in)) != 0)
        image_broken(err, "PNG", in.reason);
    png_destroy_read_struct(&png, &info, NULL);
    return rc;
}

const Format format_png = {known, size, pixels};
