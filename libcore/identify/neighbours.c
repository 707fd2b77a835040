#include "identify/neighbours.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bfloat_internal.h"
#include "base/num_internal.h"
#include "base/sort_internal.h"
#include "comm/comm_internal.h"
#include "product/product_internal.h"
#include "scores/cosine.h"
#include "scores/rough_internal.h"

/* Probes and rows of the gallery that are multiplied at a time. Always so many, the last ones
 * zeros if need be: OpenBLAS chooses its kernels by the shape. */
enum { PROBES = 256, ROWS = 512 };

/* The k nearest so far, in a heap with the farthest on top. */
typedef struct Heap {
    Neighbour *at; /* [k] */
    int64_t n;
} Heap;

struct Neighbours {
    const float *probe;
    int64_t probes, d, k, rows;
    int64_t blocks; /* of probes */
    int64_t shares; /* a piece of the gallery is cut into so many, each with heaps of its own */
    Pool *pool;
    Neighbour *neighbour; /* [shares, probes, k] */
    int64_t *count;       /* [shares, probes] */
    float *scratch;       /* [threads, (PROBES + ROWS) d + PROBES ROWS] */
    Kernels *kernels;     /* of products in bfloat16; NULL: OpenBLAS, in float */
    float slack;          /* a product may be so much below the score */
    double floor;
    bool merged;
    Comm *comm;        /* or NULL */
    int64_t own, owns; /* blocks of this process: the first, how many */
};

/* Heaps ------------------------------------------------------------------------------------- */

static bool farther(const Neighbour *a, const Neighbour *b)
{
    return a->score < b->score || (a->score == b->score && a->row > b->row);
}

static void swap(Neighbour *a, Neighbour *b)
{
    Neighbour t = *a;
    *a = *b;
    *b = t;
}

static void sift_down(Heap *heap, int64_t i)
{
    for (;;) {
        int64_t child = 2 * i + 1;
        if (child >= heap->n)
            return;
        if (child + 1 < heap->n && farther(&heap->at[child + 1], &heap->at[child]))
            child++;
        if (!farther(&heap->at[child], &heap->at[i]))
            return;
        swap(&heap->at[child], &heap->at[i]);
        i = child;
    }
}

