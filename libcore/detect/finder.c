#include "detect/finder_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image/warp_internal.h"

struct FaceFinder {
    const FinderOptions *options;
    Decoder *decoder;
    Detector *detector;
};

FaceFinder *facefinder_new(const ModelFile *model, const FinderOptions *options, Err *err)
{
    FaceFinder *finder = calloc(1, sizeof *finder);
    if (finder == NULL) {
        err_memory(err, "a finder", sizeof *finder);
        return NULL;
    }
    *finder = (FaceFinder){options, decoder_new(err), detector_new(model, &options->detect, err)};
    if (finder->decoder != NULL && finder->detector != NULL) {
        decoder_set(finder->decoder, &options->rules);
        return finder;
    }
    facefinder_free(finder);
    return NULL;
}

void facefinder_free(FaceFinder *finder)
{
    if (finder == NULL)
        return;
    decoder_free(finder->decoder);
    detector_free(finder->detector);
    free(finder);
}

void foundfaces_release(FoundFaces *found)
{
    free(found->face);
    free(found->pixels);
    *found = (FoundFaces){0};
}

static int cut_out(uint8_t *pixels, const FinderOptions *o, Image image, const Detection *face,
                   Err *err)
{
    double template[FACE_POINTS][2];
    Similarity to;
    align_template(template, o->size, o->size);
    if (!similarity_fit(&to, (const double(*)[2])face->points, template, FACE_POINTS))
        return err_set(err, "all five points of a face coincide");
    if (o->antialias)
        image_shrink(&image, &to);
    image_warp(pixels, o->size, o->size, image, to, EDGE_BLACK);
    return 0;
}

/* Shrinking changes the picture: for each further face it is decoded anew. */
static int cut_out_all(FaceFinder *finder, FoundFaces *found, Image image, const uint8_t *bytes,
                       size_t size, Err *err)
{
    const FinderOptions *o = finder->options;
    for (int k = 0; k < found->n; k++) {
        if (k > 0 && o->antialias && decoder_read(finder->decoder, &image, bytes, size, err) != 0)
            return -1;
        if (cut_out(found->pixels + (size_t)k * image_bytes(o->size, o->size), o, image,
                    &found->face[k], err) != 0)
            return -1;
    }
    return 0;
}

/* The face with the largest area less twice the square of its distance from the picture's centre,
 * InsightFace's choice: so that a large face in the background is not taken for the subject. */
static int central(const Detection *face, int n, Image image)
{
    int best = 0;
    double most = -INFINITY;
    for (int k = 0; k < n; k++) {
        double dx = face[k].x + face[k].w / 2 - image.w / 2.0;
        double dy = face[k].y + face[k].h / 2 - image.h / 2.0;
        double value = face[k].w * face[k].h - 2 * (dx * dx + dy * dy);
        best = value > most ? k : best;
        most = value > most ? value : most;
    }
    return best;
}

int facefinder_find(FaceFinder *finder, FoundFaces *found, const uint8_t *bytes, size_t size,
                    bool *damaged, Err *err)
{
    const FinderOptions *o = finder->options;
    Image image;
    const Detection *face;
    *damaged = false;
    if (decoder_read(finder->decoder, &image, bytes, size, err) != 0) {
        *damaged = decoder_damaged(finder->decoder);
        return -1;
    }
    found->h = image.h;
    found->w = image.w;
    int n = detector_find(finder->detector, &face, image, err);
    if (n <= 0)
        return n;
    if (o->faces == FACES_CENTRAL)
        face += central(face, n, image);
    n = o->faces == FACES_ALL ? n : 1;
    size_t pixels = (size_t)n * image_bytes(o->size, o->size);
    found->face = malloc((size_t)n * sizeof *face);
    found->pixels = malloc(pixels);
    if (found->face == NULL || found->pixels == NULL)
        return err_memory(err, "faces", pixels);
    memcpy(found->face, face, (size_t)n * sizeof *face);
    found->n = n;
    if (cut_out_all(finder, found, image, bytes, size, err) == 0)
        return 0;
    foundfaces_release(found);
    return -1;
}
