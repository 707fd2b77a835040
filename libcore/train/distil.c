#include "train/distil_internal.h"

#include <stdlib.h>

#include "base/real_internal.h"

enum { GROUPS = 8 }; /* of the rows that angles are at, each with its own sums */

#define DISTANCES 25.0 /* weights in Park et al. */
#define ANGLES    50.0
#define SAME      1e-12 /* two rows with no more than this as squared distance are the same */

struct Distil {
    TrainingDistil config;
    int d, n;
    double *norm;    /* [n]: lengths of the student's embeddings */
    double *u, *t;   /* [n,d], [n,dim]: student's and teacher's embeddings, of length 1 */
    double *du;      /* [n,d]: dL/du */
    double *loss;    /* [2n]: shares of the loss: by row, and, of angles, by the row they are at */
    double *part;    /* [n]: shares of the sum over pairs of slope times distance */
    double *gram[2]; /* [n,n] of u and of t */
    double *inverse[2]; /* [n,n]: 1 / distance, 0 where that is 0 */
    double mean[2];     /* distance */
    double factor;      /* what each distance of u takes off the slope by it, through their mean */

    /* The gradient as that by the squared distances and by the products of the rows of u. What
     * row j has as the vertex of angles stands in row j, so that threads share nothing. */
    double *square;  /* [n,n]: at j,i: dL/d|u_j - u_i|^2 */
    double *inner;   /* [n,n]: at j,i: dL/d(u_j u_i) */
    double *between; /* [GROUPS,n,n]: at i,k, i < k: dL/d(u_i u_k), by groups of vertices */
    void *block;
};

static size_t block_length(const TrainingDistil *config, int batch, int d)
{
    size_t n = (size_t)batch, pairs = config->kind == DISTIL_RKD ? n * n : 0;
    return n * (4 + 2 * (size_t)d + (size_t)config->dim) + (6 + GROUPS) * pairs;
}

size_t distil_memory(const TrainingDistil *config, int batch, int d)
{
    return config->dim > 0 ? block_length(config, batch, d) * sizeof(double) : 0;
}

Distil *distil_new(const TrainingDistil *config, int batch, int d, Err *err)
{
    if (config->kind != DISTIL_RKD && config->dim != d) {
        err_set(err,
                "the teacher's embeddings have %d dimensions, those to train %d: only "
                "relations (rkd) can be compared",
                config->dim, d);
        return NULL;
    }
    Distil *distil = calloc(1, sizeof *distil);
    double *at = calloc(block_length(config, batch, d), sizeof *at);
    if (distil == NULL || at == NULL) {
        free(distil);
        free(at);
        err_memory(err, "distillation", distil_memory(config, batch, d));
        return NULL;
    }
    size_t n = (size_t)batch, pairs = n * n;
    *distil = (Distil){.config = *config, .d = d, .block = at};
    distil->norm = at, at += n;
    distil->loss = at, at += 2 * n;
    distil->part = at, at += n;
    distil->u = at, at += n * (size_t)d;
    distil->du = at, at += n * (size_t)d;
    distil->t = at, at += n * (size_t)config->dim;
    if (config->kind != DISTIL_RKD)
        return distil;
    for (int k = 0; k < 2; k++) {
        distil->gram[k] = at, at += pairs;
        distil->inverse[k] = at, at += pairs;
    }
    distil->square = at, at += pairs;
    distil->inner = at, at += pairs;
    distil->between = at;
    return distil;
}

void distil_free(Distil *distil)
{
    if (distil == NULL)
        return;
    free(distil->block);
    free(distil);
}

typedef struct Work {
    Distil *distil;
    real *dx;
    const real *x;
    const float *teacher;
} Work;

CLONES static double dot(const double *a, const double *b, int n)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

/* An embedding of zeros stays one. */
static double unit(double *u, int n)
{
    double norm = sqrt(dot(u, u, n));
    for (int k = 0; k < n && norm > 0; k++)
        u[k] /= norm;
    return norm;
}

static void find_units(void *arg, int64_t i, int worker)
{
    (void)worker;
    const Work *work = arg;
    Distil *s = work->distil;
    double *u = s->u + i * s->d, *t = s->t + i * s->config.dim;
    for (int k = 0; k < s->d; k++)
        u[k] = (double)work->x[i * s->d + k];
    for (int k = 0; k < s->config.dim; k++)
        t[k] = (double)work->teacher[i * s->config.dim + k];
    s->norm[i] = unit(u, s->d);
    unit(t, s->config.dim);
}

