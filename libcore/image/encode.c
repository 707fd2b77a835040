#include "image/encode_internal.h"

#include <png.h>
#include <stdlib.h>
#include <turbojpeg.h>

struct Encoder {
    tjhandle jpeg;
    uint8_t *bytes;
    size_t room;
};

Encoder *encoder_new(Err *err)
{
    Encoder *encoder = calloc(1, sizeof *encoder);
    if (encoder == NULL) {
        err_memory(err, "an encoder", sizeof *encoder);
        return NULL;
    }
    encoder->jpeg = tjInitCompress();
    if (encoder->jpeg == NULL) {
        err_set(err, "cannot start a JPEG encoder: %s", tjGetErrorStr2(NULL));
        free(encoder);
        return NULL;
    }
    return encoder;
}

void encoder_free(Encoder *encoder)
{
    if (encoder == NULL)
        return;
    tjDestroy(encoder->jpeg);
    free(encoder->bytes);
    free(encoder);
}

static int make_room(Encoder *encoder, size_t room, Err *err)
{
    if (room <= encoder->room)
        return 0;
    free(encoder->bytes);
    encoder->room = 0;
    encoder->bytes = malloc(room);
    if (encoder->bytes == NULL)
        return err_memory(err, "an encoded image", room);
    encoder->room = room;
    return 0;
}

int encoder_jpeg(Encoder *encoder, const uint8_t **bytes, size_t *size, const Image *image,
                 int quality, Err *err)
{
    if (make_room(encoder, tjBufSize(image->w, image->h, TJSAMP_420), err) != 0)
        return -1;
    unsigned long length = encoder->room;
    if (tjCompress2(encoder->jpeg, image->pixels, image->w, 0, image->h, TJPF_RGB, &encoder->bytes,
                    &length, TJSAMP_420, quality, TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC) != 0)
        return err_set(err, "cannot encode a JPEG: %s", tjGetErrorStr2(encoder->jpeg));
    *bytes = encoder->bytes;
    *size = length;
    return 0;
}

int encoder_png(Encoder *encoder, const uint8_t **bytes, size_t *size, const Image *image, Err *err)
{
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)image->w,
                     .height = (png_uint_32)image->h,
                     .format = PNG_FORMAT_RGB};
    png_alloc_size_t length = PNG_IMAGE_PNG_SIZE_MAX(png);
    if (make_room(encoder, length, err) != 0)
        return -1;
    if (!png_image_write_to_memory(&png, encoder->bytes, &length, 0, image->pixels, 0, NULL))
        return err_set(err, "cannot encode a PNG: %s", png.message);
    *bytes = encoder->bytes;
    *size = length;
    return 0;
}
