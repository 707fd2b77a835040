/* --quantize: a net becomes one whose convolutions can be computed in whole numbers of eight bits.
 */
#ifndef CMD_MODEL_CONVERT_QUANTISE_H
#define CMD_MODEL_CONVERT_QUANTISE_H

#include <stdbool.h>

#include "nn/graph.h"

/* Replaces *graph, which the caller owns, by the quantised one. The faces say what numbers range
 * over; unless `force`, it fails where their embeddings, as computed in whole numbers, are too far
 * from those in float. */
int quantise(Graph **graph, const char *faces, bool force, Err *err);

#endif
