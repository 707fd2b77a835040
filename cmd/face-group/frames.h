/* The frames of a stream of embeddings, kept to be written again with other labels. */
#ifndef CMD_FACE_GROUP_FRAMES_H
#define CMD_FACE_GROUP_FRAMES_H

#include "base/pool.h"
#include "stream/embeddings.h"
#include "stream/frame.h"

typedef struct FrameList {
    Frame *frame; /* [frames] */
    int frames, room;
    int64_t n, d;
    float *unit; /* [n,d] of length 1 */
    size_t numbers;
    char *by; /* the stream's provenance */
    EmbeddingModel model;
} FrameList; /* zeroed is empty */

int framelist_read(FrameList *list, const char *path, Pool *pool, Err *err);
void framelist_release(FrameList *list);

/* Each frame with label[n] in place of its labels, and without names, which would say who the old
 * labels were. `identities`: one more than the largest label. */
int framelist_write(const FrameList *list, const char *path, const char *by, const int64_t *label,
                    int64_t identities, Err *err);

#endif
