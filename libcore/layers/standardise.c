#include "layers/standardise_internal.h"

#include <math.h>

#include "layers/fit_internal.h"

/* Channels whose sums are taken together, so that rows are read once for all of them. */
enum { BLOCK = 32 };

/* Numbers that share a mean, for `width` <= BLOCK of such sets side by side: number i of set j is
 * at [i * stride + j]. */
typedef struct Sets {
    int64_t count, stride;
    int width;
} Sets;

typedef struct Moments {
    double mean[BLOCK], rstd[BLOCK];
} Moments;

static Moments moments_of(const real *x, const Sets *s, double eps)
{
    Moments m = {{0}, {0}};
    for (int64_t i = 0; i < s->count; i++)
        for (int j = 0; j < s->width; j++)
            m.mean[j] += x[i * s->stride + j];
    for (int j = 0; j < s->width; j++)
        m.mean[j] /= (double)s->count;
    for (int64_t i = 0; i < s->count; i++)
        for (int j = 0; j < s->width; j++) {
            double d = x[i * s->stride + j] - m.mean[j];
            m.rstd[j] += d * d;
        }
    for (int j = 0; j < s->width; j++)
        m.rstd[j] = 1 / sqrt(m.rstd[j] / (double)s->count + eps);
    return m;
}

static void forward_sets(real *y, const real *x, const Sets *s, double eps)
{
    Moments m = moments_of(x, s, eps);
    for (int64_t i = 0; i < s->count; i++)
        for (int j = 0; j < s->width; j++)
            y[i * s->stride + j] = (real)((x[i * s->stride + j] - m.mean[j]) * m.rstd[j]);
}

static void backward_sets(real *dx, const real *dy, const real *x, const Sets *s, double eps)
{
    Moments m = moments_of(x, s, eps);
    double sum[BLOCK] = {0}, along[BLOCK] = {0}; /* of dy, of dy xhat */
    for (int64_t i = 0; i < s->count; i++)
        for (int j = 0; j < s->width; j++) {
            int64_t at = i * s->stride + j;
            sum[j] += dy[at];
            along[j] += dy[at] * (x[at] - m.mean[j]) * m.rstd[j];
        }
    for (int64_t i = 0; i < s->count; i++)
        for (int j = 0; j < s->width; j++) {
            int64_t at = i * s->stride + j;
            double xhat = (x[at] - m.mean[j]) * m.rstd[j];
            dx[at] += (real)((dy[at] - (sum[j] + xhat * along[j]) / (double)s->count) * m.rstd[j]);
        }
}

/* Blocks of channels of an image, or its pixels one by one: forward when dx is NULL. */
static void walk(real *y, real *dx, const real *dy, const real *x, int n, int64_t pixels, int c,
                 bool over_pixels, double eps)
{
    int64_t image = pixels * c, step = over_pixels ? BLOCK : c, end = over_pixels ? c : image;
    for (int k = 0; k < n; k++)
        for (int64_t first = 0; first < end; first += step) {
            int64_t at = k * image + first, left = end - first;
            Sets sets = {.count = c, .stride = 1, .width = 1};
            if (over_pixels)
                sets = (Sets){pixels, c, left < BLOCK ? (int)left : BLOCK};
            if (dx == NULL)
                forward_sets(y + at, x + at, &sets, eps);
            else
                backward_sets(dx + at, dy + at, x + at, &sets, eps);
        }
}

void standardise_forward(real *y, const real *x, int n, int64_t pixels, int c, bool over_pixels,
                         double eps)
{
    walk(y, NULL, NULL, x, n, pixels, c, over_pixels, eps);
}

void standardise_backward(real *dx, const real *dy, const real *x, int n, int64_t pixels, int c,
                          bool over_pixels, double eps)
{
    walk(NULL, dx, dy, x, n, pixels, c, over_pixels, eps);
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {
    FIELD_OF(FIELD_FLAG, over_pixels), FIELD_OF(FIELD_NUMBER, constant[0]), {FIELD_END, 0, 0, 0}};

static void forward(const LayerRun *run)
{
    const Node *node = run->node;
    standardise_forward(run->y, run->x[0], run->n, node_rows(node, 1), node->shape.o,
                        node->over_pixels, node->constant[0]);
}

static void backward(const LayerRun *run)
{
    const Node *node = run->node;
    if (run->dx[0] != NULL)
        standardise_backward(run->dx[0], run->dy, run->x[0], run->n, node_rows(node, 1),
                             node->shape.o, node->over_pixels, node->constant[0]);
}

const Layer layer_standardise = {.name = "standardise",
                                 .inputs = 1,
                                 .traits = LAYER_IN_PLACE,
                                 .fields = fields,
                                 .fit = fit_as_input,
                                 .forward = forward,
                                 .backward = backward};
