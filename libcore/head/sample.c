#include "head/sample_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng_internal.h"

Sample *sample_new(int64_t identities, int64_t begin, int64_t end, int64_t dim, real *weight,
                   real *momentum, bool lazy, Err *err)
{
    Sample *sample = calloc(1, sizeof *sample);
    size_t n = (size_t)identities;
    if (sample != NULL) {
        *sample = (Sample){.identities = identities, .dim = dim, .lazy = lazy};
        sample->begin = begin;
        sample->end = end;
        sample->weight = weight;
        sample->momentum = momentum;
        sample->marked = malloc(n);
        sample->updates = calloc(n, sizeof(real));
        sample->history = calloc(SAMPLE_HISTORY * 3, sizeof(real));
    }
    if (sample == NULL || sample->marked == NULL || sample->updates == NULL ||
        sample->history == NULL) {
        sample_free(sample);
        err_memory(err, "sampling identities", n * (1 + sizeof(real)));
        return NULL;
    }
    return sample;
}

void sample_free(Sample *sample)
{
    if (sample == NULL)
        return;
    free(sample->id);
    free(sample->marked);
    free(sample->updates);
    free(sample->history);
    free(sample);
}

int sample_draw(Sample *sample, double rate, const int64_t *label, int64_t rows, uint64_t seed,
                int64_t step, bool rough, Err *err)
{
    int64_t c = sample->identities, want = (int64_t)(rate * (double)c), most = want + rows;
    if (most > sample->room) {
        free(sample->id);
        sample->id = malloc((size_t)most * sizeof *sample->id);
        sample->room = sample->id != NULL ? most : 0;
        if (sample->id == NULL)
            return err_memory(err, "sampled identities", (size_t)most * sizeof *sample->id);
    }
    memset(sample->marked, 0, (size_t)c);
    int64_t n = 0;
    for (int64_t i = 0; i < rows; i++) {
        n += !sample->marked[label[i]];
        sample->marked[label[i]] = 1;
    }
    for (int64_t i = 0; n < want && i < c; i++) {
        uint64_t j = rough ? rng_permute_rough(seed, (uint64_t)step, (uint64_t)c, (uint64_t)i)
                           : rng_permute(seed, (uint64_t)step, (uint64_t)c, (uint64_t)i);
        n += !sample->marked[j];
        sample->marked[j] = 1;
    }
    sample->n = 0;
    for (int64_t j = 0; j < c; j++)
        if (sample->marked[j])
            sample->id[sample->n++] = j;
    return 0;
}

