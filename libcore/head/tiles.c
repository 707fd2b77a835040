/* The two walks over the identities.
 *
 * A tile is `n` centres w[n,D] from identity `first` on. The first walk computes its cosines
 * c[B,n], asks the rule for the logits of the negatives, and adds to each row's log-sum-exp and
 * hard negatives. The second walk has the cosines again (kept, or computed once more), turns them
 * into G_ij = dL/dc_ij = (1/B) (p_ij - [j = y_i]) d_ij, and with them
 *
 *     dx_i = ( sum_j G_ij wh_j - (sum_j G_ij c_ij) xh_i ) / ||x_i||
 *     dw_j = ( sum_i G_ij xh_i - (sum_i G_ij c_ij) wh_j ) / ||w_j||
 *
 * where xh and wh are the unit vectors. Centres are not copied to be normalised: 1 / ||w_j||
 * multiplies the column of cosines, and later the column of G. A cosine that rounding put past +-1
 * is clamped; its gradient needs no care, for there the tangent is zero. */
#include <string.h>

#include "head/engine_internal.h"
#include "head/vexp_internal.h"

typedef struct Tile {
    int64_t first, n;
    const real *w;     /* [n, D] */
    const real *aux;   /* [n], or NULL */
    const int64_t *id; /* [n], where identities are sampled; else they are first, first + 1, ... */
    real *cosine;      /* [B, n] */
    real *inverse;     /* [n] */
} Tile;

static int64_t identity_of(const Tile *tile, int64_t j)
{
    return tile->id != NULL ? tile->id[j] : tile->first + j;
}

/* Copies what belongs to the tile's identities next to each other. */
static void gather(Tile *tile, const Head *head, const Scratch *scratch)
{
    int64_t dim = head->config.dim;
    tile->id = head->sample->id + tile->first;
    for (int64_t j = 0; j < tile->n; j++) {
        memcpy(scratch->centres + j * dim, head->weight + tile->id[j] * dim,
               (size_t)dim * sizeof(real));
        if (head->state.aux != NULL)
            scratch->aux[j] = head->state.aux[tile->id[j]];
    }
    tile->w = scratch->centres;
    tile->aux = head->state.aux != NULL ? scratch->aux : NULL;
}

static Tile tile_at(const Step *step, int64_t index, const Scratch *scratch)
{
    const Head *head = step->head;
    const Work *work = &head->work;
    int64_t first = index * work->tile, left = work->identities - first;
    Tile tile = {.first = first, .n = left < work->tile ? left : work->tile};
    tile.w = head->weight + first * head->config.dim;
    tile.aux = head->state.aux != NULL ? head->state.aux + first : NULL;
    tile.cosine = work->cosines != NULL ? work->cosines + first * step->rows : scratch->cosine;
    tile.inverse = work->inverse + first;
    if (work->sampled)
        gather(&tile, head, scratch);
    return tile;
}

/* The column of the tile that holds the row's own identity, or -1. */
static int64_t own_column(const HeadRow *row, const Tile *tile)
{
    int64_t k = row->place - tile->first;
    return k >= 0 && k < tile->n ? k : -1;
}

/* inverse[n] = 1 / ||w_j||, for w[n,dim] */
CLONES static void inverse_norms(real *inverse, const real *w, int64_t n, int64_t dim)
{
    for (int64_t j = 0; j < n; j++) {
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t k = 0; k < dim; k++)
            sum += (double)w[j * dim + k] * w[j * dim + k];
        inverse[j] = (real)(1 / fmax(sqrt(sum), HEAD_TINY));
    }
}

/* c[n] *= inverse[n], kept within +-1 */
CLONES static void finish_cosines(real *c, const real *inverse, int64_t n)
{
    for (int64_t j = 0; j < n; j++) {
        real value = c[j] * inverse[j];
        value = value > 1 ? 1 : value;
        c[j] = value < -1 ? -1 : value;
    }
}

/* The cosines of the tile with all rows, clamped. */
static void tile_cosines(const Step *step, const Tile *tile)
{
    const Head *head = step->head;
    if (step->have_cosines)
        return;
    Product product = product_forward(step->rows, tile->n, head->config.dim);
    product_run(head->kernels, tile->cosine, head->work.unit, tile->w, &product);
    for (int64_t i = 0; i < step->rows && !head->rule->raw; i++)
        finish_cosines(tile->cosine + i * tile->n, tile->inverse, tile->n);
}

