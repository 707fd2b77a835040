/* The weights of a phase in the form their layers want them (Layer.pack), made anew whenever the
 * weights have changed. */
#ifndef NN_PACKED_INTERNAL_H
#define NN_PACKED_INTERNAL_H

#include "base/pool.h"
#include "nn/plan_internal.h"
#include "nn/profile_internal.h"

/* What the layer reads at this step as LayerRun.weight: from `packed`, or the weights. */
const real *step_weight(const PlanStep *step, const Graph *graph, const real *packed);

/* packed[plan->packed_length] for all steps of the phase, from the weights as they are now. */
void packed_prepare(real *packed, const Plan *plan, const Phase *phase, const Graph *graph,
                    Pool *pool, Profile *profile);

#endif
