#include "identify/assign_internal.h"

#include <stdlib.h>

#include "base/array_internal.h"
#include "base/counted_internal.h"
#include "identify/neighbours.h"
#include "scores/cosine.h"

struct Assigner {
    int64_t n, d;
    Neighbours *neighbours;
    int64_t *label, rows, room; /* of the grouped faces so far */
    float *piece;
    size_t numbers;
};

Assigner *assigner_new(const float *unit, int64_t n, int64_t d, double threshold, Pool *pool,
                       Err *err)
{
    Assigner *a = calloc(1, sizeof *a);
    if (a == NULL) {
        err_memory(err, "groups", sizeof *a);
        return NULL;
    }
    a->n = n;
    a->d = d;
    a->neighbours = neighbours_new(unit, n, d > 0 ? d : 1, 1, pool, err);
    if (a->neighbours == NULL) {
        assigner_free(a);
        return NULL;
    }
    neighbours_floor(a->neighbours, threshold);
    return a;
}

void assigner_free(Assigner *a)
{
    if (a == NULL)
        return;
    neighbours_free(a->neighbours);
    free(a->label);
    free(a->piece);
    free(a);
}

int assigner_add(Assigner *a, const EmbeddingRows *rows, Err *err)
{
    int64_t kept = 0;
    if (rows->label == NULL)
        return err_set(err, "no column 'label' with the groups");
    if (a->n > 0 && rows->n > 0 && rows->d != a->d)
        return err_set(err, "embeddings of %s, but the others have %lld",
                       counted(rows->d, "dimension", "dimensions").text, (long long)a->d);
    if (array_reserve(a->piece, a->numbers, (size_t)rows->n * (size_t)rows->d, "a piece", err) !=
            0 ||
        array_reserve(a->label, a->room, a->rows + rows->n, "labels", err) != 0)
        return -1;
    for (int64_t i = 0; i < rows->n; i++) {
        if (rows->label[i] < 0)
            continue;
        if (cosine_unit(a->piece + kept++ * rows->d, rows, i, err) != 0)
            return -1;
        a->label[a->rows++] = rows->label[i];
    }
    neighbours_add(a->neighbours, a->piece, kept, NULL);
    return 0;
}

int64_t assigner_end(Assigner *a, int64_t *group)
{
    int64_t count, most = -1;
    for (int64_t i = 0; i < a->n; i++) {
        const Neighbour *near = neighbours_of(a->neighbours, i, &count);
        group[i] = count > 0 ? a->label[near->row] : -1;
    }
    for (int64_t i = 0; i < a->rows; i++)
        most = a->label[i] > most ? a->label[i] : most;
    return most;
}
