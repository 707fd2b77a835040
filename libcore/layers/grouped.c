#include "layers/grouped_internal.h"

#include <string.h>

#include "layers/fit_internal.h"
#include "product/product_internal.h"

/* Groups of at most this many input channels are filtered tap by tap. */
enum { NARROW = 8 };

static int inputs_of(const Shape *s, int groups)
{
    return s->c / groups;
}

static bool is_narrow(const Shape *s, int groups)
{
    return inputs_of(s, groups) <= NARROW;
}

static size_t patch(const Shape *s, const Window *w, int groups)
{
    return (size_t)inputs_of(s, groups) * w->kh * w->kw;
}

size_t grouped_scratch(const Shape *s, const Window *w, int groups)
{
    if (is_narrow(s, groups))
        return (size_t)s->h * s->w * inputs_of(s, groups) * s->o;
    return patch(s, w, groups) * s->oh * s->ow;
}

/* Narrow groups: every input pixel is spread out, spread[pixel, c/groups, o], so that each output
 * channel finds its inputs at its own place; all that follows is products of vectors of length o.
 */

INLINE void spread_out(real *spread, const real *x, const Shape *s, int groups)
{
    int in = s->c / groups, out = s->o / groups;
    for (int64_t p = 0; p < (int64_t)s->h * s->w; p++, x += s->c)
        for (int i = 0; i < in; i++)
            for (int g = 0; g < groups; g++)
                for (int j = 0; j < out; j++)
                    *spread++ = x[g * in + i];
}

INLINE void collect(real *dx, const real *spread, const Shape *s, int groups)
{
    int in = s->c / groups, out = s->o / groups;
    for (int64_t p = 0; p < (int64_t)s->h * s->w; p++, dx += s->c)
        for (int i = 0; i < in; i++)
            for (int g = 0; g < groups; g++)
                for (int j = 0; j < out; j++)
                    dx[g * in + i] += *spread++;
}

INLINE void multiply_add(real *restrict z, const real *restrict a, const real *restrict b, int n)
{
#pragma omp simd
    for (int j = 0; j < n; j++)
        z[j] += a[j] * b[j];
}

typedef enum Role { FORWARD, INPUT_GRADIENT, WEIGHT_GRADIENT } Role;

/* One output pixel under one tap. y, spread and weight are those or their gradients. */
INLINE void narrow_tap(Role role, real *y, real *spread, real *weight, int in, size_t step, int o)
{
    for (int i = 0; i < in; i++, spread += o, weight += step) {
        if (role == FORWARD)
            multiply_add(y, spread, weight, o);
        else if (role == INPUT_GRADIENT)
            multiply_add(spread, y, weight, o);
        else
            multiply_add(weight, y, spread, o);
    }
}

INLINE void narrow_image(Role role, real *y, real *spread, real *weight, const Shape *s,
                         const Window *w, int groups)
{
    int in = s->c / groups;
    size_t taps = (size_t)w->kh * w->kw;
    for (int oy = 0; oy < s->oh; oy++)
        for (int ox = 0; ox < s->ow; ox++, y += s->o)
            for (int ky = 0; ky < w->kh; ky++) {
                int iy = window_at(oy, ky, w->sh, w->dh, w->top, s->h);
                for (int kx = 0; kx < w->kw && iy >= 0; kx++) {
                    int ix = window_at(ox, kx, w->sw, w->dw, w->left, s->w);
                    if (ix >= 0)
                        narrow_tap(role, y, spread + ((size_t)iy * s->w + ix) * in * s->o,
                                   weight + (size_t)(ky * w->kw + kx) * s->o, in, taps * s->o,
                                   s->o);
                }
            }
}

CLONES static void narrow_forward(real *y, const real *x, const real *weight, const Shape *s,
                                  const Window *w, int groups, real *spread)
{
    spread_out(spread, x, s, groups);
    memset(y, 0, (size_t)s->oh * s->ow * s->o * sizeof *y);
    narrow_image(FORWARD, y, spread, (real *)weight, s, w, groups);
}

CLONES static void narrow_backward_input(real *dx, const real *dy, const real *weight,
                                         const Shape *s, const Window *w, int groups, real *spread)
{
    memset(spread, 0, grouped_scratch(s, w, groups) * sizeof *spread);
    narrow_image(INPUT_GRADIENT, (real *)dy, spread, (real *)weight, s, w, groups);
    collect(dx, spread, s, groups);
}

CLONES static void narrow_backward_weight(real *dweight, const real *dy, const real *x,
                                          const Shape *s, const Window *w, int groups, real *spread)
{
    spread_out(spread, x, s, groups);
    narrow_image(WEIGHT_GRADIENT, (real *)dy, spread, dweight, s, w, groups);
}

/* Wide groups: patches[oh*ow, c/groups, kh, kw] of one group of one image. */

INLINE void patches(real *patches, real *x, const Shape *s, const Window *w, int in, bool back)
{
    for (int oy = 0; oy < s->oh; oy++)
        for (int ox = 0; ox < s->ow; ox++)
            for (int i = 0; i < in; i++)
                for (int ky = 0; ky < w->kh; ky++)
                    for (int kx = 0; kx < w->kw; kx++, patches++) {
                        int iy = window_at(oy, ky, w->sh, w->dh, w->top, s->h);
                        int ix = window_at(ox, kx, w->sw, w->dw, w->left, s->w);
                        bool inside = iy >= 0 && ix >= 0;
                        real *at =
                            x + ((size_t)(inside ? iy : 0) * s->w + (inside ? ix : 0)) * s->c;
                        if (back && inside)
                            at[i] += *patches;
                        else if (!back)
                            *patches = inside ? at[i] : 0;
                    }
}

