/* Frames that only the first of several processes can read, and hands out to the others. */
#ifndef TRAIN_HANDED_INTERNAL_H
#define TRAIN_HANDED_INTERNAL_H

#include "comm/comm_internal.h"
#include "stream/frame.h"

/* In the first process rc is what reading the frame gave: 1, 0 at the end, -1. Every process then
 * has the same frame and the same rc, which is returned; the others' *frame is overwritten. */
int handed_frame(Comm *comm, Frame *frame, int rc, Err *err);

#endif
