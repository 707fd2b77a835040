#include "layers/fit_internal.h"

bool fit_as_input(Node *node, const Shape *a, const Shape *b)
{
    (void)b;
    node->shape = shape_of(a->oh, a->ow, a->o, a->o, 1, 1, 0);
    return true;
}

bool fit_as_both(Node *node, const Shape *a, const Shape *b)
{
    return fit_as_input(node, a, b) && a->oh == b->oh && a->ow == b->ow && a->o == b->o;
}

bool fit_square(Node *node, const Shape *a, int out)
{
    Shape *s = &node->shape;
    int kernel = s->kernel, stride = s->stride, pad = s->pad;
    node->window = (Window){.kh = kernel,
                            .kw = kernel,
                            .sh = stride,
                            .sw = stride,
                            .dh = 1,
                            .dw = 1,
                            .top = pad,
                            .left = pad};
    if (a->oh + 2 * pad < kernel || a->ow + 2 * pad < kernel)
        return false;
    *s = shape_of(a->oh, a->ow, a->o, out, kernel, stride, pad);
    return true;
}

Param param_square(const Node *node, int channels, Init init)
{
    const Shape *s = &node->shape;
    return (Param){.leaf = "weight",
                   .role = PARAM_WEIGHT,
                   .rank = 4,
                   .shape = {s->o, channels, s->kernel, s->kernel},
                   .init = init,
                   .channels = s->c,
                   .taps = (int64_t)s->kernel * s->kernel};
}

/* Whether a window with that many outputs along an axis reaches nowhere too far to be counted in
 * an int. */
static bool fits(int size, int kernel, int stride, int dilation, int before, int outputs)
{
    int64_t reach = (int64_t)(kernel - 1) * dilation + 1;
    int64_t behind = (int64_t)(outputs - 1) * stride + reach - size - before;
    return reach <= LAYER_SIDE_MAX && behind <= LAYER_SIDE_MAX;
}

bool fit_window(Node *node, const Shape *a, int out)
{
    const Window *w = &node->window;
    node->shape = (Shape){.h = a->oh,
                          .w = a->ow,
                          .c = a->o,
                          .oh = node->shape.oh,
                          .ow = node->shape.ow,
                          .o = out,
                          .kernel = w->kh,
                          .stride = w->sh,
                          .pad = w->top};
    return fits(a->oh, w->kh, w->sh, w->dh, w->top, node->shape.oh) &&
           fits(a->ow, w->kw, w->sw, w->dw, w->left, node->shape.ow);
}
