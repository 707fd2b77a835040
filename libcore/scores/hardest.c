#include "scores/hardest_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort_internal.h"
#include "scores/kept_internal.h"

/* The best so far: sorted and cut to n whenever it holds twice as many. */
struct HardestHeap {
    HardestPair *pair; /* [2 * n] */
    int64_t count;
    float worst; /* of the n kept, once cut */
    bool full;
};

static bool wants_high(HardestKind kind)
{
    return kind == HARDEST_FALSE_ACCEPT_GRAVE || kind == HARDEST_FALSE_REJECT_CLOSE;
}

/* By score, the highest first; then by the rows. */
static int compare_pairs(const void *a, const void *b)
{
    const HardestPair *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

static int64_t cut(HardestPair *pair, int64_t count, int64_t n, HardestKind kind)
{
    if (count > 0)
        sort_array(pair, (size_t)count, sizeof *pair, compare_pairs);
    if (count <= n)
        return count;
    if (!wants_high(kind))
        memmove(pair, pair + (count - n), (size_t)n * sizeof *pair);
    return n;
}

int hardest_init(Hardest *h, float threshold, bool above, int64_t n, int workers, Err *err)
{
    *h = (Hardest){.threshold = threshold, .above = above, .n = n, .workers = workers};
    h->heap = calloc((size_t)workers * HARDEST_KINDS, sizeof *h->heap);
    if (h->heap == NULL)
        return err_memory(err, "pairs", (size_t)workers * HARDEST_KINDS * sizeof *h->heap);
    for (int i = 0; i < workers * HARDEST_KINDS; i++)
        if ((h->heap[i].pair = malloc(2 * (size_t)n * sizeof(HardestPair))) == NULL)
            return err_memory(err, "pairs", 2 * (size_t)n * sizeof(HardestPair));
    return 0;
}

static void add(Hardest *h, int worker, HardestKind kind, float score, int64_t a, int64_t b)
{
    struct HardestHeap *heap = &h->heap[worker * HARDEST_KINDS + (int)kind];
    if (heap->full && (wants_high(kind) ? score < heap->worst : score > heap->worst))
        return;
    heap->pair[heap->count++] = (HardestPair){score, a < b ? a : b, a < b ? b : a, kind};
    if (heap->count < 2 * h->n)
        return;
    heap->count = cut(heap->pair, heap->count, h->n, kind);
    heap->worst = heap->pair[wants_high(kind) ? heap->count - 1 : 0].score;
    heap->full = true;
}

void hardest_add(Hardest *h, int worker, float score, int64_t a, int64_t b, bool genuine)
{
    bool accepted = h->above ? score > h->threshold : score >= h->threshold;
    if (accepted == genuine)
        return;
    add(h, worker, genuine ? HARDEST_FALSE_REJECT_GRAVE : HARDEST_FALSE_ACCEPT_GRAVE, score, a, b);
    add(h, worker, genuine ? HARDEST_FALSE_REJECT_CLOSE : HARDEST_FALSE_ACCEPT_CLOSE, score, a, b);
}

int hardest_end(Hardest *h, Err *err)
{
    size_t most = 2 * (size_t)h->n * (size_t)h->workers * HARDEST_KINDS;
    h->pair = malloc(most * sizeof *h->pair);
    if (h->pair == NULL)
        return err_memory(err, "pairs", most * sizeof *h->pair);
    for (int kind = 0; kind < HARDEST_KINDS; kind++) {
        HardestPair *all = h->pair + h->pairs;
        int64_t count = 0;
        for (int worker = 0; worker < h->workers; worker++) {
            const struct HardestHeap *heap = &h->heap[worker * HARDEST_KINDS + kind];
            memcpy(all + count, heap->pair, (size_t)heap->count * sizeof *all);
            count += heap->count;
        }
        h->pairs += cut(all, count, h->n, (HardestKind)kind);
    }
    if (h->pairs > 0)
        sort_array(h->pair, (size_t)h->pairs, sizeof *h->pair, compare_pairs);
    int64_t n = 0;
    for (int64_t i = 0; i < h->pairs; i++) {
        HardestPair *last = n > 0 ? &h->pair[n - 1] : NULL;
        if (last != NULL && last->a == h->pair[i].a && last->b == h->pair[i].b) {
            if (h->pair[i].kind == HARDEST_FALSE_REJECT_GRAVE)
                last->kind = HARDEST_FALSE_REJECT_GRAVE;
        } else {
            h->pair[n++] = h->pair[i];
        }
    }
    h->pairs = n;
    return 0;
}

void hardest_release(Hardest *h)
{
    for (int i = 0; h->heap != NULL && i < h->workers * HARDEST_KINDS; i++)
        free(h->heap[i].pair);
    free(h->heap);
    free(h->pair);
    *h = (Hardest){0};
}

typedef struct Walk {
    Hardest *hardest;
    const Scores *scores;
} Walk;

static void add_row(void *arg, int worker, int64_t place, int64_t column, const float *score,
                    int64_t n, bool genuine)
{
    const Walk *walk = arg;
    int64_t row = scores_row(walk->scores, place);
    float threshold = walk->hardest->threshold;
    for (int64_t i = 0; i < n; i++)
        if (genuine ? score[i] <= threshold : score[i] >= threshold)
            hardest_add(walk->hardest, worker, score[i], row, scores_row(walk->scores, column + i),
                        genuine);
}

int hardest_walk(Hardest *h, const Scores *scores, Pool *pool, Err *err)
{
    Walk walk = {h, scores};
    return scores_walk_from(scores, SCORES_ALL, h->threshold, pool, add_row, &walk, err);
}
