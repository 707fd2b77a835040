/* One photograph's file -> one face of a pack: decoded, brought into place, perhaps encoded again.
 *
 * A FaceMaker holds what one thread needs for it and keeps its buffers from face to face. */
#ifndef IMAGE_FACE_INTERNAL_H
#define IMAGE_FACE_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"
#include "image/align.h"
#include "image/decode.h"
#include "image/landmarks_internal.h"

typedef enum Placing {
    PLACING_NONE,  /* the picture as it is */
    PLACING_ALIGN, /* the similarity from its landmarks to the template */
    PLACING_CROP,  /* its middle */
} Placing;

typedef struct FaceForm {
    Placing placing;
    int h, w;       /* of the face; of the picture itself for PLACING_NONE */
    int side;       /* PLACING_CROP: the shorter side of the part that is cut out, 0 all of it */
    bool antialias; /* halve pictures that are much larger than the face first */
    int quality;    /* of JPEG, 1..100 */
    bool unchecked; /* take over a JPEG file without decoding it */
} FaceForm;

typedef struct FaceMaker FaceMaker;

FaceMaker *facemaker_new(Err *err);
void facemaker_free(FaceMaker *maker); /* NULL is fine */
void facemaker_set(FaceMaker *maker, const DecodeRules *rules);

/* Whether the last picture was refused for damage that DecodeRules.lenient would make up for. */
bool facemaker_mendable(const FaceMaker *maker);

/* Whether the landmarks of the last face were a face's; LANDMARKS_FINE without PLACING_ALIGN. */
LandmarkDoubt facemaker_doubt(const FaceMaker *maker);

/* Height and width of the picture, from its header. */
int facemaker_size(FaceMaker *maker, int *h, int *w, const uint8_t *bytes, size_t size, Err *err);

/* pixels[h,w,3] from the file. `points` are the landmarks in pixels of the picture as it is seen,
 * read only for PLACING_ALIGN. The message gives the reason, not the name. */
int facemaker_pixels(FaceMaker *maker, uint8_t *pixels, const FaceForm *form, const uint8_t *bytes,
                     size_t size, const double points[FACE_POINTS][2], Err *err);

/* The same as a JPEG file of *out_size bytes, which belong to the maker until its next call. With
 * PLACING_NONE a JPEG file stays byte for byte what it is (then *out is `bytes`), after it was
 * decoded to see that it is sound; one that was damaged and made up for is encoded anew. */
int facemaker_jpeg(FaceMaker *maker, const uint8_t **out, size_t *out_size, const FaceForm *form,
                   const uint8_t *bytes, size_t size, const double points[FACE_POINTS][2],
                   Err *err);

#endif
