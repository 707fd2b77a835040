/* nn/: optimiser steps and model frames */
#include <sys/resource.h>

#include "base/rng_internal.h"
#include "nn/arch_internal.h"
#include "nn/descent.h"
#include "nn/model.h"
#include "nn/state_dict_internal.h"
#include "unit.h"

static Graph *net(const char *arch, uint64_t seed)
{
    Err err = {0};
    Graph *graph = arch_new(arch, 4, 16, &err);
    graph_init(graph, seed);
    return graph;
}

/* PyTorch's rules for the numbers of one parameter, two steps with the same gradient. */
static double expected(double w, double g, double decay, const Optimiser *by, double rate)
{
    double v = 0, s = 0, lr = rate * by->lr;
    for (int step = 1; step <= 2; step++) {
        if (by->kind == OPTIMISER_ADAMW) {
            w *= 1 - lr * decay;
            v = by->beta1 * v + (1 - by->beta1) * 0.5 * g;
            s = by->beta2 * s + (1 - by->beta2) * 0.25 * g * g;
            w -= lr * (v / (1 - pow(by->beta1, step))) /
                 (sqrt(s / (1 - pow(by->beta2, step))) + by->epsilon);
            continue;
        }
        double slope = 0.5 * g + decay * w;
        v = by->momentum * v + slope;
        w -= lr * (by->nesterov ? slope + by->momentum * v : v);
    }
    return w;
}

static void test_descent(Spare spare, const Optimiser *by, bool rates)
{
    Err err = {0};
    Graph *graph = net("iresnet18", 1), *start = net("iresnet18", 1);
    Pool *pool = pool_new(2, &err);
    size_t bytes = graph->length * sizeof(real);
    real *g = calloc(1, bytes), *copy = calloc(1, bytes);
    DescentState state = {.momentum = calloc(1, bytes), .square = calloc(1, bytes)};
    Rng rng = rng_at(1, 0, 0, 0);
    double squares = 0, worst = 0;
    for (size_t i = 0; i < graph->length; i++)
        g[i] = (real)rng_normal(&rng);
    double *rate = calloc((size_t)graph->param_count, sizeof *rate);
    for (int i = 0; i < graph->param_count; i++)
        rate[i] = rates ? i % 3 * 0.5 : 1;
    const Descent descent = {.optimiser = *by, .spare = spare, .rate = rates ? rate : NULL};
    for (; state.updates < 2; state.updates++) {
        memcpy(copy, g, bytes);
        descent_step(graph, &state, copy, 0.5, &descent, pool);
    }
    for (int i = 0; i < graph->param_count; i++) {
        const Param *p = &graph->params[i];
        bool spared = (spare != SPARE_NONE && p->role == PARAM_NORM) ||
                      (spare == SPARE_NORMS && p->role == PARAM_SLOPE);
        for (size_t j = p->offset; p->role != PARAM_COUNT && j < p->offset + p->count; j++) {
            double was = (double)start->values[j];
            double want = p->trainable ? expected(was, (double)g[j], spared ? 0 : by->weight_decay,
                                                  by, rate[i])
                                       : was;
            worst = fmax(worst, fabs(want - (double)graph->values[j]));
            squares += p->trainable ? (double)g[j] * (double)g[j] : 0;
        }
    }
    CHECK(worst < 1e-6, "two steps of %s%s, spared %d: within %.1e", optimiser_name(by->kind),
          by->nesterov ? " with Nesterov's momentum" : "", (int)spare, worst);
    CHECK_CLOSE(descent_norm(graph, g), sqrt(squares), 1e-9, "the norm counts what is trained");
    graph_free(graph), graph_free(start);
    pool_free(pool);
    free(g), free(copy), free(state.momentum), free(state.square), free(rate);
}

static void test_round_trip(void)
{
    Err err = {0};
    Graph *graph = net("mobilefacenet", 3);
    Frame frame = {0};
    graph->counts[2] = 12345678901;
    graph->pixels = (Pixels){{1.0 / 3, 1.0 / 7, 2}, {0.0078125, 1e-3, 1}, true};
    CHECK(model_add(&frame, graph, &err) == 0 && frame.tensors == 333, "a frame of 333 tensors");
    const Tensor *t = frame_find(&frame, "conv1.conv.weight");
    const Param *p = graph_param(graph, "conv1.conv.weight");
    /* PyTorch [o][c][ky][kx] at (1, 2, 0, 1), ours [o][ky][kx][c] */
    CHECK(((const float *)t->data)[1 * 27 + 2 * 9 + 1] ==
              (float)graph->values[p->offset + 1 * 27 + 1 * 3 + 2],
          "weights are in PyTorch's layout");
    CHECK(model_add_block(&frame, graph, "momentum.", graph->values, &err) == 0, "with momentum");
    Graph *back = model_graph(&frame, &err);
    CHECK(back != NULL && memcmp(back->values, graph->values, graph->length * sizeof(real)) == 0 &&
              back->counts[2] == 12345678901 && pixels_same(&back->pixels, &graph->pixels),
          "read back the same %s", err.text);
    real *v = calloc(graph->length, sizeof *v);
    CHECK(model_read_block(v, graph, "momentum.", &frame, &err) == 0 &&
              v[p->offset + 5] == graph->values[p->offset + 5],
          "momentum too");
    free(v);
    graph_free(back);
    graph_free(graph);
    frame_release(&frame);
}

