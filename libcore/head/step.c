#include <string.h>

#include "base/sort_internal.h"
#include "head/engine_internal.h"

CLONES static double dot(const real *a, const real *b, int64_t n)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t k = 0; k < n; k++)
        sum += (double)a[k] * b[k];
    return sum;
}

/* Keeps NaN, unlike fmin and fmax. */
static double clamp_cosine(double g)
{
    return g > 1 ? 1 : g < -1 ? -1 : g;
}

/* The own cosine, of the nearest of the identity's centres. With memory[dim]. */
static void find_own_cosine(const Head *head, HeadRow *row, const real *x, double inverse,
                            real *memory)
{
    int64_t dim = head->config.dim;
    for (int64_t k = 0; k < head->sub; k++) {
        const real *w = head_centre(head, head->weight, row->label) + k * dim;
        if (head->work.leans) {
            tiles_lean(head, memory, row->label);
            w = memory;
        }
        double length = head->rule->raw ? 1 : fmax(sqrt(dot(w, w, dim)), HEAD_TINY);
        double cosine = dot(x, w, dim) * inverse / length;
        if (!head->rule->raw)
            cosine = clamp_cosine(cosine);
        if (k > 0 && !(cosine > row->cosine))
            continue;
        row->cosine = cosine;
        row->sub = k;
    }
}

/* Length, unit vector and own cosine of some rows, in double: the own cosine decides the margin. */
static void prepare_rows(void *arg, int64_t chunk, int worker)
{
    (void)worker;
    const HeadStep *step = arg;
    Head *head = step->head;
    int64_t dim = head->config.dim;
    for (int64_t i = chunk * STEP_ROWS; i < step_chunk_end(step, chunk); i++) {
        const real *x = step->x + i * dim;
        HeadRow *row = &head->work.row[i];
        *row = (HeadRow){.label = step->label[i], .norm = sqrt(dot(x, x, dim))};
        row->place = head->sample != NULL ? sample_place(head->sample, row->label) : row->label;
        double inverse = head->rule->raw ? 1 : 1 / fmax(row->norm, HEAD_TINY);
        if (!head->rule->bare && head_owns(head, row->label))
            find_own_cosine(head, row, x, inverse, head->work.unit + i * dim);
        for (int64_t k = 0; k < dim; k++)
            head->work.unit[i * dim + k] = (real)(x[k] * inverse);
    }
}

/* With e = negatives - z_y: -log p_y = log(1 + exp e) and 1 - p_y = 1 / (1 + exp -e), exact where
 * p_y is near 1. Labels smoothed by s: L = -log p_y + s (z_y - mean of all z). */
static void find_softmax(HeadRow *row, double weight, double smoothing, double identities)
{
    double e = row->negatives - row->positive, loss = fmax(e, 0) + log1p(exp(-fabs(e)));
    row->miss = 1 / (1 + exp(-e));
    row->all = row->positive + loss;
    if (smoothing > 0) {
        row->miss -= smoothing * (1 - 1 / identities);
        loss += smoothing * (row->positive - (row->positive + row->logits) / identities);
    }
    row->push = -weight * row->miss;
    row->loss += weight * loss;
}

/* Asks the rule for the logits of the positives, and finds the loss of every row. */
static void find_loss(const HeadStep *step)
{
    const Head *head = step->head;
    double smoothing = head->config.label_smoothing, identities = (double)head->work.identities;
    for (int64_t i = 0; i < step->rows; i++) {
        HeadRow *row = &head->work.row[i];
        row->miss = row->push = 1;
        row->loss = row->term;
        row->nearest = head->rule->bare ? (double)NAN : row->nearest;
        if (head->rule->bare)
            continue;
        head->rule->positive(&head->state, row);
        if (head->rule->sums)
            row->loss += row->positive + row->negatives;
        else
            find_softmax(row, head_weight(head->rule, &head->state), smoothing, identities);
    }
}

static int check_loss(const HeadStep *step, HeadStats *stats, Err *err)
{
    const Work *work = &step->head->work;
    for (int64_t i = 0; i < step->rows; i++) {
        const HeadRow *row = &work->row[i];
        if (isfinite(row->loss))
            continue;
        if (stats != NULL)
            *stats = (HeadStats){.loss = row->loss};
        return err_set(err,
                       "the loss of row %lld of the batch is %g (identity %lld, length of the "
                       "embedding %g, cosine to its centre %g)",
                       (long long)i, row->loss, (long long)row->label, row->norm, row->cosine);
    }
    if (!isfinite(step->head->state.penalty))
        return err_set(err, "the part of the loss that is of the centres is %g",
                       step->head->state.penalty);
    return 0;
}

