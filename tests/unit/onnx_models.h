/* Small nets and ONNX models for tests: one of every layer, and some written by hand. */
#ifndef ONNX_MODELS_H
#define ONNX_MODELS_H

#include "base/rng_internal.h"
#include "nn/graph_internal.h"
#include "onnx/export_internal.h"
#include "onnx/message_internal.h"
#include "unit.h"

/* A net of every kind of node. */
static inline Graph *every_layer(void)
{
    Err err = {0};
    const Init init = {INIT_UNIFORM, 0.5};
    const Window wide = {3, 2, 1, 2, 1, 1, 1, 0}, pool = {2, 2, 1, 1, 1, 1, 0, 0},
                 all = {5, 4, 1, 1, 1, 1, 0, 0}, far = {2, 2, 1, 1, 2, 1, 0, 1};
    Graph *g = graph_new_sized("every", 6, 10, &err);
    int x = graph_affine(g, graph_round(g, 0, 1.0 / 128, -128, 127), "a", true, true, NULL);
    x = graph_grouped(g, x, "b", 4, 1, &wide, 6, 5, init);
    x = graph_affine(g, x, "c", false, true, "d");
    int m = graph_pool(g, LAYER_MAX_POOL, x, &pool, 5, 4, false);
    x = graph_concat(g, m, graph_pool(g, LAYER_MEAN_POOL, x, &pool, 5, 4, true));
    x = graph_grouped(g, x, "e", 8, 4, &far, 3, 4, init);
    x = graph_affine(g, x, "f", true, false, NULL);
    x = graph_pad(g, x, 1, 0, 5, 4, 0.5);
    int gate = graph_pool(g, LAYER_MEAN_POOL, x, &all, 1, 1, false);
    gate =
        graph_activation(g, graph_linear(g, gate, "g", 8, false, init), ACTIVATION_SIGMOID, 0, 0);
    x = graph_multiply(g, x, gate);
    x = graph_add(g, x, graph_activation(g, x, ACTIVATION_HARD_SWISH, 0, 0));
    x = graph_activation(g, x, ACTIVATION_HARD_SIGMOID, 0.3, 0.4);
    x = graph_prelu(g, x, "h");
    graph_freeze(g, "h.weight");
    x = graph_select(g, x, &(Selection){1, 2, 4, 1}, 6); /* 1 5 2 6 3 7 */
    x = graph_plane(g, x, "q", true, false);
    x = graph_activation(g, graph_plane(g, x, "r", false, true), ACTIVATION_SOFTPLUS, 0, 0);
    x = graph_maximum(g, x, graph_activation(g, x, ACTIVATION_TANH, 0, 0));
    x = graph_concat(g, graph_activation(g, x, ACTIVATION_LOG, 0, 0),
                     graph_activation(g, x, ACTIVATION_EXP, 0, 0));
    x = graph_concat(g, x, graph_channel_max(g, x));
    x = graph_activation(g, x, ACTIVATION_ELU, 0.5, 1);
    x = graph_activation(g, x, ACTIVATION_ELU, 1.5, 1.25);
    x = graph_activation(g, x, ACTIVATION_SOFTSIGN, 0, 0);
    x = graph_activation(g, x, ACTIVATION_ERF, 0, 0);
    x = graph_activation(g, x, ACTIVATION_GELU, 0, 0);
    for (int over_pixels = 0; over_pixels < 2; over_pixels++) {
        Node as = {.kind = LAYER_STANDARDISE,
                   .input = {x},
                   .over_pixels = over_pixels,
                   .constant = {0.01}};
        x = graph_layer(g, &as, NULL, NULL, init);
    }
    x = graph_activation(g, x, ACTIVATION_GELU, 1, 0);
    x = graph_activation(g, graph_activation(g, x, ACTIVATION_EXP, 0, 0), ACTIVATION_POWER, -1, 0);
    x = graph_activation(g, graph_activation(g, x, ACTIVATION_POWER, 1.5, 0), ACTIVATION_POWER, 0.5,
                         0);
    x = graph_upsample(g, x, 2, 1);
    x = graph_depthwise(g, x, "i", 3, 2, 1, init);
    x = graph_norm(g, x, "j", "k");
    x = graph_conv(g, x, "l", 5, 3, 1, 1, init);
    x = graph_activation(g, x, ACTIVATION_CLIP, -0.5, 2);
    x = graph_norm(g, x, "m", NULL);
    x = graph_linear(g, x, "n", 6, true, init);
    x = graph_norm(g, x, "o", "p");
    CHECK(graph_finish(g, &err) == 0, "a net of every layer %s", err.text);
    graph_init(g, 1);
    for (int i = 0; i < g->param_count; i++) {
        const Param *p = &g->params[i];
        Rng rng = rng_at(2, (uint64_t)i, 0, 0);
        for (size_t j = 0;
             p->role != PARAM_WEIGHT && p->role != PARAM_COUNT && p->trainable && j < p->count; j++)
            g->values[p->offset + j] += (real)rng_range(&rng, -0.2, 0.2);
        for (size_t j = 0; p->role == PARAM_STATE && j < p->count; j++)
            g->values[p->offset + j] += (real)rng_range(&rng, 0, 0.3);
    }
    return g;
}

