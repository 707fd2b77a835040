/* A net from a file: a model of ours, or ONNX; the content tells which. */
#ifndef ONNX_NET_H
#define ONNX_NET_H

#include "onnx/import.h"

/* Whether a file does not begin like a tensor stream and may be ONNX. False for what cannot be read
 * and for "-". */
bool net_is_onnx(const char *path);

/* NULL on failure; messages name the file. Of the options only what is said about pixels counts for
 * a model of ours. */
Graph *net_read(const char *path, const ImportOptions *options, Err *err);

#endif
