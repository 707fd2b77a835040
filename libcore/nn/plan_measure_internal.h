/* The sizes of a plan whose steps and phases are there. */
#ifndef NN_PLAN_MEASURE_INTERNAL_H
#define NN_PLAN_MEASURE_INTERNAL_H

#include "nn/plan_internal.h"

/* Decides how many images a phase works on at a time where that is still open, places the tensors
 * and fills in the lengths. */
int plan_measure(Plan *plan, const Graph *graph, int max_batch, Err *err);

#endif
