/* The weights of a phase's convolutions in the form their kernels want them (conv_filter). */
#ifndef NN_FILTERS_H
#define NN_FILTERS_H

#include "base/pool.h"
#include "nn/plan.h"
#include "nn/profile.h"

/* Whether this step reads transformed weights. */
bool step_needs_filter(const Step *step, const Graph *graph);

/* What conv_forward or conv_backward_input takes at this step: from `filters`, or the weights. */
const real *step_filter(const Step *step, const Graph *graph, const real *filters);

/* filters[plan->filter_length] for all steps of the phase, from the weights as they are now. */
void filters_prepare(real *filters, const Plan *plan, const Phase *phase, const Graph *graph,
                     Pool *pool, Profile *profile);

#endif