/* Of cos and mse, which compare a row with its own. */
static void compare_row(void *arg, int64_t i, int worker)
{
    (void)worker;
    Distil *s = ((const Work *)arg)->distil;
    const double *u = s->u + i * s->d, *t = s->t + i * s->d;
    double *du = s->du + i * s->d, all = (double)s->n * s->d, sum = 0;
    if (s->config.kind == DISTIL_COS) {
        s->loss[i] = (1 - dot(u, t, s->d)) / s->n;
        for (int k = 0; k < s->d; k++)
            du[k] = -t[k] / s->n;
        return;
    }
    for (int k = 0; k < s->d; k++) {
        double apart = u[k] - t[k];
        sum += apart * apart / all;
        du[k] = 2 * apart / all;
    }
    s->loss[i] = sum;
}

static void find_products(void *arg, int64_t i, int worker)
{
    (void)worker;
    Distil *s = ((const Work *)arg)->distil;
    for (int j = 0; j < s->n; j++) {
        s->gram[0][i * s->n + j] = dot(s->u + i * s->d, s->u + (size_t)j * s->d, s->d);
        s->gram[1][i * s->n + j] =
            dot(s->t + i * s->config.dim, s->t + (size_t)j * s->config.dim, s->config.dim);
    }
}

/* And the mean distances. */
static void find_distances(Distil *s)
{
    int n = s->n;
    for (int k = 0; k < 2; k++) {
        const double *g = s->gram[k];
        double sum = 0, count = 0;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) {
                double square = g[i * n + i] + g[j * n + j] - 2 * g[i * n + j];
                bool apart = i != j && square > SAME;
                s->inverse[k][i * n + j] = apart ? 1 / sqrt(square) : 0;
                sum += apart ? sqrt(square) : 0;
                count += apart;
            }
        s->mean[k] = count > 0 ? sum / count : 1;
        if (k == 0)
            s->factor = count > 0 ? 1 / (s->mean[0] * s->mean[0] * count) : 0;
    }
}

static inline double huber(double x)
{
    double a = fabs(x);
    return a < 1 ? a * a / 2 : a - 0.5;
}

static inline double huber_slope(double x)
{
    return x > 1 ? 1 : x < -1 ? -1 : x;
}

static double distance(double inverse)
{
    return inverse > 0 ? 1 / inverse : 0;
}

/* The distances from row i; square[] has the slope by the distance until all rows are known. */
static void compare_distances(void *arg, int64_t i, int worker)
{
    (void)worker;
    Distil *s = ((const Work *)arg)->distil;
    double all = (double)s->n * s->n, sum = 0, part = 0;
    for (int j = 0; j < s->n; j++) {
        double us = distance(s->inverse[0][i * s->n + j]);
        double x = us / s->mean[0] - distance(s->inverse[1][i * s->n + j]) / s->mean[1];
        double slope = DISTANCES / all * huber_slope(x);
        sum += DISTANCES / all * huber(x);
        part += slope * us;
        s->square[i * s->n + j] = slope;
    }
    s->loss[i] = sum;
    s->part[i] = part;
}

/* The angles at row j between row i and those behind it; returns their share of the loss. */
CLONES static double compare_angles(Distil *s, int j, int i, double *restrict between,
                                    double *restrict square, double *restrict inner)
{
    int n = s->n;
    const double *q = s->inverse[0] + (size_t)j * n, *q1 = s->inverse[1] + (size_t)j * n;
    const double *g = s->gram[0] + (size_t)i * n, *g1 = s->gram[1] + (size_t)i * n;
    const double *h = s->gram[0] + (size_t)j * n, *h1 = s->gram[1] + (size_t)j * n;
    double weight = 2 * ANGLES / ((double)n * n * n), loss = 0, sum = 0, turn = 0;
    double own = h[j] - h[i], own1 = h1[j] - h1[i], qi = q[i], qi1 = q1[i];
#pragma omp simd reduction(+ : loss, sum, turn)
    for (int k = i + 1; k < n; k++) {
        double cosine = (g[k] - h[k] + own) * qi * q[k];
        double x = cosine - (g1[k] - h1[k] + own1) * qi1 * q1[k];
        double slope = weight * huber_slope(x), pull = slope * qi * q[k];
        loss += weight * huber(x);
        between[k] += pull;
        inner[k] -= pull;
        sum += pull;
        square[k] -= slope * cosine * q[k] * q[k] / 2;
        turn += slope * cosine;
    }
    inner[i] -= sum;
    inner[j] += sum;
    square[i] -= turn * qi * qi / 2;
    return loss;
}