static void sift_up(Heap *heap, int64_t i)
{
    for (; i > 0 && farther(&heap->at[i], &heap->at[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&heap->at[i], &heap->at[(i - 1) / 2]);
}

/* The place of that identity, or -1. Those of rows differ always. */
static int64_t place_of(const Heap *heap, const Neighbour *who, bool by_identity)
{
    for (int64_t i = 0; by_identity && i < heap->n; i++)
        if (heap->at[i].identity == who->identity)
            return i;
    return -1;
}

static void take(Heap *heap, int64_t k, const Neighbour *who, bool by_identity)
{
    int64_t place = place_of(heap, who, by_identity);
    if (place < 0 && heap->n < k) {
        heap->at[heap->n++] = *who;
        sift_up(heap, heap->n - 1);
        return;
    }
    if (place < 0)
        place = 0;
    if (farther(&heap->at[place], who)) {
        heap->at[place] = *who;
        sift_down(heap, place);
    }
}

static Heap heap_of(const Neighbours *n, int64_t share, int64_t probe)
{
    int64_t i = share * n->probes + probe;
    return (Heap){n->neighbour + i * n->k, n->count[i]};
}

/* Comparing --------------------------------------------------------------------------------- */

/* A piece of the gallery. */
typedef struct Piece {
    Neighbours *neighbours;
    const float *gallery;
    const int64_t *identity;
    int64_t rows;
} Piece;

/* The same rounded to bfloat16. */
static const void *rounded(float *room, const float *from, int64_t rows, int64_t most, int64_t d)
{
    Bfloat *to = (Bfloat *)room;
    bfloat_round(to, (const void *)from, (size_t)(rows * d)); /* a real is a float where it is */
    memset(to + rows * d, 0, (size_t)((most - rows) * d) * sizeof *to);
    return room;
}

static const float *padded(float *room, const float *from, int64_t rows, int64_t most, int64_t d)
{
    if (rows == most)
        return from;
    memcpy(room, from, (size_t)(rows * d) * sizeof *from);
    memset(room + rows * d, 0, (size_t)((most - rows) * d) * sizeof *from);
    return room;
}

/* What a row of products leaves: those that may be nearer than the farthest of the heap. */
static void see_products(Heap *heap, const Piece *piece, const float *probe, const float *product,
                         int64_t first, int64_t rows)
{
    const Neighbours *n = piece->neighbours;
    const float floor = (float)n->floor - n->slack;
    bool full = heap->n == n->k;
    float from = full ? fmaxf(floor, heap->at[0].score - n->slack) : floor;
    if (rough_count(product, rows, from) == 0)
        return;
    for (int64_t j = 0; j < rows; j++) {
        if (product[j] < floor || (heap->n == n->k && product[j] < heap->at[0].score - n->slack))
            continue;
        int64_t row = first + j;
        Neighbour who = {n->rows + row, n->rows + row,
                         cosine_of_units(probe, piece->gallery + row * n->d, n->d)};
        if ((double)who.score < n->floor)
            continue;
        if (piece->identity != NULL)
            who.identity = piece->identity[row];
        take(heap, n->k, &who, piece->identity != NULL);
    }
}

static Product tile_product(int64_t d)
{
    Product product = product_forward(PROBES, ROWS, d);
    product.bfloat = true;
    return product;
}

/* product[PROBES,ROWS] */
static void multiply(float *product, float *room, const Piece *piece, const void *probes,
                     int64_t first, int64_t rows)
{
    const Neighbours *n = piece->neighbours;
    const float *part = piece->gallery + first * n->d;
    if (n->kernels != NULL) {
        Product p = tile_product(n->d);
        product_run(n->kernels, (void *)product, probes, rounded(room, part, rows, ROWS, n->d), &p);
        return;
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, PROBES, ROWS, (blasint)n->d, 1, probes,
                (blasint)n->d, padded(room, part, rows, ROWS, n->d), (blasint)n->d, 0, product,
                ROWS);
}

static void compare_tile(const Piece *piece, float *scratch, int64_t share, int64_t begin,
                         const void *probes, int64_t first, int64_t end)
{
    Neighbours *n = piece->neighbours;
    float *product = scratch, *room = scratch + PROBES * ROWS;
    int64_t rows = end - first < ROWS ? end - first : ROWS;
    multiply(product, room, piece, probes, first, rows);
    for (int64_t i = 0; i < PROBES && begin + i < n->probes; i++) {
        Heap heap = heap_of(n, share, begin + i);
        see_products(&heap, piece, n->probe + (begin + i) * n->d, product + i * ROWS, first, rows);
        n->count[share * n->probes + begin + i] = heap.n;
    }
}

static void compare_share(void *arg, int64_t task, int worker)
{
    const Piece *piece = arg;
    const Neighbours *n = piece->neighbours;
    int64_t share = task % n->shares, begin = (n->own + task / n->shares) * PROBES;
    float *scratch = n->scratch + (size_t)worker * (size_t)(PROBES * ROWS + (PROBES + ROWS) * n->d);
    int64_t left = n->probes - begin < PROBES ? n->probes - begin : PROBES;
    float *room = scratch + PROBES * ROWS + ROWS * n->d;
    const void *probes = n->kernels != NULL
                             ? rounded(room, n->probe + begin * n->d, left, PROBES, n->d)
                             : padded(room, n->probe + begin * n->d, left, PROBES, n->d);
    int64_t end = piece->rows * (share + 1) / n->shares;
    for (int64_t first = piece->rows * share / n->shares; first < end; first += ROWS)
        compare_tile(piece, scratch, share, begin, probes, first, end);
}

void neighbours_share(Neighbours *n, Comm *comm)
{
    int64_t rank = comm_rank(comm), size = comm_size(comm);
    n->comm = comm;
    n->own = n->blocks * rank / size;
    n->owns = n->blocks * (rank + 1) / size - n->own;
}

void neighbours_floor(Neighbours *neighbours, double score)
{
    neighbours->floor = score;
}

/* A number is rounded by at most 2^-8 of it, and so is the length of a row, 1: a product of two is
 * wrong by at most 2^-7 + 2^-16, and by its sums as in float. */
void neighbours_kernels(Neighbours *n, Kernels *kernels)
{
    Product p = tile_product(n->d);
    if (!product_has(kernels, &p))
        return;
    n->kernels = kernels;
    n->slack = 2 * n->slack + ldexpf(1, -7) + ldexpf(1, -16);
}

void neighbours_add(Neighbours *neighbours, const float *gallery, int64_t rows,
                    const int64_t *identity)
{
    Piece piece = {neighbours, gallery, identity, rows};
    pool_run(neighbours->pool, neighbours->owns * neighbours->shares, compare_share, &piece);
    neighbours->rows += rows;
}

/* Making and reading ------------------------------------------------------------------------ */

static int allocate(Neighbours *n, Err *err)
{
    size_t heaps, bytes, scratch = (size_t)(PROBES * ROWS + (PROBES + ROWS) * n->d) * sizeof(float);
    if (!size_mul((size_t)n->shares, (size_t)n->probes, &heaps) ||
        !size_mul(heaps, (size_t)n->k * sizeof *n->neighbour, &bytes))
        return err_set(err, "%lld neighbours of each of %lld probes are too many", (long long)n->k,
                       (long long)n->probes);
    n->neighbour = malloc(bytes + 1);
    n->count = calloc(heaps + 1, sizeof *n->count);
    n->scratch = calloc((size_t)pool_threads(n->pool), scratch);
    return n->neighbour != NULL && n->count != NULL && n->scratch != NULL
               ? 0
               : err_memory(err, "neighbours", bytes + scratch);
}

Neighbours *neighbours_new(const float *probe, int64_t probes, int64_t d, int64_t k, Pool *pool,
                           Err *err)
{
    Neighbours *n = calloc(1, sizeof *n);
    if (n == NULL) {
        err_memory(err, "neighbours", sizeof *n);
        return NULL;
    }
    int64_t blocks = (probes + PROBES - 1) / PROBES, wanted = 2 * pool_threads(pool);
    *n = (Neighbours){.probe = probe,
                      .probes = probes,
                      .d = d,
                      .k = k,
                      .blocks = blocks,
                      .owns = blocks,
                      .shares = blocks < wanted && blocks > 0 ? (wanted + blocks - 1) / blocks : 1,
                      .pool = pool,
                      .floor = -2,
                      .slack = rough_slack(d)};
    if (allocate(n, err) == 0)
        return n;
    neighbours_free(n);
    return NULL;
}

void neighbours_free(Neighbours *n)
{
    if (n == NULL)
        return;
    free(n->neighbour);
    free(n->count);
    free(n->scratch);
    free(n);
}

static int compare_down(const void *a, const void *b)
{
    const Neighbour *x = a, *y = b;
    return farther(x, y) - farther(y, x);
}

/* All shares' heaps into the first one, sorted. */
static void merge(void *arg, int64_t probe, int worker)
{
    Neighbours *n = arg;
    probe += n->own * PROBES;
    Heap all = heap_of(n, 0, probe);
    (void)worker;
    for (int64_t share = 1; share < n->shares; share++) {
        Heap heap = heap_of(n, share, probe);
        for (int64_t i = 0; i < heap.n; i++)
            take(&all, n->k, &heap.at[i], true);
    }
    sort_array(all.at, (size_t)all.n, sizeof *all.at, compare_down);
    n->count[probe] = all.n;
}

/* The first probe of a block, or the end of all. */
static int64_t probe_of(const Neighbours *n, int64_t block)
{
    return block * PROBES < n->probes ? block * PROBES : n->probes;
}

/* The own answers, then those of the other processes. */
static void finish(Neighbours *n)
{
    size_t near[COMM_MOST + 1], counts[COMM_MOST + 1];
    int64_t size = comm_size(n->comm);
    pool_run(n->pool, probe_of(n, n->own + n->owns) - probe_of(n, n->own), merge, n);
    n->merged = true;
    for (int64_t r = 0; r <= size; r++) {
        size_t first = (size_t)probe_of(n, n->blocks * r / size);
        near[r] = first * (size_t)n->k * sizeof *n->neighbour;
        counts[r] = first * sizeof *n->count;
    }
    if (size > 1) {
        comm_gather(n->comm, n->neighbour, near);
        comm_gather(n->comm, n->count, counts);
    }
}

const Neighbour *neighbours_of(Neighbours *n, int64_t probe, int64_t *count)
{
    if (!n->merged)
        finish(n);
    *count = n->count[probe];
    return n->neighbour + probe * n->k;
}
