#include "layers/resize_internal.h"

#include <string.h>

#include "layers/fit_internal.h"

INLINE void add(real *restrict dx, const real *restrict dy, size_t n)
{
#pragma omp simd
    for (size_t j = 0; j < n; j++)
        dx[j] += dy[j];
}

void pad_forward(real *y, const real *x, int n, const Shape *s, int top, int left, real value)
{
    size_t out = (size_t)s->oh * s->ow * s->c, row = (size_t)s->w * s->c;
    for (size_t i = 0; i < (size_t)n * out; i++)
        y[i] = value;
    for (int i = 0; i < n; i++, y += out)
        for (int r = 0; r < s->h; r++, x += row)
            memcpy(y + ((size_t)(r + top) * s->ow + left) * s->c, x, row * sizeof *y);
}

CLONES void pad_backward(real *dx, const real *dy, int n, const Shape *s, int top, int left)
{
    size_t row = (size_t)s->w * s->c;
    for (int i = 0; i < n; i++, dy += (size_t)s->oh * s->ow * s->c)
        for (int r = 0; r < s->h; r++, dx += row)
            add(dx, dy + ((size_t)(r + top) * s->ow + left) * s->c, row);
}

/* The pixel of x that an output pixel repeats. */
INLINE size_t source(const Shape *s, int oy, int ox)
{
    return ((size_t)(oy / (s->oh / s->h)) * s->w + ox / (s->ow / s->w)) * s->c;
}

void upsample_forward(real *y, const real *x, int n, const Shape *s)
{
    for (int i = 0; i < n; i++, x += (size_t)s->h * s->w * s->c)
        for (int oy = 0; oy < s->oh; oy++)
            for (int ox = 0; ox < s->ow; ox++, y += s->c)
                memcpy(y, x + source(s, oy, ox), (size_t)s->c * sizeof *y);
}

CLONES void upsample_backward(real *dx, const real *dy, int n, const Shape *s)
{
    for (int i = 0; i < n; i++, dx += (size_t)s->h * s->w * s->c)
        for (int oy = 0; oy < s->oh; oy++)
            for (int ox = 0; ox < s->ow; ox++, dy += s->c)
                add(dx + source(s, oy, ox), dy, (size_t)s->c);
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field pad_fields[] = {FIELD_SIDE(shape.oh),
                                   FIELD_SIDE(shape.ow),
                                   FIELD_BETWEEN(window.top, 0, LAYER_SIDE_MAX),
                                   FIELD_BETWEEN(window.left, 0, LAYER_SIDE_MAX),
                                   FIELD_OF(FIELD_NUMBER, constant[0]),
                                   {FIELD_END, 0, 0, 0}};

static bool pad_fit(Node *node, const Shape *a, const Shape *b)
{
    int oh = node->shape.oh, ow = node->shape.ow;
    fit_as_input(node, a, b);
    node->shape.oh = oh;
    node->shape.ow = ow;
    return node->window.top + a->oh <= oh && node->window.left + a->ow <= ow;
}

static void forward_pad(const LayerRun *run)
{
    const Node *node = run->node;
    pad_forward(run->y, run->x[0], run->n, &node->shape, node->window.top, node->window.left,
                (real)node->constant[0]);
}

static void backward_pad(const LayerRun *run)
{
    const Node *node = run->node;
    if (run->dx[0] != NULL)
        pad_backward(run->dx[0], run->dy, run->n, &node->shape, node->window.top,
                     node->window.left);
}

const Layer layer_pad = {.name = "pad",
                         .inputs = 1,
                         .traits = LAYER_FORGETS,
                         .fields = pad_fields,
                         .fit = pad_fit,
                         .forward = forward_pad,
                         .backward = backward_pad};

static const Field upsample_fields[] = {FIELD_SIDE(down), FIELD_SIDE(across), {FIELD_END, 0, 0, 0}};

static bool upsample_fit(Node *node, const Shape *a, const Shape *b)
{
    bool fits = node->down <= LAYER_SIDE_MAX / a->oh && node->across <= LAYER_SIDE_MAX / a->ow;
    fit_as_input(node, a, b);
    node->shape.oh *= fits ? node->down : 1;
    node->shape.ow *= fits ? node->across : 1;
    return fits;
}

static void forward_upsample(const LayerRun *run)
{
    upsample_forward(run->y, run->x[0], run->n, &run->node->shape);
}

static void backward_upsample(const LayerRun *run)
{
    if (run->dx[0] != NULL)
        upsample_backward(run->dx[0], run->dy, run->n, &run->node->shape);
}

const Layer layer_upsample = {.name = "upsample",
                              .inputs = 1,
                              .traits = LAYER_FORGETS,
                              .fields = upsample_fields,
                              .fit = upsample_fit,
                              .forward = forward_upsample,
                              .backward = backward_upsample};
