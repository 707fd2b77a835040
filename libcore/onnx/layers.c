/* Operators with weights. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layers/norm_internal.h"
#include "onnx/importer_internal.h"

/* The weights of a convolution, or NULL after a failure. */
static const Constant *filter_of(Importer *im, const Value *in, int64_t groups)
{
    const Constant *w = constant(im, 1);
    if (w == NULL)
        return NULL;
    int64_t c = channels_of(im, in), kernel[2];
    int n = ints_of(im, "kernel_shape", kernel, 2);
    if (w->rank != 4 || w->real == NULL || groups < 1 || c % groups != 0 ||
        w->dims[1] != c / groups || w->dims[0] < 1 || w->dims[0] % groups != 0 ||
        w->dims[0] > INT32_MAX ||
        (n >= 0 && (n != 2 || memcmp(kernel, w->dims + 2, sizeof kernel))))
        importer_fail(im, "its weights do not fit %" PRId64 " channels in %" PRId64 " groups", c,
                      groups);
    return err_is_set(im->err) ? NULL : w;
}

static bool is_square(const Slide *s)
{
    const Window *w = &s->window;
    return w->kh == w->kw && w->sh == w->sw && w->dh == 1 && w->dw == 1 && w->top == w->left &&
           s->below == w->top && s->beside == w->top;
}

/* The kernels that are fast, wherever they can do it. */
static int add_convolution(Importer *im, int in, const char *name, int out, int groups,
                           const Slide *slide)
{
    const Window *w = &slide->window;
    const Init init = {INIT_CONSTANT, 0};
    int c = im->graph->nodes[in].shape.o;
    if (is_square(slide) && groups == 1)
        return graph_conv(im->graph, in, name, out, w->kh, w->sh, w->top, init);
    if (is_square(slide) && groups == c && out == c)
        return graph_depthwise(im->graph, in, name, w->kh, w->sh, w->top, init);
    return graph_grouped(im->graph, in, name, out, groups, w, slide->oh, slide->ow, init);
}

/* What was computed as an image of another size. */
static Value *put_image(Importer *im, int node, const Value *from)
{
    Value *out = put_computed(im, node, from);
    const Shape *s = shape_at(im, node);
    if (out != NULL) {
        out->last = false;
        out->dims[1] = s->o;
        out->dims[2] = s->oh;
        out->dims[3] = s->ow;
    }
    return out;
}

/* The bias of a convolution waits like every shift: a norm behind it takes it in. */
static int put_bias(Importer *im, Value *out, const char *name)
{
    const Constant *bias = constant(im, 2);
    int c = channels_of(im, out);
    if (bias == NULL)
        return -1;
    if (bias->count != (size_t)c)
        return importer_fail(im, "its bias has %zu numbers, not %d", bias->count, c);
    double *number = malloc(2 * (size_t)c * sizeof *number);
    if (number == NULL)
        return err_memory(im->err, "a network", 2 * (size_t)c * sizeof *number);
    for (int j = 0; j < c; j++) {
        number[j] = 1;
        number[c + j] = constant_at(bias, (size_t)j);
    }
    out->pending = (Pending){.kind = PENDING_AFFINE, .number = number};
    snprintf(out->pending.name, sizeof out->pending.name, "%s", name);
    return 0;
}

int op_conv(Importer *im)
{
    char name[NAME_ROOM];
    Value *in = computed(im, 0);
    Slide slide;
    if (in == NULL)
        return -1;
    if (!is_image(im, in))
        return importer_fail(im, "its input is not an image");
    int64_t groups = int_of(im, "group", 1);
    const Constant *w = filter_of(im, in, groups);
    if (w == NULL || slide_of(im, &slide, in, w->dims + 2) != 0 ||
        check_size(im, slide.oh, slide.ow, w->dims[0]) != 0)
        return -1;
    int node = settled(im, in);
    if (node < 0)
        return -1;
    module_name(im, name, 1);
    node = add_convolution(im, node, name, (int)w->dims[0], (int)groups, &slide);
    Value *out = put_image(im, node, in);
    if (out == NULL || fill(im, im->graph->nodes[node].param[0], w->real, NULL) != 0)
        return -1;
    return has_input(im, 2) ? put_bias(im, out, name) : 0;
}