/* dx[dim], in the direction of the embedding, becomes that in the embedding: less its part along
 * it. */
static void finish_row(const HeadStep *step, const HeadRow *row, real *dx, const real *unit)
{
    const HeadRule *rule = step->head->rule;
    real inverse = (real)(1 / fmax(row->norm, HEAD_TINY));
    real along = row->norm >= HEAD_TINY ? (real)row->pull * inverse : 0;
    if (rule->radial != NULL)
        along -= (real)rule->radial(&step->head->state, row, step->rows);
    for (int64_t k = 0; k < step->head->config.dim; k++)
        dx[k] = dx[k] * inverse - along * unit[k];
}

/* dx of some rows, from the groups' sum and what the rule has beside it. */
static void finish_rows(void *arg, int64_t chunk, int worker)
{
    (void)worker;
    const HeadStep *step = arg;
    const Head *head = step->head;
    const Work *work = &head->work;
    int64_t dim = head->config.dim;
    size_t bytes = (size_t)dim * sizeof(real);
    for (int64_t i = chunk * STEP_ROWS; i < step_chunk_end(step, chunk); i++) {
        HeadRow *row = &work->row[i];
        real *dx = step->dx + i * dim;
        memset(dx, 0, bytes);
        /* 0 is added because -0 stays -0 unless another group had added its 0. */
        for (int64_t k = 0; work->own.count > 0 && k < dim; k++)
            dx[k] = work->group_dx[i * dim + k] + 0;
        row->pull = work->own.count > 0 ? work->pull[i] + 0 : 0;
        if (!head->rule->raw)
            finish_row(step, row, dx, work->unit + i * dim);
        if (work->batch.dx == NULL)
            continue;
        for (int64_t k = 0; k < dim; k++)
            dx[k] += work->batch.dx[i * dim + k];
    }
}

static bool past_pi(const HeadRow *row, double angle)
{
    return acos(clamp_cosine(row->cosine)) + angle * row->margin > M_PI;
}

static void pair_row(HeadPairing *pairing, double g, double h)
{
    pairing->rows += 1;
    pairing->g += g;
    pairing->h += h;
    pairing->gg += g * g;
    pairing->hh += h * h;
    pairing->gh += g * h;
}

double head_correlation(const HeadPairing *pairing)
{
    double n = pairing->rows, of_g = n * pairing->gg - pairing->g * pairing->g;
    double of_h = n * pairing->hh - pairing->h * pairing->h;
    return (n * pairing->gh - pairing->g * pairing->h) / sqrt(of_g * of_h);
}

static HeadStats collect_stats(const HeadStep *step)
{
    const Head *head = step->head;
    double n = (double)step->rows;
    HeadStats sum = {.loss = head->state.penalty,
                     .updates = head->state.step,
                     .cosines_kept = head->work.cosines != NULL};
    for (int64_t i = 0; i < step->rows; i++) {
        const HeadRow *row = &head->work.row[i];
        sum.loss += row->loss / n;
        sum.own_cosine += row->cosine / n;
        sum.hard += row->hard / n;
        sum.margin += row->margin / n;
        sum.norm += row->norm / n;
        sum.own_probability +=
            (head->rule->sums || head->rule->bare ? 1 - row->miss : exp(row->positive - row->all)) /
            n;
        sum.top1 += ((head->rule->raw ? row->positive : row->cosine) > row->nearest) / n;
        sum.past_pi += past_pi(row, head->rule->angle) / n;
        if (row->hard > 0)
            pair_row(&sum.pairing, row->cosine, row->hard_sum / row->hard);
        if (!head->rule->raw && isfinite(row->nearest))
            pair_row(&sum.nearest, row->cosine, row->nearest);
    }
    if (head->rule->bare)
        sum.top1 = NAN;
    if (head->rule->angle == 0)
        sum.past_pi = NAN;
    return sum;
}

