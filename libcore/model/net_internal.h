/* What else is told of a net from a file. */
#ifndef MODEL_NET_INTERNAL_H
#define MODEL_NET_INTERNAL_H

#include "model/file_internal.h"
#include "model/net.h"
#include "nn/state_dict_internal.h"

/* What is said of a net's origin, to be told. */
typedef struct NetOrigin {
    ModelKind kind;
    bool assumed;   /* the pixels are those of the architecture's authors: the file says nothing */
    char entry[96]; /* of a checkpoint: where the state_dict lies, "" if it is all there is */
    char other[96]; /* another state_dict that fits as well, or "" */
    StateDictNames names;
} NetOrigin;

/* net_read() where a state_dict is to be of that architecture, if not NULL. */
Graph *net_read_as(const char *path, const char *arch, const ImportOptions *options,
                   NetOrigin *origin, Err *err);

/* The same of a file that must be ONNX, for nets with several outputs: what else it is, is told. */
Graph *net_onnx(const ModelFile *file, const ImportOptions *options, Err *err);

#endif
