/* The faces of a photograph, found by a detector and cut out, aligned. A FaceFinder serves one
 * thread at a time. */
#ifndef DETECT_FINDER_INTERNAL_H
#define DETECT_FINDER_INTERNAL_H

#include "detect/detect_internal.h"
#include "image/decode.h"

typedef enum FaceChoice {
    FACES_LARGEST, /* the one with the largest box */
    FACES_ALL,     /* in descending order of size */
    FACES_CENTRAL  /* see central() in finder.c */
} FaceChoice;

typedef struct FinderOptions {
    DetectOptions detect;
    DecodeRules rules;
    FaceChoice faces;
    int size;       /* height and width of the faces */
    bool antialias; /* halve much larger faces first */
} FinderOptions;

typedef struct FoundFaces {
    Detection *face; /* [n] */
    uint8_t *pixels; /* [n,size,size,3] */
    int n;
    int h, w; /* of the photograph */
} FoundFaces; /* zeroed is empty */

typedef struct FaceFinder FaceFinder;

/* File and options must outlive it. NULL on failure. */
FaceFinder *facefinder_new(const ModelFile *model, const FinderOptions *options, Err *err);
void facefinder_free(FaceFinder *finder); /* NULL is fine */

/* Fills a zeroed `found`, which may stay empty. *damaged: the file was refused for damage that
 * lenient rules take. */
int facefinder_find(FaceFinder *finder, FoundFaces *found, const uint8_t *bytes, size_t size,
                    bool *damaged, Err *err);
void foundfaces_release(FoundFaces *found);

#endif