int64_t sample_place(const Sample *sample, int64_t identity)
{
    int64_t low = 0, high = sample->n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (sample->id[middle] < identity)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* product[k] is what the last k of `step` updates do to a centre without a gradient. */
static void multiply_out(Sample *sample, int64_t step)
{
    double *q = sample->product[0];
    q[0] = q[3] = 1;
    q[1] = q[2] = 0;
    for (int64_t k = 0; k < SAMPLE_HISTORY && k < step; k++) {
        const real *h = sample->history + (step - 1 - k) % SAMPLE_HISTORY * 3;
        double lr = (double)h[0], mu = fabs((double)h[1]), wd = (double)h[2], *next = q + 4;
        if (h[1] < 0) { /* Nesterov: w loses lr (wd w + mu v), with the new v = mu v + wd w */
            double a = 1 - lr * wd * (1 + mu), b = -lr * mu * mu;
            next[0] = q[0] * a + q[1] * wd;
            next[1] = q[0] * b + q[1] * mu;
            next[2] = q[2] * a + q[3] * wd;
            next[3] = q[2] * b + q[3] * mu;
            q = next;
            continue;
        }
        next[0] = q[0] * (1 - lr * wd) + q[1] * wd;
        next[1] = mu * (q[1] - q[0] * lr);
        next[2] = q[2] * (1 - lr * wd) + q[3] * wd;
        next[3] = mu * (q[3] - q[2] * lr);
        q = next;
    }
}

CLONES static void transform(real *w, real *v, const double *q, int64_t dim)
{
    real a = (real)q[0], b = (real)q[1], c = (real)q[2], d = (real)q[3];
    for (int64_t k = 0; k < dim; k++) {
        real was = w[k];
        w[k] = a * was + b * v[k];
        v[k] = c * was + d * v[k];
    }
}

/* Centres number from, from + stride, ... below the number of all, or the sampled ones. */
typedef struct CatchUp {
    Sample *sample;
    const int64_t *id; /* or NULL */
    int64_t from, stride, n, step;
} CatchUp;

enum { CENTRES = 64 }; /* for a thread at a time */

static int64_t centre_of(const CatchUp *c, int64_t i)
{
    return c->id != NULL ? c->id[i] : c->from + i * c->stride;
}

static void catch_up_some(void *arg, int64_t chunk, int worker)
{
    (void)worker;
    CatchUp *c = arg;
    Sample *s = c->sample;
    int64_t end = (chunk + 1) * CENTRES < c->n ? (chunk + 1) * CENTRES : c->n;
    for (int64_t i = chunk * CENTRES; i < end; i++) {
        int64_t j = centre_of(c, i), behind = c->step - (int64_t)s->updates[j];
        if (behind > 0)
            transform(s->weight + (j - s->begin) * s->dim, s->momentum + (j - s->begin) * s->dim,
                      s->product[behind], s->dim);
        s->updates[j] = (real)c->step;
    }
}

/* What was loaded may be anything. */
static int check_behind(const CatchUp *c, Err *err)
{
    int64_t most = c->step < SAMPLE_HISTORY ? c->step : SAMPLE_HISTORY;
    for (int64_t i = 0; i < c->n; i++) {
        int64_t j = centre_of(c, i);
        real updates = c->sample->updates[j];
        if (!(updates >= (real)(c->step - most) && updates <= (real)c->step))
            return err_set(err,
                           "centre %lld has seen %g updates of %lld, and only the last %lld are "
                           "known",
                           (long long)j, (double)updates, (long long)c->step, (long long)most);
    }
    return 0;
}

static int catch_up(CatchUp *c, Pool *pool, Err *err)
{
    if (check_behind(c, err) != 0)
        return -1;
    pool_run(pool, (c->n + CENTRES - 1) / CENTRES, catch_up_some, c);
    return 0;
}

int sample_catch_up(Sample *sample, int64_t step, bool all, Pool *pool, Err *err)
{
    CatchUp turn = {.sample = sample, .step = step};
    if (!sample->lazy)
        return 0;
    turn.stride = all ? 1 : SAMPLE_HISTORY;
    int64_t phase = all ? 0 : step % SAMPLE_HISTORY, past = sample->begin - phase;
    turn.from = past <= 0 ? phase : phase + (past + turn.stride - 1) / turn.stride * turn.stride;
    if (turn.from < sample->end)
        turn.n = (sample->end - turn.from + turn.stride - 1) / turn.stride;
    multiply_out(sample, step);
    if (catch_up(&turn, pool, err) != 0)
        return -1;
    int64_t first = sample_place(sample, sample->begin), end = sample_place(sample, sample->end);
    CatchUp sampled = {.sample = sample, .id = sample->id + first, .n = end - first, .step = step};
    return all ? 0 : catch_up(&sampled, pool, err);
}

void sample_note(Sample *sample, int64_t step, const Optimiser *optimiser)
{
    real *h = sample->history + step % SAMPLE_HISTORY * 3;
    h[0] = (real)optimiser->lr;
    h[1] = (real)(optimiser->nesterov ? -optimiser->momentum : optimiser->momentum);
    h[2] = (real)optimiser->weight_decay;
    for (int64_t i = 0; i < sample->n; i++)
        sample->updates[sample->id[i]] = (real)(step + 1);
}
