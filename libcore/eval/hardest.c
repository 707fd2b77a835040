#include "eval/hardest.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"

/* The best so far: sorted and cut to n whenever it holds twice as many. */
struct HardHeap {
    HardPair *pair; /* [2 * n] */
    int64_t count;
    float worst; /* of the n kept, once cut */
    bool full;
};

static bool wants_high(HardKind kind)
{
    return kind == FALSE_ACCEPT_FAR || kind == FALSE_REJECT_NEAR;
}

/* By score, the highest first; then by the rows. */
static int compare_pairs(const void *a, const void *b)
{
    const HardPair *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

static int64_t cut(HardPair *pair, int64_t count, int64_t n, HardKind kind)
{
    if (count > 0)
        sort_array(pair, (size_t)count, sizeof *pair, compare_pairs);
    if (count <= n)
        return count;
    if (!wants_high(kind))
        memmove(pair, pair + (count - n), (size_t)n * sizeof *pair);
    return n;
}

int hardest_begin(Hardest *h, float threshold, bool above, int64_t n, int workers, Err *err)
{
    *h = (Hardest){.threshold = threshold, .above = above, .n = n, .workers = workers};
    h->heap = calloc((size_t)workers * HARD_KINDS, sizeof *h->heap);
    if (h->heap == NULL)
        return err_memory(err, "pairs", (size_t)workers * HARD_KINDS * sizeof *h->heap);
    for (int i = 0; i < workers * HARD_KINDS; i++)
        if ((h->heap[i].pair = malloc(2 * (size_t)n * sizeof(HardPair))) == NULL)
            return err_memory(err, "pairs", 2 * (size_t)n * sizeof(HardPair));
    return 0;
}

static void add(Hardest *h, int worker, HardKind kind, float score, int64_t a, int64_t b)
{
    struct HardHeap *heap = &h->heap[worker * HARD_KINDS + (int)kind];
    if (heap->full && (wants_high(kind) ? score < heap->worst : score > heap->worst))
        return;
    heap->pair[heap->count++] = (HardPair){score, a < b ? a : b, a < b ? b : a, kind};
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
    add(h, worker, genuine ? FALSE_REJECT_FAR : FALSE_ACCEPT_FAR, score, a, b);
    add(h, worker, genuine ? FALSE_REJECT_NEAR : FALSE_ACCEPT_NEAR, score, a, b);
}

int hardest_end(Hardest *h, Err *err)
{
    size_t most = 2 * (size_t)h->n * (size_t)h->workers * HARD_KINDS;
    h->pair = malloc(most * sizeof *h->pair);
    if (h->pair == NULL)
        return err_memory(err, "pairs", most * sizeof *h->pair);
    for (int kind = 0; kind < HARD_KINDS; kind++) {
        HardPair *all = h->pair + h->pairs;
        int64_t count = 0;
        for (int worker = 0; worker < h->workers; worker++) {
            const struct HardHeap *heap = &h->heap[worker * HARD_KINDS + kind];
            memcpy(all + count, heap->pair, (size_t)heap->count * sizeof *all);
            count += heap->count;
        }
        h->pairs += cut(all, count, h->n, (HardKind)kind);
    }
    if (h->pairs > 0)
        sort_array(h->pair, (size_t)h->pairs, sizeof *h->pair, compare_pairs);
    int64_t n = 0;
    for (int64_t i = 0; i < h->pairs; i++) {
        HardPair *last = n > 0 ? &h->pair[n - 1] : NULL;
        if (last != NULL && last->a == h->pair[i].a && last->b == h->pair[i].b) {
            if (h->pair[i].kind == FALSE_REJECT_FAR)
                last->kind = FALSE_REJECT_FAR;
        } else {
            h->pair[n++] = h->pair[i];
        }
    }
    h->pairs = n;
    return 0;
}

void hardest_free(Hardest *h)
{
    for (int i = 0; h->heap != NULL && i < h->workers * HARD_KINDS; i++)
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
    return scores_walk_pairs(scores, SCORES_ALL, pool, add_row, &walk, err);
}
