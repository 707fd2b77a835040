/* Rows of streams written in other programs' formats.
 *
 * A sink takes frames of faces or of embeddings and makes of them, by format:
 *
 *     wds       WebDataset: shards of tar with KEY.cls and KEY.jpg, .png or .npy
 *     folder    a folder of JPEG or PNG files, named by their keys
 *     tar       the same in a tar file
 *     npy       one array, [n,d] floats or [n,h,w,3] bytes
 *     npz       arrays `embs` or `image`, `label`, `names`
 *     megaface  a folder of MegaFace's feature files, a matrix of OpenCV each
 *     magface   a text, a line of key and numbers each: MagFace's feat.list
 *     rec       a folder of InsightFace's train.rec, train.idx and property
 *     bin       InsightFace's verification set: images in pairs
 *
 * Files and folders appear under their names when they are whole. */
#ifndef SINK_SINK_INTERNAL_H
#define SINK_SINK_INTERNAL_H

#include <stdbool.h>

#include "image/image.h"
#include "stream/frame.h"

typedef enum SinkFormat {
    SINK_WDS,
    SINK_FOLDER,
    SINK_TAR,
    SINK_NPY,
    SINK_NPZ,
    SINK_MEGAFACE,
    SINK_MAGFACE,
    SINK_REC,
    SINK_BIN,
    SINK_COUNT
} SinkFormat;

typedef struct SinkOptions {
    const char *path;      /* "-" is standard output where the format can be written in order */
    bool png;              /* pixels become PNG instead of JPEG */
    int quality;           /* of JPEG, 1..100 */
    int64_t shard_rows;    /* wds: at most so many samples in a shard */
    uint64_t shard_bytes;  /* wds: a shard ends with the sample that reaches so many bytes */
    const char *algorithm; /* megaface: "_ALGORITHM.bin" ends every name */
    const char *pairs; /* bin: a list of pairs (lists/pairs_internal.h), or NULL: rows in twos */
} SinkOptions;

typedef struct Sink Sink;

/* The options must outlive the sink. NULL on failure. */
Sink *sink_open(SinkFormat format, const SinkOptions *options, Err *err);

/* Writes the rows of a frame. The message names row and key, not the stream. */
int sink_put(Sink *sink, const Frame *frame, Err *err);

/* Gives what was written its name; the sink is released in any case. */
int sink_close(Sink *sink, Err *err);
void sink_abort(Sink *sink); /* NULL is fine */

#endif