/* The largest of n >= 1 numbers, in parts that every compiler vectorises. */
INLINE real largest(const real *z, int64_t n)
{
    real part[LANES], top = z[0];
    for (size_t k = 0; k < LANES; k++)
        part[k] = z[0];
    int64_t whole = n - n % LANES;
    for (int64_t j = 0; j < whole; j += LANES)
        for (size_t k = 0; k < LANES; k++)
            part[k] = z[j + (int64_t)k] > part[k] ? z[j + (int64_t)k] : part[k];
    for (int64_t j = whole; j < n; j++)
        top = z[j] > top ? z[j] : top;
    for (size_t k = 0; k < LANES; k++)
        top = part[k] > top ? part[k] : top;
    return top;
}

/* Adds n logits to a log-sum-exp. */
CLONES static void add_logits(GroupRow *sum, const real *z, int64_t n)
{
    real top = largest(z, n), tail = 0;
#pragma omp simd reduction(+ : tail)
    for (int64_t j = 0; j < n; j++)
        tail += vexp(z[j] - top);
    log_sum_add(&sum->max, &sum->sum, (double)top, (double)tail);
}

/* Negatives number from .. to-1 of the tile, in the first walk. */
static void first_negatives(const Step *step, const Tile *tile, const Scratch *scratch, int64_t i,
                            GroupRow *sum, int64_t from, int64_t to)
{
    const Head *head = step->head;
    int64_t n = to - from;
    if (n == 0)
        return;
    step->negatives(&head->state, &head->work.row[i], &sum->hard, scratch->z, scratch->d,
                    tile->cosine + i * tile->n + from, tile->aux != NULL ? tile->aux + from : NULL,
                    n);
    add_logits(sum, scratch->z, n);
}

static void first_tile(const Step *step, const Tile *tile, const Scratch *scratch, GroupRow *sum)
{
    if (step->head->rule->raw)
        for (int64_t j = 0; j < tile->n; j++)
            tile->inverse[j] = 1;
    else
        inverse_norms(tile->inverse, tile->w, tile->n, step->head->config.dim);
    tile_cosines(step, tile);
    for (int64_t i = 0; i < step->rows; i++) {
        int64_t own = own_column(&step->head->work.row[i], tile);
        int64_t cut = own >= 0 ? own : tile->n;
        first_negatives(step, tile, scratch, i, &sum[i], 0, cut);
        if (own >= 0)
            first_negatives(step, tile, scratch, i, &sum[i], own + 1, tile->n);
    }
}

void tiles_first_walk(void *arg, int64_t group, int worker)
{
    const Step *step = arg;
    const Work *work = &step->head->work;
    const Scratch *scratch = &work->scratch[worker];
    GroupRow *sum = work->group_row + group * step->rows;
    for (int64_t i = 0; i < step->rows; i++)
        sum[i] = (GroupRow){.max = -INFINITY};
    int64_t end = (group + 1) * work->tiles / work->groups;
    for (int64_t t = group * work->tiles / work->groups; t < end; t++) {
        Tile tile = tile_at(step, t, scratch);
        first_tile(step, &tile, scratch, sum);
    }
}

/* From logits z[n] and slopes d[n]: with G_j = share exp(z_j - all) d_j, writes G_j inverse_j over
 * the cosines c[n], adds G_j c_j to pull[n], and returns the sum of that. */
CLONES static double turn_to_gradient(real *c, real *pull, const real *z, const real *d,
                                      const real *inverse, real all, real share, int64_t n)
{
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < n; j++) {
        real g = vexp(z[j] - all) * d[j] * share;
        real gc = g * c[j];
        sum += gc;
        pull[j] += gc;
        c[j] = g * inverse[j];
    }
    return (double)sum;
}

/* Negatives number from .. to-1 of the tile, in the second walk. */
static void second_negatives(const Step *step, const Tile *tile, const Scratch *scratch, int64_t i,
                             GroupRow *sum, int64_t from, int64_t to)
{
    const Head *head = step->head;
    const HeadRow *row = &head->work.row[i];
    real *c = tile->cosine + i * tile->n + from;
    int64_t n = to - from;
    HeadHard known = {0};
    step->negatives(&head->state, row, &known, scratch->z, scratch->d, c,
                    tile->aux != NULL ? tile->aux + from : NULL, n);
    sum->pull +=
        turn_to_gradient(c, scratch->pull + from, scratch->z, scratch->d, tile->inverse + from,
                         (real)row->all, (real)(1 / (double)step->rows), n);
}

/* Turns the cosines of the tile into G_ij / ||w_j||. */
static void tile_gradient(const Step *step, const Tile *tile, const Scratch *scratch, GroupRow *sum)
{
    memset(scratch->pull, 0, (size_t)tile->n * sizeof(real));
    for (int64_t i = 0; i < step->rows; i++) {
        const HeadRow *row = &step->head->work.row[i];
        int64_t own = own_column(row, tile);
        second_negatives(step, tile, scratch, i, &sum[i], 0, own >= 0 ? own : tile->n);
        if (own < 0)
            continue;
        second_negatives(step, tile, scratch, i, &sum[i], own + 1, tile->n);
        double g = -row->miss * row->slope / (double)step->rows;
        sum[i].pull += g * row->cosine;
        scratch->pull[own] += (real)(g * row->cosine);
        tile->cosine[i * tile->n + own] = (real)g * tile->inverse[own];
    }
}

