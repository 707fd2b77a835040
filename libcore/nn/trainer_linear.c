#include "nn/trainer_parts_internal.h"

#include <string.h>

#include "base/rng_internal.h"
#include "layers/linear_internal.h"

/* The block of a linear layer's outputs or inputs that is task number i. */
static int block_count(int size, int64_t i)
{
    int left = size - (int)i * LINEAR_BLOCK;
    return left < LINEAR_BLOCK ? left : LINEAR_BLOCK;
}

static bool drops(const Trainer *t, const Step *step)
{
    return t->drops && t->graph->nodes[step->node].dropout > 0;
}

static const real *linear_input(const Trainer *t, const Step *step)
{
    return drops(t, step) ? t->kept_inputs : batch_tensor(t, step->x[0]);
}

/* y[k] (+)= x[k] / (1 - share) for the numbers of a row that are kept, 0 for the others. */
static void drop_row(real *y, const real *x, int k, double share, Rng rng, bool add)
{
    real scale = share < 1 ? (real)(1 / (1 - share)) : 0;
    for (int i = 0; i < k; i++) {
        real kept = rng_unit(&rng) >= share ? scale * x[i] : 0;
        y[i] = add ? y[i] + kept : kept;
    }
}

static Rng drop_rng(const Trainer *t, const Step *step, int64_t row)
{
    return rng_at(t->drop_seed, t->drop_step, (uint64_t)(t->drop_first + row),
                  'd' + (uint64_t)step->node * 256);
}

/* A row of what is left of the layer's inputs. */
static void drop_task(void *arg, int64_t row, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    int k = linear_inputs(&node->shape);
    double since = profile_now(t->profile);
    drop_row(t->kept_inputs + row * k, batch_tensor(t, share->step->x[0]) + row * k, k,
             node->dropout, drop_rng(t, share->step, row), false);
    lap(t, share->step, worker, since);
}

/* Backward: what is left of the gradient of the layer's inputs. */
static void drop_gradient_task(void *arg, int64_t row, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    int k = linear_inputs(&node->shape);
    double since = profile_now(t->profile);
    drop_row(batch_tensor(t, share->step->dx[0]) + row * k, t->kept_inputs + row * k, k,
             node->dropout, drop_rng(t, share->step, row), true);
    lap(t, share->step, worker, since);
}

static void linear_forward_task(void *arg, int64_t i, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    double since = profile_now(t->profile);
    linear_forward(batch_tensor(t, share->step->y), linear_input(t, share->step),
                   param_in(t->graph, t->graph->values, node->param[0]),
                   param_in(t->graph, t->graph->values, node->param[1]), t->n, node->shape.o,
                   linear_inputs(&node->shape), (int)i * LINEAR_BLOCK,
                   block_count(node->shape.o, i), t->kernels);
    lap(t, share->step, worker, since);
}

static void linear_input_task(void *arg, int64_t i, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    int k = linear_inputs(&node->shape);
    double since = profile_now(t->profile);
    linear_backward_input(
        drops(t, share->step) ? t->kept_inputs : batch_tensor(t, share->step->dx[0]),
        batch_tensor(t, share->step->dy), param_in(t->graph, t->graph->values, node->param[0]),
        t->n, node->shape.o, k, (int)i * LINEAR_BLOCK, block_count(k, i), t->kernels);
    lap(t, share->step, worker, since);
}

static void linear_weight_task(void *arg, int64_t i, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    double since = profile_now(t->profile);
    linear_backward_weight(param_in(t->graph, t->gradients, node->param[0]),
                           param_in(t->graph, t->gradients, node->param[1]),
                           batch_tensor(t, share->step->dy), linear_input(t, share->step), t->n,
                           node->shape.o, linear_inputs(&node->shape), (int)i * LINEAR_BLOCK,
                           block_count(node->shape.o, i), t->kernels);
    lap(t, share->step, worker, since);
}

void trainer_run_linear(Trainer *t, const Step *step)
{
    const Shape *s = &t->graph->nodes[step->node].shape;
    Share share = {.trainer = t, .step = step};
    int outputs = (s->o + LINEAR_BLOCK - 1) / LINEAR_BLOCK;
    int inputs = (linear_inputs(s) + LINEAR_BLOCK - 1) / LINEAR_BLOCK;
    if (drops(t, step)) /* backward too: another layer may have dropped since */
        pool_run(t->pool, t->n, drop_task, &share);
    if (step->kind == STEP_FORWARD) {
        pool_run(t->pool, outputs, linear_forward_task, &share);
        return;
    }
    pool_run(t->pool, outputs, linear_weight_task, &share);
    if (step->dx[0] < 0)
        return;
    if (step->fresh[0])
        memset(batch_tensor(t, step->dx[0]), 0,
               (size_t)t->n * t->plan.tensors[step->dx[0]].size * sizeof(real));
    if (drops(t, step)) /* what it held was needed for the weights */
        memset(t->kept_inputs, 0, (size_t)t->n * linear_inputs(s) * sizeof(real));
    pool_run(t->pool, inputs, linear_input_task, &share);
    if (drops(t, step))
        pool_run(t->pool, t->n, drop_gradient_task, &share);
}
