/* A net from a file: a model of ours, ONNX, or a state_dict of PyTorch's, from safetensors or as
 * torch.save() writes it; the content tells which. */
#ifndef MODEL_NET_H
#define MODEL_NET_H

#include "model/file.h"
#include "nn/state_dict.h"
#include "onnx/import.h"

/* What is said of a net's origin, to be told. */
typedef struct NetOrigin {
    ModelKind kind;
    bool assumed;   /* the pixels are those of the architecture's authors: the file says nothing */
    char entry[96]; /* of a checkpoint: where the state_dict lies, "" if it is all there is */
    char other[96]; /* another state_dict that fits as well, or "" */
    StateDictNames names;
} NetOrigin;

/* NULL on failure; messages name the file. Of the options only what is said about pixels counts for
 * what is not ONNX. */
Graph *net_read(const char *path, const ImportOptions *options, Err *err);

/* The same, where a state_dict is to be of that architecture, if not NULL. */
Graph *net_read_as(const char *path, const char *arch, const ImportOptions *options,
                   NetOrigin *origin, Err *err);

/* The same of a file that must be ONNX, for nets with several outputs: what else it is, is told. */
Graph *net_onnx(const ModelFile *file, const ImportOptions *options, Err *err);

#endif
