#include "nn/plan_internal.h"

#include <stdlib.h>

#include "base/array_internal.h"
#include "nn/plan_measure_internal.h"

/* Images of a group in inference, if its tensors have no more than this many numbers. */
enum { GROUP = 4, NARROW_REALS = 128 * 1024 };

/* What building needs to remember of a node. */
typedef struct Note {
    int value;         /* tensor of the output; -1 when it must be computed again */
    int gradient;      /* tensor of its gradient, -1 before the first step adds to it */
    int phase;         /* of its forward step */
    int consumers;     /* nodes that read it */
    int moments_phase; /* of a norm: where its statistics were taken */
    bool kept;         /* the value lives through the backward pass */
} Note;

typedef struct Builder {
    Plan *plan;
    const Graph *graph;
    Note *notes;
    int phase_start; /* first step of the phase being built */
    int images;      /* it works on at a time, 0 for as many as fit the cache */
} Builder;

static int new_tensor(Builder *b, size_t size)
{
    Plan *plan = b->plan;
    PlanTensor *t =
        array_append(&plan->tensors, &plan->tensor_count, &plan->tensor_room, sizeof *t);
    if (t == NULL) {
        plan->failed = true;
        return -1;
    }
    *t = (PlanTensor){.size = size, .first_step = -1};
    return plan->tensor_count - 1;
}

/* The step being added, which is in the phase being built, uses this tensor. */
static void touch(Builder *b, int tensor)
{
    if (tensor < 0)
        return;
    PlanTensor *t = &b->plan->tensors[tensor];
    int step = b->plan->step_count - 1, phase = b->plan->phase_count;
    if (t->first_step < 0) {
        t->first_step = step;
        t->first_phase = phase;
    }
    t->last_step = step;
    t->last_phase = phase;
}

static void add_step(Builder *b, PlanStep step)
{
    Plan *plan = b->plan;
    PlanStep *s = array_append(&plan->steps, &plan->step_count, &plan->step_room, sizeof *s);
    if (s == NULL) {
        plan->failed = true;
        return;
    }
    *s = step;
    for (int i = 0; i < 2; i++) {
        touch(b, s->x[i]);
        touch(b, s->dx[i]);
    }
    touch(b, s->y);
    touch(b, s->dy);
}

static void end_phase(Builder *b, bool whole)
{
    Plan *plan = b->plan;
    if (plan->step_count == b->phase_start)
        return;
    Phase *p = array_append(&plan->phases, &plan->phase_count, &plan->phase_room, sizeof *p);
    if (p == NULL) {
        plan->failed = true;
        return;
    }
    *p = (Phase){
        .first = b->phase_start, .end = plan->step_count, .whole = whole, .images = b->images};
    b->phase_start = plan->step_count;
}

static PlanStep step_of(StepKind kind, int node)
{
    return (PlanStep){.kind = kind, .node = node, .x = {-1, -1}, .y = -1, .dx = {-1, -1}, .dy = -1};
}

/* over: the tensor to write to, or -1 for a new one */
static void add_forward(Builder *b, int n, int over, bool again)
{
    const Node *node = &b->graph->nodes[n];
    PlanStep step = step_of(STEP_FORWARD, n);
    for (int i = 0; i < 2; i++)
        if (node->input[i] >= 0)
            step.x[i] = b->notes[node->input[i]].value;
    step.y = over >= 0 ? over : new_tensor(b, node_size(node));
    b->notes[n].value = step.y;
    step.again = again;
    add_step(b, step);
}

/* The statistics of every norm that reads node n, while n's output is in the cache. */
static void add_moments(Builder *b, int n)
{
    for (int m = n + 1; m < b->graph->node_count; m++) {
        const Node *norm = &b->graph->nodes[m];
        if (!node_is(norm, LAYER_NORMALISES) || norm->input[0] != n)
            continue;
        PlanStep step = step_of(STEP_MOMENTS, m);
        step.x[0] = b->notes[n].value;
        b->notes[m].moments_phase = b->plan->phase_count;
        add_step(b, step);
    }
}

static void count_consumers(Builder *b)
{
    for (int n = 0; n < b->graph->node_count; n++)
        for (int i = 0; i < 2; i++)
            if (b->graph->nodes[n].input[i] >= 0)
                b->notes[b->graph->nodes[n].input[i]].consumers++;
    for (int i = 0; i < b->graph->output_count; i++)
        b->notes[b->graph->output[i]].consumers++;
}

