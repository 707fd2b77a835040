/* A file that may be a model, in memory, and what it is: ours, or another program's. */
#ifndef MODEL_FILE_INTERNAL_H
#define MODEL_FILE_INTERNAL_H

#include "base/map_internal.h"

/* What is read from a pipe may have so many bytes. */
#define MODEL_PIPE_MAX (UINT64_C(1) << 32)

typedef enum ModelKind {
    MODEL_OURS,        /* a tensor stream, gzip-ed or not */
    MODEL_SAFETENSORS, /* tensors alone, under PyTorch's names */
    MODEL_TORCH,       /* what torch.save() writes */
    MODEL_ONNX,
} ModelKind;

typedef struct ModelFile {
    char *path; /* for messages */
    const uint8_t *bytes;
    size_t size;
    ModelKind kind;
    Map map;    /* of a file */
    char *copy; /* of a pipe */
} ModelFile;

/* Whole files are mapped; pipes, descriptors and "-", standard input, are read to their end. Files
 * of other programs that are not read are refused by what they are, with what to do. The message
 * names the file. */
int modelfile_open(ModelFile *file, const char *path, Err *err);
void modelfile_close(ModelFile *file); /* safe on a zeroed one */

#endif
