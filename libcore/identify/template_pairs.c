#include "identify/template_pairs_internal.h"

#include <stdlib.h>

#include "base/array_internal.h"
#include "base/real_internal.h"
#include "lists/fields_internal.h"

enum {
    CHUNK = 4096,
    BLOCK = 512 /* second templates of neighbouring pairs: of 512 numbers they fill 1 MiB */
};

static int find_template(uint32_t *place, const TemplateImages *images, const Fields *f, int field,
                         Err *err)
{
    int64_t number;
    if (fields_number(&number, f, field, 0, err) != 0)
        return -1;
    int64_t at = templates_find(images, number);
    if (at < 0)
        return err_set(err, "%s: line %lld: no image of template %lld", f->path, (long long)f->line,
                       (long long)number);
    *place = (uint32_t)at;
    return 0;
}

static int read_pair(TemplatePair *pair, const TemplateImages *images, const Fields *f, Err *err)
{
    uint32_t b = 0;
    int64_t same = 0;
    if (find_template(&pair->a, images, f, 0, err) != 0 ||
        find_template(&b, images, f, 1, err) != 0 || fields_number(&same, f, 2, 0, err) != 0)
        return -1;
    pair->b = b & 0x7fffffff;
    pair->same = same != 0;
    return 0;
}

static int read_all(TemplatePairs *pairs, const TemplateImages *images, Fields *f, Err *err)
{
    int64_t room = 0;
    while (fields_next(f)) {
        if (array_reserve(pairs->pair, room, pairs->n + 1, "pairs", err) != 0)
            return -1;
        if (read_pair(&pairs->pair[pairs->n], images, f, err) != 0)
            return -1;
        pairs->n++;
    }
    return pairs->n > 0 ? 0 : err_set(err, "%s: no pairs", f->path);
}

/* Which of the two sorts: by the first template, or by the block of the second. */
static uint32_t digit(TemplatePair pair, bool block)
{
    return block ? pair.b / BLOCK : pair.a;
}

/* to[n] = from[n] in the order of their digits, equal ones as they were; start[digits] is zero. */
static void distribute(TemplatePair *to, const TemplatePair *from, int64_t n, bool block,
                       int64_t *start, int64_t digits)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < n; i++)
        start[digit(from[i], block)]++;
    for (int64_t k = 0; k < digits; k++) {
        int64_t count = start[k];
        start[k] = sum;
        sum += count;
    }
    for (int64_t i = 0; i < n; i++)
        to[start[digit(from[i], block)]++] = from[i];
}

/* By blocks of second templates, which stay in a core's cache; within one by the first. */
static int sort_pairs(TemplatePairs *pairs, int64_t templates, Err *err)
{
    int64_t blocks = templates / BLOCK + 1;
    size_t bytes = (size_t)pairs->n * sizeof(TemplatePair);
    TemplatePair *other = malloc(bytes);
    int64_t *start = calloc((size_t)(templates + blocks), sizeof *start);
    int rc = 0;
    if (other == NULL || start == NULL) {
        rc = err_memory(err, "pairs", bytes);
    } else {
        distribute(other, pairs->pair, pairs->n, false, start, templates);
        distribute(pairs->pair, other, pairs->n, true, start + templates, blocks);
    }
    free(other);
    free(start);
    return rc;
}

int template_pairs_read(TemplatePairs *pairs, const char *path, const TemplateImages *images,
                        Err *err)
{
    Fields f;
    *pairs = (TemplatePairs){0};
    if (fields_open(&f, path, err) != 0)
        return -1;
    int rc = read_all(pairs, images, &f, err);
    fields_close(&f);
    if (rc == 0)
        rc = sort_pairs(pairs, images->templates, err);
    if (rc != 0)
        template_pairs_release(pairs);
    return rc;
}

void template_pairs_release(TemplatePairs *pairs)
{
    free(pairs->pair);
    *pairs = (TemplatePairs){0};
}

typedef struct Work {
    float *score;
    const TemplatePairs *pairs;
    const float *unit;
    int64_t d;
    int64_t first; /* of the chunks of this process */
} Work;

CLONES
static void score_pairs(float *score, const float *unit, int64_t d, const TemplatePair *pair,
                        int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const float *x = unit + pair[i].a * d, *y = unit + pair[i].b * d;
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t k = 0; k < d; k++)
            sum += (double)x[k] * (double)y[k];
        score[i] = (float)sum;
    }
}

static void score_chunk(void *arg, int64_t i, int worker)
{
    const Work *w = arg;
    int64_t begin = (w->first + i) * CHUNK,
            n = w->pairs->n - begin < CHUNK ? w->pairs->n - begin : CHUNK;
    (void)worker;
    score_pairs(w->score + begin, w->unit, w->d, w->pairs->pair + begin, n);
}

/* This process's run of chunks, then those of the others. */
static void score_share(Work *w, Comm *comm, Pool *pool)
{
    size_t first[COMM_MOST + 1];
    int64_t chunks = (w->pairs->n + CHUNK - 1) / CHUNK, size = comm_size(comm);
    int64_t rank = comm_rank(comm);
    for (int64_t r = 0; r <= size; r++)
        first[r] = (size_t)(r < size ? chunks * r / size * CHUNK : w->pairs->n) * sizeof *w->score;
    w->first = chunks * rank / size;
    pool_run(pool, chunks * (rank + 1) / size - w->first, score_chunk, w);
    if (size > 1)
        comm_gather(comm, w->score, first);
}

/* Those of templates that are present, in front. */
static int64_t drop_absent(float *score, bool *same, const TemplatePairs *pairs,
                           const bool *present)
{
    int64_t n = 0;
    for (int64_t i = 0; i < pairs->n; i++) {
        TemplatePair pair = pairs->pair[i];
        if (present[pair.a] && present[pair.b]) {
            score[n] = score[i];
            same[n++] = pair.same;
        }
    }
    return n;
}

Scores *template_pairs_scores(const TemplatePairs *pairs, const float *unit, const bool *present,
                              int64_t d, Comm *comm, Pool *pool, Err *err)
{
    float *score = malloc(((size_t)pairs->n + 1) * sizeof *score);
    bool *same = malloc((size_t)pairs->n + 1);
    Scores *scores = NULL;
    if (score == NULL || same == NULL) {
        err_memory(err, "pairs", (size_t)pairs->n * 5);
    } else {
        Work work = {score, pairs, unit, d, 0};
        score_share(&work, comm, pool);
        scores = scores_listed(score, same, drop_absent(score, same, pairs, present), err);
        if (scores != NULL)
            scores_share(scores, comm);
    }
    free(score);
    free(same);
    return scores;
}