/* weight[n,k] for graph_linear, times alpha: from [k,n] or (`ready`) from [n,k]. A linear layer
 * takes k in the order C,H,W; what was counted in memory's order is turned round. */
static float *matrix(const Importer *im, const Value *in, const Constant *w, bool ready,
                     double alpha)
{
    const Shape *s = shape_at(im, in->node);
    int64_t n = w->dims[ready ? 0 : 1], k = w->dims[ready ? 1 : 0];
    int64_t c = s->o, taps = (int64_t)s->oh * s->ow;
    float *out = malloc(w->count * sizeof *out);
    for (int64_t i = 0; out != NULL && i < n; i++)
        for (int64_t j = 0; j < k; j++) {
            int64_t to = in->last ? j % c * taps + j / c : j;
            double x = w->real[ready ? i * k + j : j * n + i];
            out[i * k + to] = (float)(alpha * x);
        }
    return out;
}

/* The bias is copied. */
static int put_linear(Importer *im, bool ready, double alpha, const float *bias)
{
    char name[NAME_ROOM];
    Value *in = computed(im, 0);
    const Constant *w = in != NULL ? constant(im, 1) : NULL;
    if (w == NULL || settled(im, in) < 0)
        return -1;
    const Shape *s = shape_at(im, in->node);
    int64_t k = (int64_t)s->oh * s->ow * s->o;
    if (in->rank != 2 || w->rank != 2 || w->real == NULL || w->dims[ready ? 1 : 0] != k ||
        check_size(im, 1, 1, w->dims[ready ? 0 : 1]) != 0)
        return importer_fail(im, "its matrix does not fit %" PRId64 " numbers", k);
    int n = (int)w->dims[ready ? 0 : 1];
    float *number = matrix(im, in, w, ready, alpha);
    if (number == NULL)
        return err_memory(im->err, "a matrix", w->count * sizeof *number);
    module_name(im, name, 1);
    int node = graph_linear(im->graph, in->node, name, n, bias != NULL, (Init){INIT_CONSTANT, 0});
    const int *param = im->graph->nodes[node].param;
    if (fill(im, param[0], number, number) != 0)
        return -1;
    if (bias != NULL) {
        float *copy = malloc((size_t)n * sizeof *copy);
        if (copy == NULL)
            return err_memory(im->err, "a network", (size_t)n * sizeof *copy);
        memcpy(copy, bias, (size_t)n * sizeof *copy);
        if (fill(im, param[1], copy, copy) != 0)
            return -1;
    }
    Value *out = put_computed(im, node, in);
    if (out == NULL)
        return -1;
    out->last = false;
    out->dims[1] = n;
    return 0;
}

/* beta times the bias, which may be one number for all; NULL after a failure. */
static float *gemm_bias(Importer *im, const Constant *bias, int64_t n)
{
    double beta = real_of(im, "beta", 1);
    if (n < 1 || n > CHANNELS_MAX || (bias->count != (size_t)n && bias->count != 1)) {
        importer_fail(im, "its bias has %zu numbers", bias->count);
        return NULL;
    }
    float *number = malloc((size_t)n * sizeof *number);
    if (number == NULL)
        err_memory(im->err, "a network", (size_t)n * sizeof *number);
    for (int64_t i = 0; number != NULL && i < n; i++)
        number[i] = (float)(beta * constant_at(bias, bias->count == 1 ? 0 : (size_t)i));
    return number;
}