/* Between the rows of y and of the weights lie those of other groups. */
static Product wide_product(Role role, const Shape *s, int rows, int out, int k)
{
    if (role == FORWARD)
        return (Product){.m = rows, .n = out, .k = k, .lda = k, .ldb = s->o, .ldc = s->o};
    if (role == WEIGHT_GRADIENT)
        return (Product){.m = k,
                         .n = out,
                         .k = rows,
                         .lda = k,
                         .ldb = s->o,
                         .ldc = s->o,
                         .a_turned = true,
                         .add = true};
    return (Product){
        .m = rows, .n = k, .k = out, .lda = s->o, .ldb = s->o, .ldc = k, .b_turned = true};
}

static void wide_image(Role role, real *y, real *x, real *weight, const Shape *s, const Window *w,
                       int groups, Kernels *kernels, real *col)
{
    int in = s->c / groups, out = s->o / groups, rows = s->oh * s->ow;
    int k = (int)patch(s, w, groups);
    const Product product = wide_product(role, s, rows, out, k);
    for (int g = 0; g < groups; g++, x += in, y += out, weight += out) {
        if (role != INPUT_GRADIENT)
            patches(col, x, s, w, in, false);
        if (role == FORWARD)
            product_run(kernels, y, col, weight, &product);
        else if (role == WEIGHT_GRADIENT)
            product_run(kernels, weight, col, y, &product);
        else
            product_run(kernels, col, y, weight, &product);
        if (role == INPUT_GRADIENT)
            patches(col, x, s, w, in, true);
    }
}

static size_t input_size(const Shape *s)
{
    return (size_t)s->h * s->w * s->c;
}

static size_t output_size(const Shape *s)
{
    return (size_t)s->oh * s->ow * s->o;
}

void grouped_forward(real *y, const real *x, const real *weight, int n, const Shape *s,
                     const Window *w, int groups, Kernels *kernels, real *scratch)
{
    for (int i = 0; i < n; i++, x += input_size(s), y += output_size(s))
        if (is_narrow(s, groups))
            narrow_forward(y, x, weight, s, w, groups, scratch);
        else
            wide_image(FORWARD, y, (real *)x, (real *)weight, s, w, groups, kernels, scratch);
}

void grouped_backward_input(real *dx, const real *dy, const real *weight, int n, const Shape *s,
                            const Window *w, int groups, Kernels *kernels, real *scratch)
{
    for (int i = 0; i < n; i++, dx += input_size(s), dy += output_size(s))
        if (is_narrow(s, groups))
            narrow_backward_input(dx, dy, weight, s, w, groups, scratch);
        else
            wide_image(INPUT_GRADIENT, (real *)dy, dx, (real *)weight, s, w, groups, kernels,
                       scratch);
}

void grouped_backward_weight(real *dweight, const real *dy, const real *x, int n, const Shape *s,
                             const Window *w, int groups, Kernels *kernels, real *scratch)
{
    for (int i = 0; i < n; i++, x += input_size(s), dy += output_size(s))
        if (is_narrow(s, groups))
            narrow_backward_weight(dweight, dy, x, s, w, groups, scratch);
        else
            wide_image(WEIGHT_GRADIENT, (real *)dy, (real *)x, dweight, s, w, groups, kernels,
                       scratch);
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {FIELD_WORD(FIELD_NAME),
                               FIELD_SIDE(shape.o),
                               FIELD_SIDE(groups),
                               FIELDS_WINDOW,
                               {FIELD_END, 0, 0, 0}};

static bool fit(Node *node, const Shape *a, const Shape *b)
{
    (void)b;
    return node->shape.o % node->groups == 0 && a->o % node->groups == 0 &&
           fit_window(node, a, node->shape.o);
}

static void params(Param param[NODE_PARAMS], const Node *node, Init init)
{
    const Window *w = &node->window;
    int inputs = node->shape.c / node->groups;
    param[0] = (Param){.leaf = "weight",
                       .role = PARAM_WEIGHT,
                       .rank = 4,
                       .shape = {node->shape.o, inputs, w->kh, w->kw},
                       .init = init,
                       .channels = node->shape.o,
                       .taps = (int64_t)inputs * w->kh * w->kw};
}

static void forward(const LayerRun *run)
{
    const Node *node = run->node;
    grouped_forward(run->y, run->x[0], run->value[0], run->n, &node->shape, &node->window,
                    node->groups, run->kernels, run->scratch);
}

static void backward(const LayerRun *run)
{
    const Node *node = run->node;
    grouped_backward_weight(run->dvalue[0], run->dy, run->x[0], run->n, &node->shape, &node->window,
                            node->groups, run->kernels, run->scratch);
    if (run->dx[0] != NULL)
        grouped_backward_input(run->dx[0], run->dy, run->value[0], run->n, &node->shape,
                               &node->window, node->groups, run->kernels, run->scratch);
}

static size_t scratch(const Node *node, Kernels *kernels)
{
    (void)kernels;
    return grouped_scratch(&node->shape, &node->window, node->groups);
}

const Layer layer_grouped = {.name = "grouped",
                             .inputs = 1,
                             .traits = LAYER_WEIGHTED,
                             .fields = fields,
                             .fit = fit,
                             .params = params,
                             .forward = forward,
                             .backward = backward,
                             .scratch = scratch};
