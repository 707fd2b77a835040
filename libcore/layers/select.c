#include "layers/select_internal.h"

#include <stdlib.h>

#include "layers/fit_internal.h"

bool selection_fits(const Selection *s, int o, int c)
{
    if (s->run < 1)
        return false;
    for (int j = 0; j < o; j++)
        if (selected(s, j) < 0 || selected(s, j) >= c)
            return false;
    return true;
}

bool selection_of(Selection *s, const int64_t *index, int n)
{
    for (int i = 0; i < n; i++)
        if (index[i] < 0 || index[i] > INT32_MAX)
            return false;
    int step = n > 1 ? (int)(index[1] - index[0]) : 1, run = 1;
    while (run < n && index[run] - index[run - 1] == step)
        run++;
    *s = (Selection){(int)index[0], run, step, run < n ? (int)(index[run] - index[0]) : 0};
    for (int i = 0; i < n; i++)
        if (selected(s, i) != index[i])
            return false;
    return true;
}

void select_forward(real *y, const real *x, int64_t rows, int o, int c, const Selection *s)
{
    for (int64_t r = 0; r < rows; r++, x += c)
        for (int first = 0; first < o; first += s->run) {
            const real *from = x + selected(s, first);
            int n = o - first < s->run ? o - first : s->run;
            for (int j = 0; j < n; j++)
                *y++ = from[(int64_t)j * s->step];
        }
}

void select_backward(real *dx, const real *dy, int64_t rows, int o, int c, const Selection *s)
{
    for (int64_t r = 0; r < rows; r++, dx += c)
        for (int j = 0; j < o; j++)
            dx[selected(s, j)] += *dy++;
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {FIELD_SIDE(shape.o),
                               FIELD_BETWEEN(select.first, 0, LAYER_SIDE_MAX),
                               FIELD_SIDE(select.run),
                               FIELD_BETWEEN(select.step, -LAYER_SIDE_MAX, LAYER_SIDE_MAX),
                               FIELD_BETWEEN(select.jump, -LAYER_SIDE_MAX, LAYER_SIDE_MAX),
                               {FIELD_END, 0, 0, 0}};

static bool fit(Node *node, const Shape *a, const Shape *b)
{
    int out = node->shape.o;
    fit_as_input(node, a, b);
    node->shape.o = out;
    return selection_fits(&node->select, out, a->o);
}

static void forward(const LayerRun *run)
{
    const Shape *s = &run->node->shape;
    select_forward(run->y, run->x[0], node_rows(run->node, run->n), s->o, s->c, &run->node->select);
}

static void backward(const LayerRun *run)
{
    const Shape *s = &run->node->shape;
    if (run->dx[0] != NULL)
        select_backward(run->dx[0], run->dy, node_rows(run->node, run->n), s->o, s->c,
                        &run->node->select);
}

const Layer layer_select = {.name = "select",
                            .inputs = 1,
                            .traits = LAYER_FORGETS,
                            .fields = fields,
                            .fit = fit,
                            .forward = forward,
                            .backward = backward};