/* g[dim] becomes the gradient of the centre w[dim]: less its part along w. A centre shorter than
 * HEAD_TINY was divided by that instead of its length, and then nothing is taken off. */
CLONES static void finish_gradient(real *g, const real *w, real pull, real inverse, int64_t dim)
{
    real along = inverse < (real)(1 / HEAD_TINY) ? pull * inverse * inverse : 0;
    for (int64_t k = 0; k < dim; k++)
        g[k] -= along * w[k];
}

CLONES void tiles_update_vector(real *w, real *v, const real *g, const HeadSgd *sgd, int64_t n)
{
    real lr = (real)sgd->lr, momentum = (real)sgd->momentum, decay = (real)sgd->weight_decay;
    for (int64_t k = 0; k < n; k++) {
        real move = momentum * v[k] + (g[k] + decay * w[k]);
        v[k] = move;
        w[k] -= lr * move;
    }
}

/* Adds to the gradients of the tile's centres what the rule has of those in the batch. */
static void add_centre_terms(const Step *step, const Tile *tile, const Scratch *scratch)
{
    const Work *work = &step->head->work;
    const HeadBatch *batch = &work->batch;
    int64_t dim = step->head->config.dim;
    for (int64_t k = 0; k < batch->present; k++) {
        int64_t j = own_column(&work->row[batch->order[batch->first[k]]], tile);
        for (int64_t m = 0; m < dim && j >= 0; m++)
            scratch->gradient[j * dim + m] += batch->dw[k * dim + m];
    }
}

static void tile_update(const Step *step, const Tile *tile, const Scratch *scratch)
{
    Head *head = step->head;
    int64_t dim = head->config.dim;
    for (int64_t j = 0; j < tile->n && !head->rule->raw; j++)
        finish_gradient(scratch->gradient + j * dim, tile->w + j * dim, scratch->pull[j],
                        tile->inverse[j], dim);
    if (head->work.batch.dw != NULL)
        add_centre_terms(step, tile, scratch);
    for (int64_t j = 0; j < tile->n; j++) {
        real *g = scratch->gradient + j * dim;
        int64_t at = identity_of(tile, j) * dim;
        if (step->dw != NULL)
            memcpy(step->dw + at, g, (size_t)dim * sizeof(real));
        if (step->sgd != NULL)
            tiles_update_vector(head->weight + at, head->momentum + at, g, step->sgd, dim);
    }
}

/* The gradient of the biases of the tile: the sums of the columns of its G. */
static void add_bias_gradient(const Step *step, const Tile *tile)
{
    real *gradient = step->head->state.aux_gradient;
    for (int64_t i = 0; i < step->rows; i++)
        for (int64_t j = 0; j < tile->n; j++)
            gradient[identity_of(tile, j)] += tile->cosine[i * tile->n + j];
}

static void second_tile(const Step *step, const Tile *tile, const Scratch *scratch, real *dx,
                        bool first, GroupRow *sum)
{
    const Head *head = step->head;
    tile_cosines(step, tile);
    tile_gradient(step, tile, scratch, sum);
    if (head->rule->raw)
        add_bias_gradient(step, tile);
    Product to_rows = product_input(step->rows, tile->n, head->config.dim);
    to_rows.add = !first;
    product_run(head->kernels, dx, tile->cosine, tile->w, &to_rows);
    if (step->dw == NULL && step->sgd == NULL)
        return;
    Product to_centres = product_weight(step->rows, tile->n, head->config.dim);
    to_centres.add = false;
    product_run(head->kernels, scratch->gradient, tile->cosine, head->work.unit, &to_centres);
    tile_update(step, tile, scratch);
}

void tiles_second_walk(void *arg, int64_t group, int worker)
{
    const Step *step = arg;
    const Work *work = &step->head->work;
    const Scratch *scratch = &work->scratch[worker];
    GroupRow *sum = work->group_row + group * step->rows;
    real *dx = work->group_dx + group * step->rows * step->head->config.dim;
    int64_t begin = group * work->tiles / work->groups;
    int64_t end = (group + 1) * work->tiles / work->groups;
    for (int64_t t = begin; t < end; t++) {
        Tile tile = tile_at(step, t, scratch);
        second_tile(step, &tile, scratch, dx, t == begin, sum);
    }
}
