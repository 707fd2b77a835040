/* nn/: optimiser steps and model frames */
#include <sys/resource.h>

#include "base/rng_internal.h"
#include "nn/arch_internal.h"
#include "nn/model.h"
#include "nn/sgd.h"
#include "nn/state_dict_internal.h"
#include "unit.h"

static Graph *net(const char *arch, uint64_t seed)
{
    Err err = {0};
    Graph *graph = arch_new(arch, 4, 16, &err);
    graph_init(graph, seed);
    return graph;
}

/* PyTorch's rule for the numbers of one parameter, two steps with the same gradient. */
static double expected(double w, double g, double decay, bool nesterov, double rate)
{
    double v = 0;
    for (int step = 0; step < 2; step++) {
        double slope = 0.5 * g + decay * w;
        v = 0.9 * v + slope;
        w -= rate * 0.1 * (nesterov ? slope + 0.9 * v : v);
    }
    return w;
}

static void test_sgd(SgdSpare spare, bool nesterov)
{
    Err err = {0};
    Graph *graph = net("iresnet18", 1), *start = net("iresnet18", 1);
    Pool *pool = pool_new(2, &err);
    real *g = calloc(graph->length, sizeof *g), *v = calloc(graph->length, sizeof *v);
    Rng rng = rng_at(1, 0, 0, 0);
    double squares = 0, worst = 0;
    for (size_t i = 0; i < graph->length; i++)
        g[i] = (real)rng_normal(&rng);
    double *rate = calloc((size_t)graph->param_count, sizeof *rate);
    for (int i = 0; i < graph->param_count; i++)
        rate[i] = i % 3 * 0.5;
    const Sgd sgd = {.lr = 0.1,
                     .momentum = 0.9,
                     .weight_decay = 0.01,
                     .spare = spare,
                     .nesterov = nesterov,
                     .rate = nesterov ? rate : NULL};
    sgd_step(graph, v, g, 0.5, &sgd, pool);
    sgd_step(graph, v, g, 0.5, &sgd, pool);
    for (int i = 0; i < graph->param_count; i++) {
        const Param *p = &graph->params[i];
        bool spared = (spare != SGD_SPARE_NONE && p->role == PARAM_NORM) ||
                      (spare == SGD_SPARE_NORMS && p->role == PARAM_SLOPE);
        for (size_t j = p->offset; p->role != PARAM_COUNT && j < p->offset + p->count; j++) {
            double was = (double)start->values[j];
            double want = p->trainable ? expected(was, (double)g[j], spared ? 0 : 0.01, nesterov,
                                                  nesterov ? rate[i] : 1)
                                       : was;
            worst = fmax(worst, fabs(want - (double)graph->values[j]));
            squares += p->trainable ? (double)g[j] * (double)g[j] : 0;
        }
    }
    CHECK(worst < 1e-6, "two steps of SGD, spared %d: within %.1e", (int)spare, worst);
    CHECK_CLOSE(sgd_norm(graph, g), sqrt(squares), 1e-9, "the norm counts what is trained");
    graph_free(graph);
    graph_free(start);
    pool_free(pool);
    free(g);
    free(v);
    free(rate);
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
    test_sgd(SGD_SPARE_NONE, false);
    test_sgd(SGD_SPARE_BATCH_NORM, false);
    test_sgd(SGD_SPARE_NORMS, false);
    test_sgd(SGD_SPARE_BATCH_NORM, true);
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
