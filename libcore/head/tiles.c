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

#include "head/tile_internal.h"
#include "head/vexp_internal.h"

CLONES static void lean(real *u, const real *w, const real *v, double by, int64_t dim)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t k = 0; k < dim; k++)
        sum += (double)w[k] * w[k];
    double own = (1 - by) / fmax(sqrt(sum), HEAD_TINY);
    for (int64_t k = 0; k < dim; k++)
        u[k] = (real)(own * w[k] + by * v[k]);
}

double tiles_lean(const Head *head, real *centre, int64_t identity)
{
    int64_t dim = head->config.dim;
    const real *w = head_centre(head, head->weight, identity);
    double by = head->rule->lean(&head->state, identity);
    if (by > 0)
        lean(centre, w, head->state.vector + identity * dim, by, dim);
    else
        memcpy(centre, w, (size_t)dim * sizeof(real));
    return by;
}

/* Puts the tile's centres, leaning, next to each other. */
static void gather_leaning(Tile *tile, const Head *head, const Scratch *scratch)
{
    for (int64_t j = 0; j < tile->n; j++)
        tiles_lean(head, scratch->centres + j * head->config.dim, tile_identity(tile, j));
    tile->w = scratch->centres;
}

/* Copies what belongs to the tile's identities next to each other. */
static void gather(Tile *tile, const Head *head, const Scratch *scratch)
{
    int64_t dim = head->sub * head->config.dim;
    tile->id = head->sample->id + tile->first;
    for (int64_t j = 0; j < tile->n; j++) {
        memcpy(scratch->centres + j * dim, head_centre(head, head->weight, tile->id[j]),
               (size_t)dim * sizeof(real));
        if (head->state.aux != NULL)
            scratch->aux[j] = head->state.aux[tile->id[j]];
    }
    tile->w = scratch->centres;
    tile->aux = head->state.aux != NULL ? scratch->aux : NULL;
}

/* Tile t of own group g. */
static Tile tile_at(const HeadStep *step, int64_t g, int64_t t, const Scratch *scratch)
{
    const Head *head = step->head;
    const Work *work = &head->work;
    int64_t n = work->place[g + 1] - work->place[g], tiles = work_tiles(work, g);
    int64_t begin = work_tile_begin(work, n, tiles, t);
    int64_t first = work->place[g] + begin, own = first - work->place[0];
    Tile tile = {.first = first, .n = work_tile_begin(work, n, tiles, t + 1) - begin};
    tile.width = tile.n * head->sub;
    tile.w = head->weight + own * head->sub * head->config.dim;
    tile.aux = head->state.aux != NULL ? head->state.aux + first : NULL;
    tile.cosine =
        work->cosines != NULL ? work->cosines + own * head->sub * step->rows : scratch->cosine;
    tile.inverse = work->inverse + own * head->sub;
    if (work->sampled)
        gather(&tile, head, scratch);
    if (work->leans)
        gather_leaning(&tile, head, scratch);
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
static void tile_cosines(const HeadStep *step, const Tile *tile)
{
    const Head *head = step->head;
    if (step->have_cosines)
        return;
    Product product = product_forward(step->rows, tile->width, head->config.dim);
    product_run(head->kernels, tile->cosine, head->work.unit, tile->w, &product);
    for (int64_t i = 0; i < step->rows && !head->rule->raw; i++)
        finish_cosines(tile->cosine + i * tile->width, tile->inverse, tile->width);
}

/* nearest[n]: the largest of each `sub` cosines of c. */
static void nearest_centres(real *nearest, const real *c, int64_t n, int64_t sub)
{
    for (int64_t j = 0; j < n; j++) {
        nearest[j] = c[j * sub];
        for (int64_t k = 1; k < sub; k++)
            nearest[j] = c[j * sub + k] > nearest[j] ? c[j * sub + k] : nearest[j];
    }
}

/* The cosines of row i as the rule sees them: with sub-centres those of the nearest, and 0 above
 * the filter. The own identity is among them, to be left out. */
static const real *row_cosines(const HeadStep *step, const Tile *tile, const Scratch *scratch,
                               int64_t i)
{
    const Head *head = step->head;
    const real *c = tile->cosine + i * tile->width;
    if (!head->work.bends)
        return c;
    nearest_centres(scratch->nearest, c, tile->n, head->sub);
    for (int64_t j = 0; j < tile->n; j++)
        scratch->shown[j] =
            head->filter > 0 && scratch->nearest[j] > head->filter ? 0 : scratch->nearest[j];
    return scratch->shown;
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

CLONES static void add_nearest(GroupRow *sum, const real *c, int64_t n)
{
    sum->nearest = fmax(sum->nearest, (double)largest(c, n));
}

CLONES static double total(const real *z, int64_t n)
{
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < n; j++)
        sum += z[j];
    return (double)sum;
}

/* The first walk over negatives number from .. to-1 of the tile, with the cosines c of row i. */
static void first_negatives(const HeadStep *step, const Tile *tile, const Scratch *scratch,
                            const real *c, int64_t i, GroupRow *sum, int64_t from, int64_t to)
{
    const Head *head = step->head;
    int64_t n = to - from;
    if (n == 0)
        return;
    step->negatives(&head->state, &head->work.row[i], &sum->hard, scratch->z, scratch->d, c + from,
                    tile->aux != NULL ? tile->aux + from : NULL, n);
    if (head->rule->sums)
        sum->sum += total(scratch->z, n);
    else
        add_logits(sum, scratch->z, n);
    if (head->config.label_smoothing > 0)
        sum->logits += total(scratch->z, n);
    if (!head->rule->raw)
        add_nearest(sum, (head->work.bends ? scratch->nearest : c) + from, n);
}

static void first_tile(const HeadStep *step, const Tile *tile, const Scratch *scratch,
                       GroupRow *sum)
{
    if (step->head->rule->raw)
        for (int64_t j = 0; j < tile->width; j++)
            tile->inverse[j] = 1;
    else
        inverse_norms(tile->inverse, tile->w, tile->width, step->head->config.dim);
    tile_cosines(step, tile);
    for (int64_t i = 0; i < step->rows; i++) {
        int64_t own = own_column(&step->head->work.row[i], tile);
        int64_t cut = own >= 0 ? own : tile->n;
        const real *c = row_cosines(step, tile, scratch, i);
        first_negatives(step, tile, scratch, c, i, &sum[i], 0, cut);
        if (own >= 0)
            first_negatives(step, tile, scratch, c, i, &sum[i], own + 1, tile->n);
    }
}

void tiles_first_walk(void *arg, int64_t group, int worker)
{
    const HeadStep *step = arg;
    const Work *work = &step->head->work;
    const Scratch *scratch = &work->scratch[worker];
    GroupRow *sum = work->group_row + group * step->rows;
    for (int64_t i = 0; i < step->rows; i++)
        sum[i] = (GroupRow){.max = -INFINITY, .nearest = -INFINITY};
    for (int64_t t = 0; t < work_tiles(work, group); t++) {
        Tile tile = tile_at(step, group, t, scratch);
        first_tile(step, &tile, scratch, sum);
    }
}

/* From logits z[n] and slopes d[n]: with G_j = share (exp(z_j - all) - target) d_j, writes G_j
 * inverse_j over the cosines c[n], adds G_j c_j to pull[n], and returns the sum of that. */
CLONES static double turn_to_gradient(real *c, real *pull, const real *z, const real *d,
                                      const real *inverse, real all, real target, real share,
                                      int64_t n)
{
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < n; j++) {
        real g = (vexp(z[j] - all) - target) * d[j] * share;
        real gc = g * c[j];
        sum += gc;
        pull[j] += gc;
        c[j] = g * inverse[j];
    }
    return (double)sum;
}

