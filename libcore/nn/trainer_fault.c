#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/real_internal.h"
#include "nn/trainer_parts_internal.h"

/* x - x is 0 for what is finite. */
CLONES static bool all_finite(const real *x, size_t n)
{
    int bad = 0;
    for (size_t i = 0; i < n; i++)
        bad |= x[i] - x[i] != 0;
    return bad == 0;
}

/* The layer of a parameter: its name without the last part. */
static void layer_name(char name[TRAINER_FAULT], const Param *param)
{
    const char *dot = strrchr(param->name, '.');
    snprintf(name, TRAINER_FAULT, "%.*s",
             dot != NULL ? (int)(dot - param->name) : (int)strlen(param->name), param->name);
}

static bool fault_of_values(char name[TRAINER_FAULT], const Graph *graph)
{
    for (int i = 0; i < graph->param_count; i++) {
        const Param *param = &graph->params[i];
        if (param->role != PARAM_COUNT &&
            !all_finite(graph->values + param->offset, param->count)) {
            layer_name(name, param);
            return true;
        }
    }
    return false;
}

/* Activations share memory and are gone; the statistics of each batch norm are not. */
static bool fault_of_statistics(char name[TRAINER_FAULT], const Trainer *t)
{
    for (int n = 0; n < t->graph->node_count; n++) {
        const Node *node = &t->graph->nodes[n];
        if (!node_is(node, LAYER_NORMALISES))
            continue;
        for (int j = 0; j < node->shape.o; j++)
            if (!isfinite(t->norms[n].mean[j]) || !isfinite(t->norms[n].var[j])) {
                layer_name(name, &t->graph->params[node->param[NORM_GAMMA]]);
                return true;
            }
    }
    return false;
}

/* The backward pass goes from the last layer to the first. */
static bool fault_of_gradients(char name[TRAINER_FAULT], const Trainer *t)
{
    for (int i = t->graph->param_count - 1; i >= 0; i--) {
        const Param *param = &t->graph->params[i];
        if (param->trainable && !all_finite(t->gradients + param->offset, param->count)) {
            layer_name(name, param);
            return true;
        }
    }
    return false;
}

bool trainer_sound(const Trainer *t)
{
    char ignored[TRAINER_FAULT];
    return !fault_of_values(ignored, t->graph);
}

const char *trainer_fault(char name[TRAINER_FAULT], const Trainer *t, bool backward)
{
    if (fault_of_values(name, t->graph))
        return "weights";
    if (fault_of_statistics(name, t))
        return "activations";
    return backward && fault_of_gradients(name, t) ? "gradients" : NULL;
}