static inline void put_floats(Message *m, const char *name, int rank, const int64_t *dims,
                              const float *values)
{
    size_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= (size_t)dims[i];
    float *to = message_floats(m, name, rank, dims);
    if (to != NULL)
        memcpy(to, values, n * sizeof *to);
}

static inline void put_whole(Message *m, const char *name, int64_t n, const int64_t *values)
{
    int64_t *to = message_whole(m, name, n);
    if (to != NULL)
        memcpy(to, values, (size_t)n * sizeof *to);
}

static inline uint8_t *pack_model(Message *m, int rows, int opset, size_t *size)
{
    const int64_t image[4] = {0, 3, 2, 2}, row[2] = {0, rows};
    message_value(m, true, "x", 4, image);
    message_value(m, false, "y", 2, row);
    message_opset(m, opset);
    uint8_t *bytes = malloc(onnx__model_proto__get_packed_size(m->model));
    *size = onnx__model_proto__pack(m->model, bytes);
    onnx__model_proto__free_unpacked(m->model, NULL);
    return bytes;
}

static const float hand_weights[24] = {1,  -2, .5f, 3,   4,  -1, 2, .25f, -3, 1, 0, 2,
                                       -1, 5,  1,   .5f, -2, 3,  1, -4,   2,  1, 6, -.5f};

/* Scaled, its channels moved back, flattened by what Shape says, and multiplied. */
static inline uint8_t *model_of_shapes(size_t *size)
{
    Message m;
    const int64_t matrix[2] = {12, 2}, two = 2, zero = 0, rest = -1, perm[4] = {0, 2, 3, 1};
    const float mean = 127.5f, scale = 1 / 128.f, bias[2] = {.5f, -1};
    message_init(&m);
    put_floats(&m, "mean", 0, NULL, &mean);
    put_floats(&m, "scale", 0, NULL, &scale);
    put_floats(&m, "w", 2, matrix, hand_weights);
    put_floats(&m, "b", 1, &two, bias);
    put_whole(&m, "first", 1, &zero);
    put_whole(&m, "rest", 1, &rest);
    message_node(&m, "Sub", "x mean", "x1");
    message_node(&m, "Mul", "x1 scale", "x2");
    message_node(&m, "Transpose", "x2", "x3");
    message_ints(&m, "perm", perm, 4);
    message_node(&m, "Shape", "x3", "s");
    message_node(&m, "Gather", "s first", "n");
    message_int(&m, "axis", 0);
    message_node(&m, "Concat", "n rest", "shape");
    message_int(&m, "axis", 0);
    message_node(&m, "Reshape", "x3 shape", "x4");
    message_node(&m, "Dropout", "x4", "x5");
    message_node(&m, "MatMul", "x5 w", "x6");
    message_node(&m, "Add", "x6 b", "y");
    return pack_model(&m, 2, 13, size);
}

/* Flattened as it is, multiplied by half a matrix, and cut off at 0. */
static inline uint8_t *model_of_rows(size_t *size, const char *last)
{
    Message m;
    const int64_t matrix[2] = {2, 12};
    message_init(&m);
    put_floats(&m, "w", 2, matrix, hand_weights);
    message_node(&m, "Flatten", "x", "x1");
    message_node(&m, "Gemm", "x1 w", "x2");
    message_int(&m, "transB", 1);
    message_float(&m, "alpha", 0.5);
    message_node(&m, last, "x2", "y");
    message_float(&m, "min", 0);
    return pack_model(&m, 2, 9, size);
}