/* What a row counts for in the mean. */
static real share_of(const HeadStep *step)
{
    const Head *head = step->head;
    return (real)(head_weight(head->rule, &head->state) / (double)step->rows);
}

/* What the softmax should give a negative: 0 unless labels are smoothed. */
static real target_of(const HeadStep *step)
{
    const Head *head = step->head;
    return (real)(head->config.label_smoothing / (double)head->work.identities);
}

/* The same without a softmax: G_j = share d_j. */
CLONES static double slopes_to_gradient(real *c, real *pull, const real *d, const real *inverse,
                                        real share, int64_t n)
{
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t j = 0; j < n; j++) {
        real g = d[j] * share;
        real gc = g * c[j];
        sum += gc;
        pull[j] += gc;
        c[j] = g * inverse[j];
    }
    return (double)sum;
}

/* The second walk over negatives number from .. to-1 of the tile, where the rule sees the cosines
 * as they are. */
static void second_negatives(const HeadStep *step, const Tile *tile, const Scratch *scratch,
                             int64_t i, GroupRow *sum, int64_t from, int64_t to)
{
    const Head *head = step->head;
    const HeadRow *row = &head->work.row[i];
    real *c = tile->cosine + i * tile->n + from, share = share_of(step);
    int64_t n = to - from;
    HeadHard known = {0};
    step->negatives(&head->state, row, &known, scratch->z, scratch->d, c,
                    tile->aux != NULL ? tile->aux + from : NULL, n);
    if (head->rule->sums)
        sum->pull +=
            slopes_to_gradient(c, scratch->pull + from, scratch->d, tile->inverse + from, share, n);
    else
        sum->pull +=
            turn_to_gradient(c, scratch->pull + from, scratch->z, scratch->d, tile->inverse + from,
                             (real)row->all, target_of(step), share, n);
}

/* The same where it does not (Work.bends): all the gradient of an identity goes to its nearest
 * centre, the first where two are equal, and none if its cosine was filtered. */
