#include "image/decode.h"

#include <stdlib.h>
#include <string.h>

#include "image/format_internal.h"
#include "image/jpeg_internal.h"
#include "image/kind_internal.h"
#include "image/orient_internal.h"

typedef struct Pixels {
    uint8_t *at;
    size_t room;
} Pixels;

struct Decoder {
    DecodeRules rules;
    JpegReader *jpeg;      /* NULL until there is a JPEG to read */
    Pixels pixels, turned; /* turned: where a picture is not stored the way up it is seen */
    /* the file that is being read, if there is one; format: unless it is a JPEG */
    bool reading;
    const Format *format;
    const uint8_t *bytes;
    size_t size;
    Stored stored;
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
    free(decoder->pixels.at);
    free(decoder->turned.at);
    free(decoder);
}

bool image_is_jpeg(const uint8_t *bytes, size_t size)
{
    return size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0;
}

/* JPEGs are read by a reader that stays from one to the next, and only where pixels are wanted. */
static int jpeg_size(Decoder *decoder, Err *err)
{
    Stored *stored = &decoder->stored;
    if (decoder->jpeg == NULL && (decoder->jpeg = jpegreader_new(err)) == NULL)
        return -1;
    jpegreader_lenient(decoder->jpeg, decoder->rules.lenient);
    int rc = jpegreader_size(decoder->jpeg, &stored->h, &stored->w, &stored->orientation,
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

/* NULL for JPEG, too */
static const Format *format_of(const uint8_t *bytes, size_t n)
{
    static const Format *const formats[] = {&format_png, &format_pnm,  &format_webp, &format_gif,
                                            &format_bmp, &format_tiff, &format_heif};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i]->known(bytes, n))
            return formats[i];
    return NULL;
}

bool image_known(const uint8_t *bytes, size_t size)
{
    return image_is_jpeg(bytes, size) || format_of(bytes, size) != NULL;
}

static int refuse_kind(const uint8_t *bytes, size_t size, Err *err)
{
    const char *kind = kind_of_file(bytes, size), *advice = kind_advice(kind);
    if (size == 0)
        return err_set(err, "empty");
    return err_set(err, "not an image of a known kind%s%s%s%s", kind != NULL ? ": " : "",
                   kind != NULL ? kind : "", advice != NULL ? "; " : "",
                   advice != NULL ? advice : "");
}

static int check_size(const Decoder *decoder, Err *err)
{
    const int h = decoder->stored.h, w = decoder->stored.w;
    if (h < 1 || w < 1 || h > IMAGE_MAX_SIDE || w > IMAGE_MAX_SIDE ||
        (int64_t)h * w > decoder->rules.max_pixels)
        return err_set(err, "%d x %d pixels, over the limit of %d a side and %lld in all", w, h,
                       IMAGE_MAX_SIDE, (long long)decoder->rules.max_pixels);
    return 0;
}

int decoder_size(Decoder *decoder, int *h, int *w, const uint8_t *bytes, size_t size, Err *err)
{
    const bool jpeg = image_is_jpeg(bytes, size);
    decoder->reading = false;
    decoder->format = format_of(bytes, size);
    decoder->bytes = bytes;
    decoder->size = size;
    decoder->stored = (Stored){.orientation = 1};
    decoder->damaged = false;
    if (!jpeg && decoder->format == NULL)
        return refuse_kind(bytes, size, err);
    if ((jpeg ? jpeg_size(decoder, err)
              : decoder->format->size(&decoder->stored, bytes, size, err)) != 0 ||
        check_size(decoder, err) != 0)
        return -1;
    decoder->reading = true;
    bool swap = orient_swaps(decoder->stored.orientation);
    *h = swap ? decoder->stored.w : decoder->stored.h;
    *w = swap ? decoder->stored.h : decoder->stored.w;
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

static int read_stored(Decoder *decoder, Image image, Box box, Err *err)
{
    return decoder->format == NULL
               ? jpeg_pixels(decoder, image, box, err)
               : decoder->format->pixels(image, decoder->bytes, decoder->size, err);
}

/* The pixels of the box in an image of what is seen, which the file is decoded to at once where it
 * is stored that way up. */
static int decode(Decoder *decoder, Image seen, Box box, Err *err)
{
    const int h = decoder->stored.h, w = decoder->stored.w;
    const int orientation = decoder->stored.orientation;
    decoder->reading = false;
    if (orientation == 1)
        return read_stored(decoder, seen, box, err);
    if (reserve(&decoder->pixels, image_bytes(h, w), err) != 0)
        return -1;
    Image stored = {decoder->pixels.at, h, w};
    if (read_stored(decoder, stored, orient_box(box, h, w, orientation), err) != 0)
        return -1;
    orient(seen, stored, box, orientation);
    return 0;
}

int decoder_part(Decoder *decoder, Image *image, Box box, Err *err)
{
    if (!decoder->reading)
        return err_set(err, "no image to decode");
    const int h = decoder->stored.h, w = decoder->stored.w;
    const bool swap = orient_swaps(decoder->stored.orientation);
    Pixels *pixels = decoder->stored.orientation == 1 ? &decoder->pixels : &decoder->turned;
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
        decoder->reading = false;
        return err_set(err, "%d x %d pixels (w x h), not %d x %d", found_w, found_h, w, h);
    }
    return decode(decoder, (Image){pixels, h, w}, (Box){0, 0, h, w}, err);
}
