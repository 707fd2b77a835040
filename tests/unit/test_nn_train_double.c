/* nn/: whole nets through batch norm in training mode, against numeric gradients; and inference
 * against training */
#include "nn/arch_internal.h"
#include "nn/infer.h"
#include "nn/trainer_internal.h"
#include "nn_gradient.h"

typedef struct Net {
    Graph *graph;
    Pool *pool;
    Trainer *trainer;
    uint8_t *rgb;
    real *weight; /* the loss is the sum of embedding . weight */
    int n;
} Net;

static uint8_t *random_images(int n, size_t size, uint64_t seed)
{
    size_t bytes = (size_t)n * size;
    uint8_t *rgb = malloc(bytes);
    Rng rng = rng_at(seed, bytes, 0, 0);
    for (size_t i = 0; rgb != NULL && i < bytes; i++)
        rgb[i] = (uint8_t)rng_below(&rng, 256);
    return rgb;
}

static Net net_new(Graph *graph, int n, int threads)
{
    Err err = {0};
    Net net = {.graph = graph, .n = n};
    net.pool = pool_new(threads, &err);
    net.trainer =
        trainer_new(graph, &(TrainerShape){n + 2, TRAINER_SLICES, NULL, 0}, net.pool, NULL, &err);
    net.rgb = random_images(n, graph_image_bytes(graph), 1);
    net.weight = random_reals((size_t)n * graph->embedding, 2);
    CHECK(net.trainer != NULL, "%s: a trainer %s", graph->arch, err.text);
    return net;
}

static void net_free(Net *net)
{
    trainer_free(net->trainer);
    pool_free(net->pool);
    graph_free(net->graph);
    free(net->rgb);
    free(net->weight);
}

static double loss(void *arg)
{
    Net *net = arg;
    const real *y = trainer_forward(net->trainer, net->rgb, net->n);
    return weighted_sum(y, net->weight, (size_t)net->n * net->graph->embedding);
}

/* Every kind of node, every way of sharing: a sum of two readings of one node, an input read by a
 * norm and by a sum, two norms on one node, two linear layers in a row. */
static Graph *mixed_graph(void)
{
    Err err = {0};
    Init init = {INIT_UNIFORM, 0.5};
    Graph *g = graph_new("mixed", 12, &err);
    int x = graph_conv(g, 0, "a", 5, 3, 2, 1, init);
    int p = graph_prelu(g, x, "b");
    int q = graph_norm(g, x, "c", "d");
    x = graph_add(g, p, q);
    int s = graph_depthwise(g, x, "e", 3, 1, 1, init);
    s = graph_norm(g, s, "f", "g");
    s = graph_conv(g, s, "h", 5, 1, 1, 0, init);
    int t = graph_norm(g, x, "i", NULL);
    x = graph_add(g, x, graph_add(g, s, t));
    x = graph_add(g, x, x);
    x = graph_norm(g, x, "j", NULL);
    x = graph_depthwise(g, x, "k", 3, 2, 1, init);
    x = graph_norm(g, x, "l", NULL);
    x = graph_linear(g, x, "m", 6, true, init);
    graph_dropout(g, 0.4);
    x = graph_linear(g, x, "n", 7, false, init);
    graph_dropout(g, 0.2);
    graph_norm(g, x, "o", NULL);
    CHECK(graph_finish(g, &err) == 0, "a graph of every kind of node %s", err.text);
    graph_init(g, 3);
    return g;
}

/* Every kind of node that only imported graphs have, on an image that is not square: a gate as in a
 * squeeze-and-excitation block, and affine nodes with and without each of their parts. */
