/* A net from a file: a model of ours, ONNX, or a state_dict of PyTorch's, from safetensors or as
 * torch.save() writes it; the content tells which. */
#ifndef MODEL_NET_H
#define MODEL_NET_H

#include "base/api.h"
#include "onnx/import.h"

API_BEGIN

/* NULL on failure; messages name the file. Of the options only what is said about pixels counts for
 * what is not ONNX. */
Graph *net_read(const char *path, const ImportOptions *options, Err *err);

API_END

#endif
