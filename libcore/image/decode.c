#include "image/decode.h"

#include <stdlib.h>
#include <string.h>

#include "image/jpeg_internal.h"
#include "image/kind_internal.h"
#include "image/orient_internal.h"
#include "image/png_internal.h"
#include "image/pnm_internal.h"

/* One file format. size() reads the header: height and width as stored, and how that is to be
 * turned; pixels() is called after it with an image of what it found, and needs those in the box
 * only. */
typedef struct Format {
    bool (*known)(const uint8_t *bytes, size_t n);
    int (*size)(Decoder *decoder, Err *err);
    int (*pixels)(Decoder *decoder, Image image, Box box, Err *err);
} Format;

typedef struct Pixels {
    uint8_t *at;
    size_t room;
} Pixels;

struct Decoder {
    DecodeRules rules;
    JpegReader *jpeg;      /* NULL until there is a JPEG to read */
    Pixels stored, turned; /* turned: where a picture is not stored the way up it is seen */
    /* the file that is being read, its format NULL when there is none */
    const Format *format;
    const uint8_t *bytes;
    size_t size;
    int h, w; /* as stored */
    int orientation;
    bool damaged;
};

Decoder *decoder_new(Err *err)
{
    Decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL)
        err_memory(err, "a decoder", sizeof *decoder);
    else
        decoder->rules.max_pixels = IMAGE_MAX_PIXELS;
    return decoder;
}

void decoder_set(Decoder *decoder, const DecodeRules *rules)
{
    decoder->rules = *rules;
}

bool decoder_damaged(const Decoder *decoder)
{
    return decoder->damaged;
}

void decoder_free(Decoder *decoder)
{
    if (decoder == NULL)
        return;
    jpegreader_free(decoder->jpeg);
    free(decoder->stored.at);
    free(decoder->turned.at);
    free(decoder);
}

bool image_is_jpeg(const uint8_t *bytes, size_t size)
{
    return size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0;
}

static int jpeg_size(Decoder *decoder, Err *err)
{
    if (decoder->jpeg == NULL && (decoder->jpeg = jpegreader_new(err)) == NULL)
        return -1;
    jpegreader_lenient(decoder->jpeg, decoder->rules.lenient);
    int rc = jpegreader_size(decoder->jpeg, &decoder->h, &decoder->w, &decoder->orientation,
                             decoder->bytes, decoder->size, err);
    decoder->damaged = jpegreader_damaged(decoder->jpeg);
    return rc;
}

static int jpeg_pixels(Decoder *decoder, Image image, Box box, Err *err)
{
    int rc = jpegreader_pixels(decoder->jpeg, image, box, err);
    decoder->damaged = jpegreader_damaged(decoder->jpeg);
    return rc;
}

static int png_size(Decoder *decoder, Err *err)
{
    return png_read_size(&decoder->h, &decoder->w, &decoder->orientation, decoder->bytes,
                         decoder->size, err);
}

static int png_pixels(Decoder *decoder, Image image, Box box, Err *err)
{
    (void)box;
    return png_read_pixels(image, decoder->bytes, decoder->size, err);
}

static int pnm_size(Decoder *decoder, Err *err)
{
    return pnm_read_size(&decoder->h, &decoder->w, decoder->bytes, decoder->size, err);
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

static int refuse_kind(const uint8_t *bytes, size_t size, Err *err)
{
    const char *kind = kind_of_file(bytes, size), *advice = kind_advice(kind);
    if (size == 0)
        return err_set(err, "empty");
    return err_set(err, "not an image (JPEG, PNG, PBM, PGM, PPM or PAM)%s%s%s%s",
                   kind != NULL ? ": " : "", kind != NULL ? kind : "", advice != NULL ? "; " : "",
                   advice != NULL ? advice : "");
}

static int check_size(const Decoder *decoder, Err *err)
{
    const int h = decoder->h, w = decoder->w;
    if (h < 1 || w < 1 || h > IMAGE_MAX_SIDE || w > IMAGE_MAX_SIDE ||
        (int64_t)h * w > decoder->rules.max_pixels)
        return err_set(err, "%d x %d pixels, over the limit of %d a side and %lld in all", w, h,
                       IMAGE_MAX_SIDE, (long long)decoder->rules.max_pixels);
    return 0;
}

int decoder_size(Decoder *decoder, int *h, int *w, const uint8_t *bytes, size_t size, Err *err)
{
    const Format *format = format_of(bytes, size);
    decoder->format = NULL;
    decoder->bytes = bytes;
    decoder->size = size;
    decoder->orientation = 1;
    decoder->damaged = false;
    if (format == NULL)
        return refuse_kind(bytes, size, err);
    if (format->size(decoder, err) != 0 || check_size(decoder, err) != 0)
        return -1;
    decoder->format = format;
    bool swap = orient_swaps(decoder->orientation);
    *h = swap ? decoder->w : decoder->h;
    *w = swap ? decoder->h : decoder->w;
    return 0;
}

static int reserve(Pixels *pixels, size_t need, Err *err)
{
    if (need <= pixels->room)
        return 0;
    free(pixels->at);
    pixels->room = 0;
    pixels->at = malloc(need);
    if (pixels->at == NULL)
        return err_memory(err, "an image", need);
    pixels->room = need;
    return 0;
}

/* The pixels of the box in an image of what is seen, which the file is decoded to at once where it
 * is stored that way up. */
static int decode(Decoder *decoder, Image seen, Box box, Err *err)
{
    const Format *format = decoder->format;
    const int h = decoder->h, w = decoder->w, orientation = decoder->orientation;
    decoder->format = NULL;
    if (orientation == 1)
        return format->pixels(decoder, seen, box, err);
    if (reserve(&decoder->stored, image_bytes(h, w), err) != 0)
        return -1;
    Image stored = {decoder->stored.at, h, w};
    if (format->pixels(decoder, stored, orient_box(box, h, w, orientation), err) != 0)
        return -1;
    orient(seen, stored, box, orientation);
    return 0;
}

int decoder_part(Decoder *decoder, Image *image, Box box, Err *err)
{
    if (decoder->format == NULL)
        return err_set(err, "no image to decode");
    const int h = decoder->h, w = decoder->w;
    const bool swap = orient_swaps(decoder->orientation);
    Pixels *pixels = decoder->orientation == 1 ? &decoder->stored : &decoder->turned;
    if (reserve(pixels, image_bytes(h, w), err) != 0)
        return -1;
    *image = (Image){pixels->at, swap ? w : h, swap ? h : w};
    return decode(decoder, *image, box, err);
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
    if (found_h != h || found_w != w) {
        decoder->format = NULL;
        return err_set(err, "%d x %d pixels (w x h), not %d x %d", found_w, found_h, w, h);
    }
    return decode(decoder, (Image){pixels, h, w}, (Box){0, 0, h, w}, err);
}