static Graph *imported_graph(void)
{
    Err err = {0};
    Init init = {INIT_UNIFORM, 0.5};
    const Window wide = {3, 2, 1, 2, 1, 1, 1, 0}, pool = {2, 2, 1, 1, 1, 1, 0, 0},
                 all = {5, 3, 1, 1, 1, 1, 0, 0};
    Graph *g = graph_new_sized("imported", 6, 10, &err);
    int x = graph_affine(g, 0, "a", true, true, NULL);
    x = graph_grouped(g, x, "b", 6, 1, &wide, 6, 5, init);
    x = graph_affine(g, x, "c", false, true, "d");
    int m = graph_pool(g, LAYER_MAX_POOL, x, &pool, 5, 4, false);
    x = graph_concat(g, m, graph_pool(g, LAYER_MEAN_POOL, x, &pool, 5, 4, true));
    x = graph_grouped(g, x, "e", 8, 4, &pool, 4, 3, init);
    x = graph_affine(g, x, "f", true, false, NULL);
    x = graph_pad(g, x, 1, 0, 5, 3, 0.5);
    int gate = graph_activation(g, graph_pool(g, LAYER_MEAN_POOL, x, &all, 1, 1, false),
                                ACTIVATION_SIGMOID, 0, 0);
    x = graph_multiply(g, x, gate);
    x = graph_multiply(g, x, graph_activation(g, x, ACTIVATION_HARD_SWISH, 0, 0));
    x = graph_plane(g, graph_plane(g, x, "p", true, true), "q", false, true);
    x = graph_maximum(g, graph_select(g, x, &(Selection){0, 4, 2, 1}, 8), x);
    x = graph_concat(g, x, graph_channel_max(g, x));
    for (int over_pixels = 0; over_pixels < 2; over_pixels++) {
        Node as = {.kind = LAYER_STANDARDISE,
                   .input = {x},
                   .over_pixels = over_pixels,
                   .constant = {1e-2}};
        x = graph_layer(g, &as, NULL, NULL, init);
    }
    x = graph_upsample(g, graph_activation(g, x, ACTIVATION_ELU, 0.5, 1.5), 2, 1);
    x = graph_norm(g, x, "g", "h");
    x = graph_linear(g, x, "i", 6, false, init);
    graph_affine(g, x, "j", false, true, NULL);
    CHECK(graph_finish(g, &err) == 0, "a graph as imported %s", err.text);
    graph_init(g, 3);
    return g;
}

/* Spreads slopes, gammas and betas, which start all alike. */
static void stir(Graph *graph)
{
    for (int i = 0; i < graph->param_count; i++) {
        const Param *p = &graph->params[i];
        Rng rng = rng_at(9, (uint64_t)i, 0, 0);
        if (p->role == PARAM_NORM || p->role == PARAM_SLOPE)
            for (size_t j = 0; j < p->count; j++)
                graph->values[p->offset + j] += (real)rng_range(&rng, -0.2, 0.2);
    }
}

static double difference(Net *net, size_t at, double h)
{
    real *value = &net->graph->values[at], kept = *value;
    *value = (real)(kept + h);
    double up = loss(net);
    *value = (real)(kept - h);
    double numeric = (up - loss(net)) / (2 * h);
    *value = kept;
    return numeric;
}

/* The largest error over every stride-th parameter, each sampled at `samples` places. A gradient
 * that is zero by construction (a bias in front of a norm) is held against the largest of the whole
 * net. A step across the corner of some PReLU spoils a difference, so a smaller one may follow. */
static double net_gradient_error(Net *net, int stride, size_t samples, char *where, size_t size)
{
    const double bound = 1e-6;
    double worst = 0, largest = 0;
    trainer_zero(net->trainer);
    loss(net);
    trainer_backward(net->trainer, net->weight);
    const real *g = trainer_gradients(net->trainer);
    for (size_t i = 0; i < net->graph->length; i++)
        largest = fmax(largest, fabs(g[i]));
    for (int i = 0; i < net->graph->param_count; i += stride) {
        const Param *p = &net->graph->params[i];
        if (p->role == PARAM_STATE || p->role == PARAM_COUNT)
            continue;
        for (size_t k = 0; k < samples && k < p->count; k++) {
            size_t at = p->offset + (k * 7919) % p->count;
            double error = INFINITY, numeric = 0;
            for (double h = 4e-6; h > 1e-7 && !(error < bound); h /= 4) {
                numeric = difference(net, at, h);
                error = fabs(numeric - g[at]) / fmax(fabs(numeric), 1e-2 * largest);
            }
            if (!(error <= worst)) {
                worst = error;
                snprintf(where, size, "%s: %.10g, numeric %.10g", p->name, (double)g[at], numeric);
            }
        }
    }
    return worst;
}