static void second_bent(const HeadStep *step, const Tile *tile, const Scratch *scratch, int64_t i,
                        GroupRow *sum, int64_t from, int64_t to)
{
    const Head *head = step->head;
    const HeadRow *row = &head->work.row[i];
    real share = share_of(step), all = (real)row->all, target = target_of(step);
    HeadHard known = {0};
    step->negatives(&head->state, row, &known, scratch->z, scratch->d, scratch->shown + from,
                    tile->aux != NULL ? tile->aux + from : NULL, to - from);
    for (int64_t j = from; j < to; j++) {
        real *c = tile->cosine + i * tile->width + j * head->sub;
        real best = scratch->nearest[j], g = scratch->d[j - from] * share;
        bool filtered = head->filter > 0 && best > head->filter, found = filtered;
        if (!head->rule->sums)
            g *= vexp(scratch->z[j - from] - all) - target;
        for (int64_t k = 0; k < head->sub; k++) {
            bool nearest = !found && c[k] == best;
            int64_t at = j * head->sub + k;
            found = found || nearest;
            scratch->pull[at] += nearest ? g * best : 0;
            c[k] = nearest ? g * tile->inverse[at] : 0;
        }
        sum->pull += filtered ? 0 : (double)(g * best);
    }
}

/* The second walk over the own identity of row i, which is number `own` of the tile. */
static void second_positive(const HeadStep *step, const Tile *tile, const Scratch *scratch,
                            int64_t i, GroupRow *sum, int64_t own)
{
    const HeadRow *row = &step->head->work.row[i];
    int64_t sub = step->head->sub, at = own * sub + row->sub;
    real *c = tile->cosine + i * tile->width;
    double g = row->push * row->slope / (double)step->rows;
    sum->pull += g * row->cosine;
    scratch->pull[at] += (real)(g * row->cosine);
    for (int64_t k = own * sub; k < (own + 1) * sub; k++)
        c[k] = k == at ? (real)g * tile->inverse[at] : 0;
}

/* Turns the cosines of the tile into G_ij / ||w_j||. */
static void tile_gradient(const HeadStep *step, const Tile *tile, const Scratch *scratch,
                          GroupRow *sum)
{
    bool bends = step->head->work.bends;
    memset(scratch->pull, 0, (size_t)tile->width * sizeof(real));
    for (int64_t i = 0; i < step->rows; i++) {
        int64_t own = own_column(&step->head->work.row[i], tile);
        int64_t cut = own >= 0 ? own : tile->n;
        if (bends) {
            row_cosines(step, tile, scratch, i);
            second_bent(step, tile, scratch, i, &sum[i], 0, cut);
            if (own >= 0)
                second_bent(step, tile, scratch, i, &sum[i], own + 1, tile->n);
        } else {
            second_negatives(step, tile, scratch, i, &sum[i], 0, cut);
            if (own >= 0)
                second_negatives(step, tile, scratch, i, &sum[i], own + 1, tile->n);
        }
        if (own >= 0)
            second_positive(step, tile, scratch, i, &sum[i], own);
    }
}

/* The gradient of the biases of the tile: the sums of the columns of its G. */
static void add_bias_gradient(const HeadStep *step, const Tile *tile)
{
    real *gradient = step->head->state.aux_gradient;
    for (int64_t i = 0; i < step->rows; i++)
        for (int64_t j = 0; j < tile->n; j++)
            gradient[tile_identity(tile, j)] += tile->cosine[i * tile->n + j];
}

static void second_tile(const HeadStep *step, const Tile *tile, const Scratch *scratch, real *dx,
                        bool first, GroupRow *sum)
{
    const Head *head = step->head;
    tile_cosines(step, tile);
    tile_gradient(step, tile, scratch, sum);
    if (head->rule->raw)
        add_bias_gradient(step, tile);
    Product to_rows = product_input(step->rows, tile->width, head->config.dim);
    to_rows.add = !first;
    product_run(head->kernels, dx, tile->cosine, tile->w, &to_rows);
    if (step->dw == NULL && step->optimiser == NULL)
        return;
    Product to_centres = product_weight(step->rows, tile->width, head->config.dim);
    to_centres.add = false;
    product_run(head->kernels, scratch->gradient, tile->cosine, head->work.unit, &to_centres);
    tile_update(step, tile, scratch);
}

void tiles_second_walk(void *arg, int64_t group, int worker)
{
    const HeadStep *step = arg;
    const Work *work = &step->head->work;
    const Scratch *scratch = &work->scratch[worker];
    GroupRow *sum = work->group_row + group * step->rows;
    int64_t dim = step->head->config.dim, tiles = work_tiles(work, group);
    real *dx = work_dx(work, group, dim);
    for (int64_t t = 0; t < tiles; t++) {
        Tile tile = tile_at(step, group, t, scratch);
        second_tile(step, &tile, scratch, dx, t == 0, sum);
    }
}
