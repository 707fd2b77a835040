/* The architectures this library can build, by name. */
#ifndef NN_ARCH_H
#define NN_ARCH_H

#include "base/api.h"
#include "nn/graph.h"

API_BEGIN

/* The name of number i, from 0 on; NULL behind the last. */
const char *arch_name(int i);

/* A graph with its parameters allocated, not yet initialised. size: of the square input image, a
 * multiple of 16 in [16, 1024]; embedding in [1, 65536]. NULL on failure; an unknown name is
 * answered with the names there are. */
Graph *arch_new(const char *name, int embedding, int size, Err *err);

API_END

#endif
