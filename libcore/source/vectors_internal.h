/* Embeddings made elsewhere, as frames of a stream:
 *
 *     npy       an array [n,d] of any numbers
 *     npz       such an array and, by their names, labels and keys
 *     megaface  a folder or an archive of MegaFace's feature files
 *     magface   a text, a line of key and numbers each: MagFace's feat.list
 *     wds       a shard of WebDataset, KEY.npy [d] and perhaps KEY.cls a sample
 *
 * Nothing is taken on trust: sizes are checked against what is there before memory is allocated. */
#ifndef SOURCE_VECTORS_INTERNAL_H
#define SOURCE_VECTORS_INTERNAL_H

#include "stream/frame.h"

typedef enum VectorFormat {
    VECTORS_NPY,
    VECTORS_NPZ,
    VECTORS_MEGAFACE,
    VECTORS_MAGFACE,
    VECTORS_WDS,
    VECTORS_COUNT
} VectorFormat;

typedef struct VectorReader VectorReader;

/* path "-" is standard input but for npz. `list`, or NULL, is a file that says what the rows are
 * (lists/row_list_internal.h) and overrides what the format says; `labels`, or NULL, one of their
 * labels (lists/row_labels_internal.h), which overrides both. NULL on failure. */
VectorReader *vectors_open(VectorFormat format, const char *path, const char *list,
                           const char *labels, Err *err);
void vectors_close(VectorReader *reader); /* NULL is fine */

/* Some thousand rows: 1 and a frame of kind embeddings that the caller releases, 0 at the end, -1.
 * The message names the file. */
int vectors_next(VectorReader *reader, Frame *frame, Err *err);

#endif
