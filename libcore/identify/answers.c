#include "identify/answers_internal.h"

#include <stdlib.h>

#include "base/array_internal.h"
#include "base/counted_internal.h"
#include "base/num_internal.h"
#include "identify/gallery_internal.h"
#include "identify/means_internal.h"
#include "identify/neighbours.h"
#include "scores/cosine.h"

/* Identities of rows of nobody known, each its own. */
#define NOBODY (INT64_C(1) << 48)

struct Answers {
    AnswersPer per;
    int64_t probes, d;
    Pool *pool;
    float *unit; /* [probes,d] */
    Gallery gallery;
    Neighbours *neighbours;
    float *piece; /* the gallery's rows, of length 1 */
    size_t piece_room;
    int64_t *identity, room;
    Means means;
};

static int allocate(Answers *a, const EmbeddingRows *probes, int64_t top, Err *err)
{
    size_t numbers;
    if (!size_mul((size_t)probes->n, (size_t)probes->d, &numbers) ||
        !array_resize(a->unit, numbers))
        return array_refuse((size_t)probes->n, (size_t)probes->d * sizeof *a->unit, "probes", err);
    if (cosine_units(a->unit, probes, a->pool, err) != 0)
        return -1;
    a->neighbours = neighbours_new(a->unit, a->probes, a->d > 0 ? a->d : 1, top, a->pool, err);
    return a->neighbours != NULL ? 0 : -1;
}

Answers *answers_new(const EmbeddingRows *probes, AnswersPer per, int64_t top, Pool *pool, Err *err)
{
    Answers *a = calloc(1, sizeof *a);
    if (a == NULL) {
        err_memory(err, "answers", sizeof *a);
        return NULL;
    }
    *a = (Answers){.per = per, .probes = probes->n, .d = probes->d, .pool = pool};
    if (allocate(a, probes, top, err) == 0)
        return a;
    answers_free(a);
    return NULL;
}

void answers_kernels(Answers *a, Kernels *kernels)
{
    neighbours_kernels(a->neighbours, kernels);
}

void answers_share(Answers *a, Comm *comm)
{
    neighbours_share(a->neighbours, comm);
}

void answers_free(Answers *a)
{
    if (a == NULL)
        return;
    neighbours_free(a->neighbours);
    gallery_release(&a->gallery);
    means_release(&a->means);
    free(a->unit);
    free(a->piece);
    free(a->identity);
    free(a);
}

static int make_room(Answers *a, const EmbeddingRows *rows, Err *err)
{
    size_t numbers = (size_t)rows->n * (size_t)rows->d;
    if (array_reserve(a->piece, a->piece_room, numbers, "a piece of the gallery", err) != 0)
        return -1;
    return array_reserve(a->identity, a->room, rows->n, "a piece of the gallery", err);
}

int answers_add(Answers *a, const EmbeddingRows *rows, Err *err)
{
    int64_t first = a->gallery.n;
    if (rows->n > 0 && a->probes > 0 && rows->d != a->d)
        return err_set(err, "embeddings of %s, but the probes have %lld",
                       counted(rows->d, "dimension", "dimensions").text, (long long)a->d);
    if (make_room(a, rows, err) != 0 || cosine_units(a->piece, rows, a->pool, err) != 0 ||
        gallery_add(&a->gallery, rows, err) != 0)
        return -1;
    if (a->per == ANSWERS_MEAN)
        return means_add(&a->means, a->piece, a->gallery.person + first, rows->n, rows->d,
                         a->gallery.people.n, err);
    for (int64_t i = 0; i < rows->n; i++) {
        int64_t person = a->gallery.person[first + i];
        a->identity[i] = person >= 0 ? person : NOBODY + first + i;
    }
    neighbours_add(a->neighbours, a->piece, rows->n, a->per == ANSWERS_BEST ? a->identity : NULL);
    return 0;
}

int answers_end(Answers *a, Err *err)
{
    if (a->gallery.n == 0)
        return err_set(err, "no faces");
    if (a->per != ANSWERS_MEAN)
        return 0;
    size_t numbers = (size_t)a->means.people * (size_t)a->means.d;
    if (array_reserve(a->piece, a->piece_room, numbers, "means", err) != 0)
        return -1;
    means_units(a->piece, &a->means);
    neighbours_add(a->neighbours, a->piece, a->means.people, NULL);
    return 0;
}

int64_t answers_count(Answers *a, int64_t probe)
{
    int64_t n;
    neighbours_of(a->neighbours, probe, &n);
    return n;
}

Answer answers_at(Answers *a, int64_t probe, int64_t i)
{
    int64_t n;
    const Neighbour *near = neighbours_of(a->neighbours, probe, &n) + i;
    Answer answer = {.row = -1, .key = "", .score = near->score};
    int64_t person = near->row;
    if (a->per != ANSWERS_MEAN) {
        answer.row = near->row;
        answer.key = gallery_key(&a->gallery, near->row, &answer.key_length);
        person = a->gallery.person[near->row];
    }
    answer.identity = gallery_identity(&a->gallery, person);
    return answer;
}
