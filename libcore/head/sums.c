/* What groups of tiles, and processes, have found for the rows of a batch, added up by the tree. */
#include <string.h>

#include "head/engine_internal.h"

static void join_found(void *arg, void *lower, const void *higher, int first, int half)
{
    (void)first;
    (void)half;
    OwnCosine *a = lower;
    const OwnCosine *b = higher;
    for (int64_t i = 0; i < *(const int64_t *)arg; i++)
        if (!a[i].known)
            a[i] = b[i];
}

/* Own cosines, and the numbers of the own identities, from the processes that have their centres.
 */
void sums_own_cosines(HeadStep *step)
{
    Head *head = step->head;
    Work *work = &head->work;
    real *aux = head->state.aux;
    if (comm_size(head->config.comm) == 1 || head->rule->bare)
        return;
    for (int64_t i = 0; i < step->rows; i++) {
        const HeadRow *row = &work->row[i];
        bool known = head_owns(head, row->label);
        work->found[i] =
            (OwnCosine){row->cosine, aux != NULL ? (double)aux[row->label] : 0, row->sub, known};
    }
    comm_join(head->config.comm, work->found, (size_t)step->rows * sizeof *work->found, join_found,
              &step->rows);
    for (int64_t i = 0; i < step->rows; i++) {
        HeadRow *row = &work->row[i];
        row->cosine = work->found[i].cosine;
        row->sub = work->found[i].sub;
        if (aux != NULL)
            aux[row->label] = (real)work->found[i].aux;
    }
}

/* What one group of tiles found for a row, and the next one. */
static void join_row(const HeadRule *rule, GroupRow *a, const GroupRow *b)
{
    a->nearest = fmax(a->nearest, b->nearest);
    if (rule->sums)
        a->sum += b->sum;
    else
        log_sum_add(&a->max, &a->sum, b->max, b->sum);
    a->logits += b->logits;
    a->hard.count += b->hard.count;
    a->hard.sum += b->hard.sum;
}

static void join_rows(void *arg, void *lower, const void *higher, int first, int half)
{
    (void)first;
    (void)half;
    const HeadStep *step = arg;
    for (int64_t i = 0; i < step->rows; i++)
        join_row(step->head->rule, (GroupRow *)lower + i, (const GroupRow *)higher + i);
}

void sums_rows(HeadStep *step)
{
    const Head *head = step->head;
    const Work *work = &head->work;
    size_t bytes = (size_t)step->rows * sizeof(GroupRow);
    for (int64_t half = 1; half < work->own.count; half *= 2)
        for (int64_t g = 0; g < work->own.count; g += 2 * half)
            join_rows(step, work->group_row + g * step->rows,
                      work->group_row + (g + half) * step->rows, 0, 0);
    comm_join(head->config.comm, work->group_row, bytes, join_rows, step);
    for (int64_t i = 0; i < step->rows; i++) {
        const GroupRow *all = &work->group_row[i];
        HeadRow *row = &work->row[i];
        row->nearest = head->rule->raw ? all->max : all->nearest;
        row->logits = all->logits;
        row->hard = all->hard.count;
        row->hard_sum = all->hard.sum;
        if (head->rule->sums)
            row->negatives = all->sum;
        else /* no negative may have been sampled */
            row->negatives = all->sum == 0 ? -INFINITY : all->max + log(all->sum);
    }
}

/* Adds what a run of groups from `from` on has for some rows to that of one from `to` on. */
static void add_groups(const HeadStep *step, int64_t to, int64_t from, int64_t begin, int64_t end)
{
    const Work *work = &step->head->work;
    int64_t dim = step->head->config.dim;
    real *lower = work_dx(work, to, dim);
    const real *higher = work_dx(work, from, dim);
    for (int64_t k = begin * dim; k < end * dim; k++)
        lower[k] += higher[k];
    for (int64_t i = begin; i < end; i++)
        work->group_row[to * step->rows + i].pull += work->group_row[from * step->rows + i].pull;
}

static bool has_identities(const Work *work, int64_t first, int64_t groups)
{
    return work->place[first + groups] > work->place[first];
}

/* Sums what the own groups have for some rows, into the first group. Those without identities have
 * left their place as it was. */
static void sum_groups(void *arg, int64_t chunk, int worker)
{
    (void)worker;
    const HeadStep *step = arg;
    const Work *work = &step->head->work;
    int64_t dim = step->head->config.dim, begin = chunk * STEP_ROWS;
    int64_t end = step_chunk_end(step, chunk), count = work->own.count;
    for (int64_t half = work->every; half < count; half *= 2)
        for (int64_t g = 0; g < count; g += 2 * half) {
            if (!has_identities(work, g + half, half))
                continue;
            if (!has_identities(work, g, half))
                memset(work_dx(work, g, dim) + begin * dim, 0,
                       (size_t)((end - begin) * dim) * sizeof(real));
            add_groups(step, g, g + half, begin, end);
        }
    if (!has_identities(work, 0, count))
        memset(work->group_dx + begin * dim, 0, (size_t)((end - begin) * dim) * sizeof(real));
    for (int64_t i = begin; i < end; i++)
        work->pull[i] = work->group_row[i].pull;
}

void sums_gradients(HeadStep *step)
{
    const Head *head = step->head;
    const Work *work = &head->work;
    if (work->own.count == 0)
        return;
    pool_run(head->pool, step_chunks(step), sum_groups, step);
    comm_sum(head->config.comm, work->group_dx, (size_t)(step->rows * head->config.dim));
    comm_sum_doubles(head->config.comm, work->pull, (size_t)step->rows);
}
