/* Damaged files of every format of pictures through the decoder */
#include "../pictures.h"
#include "image/decode.h"
#include "image/encode_internal.h"
#include "mutate.h"

enum { H = 24, W = 20 };

static volatile unsigned sink;

static bool decode(const char *path, const Blob *input, uint64_t run)
{
    (void)path;
    int h = 0, w = 0;
    Err err = {0}, why = {0};
    Image image;
    Decoder *decoder = decoder_new(&err);
    bool sized = decoder_size(decoder, &h, &w, input->at, input->size, &why) == 0;
    if (sized == err_is_set(&why))
        abort();
    bool part = sized && run % 2 == 1;
    Box box = {0, 0, h, w};
    if (part)
        box = (Box){(int)(run % (uint64_t)h), (int)(run % (uint64_t)w), h, w};
    bool read = !(sized && (int64_t)h * w > 1 << 22) && /* a second of decoding, no danger */
                (part ? decoder_part(decoder, &image, box, &err)
                      : decoder_read(decoder, &image, input->at, input->size, &err)) == 0;
    if (read && (!sized || image.h != h || image.w != w))
        abort();
    for (int y = box.top; read && y < box.bottom; y++)
        for (int x = 3 * box.left; x < 3 * box.right; x++)
            sink += image.pixels[3 * w * y + x];
    decoder_free(decoder);
    return read;
}

/* dav1d, which libheif decodes AVIF with, forgets pictures of damaged files. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libdav1d\n";
}

static Blob copy(const void *bytes, size_t size)
{
    Blob new = {malloc(size), size};
    memcpy(new.at, bytes, size);
    return new;
}

/* The JPEG with EXIF that turns it a quarter */
static Blob with_exif(const Blob *jpeg)
{
    static const uint8_t exif[] = "\xff\xe1\0\x22"
                                  "Exif\0\0"
                                  "MM\0*\0\0\0\x8"
                                  "\0\1"
                                  "\1\x12\0\3\0\0\0\1\0\6\0\0"
                                  "\0\0\0";
    const size_t size = sizeof exif;
    Blob new = {malloc(jpeg->size + size), jpeg->size + size};
    memcpy(new.at, jpeg->at, 2);
    memcpy(new.at + 2, exif, size);
    memcpy(new.at + 2 + size, jpeg->at + 2, jpeg->size - 2);
    return new;
}

int main(int argc, char **argv)
{
    enum { SEEDS = 12 };
    static const char text[] = "P3 2 2 9 0 1 2 3 4 5 6 7 8 9 10 11",
                      pam[] =
                          "P7\nWIDTH 2\nHEIGHT 1\nDEPTH 2\nMAXVAL 999\nENDHDR\n\0\1\0\2\0\3\0\4";
    uint8_t pixels[H * W * 3];
    char pnm[32 + sizeof pixels];
    const uint8_t *file;
    size_t size;
    Err err = {0};
    Blob seeds[SEEDS];
    Encoder *encoder = encoder_new(&err);
    Image image = {pixels, H, W};
    for (int i = 0; i < H * W * 3; i++)
        pixels[i] = (uint8_t)(i * 7);
    if (encoder_jpeg(encoder, &file, &size, &image, 90, &err) != 0)
        return 1;
    seeds[0] = copy(file, size);
    seeds[1] = with_exif(&seeds[0]);
    if (encoder_png(encoder, &file, &size, &image, &err) != 0)
        return 1;
    seeds[2] = copy(file, size);
    encoder_free(encoder);
    int head = snprintf(pnm, sizeof pnm, "P6\n%d %d\n255\n", W, H);
    memcpy(pnm + head, pixels, sizeof pixels);
    seeds[3] = copy(pnm, (size_t)head + sizeof pixels);
    seeds[4] = copy(text, sizeof text - 1);
    seeds[5] = copy(pam, sizeof pam - 1);
    seeds[6] = copy(picture_webp_turned, sizeof picture_webp_turned);
    seeds[7] = copy(picture_gif, sizeof picture_gif);
    seeds[8] = copy(picture_tiff, sizeof picture_tiff);
    seeds[9] = copy(picture_tiff_cmyk, sizeof picture_tiff_cmyk);
    seeds[10] = copy(picture_bmp, sizeof picture_bmp);
    seeds[11] = copy(picture_avif, sizeof picture_avif);
    int rc = fuzz("images", decode, seeds, SEEDS, argc, argv);
    for (int i = 0; i < SEEDS; i++)
        free(seeds[i].at);
    return rc;
}
