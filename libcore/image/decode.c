#include "image/decode.h"

#include <stdlib.h>
#include <string.h>

#include "image/jpeg.h"
#include "image/png.h"
#include "image/pnm.h"

/* One file format. size() reads the header; pixels() is called after it with an image of what it
 * found, and needs those in the box only. */
typedef struct Format {
    bool (*known)(const uint8_t *bytes, size_t n);
    int (*size)(Decoder *decoder, int *h, int *w, Err *err);
    int (*pixels)(Decoder *decoder, Image image, Box box, Err *err);
} Format;

struct Decoder {
    JpegReader *jpeg; /* NULL until there is a JPEG to read */
    uint8_t *pixels;
    size_t room;
    /* the file that is being read, its format NULL when there is none */
    const Format *format;
    const uint8_t *bytes;
    size_t size;
    int h, w;
};

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
    jpegreader_free(decoder->jpeg);
    free(decoder->pixels);
    free(decoder);
}

bool image_is_jpeg(const uint8_t *bytes, size_t size)
{
    return size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0;
}

static int jpeg_size(Decoder *decoder, int *h, int *w, Err *err)
{
    if (decoder->jpeg == NULL && (decoder->jpeg = jpegreader_new(err)) == NULL)
        return -1;
    return jpegreader_size(decoder->jpeg, h, w, decoder->bytes, decoder->size, err);
}

static int jpeg_pixels(Decoder *decoder, Image image, Box box, Err *err)
{
    return jpegreader_pixels(decoder->jpeg, image, box, err);
}

static int png_size(Decoder *decoder, int *h, int *w, Err *err)
{
    return png_read_size(h, w, decoder->bytes, decoder->size, err);
}

static int png_pixels(Decoder *decoder, Image image, Box box, Err *err)
{
    (void)box;
    return png_read_pixels(image, decoder->bytes, decoder->size, err);
}

static int pnm_size(Decoder *decoder, int *h, int *w, Err *err)
{
    return pnm_read_size(h, w, decoder->bytes, decoder->size, err);
}

static int pnm_pixels(Decoder *decoder, Image image, Box box, Err *err)
{
    (void)box;
    return pnm_read_pixels(image, decoder->bytes, decoder->size, err);
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

int decoder_size(Decoder *decoder, int *h, int *w, const uint8_t *bytes, size_t size, Err *err)
{
    const Format *format = format_of(bytes, size);
    decoder->format = NULL;
    decoder->bytes = bytes;
    decoder->size = size;
    if (format == NULL)
        return err_set(err, size == 0 ? "empty" : "not an image (JPEG, PNG, PGM or PPM)");
    if (format->size(decoder, h, w, err) != 0)
        return -1;
    if (*h < 1 || *w < 1 || *h > IMAGE_MAX_SIDE || *w > IMAGE_MAX_SIDE ||
        (int64_t)*h * *w > IMAGE_MAX_PIXELS)
        return err_set(err, "%d x %d pixels, over the limit of %d a side and %d in all", *w, *h,
                       IMAGE_MAX_SIDE, IMAGE_MAX_PIXELS);
    decoder->format = format;
    decoder->h = *h;
    decoder->w = *w;
    return 0;
}

int decoder_part(Decoder *decoder, Image *image, Box box, Err *err)
{
    const Format *format = decoder->format;
    size_t need = image_bytes(decoder->h, decoder->w);
    if (format == NULL)
        return err_set(err, "no image to decode");
    decoder->format = NULL;
    if (need > decoder->room) {
        free(decoder->pixels);
        decoder->room = 0;
        decoder->pixels = malloc(need);
        if (decoder->pixels == NULL)
            return err_memory(err, "an image", need);
        decoder->room = need;
    }
    *image = (Image){decoder->pixels, decoder->h, decoder->w};
    return format->pixels(decoder, *image, box, err);
}

int decoder_read(Decoder *decoder, Image *image, const uint8_t *bytes, size_t size, Err *err)
{
    int h, w;
    if (decoder_size(decoder, &h, &w, bytes, size, err) != 0)
        return -1;
    return decoder_part(decoder, image, (Box){0, 0, h, w}, err);
}

int decoder_read_to(Decoder *decoder, uint8_t *pixels, int h, int w, const uint8_t *bytes,
                    size_t size, Err *err)
{
    int found_h, found_w;
    if (decoder_size(decoder, &found_h, &found_w, bytes, size, err) != 0)
        return -1;
    const Format *format = decoder->format;
    decoder->format = NULL;
    if (found_h != h || found_w != w)
        return err_set(err, "%d x %d pixels (w x h), not %d x %d", found_w, found_h, w, h);
    return format->pixels(decoder, (Image){pixels, h, w}, (Box){0, 0, h, w}, err);
}
