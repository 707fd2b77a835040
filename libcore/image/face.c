#include "image/face_internal.h"

#include <stdlib.h>

#include "image/encode_internal.h"
#include "image/warp_internal.h"

struct FaceMaker {
    Decoder *decoder;
    Encoder *encoder;
    uint8_t *pixels; /* of a face that is about to be encoded */
    size_t room;
    LandmarkDoubt doubt;
};

FaceMaker *facemaker_new(Err *err)
{
    FaceMaker *maker = calloc(1, sizeof *maker);
    if (maker == NULL) {
        err_memory(err, "a decoder", sizeof *maker);
        return NULL;
    }
    maker->decoder = decoder_new(err);
    maker->encoder = encoder_new(err);
    if (maker->decoder != NULL && maker->encoder != NULL)
        return maker;
    facemaker_free(maker);
    return NULL;
}

void facemaker_free(FaceMaker *maker)
{
    if (maker == NULL)
        return;
    decoder_free(maker->decoder);
    encoder_free(maker->encoder);
    free(maker->pixels);
    free(maker);
}

void facemaker_set(FaceMaker *maker, const DecodeRules *rules)
{
    decoder_set(maker->decoder, rules);
}

bool facemaker_mendable(const FaceMaker *maker)
{
    return decoder_damaged(maker->decoder);
}

LandmarkDoubt facemaker_doubt(const FaceMaker *maker)
{
    return maker->doubt;
}

int facemaker_size(FaceMaker *maker, int *h, int *w, const uint8_t *bytes, size_t size, Err *err)
{
    return decoder_size(maker->decoder, h, w, bytes, size, err);
}

/* Where the picture goes; false when the landmarks do not say. */
static bool place(Similarity *similarity, const FaceForm *form, int image_h, int image_w,
                  const double points[FACE_POINTS][2])
{
    double template[FACE_POINTS][2];
    if (form->placing == PLACING_CROP) {
        *similarity = crop_centre(form->h, form->w, form->side, image_h, image_w);
        return true;
    }
    align_template(template, form->h, form->w);
    return similarity_fit(similarity, points, template, FACE_POINTS);
}

int facemaker_pixels(FaceMaker *maker, uint8_t *pixels, const FaceForm *form, const uint8_t *bytes,
                     size_t size, const double points[FACE_POINTS][2], Err *err)
{
    Image image;
    Similarity similarity;
    int image_h, image_w;
    maker->doubt = LANDMARKS_FINE;
    if (form->placing == PLACING_NONE)
        return decoder_read_to(maker->decoder, pixels, form->h, form->w, bytes, size, err);
    if (decoder_size(maker->decoder, &image_h, &image_w, bytes, size, err) != 0)
        return -1;
    if (!place(&similarity, form, image_h, image_w, points))
        return err_set(err, "all five landmarks coincide");
    if (form->placing == PLACING_ALIGN)
        maker->doubt = landmarks_doubt(points, image_h, image_w);
    Box box = {0, 0, image_h, image_w};
    if (!form->antialias)
        box = image_warp_box(form->h, form->w, image_h, image_w, similarity);
    if (decoder_part(maker->decoder, &image, box, err) != 0)
        return -1;
    if (form->antialias)
        image_shrink(&image, &similarity);
    image_warp(pixels, form->h, form->w, image, similarity,
               form->placing == PLACING_CROP ? EDGE_REPEAT : EDGE_BLACK);
    return 0;
}

static int encode_placed(FaceMaker *maker, const uint8_t **out, size_t *out_size,
                         const FaceForm *form, const uint8_t *bytes, size_t size,
                         const double points[FACE_POINTS][2], Err *err)
{
    size_t need = image_bytes(form->h, form->w);
    if (need > maker->room) {
        free(maker->pixels);
        maker->room = 0;
        maker->pixels = malloc(need);
        if (maker->pixels == NULL)
            return err_memory(err, "a face", need);
        maker->room = need;
    }
    if (facemaker_pixels(maker, maker->pixels, form, bytes, size, points, err) != 0)
        return -1;
    Image face = {maker->pixels, form->h, form->w};
    return encoder_jpeg(maker->encoder, out, out_size, &face, form->quality, err);
}

int facemaker_jpeg(FaceMaker *maker, const uint8_t **out, size_t *out_size, const FaceForm *form,
                   const uint8_t *bytes, size_t size, const double points[FACE_POINTS][2], Err *err)
{
    Image image;
    int h, w;
    if (form->placing != PLACING_NONE)
        return encode_placed(maker, out, out_size, form, bytes, size, points, err);
    bool jpeg = image_is_jpeg(bytes, size);
    maker->doubt = LANDMARKS_FINE;
    *out = bytes;
    *out_size = size;
    if (jpeg && form->unchecked)
        return decoder_size(maker->decoder, &h, &w, bytes, size, err);
    if (decoder_read(maker->decoder, &image, bytes, size, err) != 0)
        return -1;
    if (jpeg && !decoder_damaged(maker->decoder))
        return 0;
    return encoder_jpeg(maker->encoder, out, out_size, &image, form->quality, err);
}
