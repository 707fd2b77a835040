#include "layers/pooling_internal.h"

#include <string.h>

#include "layers/fit_internal.h"

/* A walk over the taps of one window that lie on the image. */
typedef struct Seen {
    Taps y, x;
    int ky, kx; /* where the walk is */
    size_t at;  /* the first channel there */
} Seen;

/* Goes to the next tap; false when there is none left. */
INLINE bool next_tap(Seen *seen, const Shape *s, const Window *w)
{
    if (++seen->kx >= seen->x.end) {
        seen->kx = seen->x.first;
        seen->ky++;
    }
    if (seen->ky >= seen->y.end || seen->x.first >= seen->x.end)
        return false;
    size_t iy = (size_t)(seen->y.origin + seen->ky * w->dh);
    seen->at = (iy * s->w + (size_t)(seen->x.origin + seen->kx * w->dw)) * s->c;
    return true;
}

INLINE Seen window_over(int oy, int ox, const Shape *s, const Window *w)
{
    Seen seen = {.y = window_taps(oy, w->kh, w->sh, w->dh, w->top, s->h),
                 .x = window_taps(ox, w->kw, w->sw, w->dw, w->left, s->w)};
    seen.ky = seen.y.first;
    seen.kx = seen.x.first - 1;
    return seen;
}

INLINE void larger(real *restrict y, const real *restrict x, int c)
{
#pragma omp simd
    for (int j = 0; j < c; j++)
        y[j] = x[j] > y[j] ? x[j] : y[j];
}

INLINE void add_scaled(real *restrict y, const real *restrict x, real scale, int c)
{
#pragma omp simd
    for (int j = 0; j < c; j++)
        y[j] += scale * x[j];
}

CLONES void max_pool_forward(real *y, const real *x, int n, const Shape *s, const Window *w)
{
    for (int i = 0; i < n; i++, x += (size_t)s->h * s->w * s->c)
        for (int oy = 0; oy < s->oh; oy++)
            for (int ox = 0; ox < s->ow; ox++, y += s->c) {
                Seen seen = window_over(oy, ox, s, w);
                if (!next_tap(&seen, s, w)) {
                    memset(y, 0, (size_t)s->c * sizeof *y);
                    continue;
                }
                memcpy(y, x + seen.at, (size_t)s->c * sizeof *y);
                while (next_tap(&seen, s, w))
                    larger(y, x + seen.at, s->c);
            }
}

static void hand_back(real *dx, const real *dy, const real *x, int oy, int ox, const Shape *s,
                      const Window *w)
{
    for (int j = 0; j < s->c; j++) {
        Seen seen = window_over(oy, ox, s, w);
        if (!next_tap(&seen, s, w))
            return;
        size_t best = seen.at;
        while (next_tap(&seen, s, w))
            best = x[seen.at + j] > x[best + j] ? seen.at : best;
        dx[best + j] += dy[j];
    }
}

void max_pool_backward(real *dx, const real *dy, const real *x, int n, const Shape *s,
                       const Window *w)
{
    size_t image = (size_t)s->h * s->w * s->c;
    for (int i = 0; i < n; i++, x += image, dx += image)
        for (int oy = 0; oy < s->oh; oy++)
            for (int ox = 0; ox < s->ow; ox++, dy += s->c)
                hand_back(dx, dy, x, oy, ox, s, w);
}

/* One over the number of taps the mean is of. */
INLINE real share(const Shape *s, const Window *w, int oy, int ox, bool padded)
{
    Taps y = window_taps(oy, w->kh, w->sh, w->dh, w->top, s->h);
    Taps x = window_taps(ox, w->kw, w->sw, w->dw, w->left, s->w);
    int64_t seen = (int64_t)(y.end - y.first) * (x.end - x.first);
    int64_t n = padded ? (int64_t)w->kh * w->kw : seen;
    return n > 0 ? (real)1 / (real)n : 0;
}

CLONES void mean_pool_forward(real *y, const real *x, int n, const Shape *s, const Window *w,
                              bool padded)
{
    for (int i = 0; i < n; i++, x += (size_t)s->h * s->w * s->c)
        for (int oy = 0; oy < s->oh; oy++)
            for (int ox = 0; ox < s->ow; ox++, y += s->c) {
                real scale = share(s, w, oy, ox, padded);
                Seen seen = window_over(oy, ox, s, w);
                memset(y, 0, (size_t)s->c * sizeof *y);
                while (next_tap(&seen, s, w))
                    add_scaled(y, x + seen.at, scale, s->c);
            }
}

CLONES void mean_pool_backward(real *dx, const real *dy, int n, const Shape *s, const Window *w,
                               bool padded)
{
    for (int i = 0; i < n; i++, dx += (size_t)s->h * s->w * s->c)
        for (int oy = 0; oy < s->oh; oy++)
            for (int ox = 0; ox < s->ow; ox++, dy += s->c) {
                real scale = share(s, w, oy, ox, padded);
                Seen seen = window_over(oy, ox, s, w);
                while (next_tap(&seen, s, w))
                    add_scaled(dx + seen.at, dy, scale, s->c);
            }
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {FIELD_OF(FIELD_FLAG, padded), FIELDS_WINDOW, {FIELD_END, 0, 0, 0}};

static bool fit(Node *node, const Shape *a, const Shape *b)
{
    (void)b;
    return fit_window(node, a, a->o);
}

static void max_forward(const LayerRun *run)
{
    max_pool_forward(run->y, run->x[0], run->n, &run->node->shape, &run->node->window);
}

static void max_backward(const LayerRun *run)
{
    if (run->dx[0] != NULL)
        max_pool_backward(run->dx[0], run->dy, run->x[0], run->n, &run->node->shape,
                          &run->node->window);
}

static void mean_forward(const LayerRun *run)
{
    mean_pool_forward(run->y, run->x[0], run->n, &run->node->shape, &run->node->window,
                      run->node->padded);
}

static void mean_backward(const LayerRun *run)
{
    if (run->dx[0] != NULL)
        mean_pool_backward(run->dx[0], run->dy, run->n, &run->node->shape, &run->node->window,
                           run->node->padded);
}

const Layer layer_max_pool = {.name = "maxpool",
                              .inputs = 1,
                              .fields = fields,
                              .fit = fit,
                              .forward = max_forward,
                              .backward = max_backward};

const Layer layer_mean_pool = {.name = "meanpool",
                               .inputs = 1,
                               .traits = LAYER_FORGETS,
                               .fields = fields,
                               .fit = fit,
                               .forward = mean_forward,
                               .backward = mean_backward};