static void test_gradients(Graph *graph, int n, int stride, size_t samples)
{
    char where[200] = "";
    stir(graph);
    Net net = net_new(graph, n, 2);
    double error = net_gradient_error(&net, stride, samples, where, sizeof where);
    CHECK(error < 1e-6, "%s, %d images: gradients within %.1e (%s)", graph->arch, n, error, where);
    net_free(&net);
}

/* The same with inputs dropped: the loss is a function of the weights all the same. Which are
 * dropped depends on seed, step and row; on average what is left is as much as there was. */
static void test_dropout(void)
{
    char where[200] = "";
    Graph *graph = mixed_graph();
    stir(graph);
    Net net = net_new(graph, 5, 2);
    size_t size = 5 * (size_t)graph->embedding * sizeof(real);
    real *plain = malloc(size), *dropped = malloc(size);
    memcpy(plain, trainer_forward(net.trainer, net.rgb, 5), size);
    trainer_drop(net.trainer, 1, 2, 0);
    memcpy(dropped, trainer_forward(net.trainer, net.rgb, 5), size);
    CHECK(memcmp(plain, dropped, size) != 0, "something is dropped");
    CHECK(memcmp(dropped, trainer_forward(net.trainer, net.rgb, 5), size) == 0, "the same again");
    double error = net_gradient_error(&net, 1, 200, where, sizeof where);
    CHECK(error < 1e-6, "dropout: gradients within %.1e (%s)", error, where);
    trainer_drop(net.trainer, 1, 3, 0);
    CHECK(memcmp(dropped, trainer_forward(net.trainer, net.rgb, 5), size) != 0, "another step");
    trainer_drop(net.trainer, 2, 2, 0);
    CHECK(memcmp(dropped, trainer_forward(net.trainer, net.rgb, 5), size) != 0, "another seed");
    free(plain);
    free(dropped);
    net_free(&net);
}

/* Batch norm by its running statistics, which are some steps old: the loss is a function of every
 * parameter still, and these stay. */
static void test_frozen_norms(Graph *graph, int n, int stride, size_t samples)
{
    char where[200] = "";
    stir(graph);
    Net net = net_new(graph, n, 2);
    size_t bytes = graph->length * sizeof(real), d = (size_t)n * (size_t)graph->embedding;
    real *before = malloc(bytes), *alone = malloc(d * sizeof *alone);
    loss(&net);
    double trained = loss(&net);
    trainer_freeze_norms(net.trainer);
    memcpy(before, graph->values, bytes);
    CHECK(loss(&net) != trained, "%s: another loss than by the batch's statistics", graph->arch);
    double error = net_gradient_error(&net, stride, samples, where, sizeof where);
    CHECK(error < 1e-6, "%s, %d images, frozen norms: gradients within %.1e (%s)", graph->arch, n,
          error, where);
    CHECK(memcmp(before, graph->values, bytes) == 0, "%s: running statistics stay", graph->arch);
    memcpy(alone, trainer_forward(net.trainer, net.rgb, n), d * sizeof *alone);
    const real *first = trainer_forward(net.trainer, net.rgb, 1);
    double worst = 0;
    for (int k = 0; k < graph->embedding; k++)
        worst = fmax(worst, fabs(first[k] - alone[k]));
    CHECK(worst < 1e-12, "%s: an image does not depend on the others: %.1e", graph->arch, worst);
    free(before);
    free(alone);
    net_free(&net);
}

/* The running statistics after one step from (0, 1) hold the batch's: put those in, and inference
 * must give what training gave. */
