/* A net as it is used for embeddings: with or without the mirrored face, of any length or of length
 * 1. What it makes has a name, by which embeddings of different kinds are told apart. */
#ifndef NN_EMBEDDER_INTERNAL_H
#define NN_EMBEDDER_INTERNAL_H

#include <stdbool.h>

#include "nn/infer.h"

/* Faces that go through the net together: enough to share the work of a linear layer. */
enum { EMBEDDER_BATCH = 64, EMBEDDER_NAME = 17 };

typedef enum Mirror { MIRROR_NONE, MIRROR_SUM, MIRROR_CONCAT } Mirror;

/* What may say how good a face is: the length of its embedding, which nets trained for it (MagFace,
 * AdaFace) make long for good faces; the cosine of the embeddings of the face and its mirror image.
 */
typedef enum FaceQuality { QUALITY_NONE, QUALITY_NORM, QUALITY_FLIP } FaceQuality;

typedef struct Embedder Embedder;

/* Graph, pool and kernels must outlive it. NULL on failure. */
Embedder *embedder_new(const Graph *graph, Mirror mirror, bool normalize, Pool *pool,
                       Kernels *kernels, Err *err);
void embedder_free(Embedder *embedder); /* NULL is fine */

int embedder_width(const Embedder *embedder);        /* numbers of an embedding */
const char *embedder_name(const Embedder *embedder); /* the metadata "model": 16 hex digits */
Infer *embedder_infer(const Embedder *embedder);     /* for a profile */

/* What embedder_run() says of faces; it does not change their embeddings. */
void embedder_rate(Embedder *embedder, FaceQuality by);

/* out[n,width] of rgb[n,h,w,3], n <= EMBEDDER_BATCH, and where faces are rated quality[n], else
 * perhaps NULL. Returns -1, or the first face for which the
 * net gives numbers that are not finite. */
int embedder_run(Embedder *embedder, float *out, float *quality, const uint8_t *rgb, int n);

#endif
