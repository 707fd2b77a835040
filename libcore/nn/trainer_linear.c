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

static bool drops(const Trainer *t, const PlanStep *step)
{
    return t->drops && t->graph->nodes[step->node].dropout > 0;
}

static const real *linear_input(const Trainer *t, const PlanStep *step)
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

static Rng drop_rng(const Trainer *t, const PlanStep *step, int64_t row)
{
    return rng_at(t->drop_seed, t->drop_step, (uint64_t)(t->drop_first + t->first + row),
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

/* Rows of an own slice among the rows of this process. The bits of a product may depend on how many
 * rows it has, which therefore are those of a slice. */
typedef struct Rows {
    size_t first;
    int n;
} Rows;

static Rows slice_rows(const Trainer *t, int slice)
{
    int begin = slice_begin(t, t->own.first + slice);
    return (Rows){(size_t)(begin - t->first), slice_begin(t, t->own.first + slice + 1) - begin};
}

static void linear_forward_task(void *arg, int64_t i, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    double since = profile_now(t->profile);
    const real *x = linear_input(t, share->step);
    real *y = batch_tensor(t, share->step->y);
    int k = linear_inputs(&node->shape);
    for (int s = 0; s < t->own.count; s++) {
        Rows rows = slice_rows(t, s);
        if (rows.n > 0)
            linear_forward(y + rows.first * node->shape.o, x + rows.first * k,
                           param_in(t->graph, t->graph->values, node->param[0]),
                           param_in(t->graph, t->graph->values, node->param[1]), rows.n,
                           node->shape.o, k, (int)i * LINEAR_BLOCK, block_count(node->shape.o, i),
                           t->kernels);
    }
    lap(t, share->step, worker, since);
}

static void linear_input_task(void *arg, int64_t i, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    int k = linear_inputs(&node->shape);
    double since = profile_now(t->profile);
    real *dx = drops(t, share->step) ? t->kept_inputs : batch_tensor(t, share->step->dx[0]);
    const real *dy = batch_tensor(t, share->step->dy);
    for (int s = 0; s < t->own.count; s++) {
        Rows rows = slice_rows(t, s);
        if (rows.n > 0)
            linear_backward_input(dx + rows.first * k, dy + rows.first * node->shape.o,
                                  param_in(t->graph, t->graph->values, node->param[0]), rows.n,
                                  node->shape.o, k, (int)i * LINEAR_BLOCK, block_count(k, i),
                                  t->kernels);
    }
    lap(t, share->step, worker, since);
}

/* Which blocks of its outputs a process computes the gradient of the weights for. */
static int first_block(const Trainer *t, const Shape *s, int rank)
{
    int blocks = (s->o + LINEAR_BLOCK - 1) / LINEAR_BLOCK;
    return (int)((int64_t)rank * blocks / comm_size(t->shape.comm));
}

static void linear_weight_task(void *arg, int64_t block, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    double since = profile_now(t->profile);
    bool alone = t->inputs == NULL;
    int i = first_block(t, &node->shape, comm_rank(t->shape.comm)) + (int)block;
    linear_backward_weight(param_in(t->graph, t->gradients, node->param[0]),
                           param_in(t->graph, t->gradients, node->param[1]),
                           alone ? batch_tensor(t, share->step->dy) : t->dys,
                           alone ? linear_input(t, share->step) : t->inputs, t->n, node->shape.o,
                           linear_inputs(&node->shape), i * LINEAR_BLOCK,
                           block_count(node->shape.o, i), t->kernels);
    lap(t, share->step, worker, since);
}

/* The gradient of a parameter with `width` numbers an output, from the processes that have it. */
static void gather_gradient(const Trainer *t, const Node *node, int param, size_t width)
{
    size_t first[TRAINER_SLICES_MAX + 1];
    real *gradient = param_in(t->graph, t->gradients, node->param[param]);
    if (gradient == NULL)
        return;
    for (int r = 0; r <= comm_size(t->shape.comm); r++) {
        int output = first_block(t, &node->shape, r) * LINEAR_BLOCK;
        first[r] =
            (size_t)(output < node->shape.o ? output : node->shape.o) * width * sizeof *gradient;
    }
    comm_gather(t->shape.comm, gradient, first);
}

/* The gradient of the weights: one product over all images. */
static void run_weights(Share *share)
{
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    int rank = comm_rank(t->shape.comm), inputs = linear_inputs(&node->shape);
    if (t->inputs != NULL) {
        trainer_gather(t, t->inputs, linear_input(t, share->step), (size_t)inputs);
        trainer_gather(t, t->dys, batch_tensor(t, share->step->dy), (size_t)node->shape.o);
    }
    pool_run(t->pool, first_block(t, &node->shape, rank + 1) - first_block(t, &node->shape, rank),
             linear_weight_task, share);
    if (t->inputs != NULL) {
        gather_gradient(t, node, 0, (size_t)inputs);
        gather_gradient(t, node, 1, 1);
    }
}

void trainer_run_linear(Trainer *t, const PlanStep *step)
{
    const Shape *s = &t->graph->nodes[step->node].shape;
    Share share = {.trainer = t, .step = step};
    int outputs = (s->o + LINEAR_BLOCK - 1) / LINEAR_BLOCK;
    int inputs = (linear_inputs(s) + LINEAR_BLOCK - 1) / LINEAR_BLOCK;
    if (drops(t, step)) /* backward too: another layer may have dropped since */
        pool_run(t->pool, own_images(t), drop_task, &share);
    if (step->kind == STEP_FORWARD) {
        pool_run(t->pool, outputs, linear_forward_task, &share);
        return;
    }
    run_weights(&share);
    if (step->dx[0] < 0)
        return;
    if (step->fresh[0])
        memset(batch_tensor(t, step->dx[0]), 0,
               (size_t)own_images(t) * t->plan.tensors[step->dx[0]].size * sizeof(real));
    if (drops(t, step)) /* what it held was needed for the weights */
        memset(t->kept_inputs, 0, (size_t)own_images(t) * linear_inputs(s) * sizeof(real));
    pool_run(t->pool, inputs, linear_input_task, &share);
    if (drops(t, step))
        pool_run(t->pool, own_images(t), drop_gradient_task, &share);
}