static void build_forward(Builder *b)
{
    for (int n = 0; n < b->graph->node_count; n++) {
        const Node *node = &b->graph->nodes[n];
        bool whole = node_is(node, LAYER_WHOLE);
        if (whole ||
            (node_is(node, LAYER_NORMALISES) && b->notes[n].moments_phase == b->plan->phase_count))
            end_phase(b, false);
        b->notes[n].phase = b->plan->phase_count;
        add_forward(b, n, -1, false);
        if (whole)
            end_phase(b, true);
        add_moments(b, n);
    }
    end_phase(b, false);
    b->plan->forward_phases = b->plan->phase_count;
    b->plan->output = b->notes[b->graph->node_count - 1].value;
}

/* Products, the input and the output are kept for the backward pass; of the rest what the forward
 * pass itself had to carry into another phase. The others are forgotten here. */
static void decide_kept(Builder *b)
{
    for (int n = 0; n < b->graph->node_count; n++) {
        Note *note = &b->notes[n];
        note->kept = !node_is(&b->graph->nodes[n], LAYER_CHEAP) || n == b->graph->node_count - 1 ||
                     !tensor_is_local(&b->plan->tensors[note->value]);
        if (!note->kept)
            note->value = -1;
    }
}

/* Makes sure the value of node n can be read in the phase being built. */
static int need_value(Builder *b, int n)
{
    Note *note = &b->notes[n];
    if (note->value >= 0 &&
        (note->kept || b->plan->tensors[note->value].first_phase == b->plan->phase_count))
        return note->value;
    for (int i = 0; i < 2; i++)
        if (b->graph->nodes[n].input[i] >= 0)
            need_value(b, b->graph->nodes[n].input[i]);
    add_forward(b, n, -1, true);
    return note->value;
}

static int gradient_of(Builder *b, int n, bool *fresh)
{
    Note *note = &b->notes[n];
    *fresh = note->gradient < 0;
    if (*fresh)
        note->gradient = new_tensor(b, node_size(&b->graph->nodes[n]));
    return note->gradient;
}

/* An addition hands its gradient on: an input that nothing else reads shares the tensor. */
static void add_backward_of_add(Builder *b, int n)
{
    PlanStep step = step_of(STEP_BACKWARD, n);
    step.dy = b->notes[n].gradient;
    for (int i = 0; i < 2; i++) {
        int in = b->graph->nodes[n].input[i];
        if (b->graph->nodes[in].kind == LAYER_INPUT)
            continue;
        if (b->notes[in].consumers == 1)
            b->notes[in].gradient = step.dy;
        else
            step.dx[i] = gradient_of(b, in, &step.fresh[i]);
    }
    add_step(b, step);
}

static void add_backward(Builder *b, int n)
{
    const Node *node = &b->graph->nodes[n];
    PlanStep step = step_of(STEP_BACKWARD, n);
    for (int i = 0; i < 2; i++)
        if (node->input[i] >= 0 && !node_is(node, LAYER_FORGETS))
            step.x[i] = need_value(b, node->input[i]);
    step.dy = b->notes[n].gradient;
    for (int i = 0; i < 2; i++)
        if (node->input[i] >= 0 && b->graph->nodes[node->input[i]].kind != LAYER_INPUT)
            step.dx[i] = gradient_of(b, node->input[i], &step.fresh[i]);
    add_step(b, step);
}

static void add_sums(Builder *b, int n)
{
    int x = need_value(b, b->graph->nodes[n].input[0]);
    PlanStep step = step_of(STEP_SUMS, n);
    step.x[0] = x;
    step.dy = b->notes[n].gradient;
    add_step(b, step);
}

static void build_backward(Builder *b)
{
    int last = b->graph->node_count - 1;
    bool fresh;
    b->plan->output_gradient = gradient_of(b, last, &fresh);
    for (int n = last; n > 0; n--) {
        const Node *node = &b->graph->nodes[n];
        if (b->notes[n].gradient < 0)
            continue; /* nothing that leads to the output reads it */
        bool whole = node_is(node, LAYER_WHOLE);
        if (node_is(node, LAYER_NORMALISES)) {
            add_sums(b, n);
            end_phase(b, false);
        }
        if (whole)
            end_phase(b, false);
        if (node_is(node, LAYER_PASSES_ON))
            add_backward_of_add(b, n);
        else
            add_backward(b, n);
        if (whole)
            end_phase(b, true);
    }
    end_phase(b, false);
}

