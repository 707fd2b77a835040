/* What a net's numbers range over while faces pass through it. */
#ifndef NN_INFER_INTERNAL_H
#define NN_INFER_INTERNAL_H

#include "nn/infer.h"

/* The least and the largest number of a node's output; both 0 where none has passed */
typedef struct Range {
    float least, largest;
} Range;

/* From now on ranges are taken, of all layers but linear ones. */
int infer_watch(Infer *infer, Err *err);

/* range[nodes of the graph] so far */
void infer_ranges(const Infer *infer, Range *range);

#endif
