/* The faces of the photographs that are asked about. */
#ifndef CMD_FACE_MATCH_FACES_H
#define CMD_FACE_MATCH_FACES_H

#include "base/bytes_internal.h"
#include "match/recognizer_internal.h"
#include "stream/embeddings.h"

typedef struct FaceList {
    int64_t n, d, room, end_room;
    float *embedding; /* [n,d] */
    size_t numbers;
    int64_t *photograph; /* [n], which one, from 0 */
    int64_t photographs;
    Bytes key;
    int64_t *key_end;
} FaceList; /* zeroed is empty */

/* Of one photograph. That it has no face is an error; one that may not be recognised is said. */
int facelist_add(FaceList *list, Recognizer *recognizer, const char *photograph, Err *err);
void facelist_release(FaceList *list);

EmbeddingRows facelist_rows(const FaceList *list);

#endif