/* A mean over the image, a norm with another epsilon, and a difference. */
static inline uint8_t *model_of_means(size_t *size)
{
    Message m;
    const int64_t axes[2] = {2, -1}, three = 3;
    const float vector[4][3] = {{1, 2, -1}, {.5f, 0, 1}, {100, 90, 80}, {400, 100, 900}};
    static const char *const names[] = {"gamma", "beta", "mean", "var"};
    message_init(&m);
    for (int i = 0; i < 4; i++)
        put_floats(&m, names[i], 1, &three, vector[i]);
    message_node(&m, "ReduceMean", "x", "x1");
    message_ints(&m, "axes", axes, 2);
    message_int(&m, "keepdims", 0);
    message_node(&m, "BatchNormalization", "x1 gamma beta mean var", "x2");
    message_float(&m, "epsilon", 0.5);
    message_node(&m, "Identity", "x2", "x3");
    message_node(&m, "Sub", "x3 x1", "y");
    return pack_model(&m, 3, 11, size);
}

/* Channels cut, put together and shuffled, constants for each pixel, norms, and x / |x|. */
static inline uint8_t *model_of_parts(size_t *size)
{
    Message m;
    const int64_t zero = 0, two = 2, one = 1, last[2] = {2, 1}, cut[5] = {0, 2, 3, 2, 2},
                  whole[4] = {0, 6, 2, 2}, perm[5] = {0, 2, 1, 3, 4}, back[4] = {0, 2, 3, 1},
                  forth[4] = {0, 3, 1, 2}, rows[4] = {1, 1, 2, 1}, sides[2] = {2, 3}, six = 6;
    message_init(&m);
    put_floats(&m, "plane", 4, rows, hand_weights);
    put_floats(&m, "six", 1, &six, hand_weights);
    put_floats(&m, "power", 0, NULL, hand_weights + 2);
    put_whole(&m, "0", 1, &zero);
    put_whole(&m, "1", 1, &one);
    put_whole(&m, "2", 1, &two);
    put_whole(&m, "last", 2, last);
    put_whole(&m, "cut", 5, cut);
    put_whole(&m, "whole", 4, whole);
    message_node(&m, "Add", "x plane", "p");
    message_node(&m, "Slice", "p 0 2 1", "a");
    message_node(&m, "Gather", "p last", "b");
    message_int(&m, "axis", 1);
    message_node(&m, "Max", "a b", "c");
    message_node(&m, "ReduceMax", "c", "d");
    message_ints(&m, "axes", &one, 1);
    message_node(&m, "Concat", "c p d", "e");
    message_int(&m, "axis", 1);
    message_node(&m, "Split", "e", "f");
    message_int(&m, "axis", 1);
    message_node(&m, "Reshape", "f cut", "g");
    message_node(&m, "Transpose", "g", "h");
    message_ints(&m, "perm", perm, 5);
    message_node(&m, "Reshape", "h whole", "i");
    message_node(&m, "InstanceNormalization", "i six six", "j");
    message_node(&m, "Transpose", "j", "k");
    message_ints(&m, "perm", back, 4);
    message_node(&m, "LayerNormalization", "k six", "l");
    message_node(&m, "Transpose", "l", "m");
    message_ints(&m, "perm", forth, 4);
    message_node(&m, "Mul", "m d", "n");
    message_node(&m, "ReduceL2", "n", "o");
    message_ints(&m, "axes", sides, 2);
    message_int(&m, "keepdims", 0);
    message_node(&m, "Pow", "o power", "q");
    message_node(&m, "ReduceSum", "q 1", "r");
    message_node(&m, "Shape", "q", "s");
    message_node(&m, "Expand", "r s", "t");
    message_node(&m, "Div", "q t", "u");
    message_node(&m, "LpNormalization", "u", "v");
    message_node(&m, "Selu", "v", "y");
    return pack_model(&m, 6, 17, size);
}

#endif