int op_gemm(Importer *im)
{
    bool ready = int_of(im, "transB", 0) != 0;
    const Constant *w = constant(im, 1), *bias = has_input(im, 2) ? constant(im, 2) : NULL;
    if (w == NULL || err_is_set(im->err))
        return -1;
    if (int_of(im, "transA", 0) != 0)
        return importer_fail(im, "transA is not supported");
    if (bias == NULL)
        return put_linear(im, ready, real_of(im, "alpha", 1), NULL);
    float *number = gemm_bias(im, bias, w->rank == 2 ? w->dims[ready ? 0 : 1] : 0);
    int rc = number != NULL ? put_linear(im, ready, real_of(im, "alpha", 1), number) : -1;
    free(number);
    return rc;
}

int op_matmul(Importer *im)
{
    return put_linear(im, false, 1, NULL);
}

/* The four vectors of a batch norm as one with our epsilon: gamma / sqrt(var + eps) stays. */
static double *norm_numbers(Importer *im, const Value *in)
{
    int c = channels_of(im, in);
    double eps = real_of(im, "epsilon", 1e-5);
    double *number = malloc(PENDING_ROWS * (size_t)c * sizeof *number);
    if (number == NULL)
        err_memory(im->err, "a network", PENDING_ROWS * (size_t)c * sizeof *number);
    for (size_t i = 0; number != NULL && i < PENDING_ROWS; i++) {
        const Constant *from = constant(im, i + 1);
        if (from == NULL || from->count != (size_t)c) {
            free(number);
            importer_fail(im, "its input %zu is not of %d numbers", i + 1, c);
            return NULL;
        }
        for (int j = 0; j < c; j++)
            number[i * (size_t)c + (size_t)j] = constant_at(from, (size_t)j);
    }
    for (int j = 0; number != NULL && j < c && eps != NORM_EPS; j++) {
        double variance = number[VARIANCE * c + j];
        number[j] *= sqrt((variance + NORM_EPS) / (variance + eps));
    }
    return number;
}

/* Of the input, and where only a scale and a shift are left of it. */
static int put_norm_as_affine(Importer *im, Value *in, double *number)
{
    int c = channels_of(im, in);
    for (int j = 0; j < c; j++) {
        double scale = number[j] / sqrt(number[VARIANCE * c + j] + NORM_EPS);
        number[SHIFT * c + j] -= scale * number[MEAN * c + j];
        number[j] = scale;
    }
    return put_affine(im, in, number, number + c);
}

static int put_norm(Importer *im, Value *in, double *number)
{
    Pending *before = &in->pending;
    int c = channels_of(im, in);
    bool shifts = before->kind == PENDING_AFFINE && in->uses == 1;
    for (int j = 0; shifts && j < c; j++)
        shifts = before->number[j] == 1;
    for (int j = 0; shifts && j < c; j++) /* (x + shift) - mean = x - (mean - shift) */
        number[MEAN * c + j] -= before->number[c + j];
    if (!shifts && settled(im, in) < 0)
        return -1;
    Value *out = put_computed(im, in->node, in);
    double *kept = malloc(PENDING_ROWS * (size_t)c * sizeof *kept);
    if (out == NULL || kept == NULL) {
        free(kept);
        return err_memory(im->err, "a network", PENDING_ROWS * (size_t)c * sizeof *kept);
    }
    memcpy(kept, number, PENDING_ROWS * (size_t)c * sizeof *kept);
    out->pending = (Pending){.kind = PENDING_NORM, .number = kept};
    module_name(im, out->pending.name, 1);
    return 0;
}

int op_norm(Importer *im)
{
    Value *in = computed(im, 0);
    if (in == NULL)
        return -1;
    if (int_of(im, "training_mode", 0) != 0 || int_of(im, "spatial", 1) != 1 || in->rank < 2 ||
        !is_channels(im, in, 1))
        return importer_fail(im, "it is in training, or not over channels");
    double *number = norm_numbers(im, in);
    if (number == NULL)
        return -1;
    int rc = in->node == 0 ? put_norm_as_affine(im, in, number) : put_norm(im, in, number);
    free(number);
    return rc;
}
