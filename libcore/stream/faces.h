/* A frame of kind "faces": pictures with identities. */
#ifndef STREAM_FACES_H
#define STREAM_FACES_H

#include "base/api.h"
#include "stream/rows.h"

API_BEGIN

typedef struct Faces {
    Rows rows;
    const Column *image; /* U8 [h,w,3] a row, RGB; NULL when the faces are JPEG files */
    const Column *jpeg;  /* ragged; NULL when they are pixels */
    const Column *label; /* I64, the identity, -1 unknown; NULL: all unknown */
    const Column *key;   /* ragged, bytes; NULL: no names */
    int h, w;            /* of image; 0 for jpeg */
} Faces;

/* Views the frame as faces and checks its columns; the frame must outlive them. A frame without
 * tensors has no rows. The message names the tensor, not the stream. */
int faces_of(Faces *faces, const Frame *frame, Err *err);
void faces_release(Faces *faces);

int64_t faces_label(const Faces *faces, int64_t i);

/* The key of row i, not terminated: *size bytes. "" when there are no keys. */
const char *faces_key(const Faces *faces, int64_t i, size_t *size);

/* A message about row i, by the number that the stream's user knows it by, and its key. Returns -1.
 */
int faces_blame(const Faces *faces, int64_t i, int64_t number, const char *why, Err *err);

API_END

#endif
