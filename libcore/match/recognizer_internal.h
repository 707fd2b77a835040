/* Photographs to embeddings: a detector and a net, used together. */
#ifndef MATCH_RECOGNIZER_INTERNAL_H
#define MATCH_RECOGNIZER_INTERNAL_H

#include "detect/finder_internal.h"
#include "nn/embedder_internal.h"
#include "onnx/import.h"
#include "source/source_internal.h"

typedef struct RecognizerOptions {
    const char *detector, *model; /* files */
    ImportOptions import;
    FinderOptions finder; /* its size is the net's */
    Mirror mirror;
} RecognizerOptions;

typedef struct Recognizer Recognizer;

/* Options, pool and kernels must outlive it. NULL on failure. */
Recognizer *recognizer_new(const RecognizerOptions *options, Pool *pool, Kernels *kernels,
                           Err *err);
void recognizer_free(Recognizer *recognizer); /* NULL is fine */

int recognizer_width(const Recognizer *recognizer);         /* numbers of an embedding */
const char *recognizer_model(const Recognizer *recognizer); /* the metadata "model" */

/* A hash of detector, net and options: the same ones see the same faces in a photograph. */
uint64_t recognizer_hash(const Recognizer *recognizer);

/* What is seen in a photograph, until the sink returns. */
typedef struct Seen {
    const char *operand, *path; /* as source/source_internal.h has them */
    const char *problem;        /* why it cannot be read, or NULL */
    const FoundFaces *faces;
    const float *embedding; /* [faces->n,width] */
} Seen;

/* Returns -1 to end it. */
typedef int SeenSink(void *arg, const Seen *seen, Err *err);

/* All photographs, in order. The same for any number of threads. */
int recognizer_run(Recognizer *recognizer, const SourceOptions *source, SeenSink *sink, void *arg,
                   Err *err);

#endif
