/* From the gradient of a tile's centres to their update. */
#include <string.h>

#include "head/tile_internal.h"
#include "optim/update_internal.h"

/* g[dim] becomes the gradient of the centre w[dim]: less its part along w. A centre shorter than
 * HEAD_TINY was divided by that instead of its length, and then nothing is taken off. */
CLONES static void finish_gradient(real *g, const real *w, real pull, real inverse, int64_t dim)
{
    real along = inverse < (real)(1 / HEAD_TINY) ? pull * inverse * inverse : 0;
    for (int64_t k = 0; k < dim; k++)
        g[k] -= along * w[k];
}

void tiles_update_vector(real *w, real *v, real *s, const real *g, const Optimiser *optimiser,
                         double updates, int64_t n)
{
    Update update = update_of(optimiser, optimiser->lr, optimiser->weight_decay, updates);
    update_run(w, v, s, g, (size_t)n, optimiser, &update);
}

/* g[dim], of a centre that leans by that much, becomes the gradient of w[dim]. */
CLONES static void finish_leaning(real *g, const real *w, double by, int64_t dim)
{
    double length = 0, along = 0;
#pragma omp simd reduction(+ : length, along)
    for (int64_t k = 0; k < dim; k++) {
        length += (double)w[k] * w[k];
        along += (double)g[k] * w[k];
    }
    bool tiny = sqrt(length) < HEAD_TINY;
    double scale = (1 - by) / fmax(sqrt(length), HEAD_TINY);
    along = tiny ? 0 : along / length;
    for (int64_t k = 0; k < dim; k++)
        g[k] = (real)(scale * (g[k] - along * w[k]));
}

/* The gradient of centre j of the tile; on entry it is that of its direction. */
static void finish_centre(const HeadStep *step, const Tile *tile, const Scratch *scratch, int64_t j)
{
    const Head *head = step->head;
    int64_t dim = head->config.dim;
    real *g = scratch->gradient + j * dim;
    if (head->rule->raw)
        return;
    finish_gradient(g, tile->w + j * dim, scratch->pull[j], tile->inverse[j], dim);
    if (!head->work.leans)
        return;
    int64_t identity = tile_identity(tile, j);
    double by = head->rule->lean(&head->state, identity);
    if (by > 0)
        finish_leaning(g, head_centre(head, head->weight, identity), by, dim);
}

/* Which of the batch's identities, in their order, is the first at or after the tile's start; where
 * the rule has no part of the loss for their centres, past the last. */
static int64_t first_present(const HeadStep *step, const Tile *tile)
{
    const Work *work = &step->head->work;
    const HeadBatch *batch = &work->batch;
    int64_t k = batch->dw != NULL ? 0 : batch->present;
    while (k < batch->present && work->row[batch->order[batch->first[k]]].place < tile->first)
        k++;
    return k;
}

/* Adds to the gradient of identity j of the tile what the rule has for it, if it is number k of
 * those in the batch. Returns whether it is. */
static bool add_centre_term(const HeadStep *step, const Tile *tile, real *g, int64_t j, int64_t k)
{
    const Work *work = &step->head->work;
    const HeadBatch *batch = &work->batch;
    if (work->row[batch->order[batch->first[k]]].place != tile->first + j)
        return false;
    for (int64_t m = 0; m < batch->dim; m++)
        g[m] += batch->dw[k * batch->dim + m];
    return true;
}

void tile_update(const HeadStep *step, const Tile *tile, const Scratch *scratch)
{
    Head *head = step->head;
    const Optimiser *optimiser = step->optimiser;
    int64_t dim = head->config.dim, present = first_present(step, tile);
    Update update = {0};
    if (optimiser != NULL)
        update = update_of(optimiser, optimiser->lr, optimiser->weight_decay, head->state.step);
    for (int64_t j = 0; j < tile->width; j++) {
        real *g = scratch->gradient + j * dim;
        int64_t of_all = tile_centre(head, tile, j) * dim;
        int64_t at = of_all - head->begin * head->sub * dim;
        finish_centre(step, tile, scratch, j);
        if (present < head->work.batch.present && add_centre_term(step, tile, g, j, present))
            present++;
        if (step->dw != NULL)
            memcpy(step->dw + of_all, g, (size_t)dim * sizeof(real));
        if (optimiser != NULL)
            update_run(head->weight + at, head->momentum + at,
                       head->square != NULL ? head->square + at : NULL, g, (size_t)dim, optimiser,
                       &update);
    }
}
