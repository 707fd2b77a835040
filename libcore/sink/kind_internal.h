/* What a format of sink.h consists of. For the files of this folder. */
#ifndef SINK_KIND_INTERNAL_H
#define SINK_KIND_INTERNAL_H

#include "sink/sink_internal.h"

/* One row, as the kind asked for it. */
typedef struct SinkRow {
    int64_t row; /* of all */
    const char *key;
    size_t key_size; /* 0: it has none */
    bool labelled;   /* the frame has labels */
    int64_t label;
    const float *embedding; /* [d], or NULL of a face */
    int64_t d;
    Image image;         /* FACES_PIXELS */
    const uint8_t *file; /* FACES_FILES */
    size_t file_size;
    const char *extension; /* of the file: "jpg" or "png" */
} SinkRow;

typedef enum SinkFaces { FACES_REFUSED, FACES_PIXELS, FACES_FILES } SinkFaces;

typedef struct SinkKind {
    const char *name;
    SinkFaces faces; /* how it takes faces */
    bool embeddings; /* whether it takes embeddings */
    void *(*open)(const SinkOptions *options, Err *err);
    int (*put)(void *state, const SinkRow *row, Err *err);
    int (*finish)(void *state, Err *err);
    void (*release)(void *state); /* without finish() before it, nothing may appear */
} SinkKind;

extern const SinkKind sink_wds, sink_folder, sink_tar, sink_npy, sink_npz, sink_megaface,
    sink_magface, sink_rec, sink_bin;

/* The row's key, or its number in nine digits if it has none, in new memory. A key that is not a
 * path below a folder (an absolute one, one with "..", with control characters) is an error. */
char *row_path(const SinkRow *row, Err *err);

/* The length of the path without its extension: what follows the last dot of the last part, if
 * that is five letters and digits or less. */
size_t path_stem(const char *path);

#endif