static void test_inference(Graph *graph, int n)
{
    Err err = {0};
    graph_init(graph, 5);
    stir(graph);
    Net net = net_new(graph, n, 2);
    int d = graph->embedding;
    real *trained = malloc((size_t)n * d * sizeof *trained);
    real *inferred = malloc((size_t)n * d * sizeof *inferred);
    memcpy(trained, trainer_forward(net.trainer, net.rgb, n), (size_t)n * d * sizeof *trained);
    for (int i = 0; i < graph->node_count; i++) {
        const Node *node = &graph->nodes[i];
        if (node->kind != LAYER_NORM)
            continue;
        real *mean = param_in(graph, graph->values, node->param[NORM_MEAN]);
        real *var = param_in(graph, graph->values, node->param[NORM_VAR]);
        double m = (double)n * node->shape.oh * node->shape.ow;
        for (int j = 0; j < node->shape.o; j++) {
            mean[j] /= 0.1;
            var[j] = (var[j] - 0.9) / 0.1 * (m - 1) / m;
        }
    }
    CHECK(graph->counters == 0 || graph->counts[0] == 1, "%s: one batch was tracked", graph->arch);
    Infer *infer = infer_new(graph, n, net.pool, NULL, &err);
    infer_run(infer, inferred, net.rgb, n, false);
    double worst = 0;
    for (int i = 0; i < n * d; i++)
        worst = fmax(worst, fabs(inferred[i] - trained[i]));
    CHECK(worst < 1e-10, "%s: inference with the batch's statistics is training's forward: %.1e",
          graph->arch, worst);
    infer_free(infer);
    free(trained);
    free(inferred);
    net_free(&net);
}

/* A copy with two outputs more: one that would be written over, one that lives in a phase. */
static void test_outputs(void)
{
    Err err = {0};
    Graph *graph = imported_graph(), *copy = graph_copy(graph, &err);
    Pool *pool = pool_new(2, &err);
    uint8_t *rgb = random_images(3, graph_image_bytes(graph), 4);
    memcpy(copy->values, graph->values, graph->length * sizeof *graph->values);
    copy->output[copy->output_count++] = 2;
    copy->output[copy->output_count++] = 3;
    Infer *one = infer_new(graph, 3, pool, NULL, &err),
          *three = infer_new(copy, 3, pool, NULL, &err);
    real *y = calloc(3 * (size_t)graph->embedding, sizeof *y);
    infer_run(one, y, rgb, 3, false);
    infer_run(three, NULL, rgb, 3, false);
    CHECK(memcmp(infer_output(three, 0), y, 3 * (size_t)graph->embedding * sizeof *y) == 0,
          "a copied graph gives the same embeddings");
    const Node *product = &copy->nodes[2];
    const real *before = infer_output(three, 1), *after = infer_output(three, 2);
    const real *shift = param_in(copy, copy->values, copy->nodes[3].param[NORM_BETA]);
    const real *slope = param_in(copy, copy->values, copy->nodes[3].param[NORM_SLOPE]);
    double worst = 0;
    for (size_t i = 0; i < 3 * node_size(product); i++) {
        int c = (int)(i % (size_t)product->shape.o);
        double z = before[i] + shift[c];
        worst = fmax(worst, fabs(after[i] - (z > 0 ? z : slope[c] * z)));
    }
    CHECK(worst < 1e-12, "what one output says of another holds: %.1e", worst);
    infer_free(one), infer_free(three);
    pool_free(pool);
    graph_free(graph), graph_free(copy);
    free(rgb), free(y);
}

int main(void)
{
    Err err = {0};
    openblas_set_num_threads(1);
    test_gradients(mixed_graph(), 5, 1, 20);
    test_gradients(mixed_graph(), 19, 1, 4); /* more images than slices */
    test_gradients(imported_graph(), 5, 1, 20);
    test_gradients(imported_graph(), 19, 1, 4);
    Graph *g = arch_new("mobilefacenet", 8, 16, &err);
    graph_init(g, 1);
    test_gradients(g, 6, 2, 1);
    g = arch_new("iresnet18", 8, 16, &err);
    graph_init(g, 2);
    test_gradients(g, 4, 9, 1);
    g = arch_new("mbf", 8, 16, &err);
    graph_init(g, 3);
    test_gradients(g, 4, 41, 1);
    test_dropout();
    test_frozen_norms(mixed_graph(), 5, 1, 20);
    test_frozen_norms(mixed_graph(), 19, 1, 4);
    test_frozen_norms(imported_graph(), 5, 1, 20);
    g = arch_new("mobilefacenet", 8, 16, &err);
    graph_init(g, 1);
    test_frozen_norms(g, 6, 2, 1);
    test_inference(mixed_graph(), 5);
    test_inference(imported_graph(), 5);
    test_outputs();
    test_inference(arch_new("mobilefacenet", 16, 32, &err), 4);
    test_inference(arch_new("iresnet18", 16, 32, &err), 3);
    return END_TESTS();
}