/* A tensor the caller reads or writes belongs to the whole batch, and lives on to the end. */
static void make_public(Plan *plan, int tensor, int first_phase, int last_phase)
{
    PlanTensor *t = &plan->tensors[tensor];
    t->first_phase = first_phase < t->first_phase ? first_phase : t->first_phase;
    t->last_phase = last_phase;
}

static int builder_open(Builder *b, Plan *plan, const Graph *graph, Kernels *kernels, Err *err)
{
    *plan = (Plan){.kernels = kernels};
    *b = (Builder){.plan = plan, .graph = graph};
    b->notes = calloc((size_t)graph->node_count, sizeof *b->notes);
    if (b->notes == NULL)
        return err_memory(err, "a plan", (size_t)graph->node_count * sizeof *b->notes);
    for (int n = 0; n < graph->node_count; n++)
        b->notes[n] = (Note){.value = -1, .gradient = -1, .moments_phase = -1};
    return 0;
}

int plan_training(Plan *plan, const Graph *graph, int max_batch, Kernels *kernels, Err *err)
{
    Builder b;
    if (builder_open(&b, plan, graph, kernels, err) != 0)
        return -1;
    count_consumers(&b);
    build_forward(&b);
    if (!plan->failed) {
        decide_kept(&b);
        build_backward(&b);
    }
    free(b.notes);
    if (!plan->failed) {
        make_public(plan, plan->output, plan->phase_count, plan->phase_count);
        make_public(plan, plan->output_gradient, plan->forward_phases - 1,
                    plan->tensors[plan->output_gradient].last_phase);
    }
    return plan_measure(plan, graph, max_batch, err);
}

/* The tensor node n may write its output over, or -1: of an input that nothing else reads. */
static int in_place(const Builder *b, int n)
{
    const Node *node = &b->graph->nodes[n];
    if (!node_is(node, LAYER_IN_PLACE))
        return -1;
    for (int i = 0; i < 2; i++)
        if (node->input[i] >= 0 && b->notes[node->input[i]].consumers == 1)
            return b->notes[node->input[i]].value;
    return -1;
}

/* Whether from node n on packed weights are read, only one tensor of those before, and none
 * that is large. */
static bool is_narrow(const Builder *b, int n)
{
    const Graph *graph = b->graph;
    int read = -1;
    bool packed = false;
    for (int m = n; m < graph->node_count; m++) {
        const Node *node = &graph->nodes[m];
        if (node_size(node) > NARROW_REALS)
            return false;
        packed = packed || node_packed(node, b->plan->kernels, false) > 0;
        for (int i = 0; i < 2; i++) {
            if (node->input[i] < 0 || node->input[i] >= n)
                continue;
            if (read >= 0 && read != node->input[i])
                return false;
            read = node->input[i];
        }
    }
    return packed && read >= 0;
}

int plan_inference(Plan *plan, const Graph *graph, int max_batch, Kernels *kernels, Err *err)
{
    Builder b;
    if (builder_open(&b, plan, graph, kernels, err) != 0)
        return -1;
    count_consumers(&b);
    int group = 1;
    for (int n = 0; n < graph->node_count; n++) {
        bool whole = node_is(&graph->nodes[n], LAYER_WHOLE);
        if (whole || (group == 1 && is_narrow(&b, n))) {
            end_phase(&b, false);
            group = whole ? group : GROUP;
        }
        b.images = group;
        add_forward(&b, n, in_place(&b, n), false);
        if (whole)
            end_phase(&b, true);
    }
    end_phase(&b, false);
    plan->forward_phases = plan->phase_count;
    for (int i = 0; i < graph->output_count && !plan->failed; i++) {
        plan->outputs[i] = b.notes[graph->output[i]].value;
        make_public(plan, plan->outputs[i], plan->phase_count, plan->phase_count);
    }
    plan->output = plan->outputs[0];
    free(b.notes);
    return plan_measure(plan, graph, max_batch, err);
}

void plan_free(Plan *plan)
{
    free(plan->tensors);
    free(plan->steps);
    free(plan->phases);
    *plan = (Plan){0};
}
