/* One pass of a net over the faces of a stream, as in inference: batch norm by its running
 * statistics, nothing dropped. */
#ifndef TRAIN_PASS_INTERNAL_H
#define TRAIN_PASS_INTERNAL_H

#include "base/pool.h"
#include "nn/infer_internal.h"
#include "product/kernels.h"
#include "stream/faces.h"

/* Gets a frame of n >= 1 faces with their embedding[n,d]; 0 or -1. */
typedef int PassFrame(void *arg, const Frame *frame, const Faces *faces, float *embedding,
                      Err *err);

/* The faces may be pixels or JPEG files; an embedding that is not finite is an error that names its
 * row. The values of the graph are read when it begins. range[nodes of the graph]: what their
 * outputs range over; NULL: nobody asks. */
int pass_over(const Graph *graph, const char *path, Pool *pool, Kernels *kernels, PassFrame *each,
              void *arg, Range *range, Err *err);

#endif
