/* Templates of IJB-B and IJB-C: several images of one person, pooled into one embedding.
 *
 * Within a template the images of one medium (a video) are averaged, the media are summed, and the
 * sum has length 1. What goes in is chosen by three switches, as in InsightFace's ijb_evals.py:
 * F adds the embedding of the mirrored image, N keeps each image's length (N0 makes it 1), D
 * multiplies by the detector's score of the face. */
#ifndef IDENTIFY_TEMPLATES_INTERNAL_H
#define IDENTIFY_TEMPLATES_INTERNAL_H

#include <stdbool.h>

#include "base/pool.h"
#include "lists/lookup_internal.h"
#include "lists/name_list_internal.h"

typedef struct TemplateImage {
    int64_t template, medium;
    int64_t row, flipped; /* of the embeddings and of the mirrored ones; -1: missing */
    float detected;       /* the detector's score, 1 if unknown */
} TemplateImage;

typedef struct TemplateImages {
    TemplateImage *image; /* [n], sorted by template and medium */
    int64_t n, missing;
    NameList missing_names; /* [missing] */
    int64_t *template;      /* [templates], ascending */
    int64_t *begin;         /* [templates + 1], into image */
    int64_t templates;      /* fewer than 2^31 */
    int32_t *place; /* [range], of template[0] and those after it, -1: none; NULL if sparse */
    int64_t range;
} TemplateImages;

typedef struct Switches {
    bool norm, detected, flip; /* N1, D1, F1 */
} Switches;

/* Reads lines "image template medium" and, unless it is NULL, the scores of detection: lines of a
 * name first and the score last, matched by the name's last component without its extension.
 * flipped may be NULL. */
int templates_read(TemplateImages *images, const char *meta, const char *detections,
                   const Lookup *rows, const Lookup *flipped, Err *err);
void templates_release(TemplateImages *images);

/* The place of a template, or -1. */
int64_t templates_find(const TemplateImages *images, int64_t template);

/* feature[templates,d], of length 1; present[templates]: whether any of its images is there. */
int templates_pool(float *feature, bool *present, const TemplateImages *images, Switches switches,
                   const EmbeddingRows *rows, const EmbeddingRows *flipped, Pool *pool, Err *err);

#endif