/* A model with one thing changed must be refused, and the message must hold `say`. */
typedef enum Damage { RENAME, RESHAPE, RETYPE, EXTRA, NO_ARCH, BAD_ORDER, BAD_SIZE } Damage;

static void test_refused(Damage damage, const char *say)
{
    Err err = {0};
    Graph *graph = net("mobilefacenet", 3);
    Frame frame = {0};
    model_add(&frame, graph, &err);
    Tensor *t = (Tensor *)frame_find(&frame, "bn.weight");
    const int64_t one = 1;
    const float number = 0;
    if (damage == RENAME)
        strcpy(t->name, "bn.wait");
    else if (damage == RESHAPE)
        t->shape[0] = 2;
    else if (damage == RETYPE)
        t->dtype = DTYPE_I32;
    else if (damage == EXTRA)
        frame_add(&frame, "more.weight", DTYPE_F32, 1, &one, &number, &err);
    else
        frame_set_meta(&frame,
                       damage == NO_ARCH     ? "arch"
                       : damage == BAD_ORDER ? "pixel_order"
                                             : "size",
                       "x", &err);
    Graph *back = model_graph(&frame, &err);
    CHECK(back == NULL && strstr(err.text, say) != NULL, "refused: %s", err.text);
    graph_free(back);
    graph_free(graph);
    frame_release(&frame);
}

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* What a small file says it is takes no memory before its numbers are there. */
static void test_boast(void)
{
    static const char *const meta[][2] = {
        {"kind", "model"},       {"arch", "iresnet100"}, {"embedding", "65536"}, {"size", "1024"},
        {"pixel_mean", "127.5"}, {"pixel_scale", "1"},   {"pixel_order", "rgb"}};
    Err err = {0};
    Frame frame = {0};
    long before = peak_kib();
    for (size_t i = 0; i < sizeof meta / sizeof *meta; i++)
        frame_set_meta(&frame, meta[i][0], meta[i][1], &err);
    CHECK(model_graph(&frame, &err) == NULL && strstr(err.text, "conv1.weight") != NULL,
          "a model without its numbers: %s", err.text);
    frame_release(&frame);
    Graph *graph = net("iresnet18", 1);
    const int64_t many = 65536;
    StateDictNames names;
    float *numbers = calloc((size_t)many, sizeof *numbers);
    err = (Err){0};
    for (int i = 0; i < graph->param_count; i++) {
        const Param *p = &graph->params[i];
        bool last = strncmp(p->name, "features.", 9) == 0 && p->rank == 1;
        frame_add(&frame, p->name, p->role == PARAM_COUNT ? DTYPE_I64 : DTYPE_F32, last ? 1 : 0,
                  last ? &many : NULL, numbers, &err);
    }
    CHECK(state_dict_graph(&frame, NULL, &names, &err) == NULL &&
              strstr(err.text, "conv1.weight") != NULL,
          "PyTorch's names without the numbers: %s", err.text);
    CHECK(peak_kib() - before < 200 * 1024, "and little memory: %ld KiB", peak_kib() - before);
    frame_release(&frame);
    graph_free(graph);
    free(numbers);
}

int main(void)
{
    const Optimiser sgd = {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.01};
    Optimiser nesterov = sgd;
    nesterov.nesterov = true;
    const Optimiser adamw = {.kind = OPTIMISER_ADAMW,
                             .lr = 0.01,
                             .weight_decay = 0.5,
                             .beta1 = 0.8,
                             .beta2 = 0.99,
                             .epsilon = 1e-3};
    for (Spare spare = SPARE_NONE; spare <= SPARE_NORMS; spare++) {
        test_descent(spare, &sgd, false);
        test_descent(spare, &nesterov, true);
        test_descent(spare, &adamw, spare == SPARE_NORMS);
    }
    test_round_trip();
    test_refused(RENAME, "bn.weight");
    test_refused(RESHAPE, "bn.weight");
    test_refused(RETYPE, "bn.weight");
    test_refused(EXTRA, "more.weight");
    test_refused(NO_ARCH, "iresnet50");
    test_refused(BAD_ORDER, "pixel_order");
    test_refused(BAD_SIZE, "size");
    test_boast();
    return END_TESTS();
}
