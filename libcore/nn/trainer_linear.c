#include "nn/trainer_parts.h"

#include <string.h>

#include "nn/linear.h"

/* Outputs or inputs of a layer that make a task. */
enum { LINEAR_BLOCK = 64 };

/* The block of a linear layer's outputs or inputs that is task number i. */
static int block_count(int size, int64_t i)
{
    int left = size - (int)i * LINEAR_BLOCK;
    return left < LINEAR_BLOCK ? left : LINEAR_BLOCK;
}

static int linear_inputs(const Shape *s)
{
    return s->h * s->w * s->c;
}

static void linear_forward_task(void *arg, int64_t i, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    double since = profile_now(t->profile);
    linear_forward(batch_tensor(t, share->step->y), batch_tensor(t, share->step->x[0]),
                   param_in(t->graph, t->graph->values, node->param[0]),
                   param_in(t->graph, t->graph->values, node->param[1]), t->n, node->shape.o,
                   linear_inputs(&node->shape), (int)i * LINEAR_BLOCK,
                   block_count(node->shape.o, i));
    lap(t, share->step, worker, since);
}

static void linear_input_task(void *arg, int64_t i, int worker)
{
    const Share *share = arg;
    Trainer *t = share->trainer;
    const Node *node = &t->graph->nodes[share->step->node];
    int k = linear_inputs(&node->shape);
    double since = profile_now(t->profile);
    linear_backward_input(batch_tensor(t, share->step->dx[0]), batch_tensor(t, share->step->dy),
                          param_in(t->graph, t->graph->values, node->param[0]), t->n, node->shape.o,
                          k, (int)i * LINEAR_BLOCK, block_count(k, i));
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
                           batch_tensor(t, share->step->dy), batch_tensor(t, share->step->x[0]),
                           t->n, node->shape.o, linear_inputs(&node->shape), (int)i * LINEAR_BLOCK,
                           block_count(node->shape.o, i));
    lap(t, share->step, worker, since);
}

void trainer_run_linear(Trainer *t, const Step *step)
{
    const Shape *s = &t->graph->nodes[step->node].shape;
    Share share = {.trainer = t, .step = step};
    int outputs = (s->o + LINEAR_BLOCK - 1) / LINEAR_BLOCK;
    int inputs = (linear_inputs(s) + LINEAR_BLOCK - 1) / LINEAR_BLOCK;
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
    pool_run(t->pool, inputs, linear_input_task, &share);
}