static void update_state(Head *head, const Optimiser *optimiser)
{
    HeadState *state = &head->state;
    if (head->rule->update != NULL)
        head->rule->update(state, head->work.row, &head->work.batch, optimiser);
    for (int k = 0; k < HEAD_STATE; k++)
        state->now[k] = (real)state->next[k];
    if (head->sample != NULL)
        sample_note(head->sample, (int64_t)head->step, optimiser);
    head->step += 1;
    if (state->aux == NULL)
        return;
    /* The gradient of a bias is of the tiles, which other processes have not seen. */
    int64_t begin = head->rule->raw ? head->begin : 0;
    int64_t end = head->rule->raw ? head->end : state->identities;
    tiles_update_vector(state->aux + begin, head->aux_momentum + begin,
                        head->aux_square != NULL ? head->aux_square + begin : NULL,
                        state->aux_gradient + begin, optimiser, state->step, end - begin);
    for (int64_t j = begin; j < end && head->rule->aux_min < head->rule->aux_max; j++)
        state->aux[j] = (real)fmax(head->rule->aux_min, fmin(head->rule->aux_max, state->aux[j]));
}

static int check_batch(const HeadStep *step, Err *err)
{
    int64_t identities = step->head->config.identities;
    if (step->rows < 1)
        return err_set(err, "the batch is empty");
    for (int64_t i = 0; i < step->rows; i++)
        if (step->label[i] < 0 || step->label[i] >= identities)
            return err_set(
                err, "row %lld of the batch has label %lld; the head has identities 0 to %lld",
                (long long)i, (long long)step->label[i], (long long)identities - 1);
    return 0;
}

static void first_walk(HeadStep *step)
{
    Head *head = step->head;
    pool_run(head->pool, head->work.own.count, tiles_first_walk, step);
    step->have_cosines = head->work.cosines != NULL;
    sums_rows(step);
}

/* Draws the identities of a step, where they are sampled, and brings their centres up to date. */
static int choose_identities(const HeadStep *step, Err *err)
{
    const Head *head = step->head;
    int64_t done = (int64_t)head->step;
    if (head->sample == NULL)
        return 0;
    if (step->dw != NULL)
        memset(step->dw, 0,
               (size_t)(head->config.identities * head->sub * head->config.dim) * sizeof *step->dw);
    if (sample_draw(head->sample, head->config.sample_rate, step->label, step->rows,
                    head->config.seed, done, head->config.rough, err) != 0)
        return -1;
    return sample_catch_up(head->sample, done, false, head->pool, err);
}

/* Margins while they warm up: in step t of N, counted from 0, t/N of them. */
static void grow_margins(Head *head)
{
    const HeadOptions *options = &head->config.options;
    double steps = (double)head->config.margin_warmup;
    double share = (double)head->step < steps ? (double)head->step / steps : 1;
    for (int k = 0; options->info->options[k].name != NULL; k++) {
        double whole = options->value[k], none = head->rule->factors >> k & 1;
        bool grows = share < 1 && ((head->rule->margins | head->rule->factors) >> k & 1) != 0;
        head->value[k] = grows ? none + share * (whole - none) : whole;
    }
}

/* Everything before the first walk: memory, the rows, what the rule makes of them. */
static int prepare(HeadStep *step, Err *err)
{
    Head *head = step->head;
    HeadState *state = &head->state;
    const int64_t *id;
    if (check_batch(step, err) != 0 || choose_identities(step, err) != 0 ||
        work_reserve(head, head_sampled(head, &id), step->rows, err) != 0)
        return -1;
    grow_margins(head);
    state->penalty = 0;
    state->step = (double)head->step;
    for (int k = 0; k < HEAD_STATE; k++)
        state->next[k] = (double)state->now[k];
    if (state->aux != NULL)
        memset(state->aux_gradient, 0, (size_t)state->identities * sizeof(real));
    pool_run(head->pool, step_chunks(step), prepare_rows, step);
    sums_own_cosines(step);
    if (head->rule->batch != NULL)
        head->rule->batch(state, head->work.row, step->rows);
    return 0;
}