/* For the rows j of a group: their slopes by distance become those by its square, the mean
 * included, and those of the angles at j are added. */
static void compare_group(void *arg, int64_t group, int worker)
{
    (void)worker;
    Distil *s = ((const Work *)arg)->distil;
    int n = s->n;
    double *between = s->between + (size_t)group * n * n;
    for (size_t k = 0; k < (size_t)n * n; k++)
        between[k] = 0;
    for (int64_t j = group * n / GROUPS; j < (group + 1) * n / GROUPS; j++) {
        double *square = s->square + j * n, *inner = s->inner + j * n, sum = 0;
        for (int i = 0; i < n; i++) {
            square[i] = (square[i] / s->mean[0] - s->factor) * s->inverse[0][j * n + i] / 2;
            inner[i] = 0;
        }
        for (int i = 0; i < n; i++) {
            /* the angle between a row and itself is 0, and known only where they are apart */
            double flat = (s->inverse[0][j * n + i] > 0) - (s->inverse[1][j * n + i] > 0);
            sum += ANGLES / ((double)n * n * n) * huber(flat);
            sum += compare_angles(s, (int)j, i, between + (size_t)i * n, square, inner);
        }
        s->loss[n + j] = sum;
    }
}

/* Row i of du: |u_i - u_j|^2 has the gradient 2 (u_i - u_j), u_i u_j has u_j. */
static void gather_row(void *arg, int64_t i, int worker)
{
    (void)worker;
    Distil *s = ((const Work *)arg)->distil;
    int n = s->n, d = s->d;
    double *du = s->du + i * d, self = 2 * s->inner[i * n + i];
    for (int k = 0; k < d; k++)
        du[k] = 0;
    for (int64_t j = 0; j < n; j++) {
        double square = 2 * (s->square[i * n + j] + s->square[j * n + i]), both = -square;
        if (j == i)
            continue;
        self += square;
        both += s->inner[i * n + j] + s->inner[j * n + i];
        for (int g = 0; g < GROUPS; g++)
            both += s->between[(size_t)g * n * n + (size_t)(i < j ? i * n + j : j * n + i)];
        for (int k = 0; k < d; k++)
            du[k] += both * s->u[j * d + k];
    }
    for (int k = 0; k < d; k++)
        du[k] += self * s->u[i * d + k];
}

/* From the gradient in the unit embedding to that in the embedding. */
static void add_row(void *arg, int64_t i, int worker)
{
    (void)worker;
    const Work *work = arg;
    const Distil *s = work->distil;
    const double *u = s->u + i * s->d, *du = s->du + i * s->d;
    double along = dot(u, du, s->d), norm = s->norm[i];
    for (int k = 0; k < s->d && norm > 0; k++)
        work->dx[i * s->d + k] += (real)(s->config.weight * (du[k] - along * u[k]) / norm);
}

double distil_add(Distil *s, real *dx, const real *x, const float *teacher, int n, Pool *pool)
{
    Work work = {s, dx, x, teacher};
    double loss = 0;
    s->n = n;
    pool_run(pool, n, find_units, &work);
    if (s->config.kind != DISTIL_RKD) {
        pool_run(pool, n, compare_row, &work);
    } else {
        pool_run(pool, n, find_products, &work);
        find_distances(s);
        pool_run(pool, n, compare_distances, &work);
        double part = 0;
        for (int i = 0; i < n; i++)
            part += s->part[i];
        s->factor *= part;
        pool_run(pool, GROUPS, compare_group, &work);
        pool_run(pool, n, gather_row, &work);
    }
    pool_run(pool, n, add_row, &work);
    for (int i = 0; i < (s->config.kind == DISTIL_RKD ? 2 * n : n); i++)
        loss += s->loss[i];
    return loss;
}