static int by_label(const void *a, const void *b)
{
    const HeadRow *x = *(const HeadRow *const *)a, *y = *(const HeadRow *const *)b;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* The rows by label, and where each label begins. */
static void sort_rows(Work *work)
{
    const HeadRow **sorted = work->sorted;
    for (int64_t i = 0; i < work->rows; i++)
        sorted[i] = &work->row[i];
    sort_array(sorted, (size_t)work->rows, sizeof *sorted, by_label);
    work->batch.present = 0;
    for (int64_t k = 0; k < work->rows; k++) {
        work->order[k] = sorted[k] - work->row;
        if (k == 0 || sorted[k]->label != sorted[k - 1]->label)
            work->first[work->batch.present++] = k;
    }
    work->first[work->batch.present] = work->rows;
}

/* The centres of the batch's identities: each process has those of a run of them, in their order.
 */
static void gather_present(const Head *head)
{
    const Work *work = &head->work;
    const HeadBatch *batch = &work->batch;
    size_t bytes = (size_t)batch->dim * sizeof(real), first[COMM_MOST + 1];
    int size = comm_size(head->config.comm);
    int64_t k = 0;
    for (int r = 0; r <= size; r++) {
        int64_t begin = head_group_begin(&head->config, head->groups, r * head->own.count);
        while (k < batch->present && work->row[work->order[work->first[k]]].label < begin)
            k++;
        first[r] = (size_t)k * bytes;
    }
    for (k = 0; k < batch->present; k++) {
        int64_t identity = work->row[work->order[work->first[k]]].label;
        if (head_owns(head, identity))
            memcpy(batch->present_weight + k * batch->dim,
                   head_centre(head, head->weight, identity), bytes);
    }
    if (size > 1)
        comm_gather(head->config.comm, batch->present_weight, first);
}

/* What the loss has beside the softmax: the rows' terms, the penalty, their gradients. */
static void find_terms(const HeadStep *step)
{
    Head *head = step->head;
    Work *work = &head->work;
    HeadBatch *batch = &work->batch;
    size_t bytes = (size_t)(step->rows * head->config.dim) * sizeof(real);
    batch->rows = step->rows;
    batch->dim = head->config.dim;
    batch->x = step->x;
    batch->unit = work->unit;
    batch->order = work->order;
    batch->first = work->first;
    batch->weight = head->weight;
    batch->begin = head->begin;
    batch->end = head->end;
    batch->pool = head->pool;
    sort_rows(work);
    if (head->rule->prepare != NULL)
        head->rule->prepare(&head->state, work->row, batch);
    if (batch->dx != NULL) {
        memset(batch->dx, 0, bytes);
        head->rule->embeddings(&head->state, work->row, batch);
    }
    if (batch->dw != NULL) {
        memset(batch->dw, 0, bytes);
        gather_present(head);
        head->rule->centres(&head->state, work->row, batch);
    }
}

static int run(HeadStep *step, HeadStats *stats, Err *err)
{
    Head *head = step->head;
    const HeadRule *rule = head->rule;
    if (prepare(step, err) != 0)
        return -1;
    if (head_rule_batches(rule))
        find_terms(step);
    if (rule->scan != NULL) {
        step->negatives = rule->scan;
        first_walk(step);
        rule->scanned(&head->state, head->work.row, step->rows);
    }
    step->negatives = rule->negatives;
    if (!rule->bare)
        first_walk(step);
    find_loss(step);
    if (check_loss(step, stats, err) != 0)
        return -1;
    pool_run(head->pool, head->work.own.count, tiles_second_walk, step);
    sums_gradients(step);
    pool_run(head->pool, step_chunks(step), finish_rows, step);
    if (rule->finish != NULL)
        rule->finish(&head->state, head->work.row, step->rows);
    if (stats != NULL)
        *stats = collect_stats(step);
    if (step->optimiser != NULL)
        update_state(head, step->optimiser);
    return 0;
}

int head_step(Head *head, real *dx, const real *x, const int64_t *label, int64_t rows,
              const Optimiser *optimiser, HeadStats *stats, Err *err)
{
    HeadStep step = {
        .head = head, .dx = dx, .x = x, .label = label, .rows = rows, .optimiser = optimiser};
    return run(&step, stats, err);
}

int head_gradient(Head *head, real *dx, real *dw, const real *x, const int64_t *label, int64_t rows,
                  HeadStats *stats, Err *err)
{
    HeadStep step = {.head = head, .dx = dx, .dw = dw, .x = x, .label = label, .rows = rows};
    return run(&step, stats, err);
}

HeadRowStats head_row_stats(const Head *head, int64_t i)
{
    const HeadRow *row = &head->work.row[i];
    return (HeadRowStats){row->loss, row->margin, row->cosine, row->hard, row->norm, row->nearest};
}

int head_settle(Head *head, Err *err)
{
    if (head->sample == NULL)
        return 0;
    return sample_catch_up(head->sample, (int64_t)head->step, true, head->pool, err);
}

int64_t head_sampled(const Head *head, const int64_t **identities)
{
    *identities = head->sample != NULL ? head->sample->id : NULL;
    if (head->rule->bare)
        return 0;
    return head->sample != NULL ? head->sample->n : head->config.identities;
}
