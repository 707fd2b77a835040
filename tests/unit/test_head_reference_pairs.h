/* The losses of heads(7), and parts of losses, that compare embeddings with each other, or with
 * what is kept of their identities, or the centres with each other. */
#ifndef TEST_HEAD_REFERENCE_PAIRS_H
#define TEST_HEAD_REFERENCE_PAIRS_H

#include "base/rng_internal.h"
#include "test_head_reference_parts.h"

enum { REFERENCE_SEED = 7 }; /* of the heads under test */

/* center: (lambda / 2) mean |x - k|^2 */
static void reference_distances(Reference *r)
{
    for (int i = 0; i < r->b; i++)
        for (int k = 0; k < r->d; k++) {
            Number away = r->x[i * r->d + k] - r->vector[r->label[i] * r->d + k];
            r->penalty += option(r, "lambda") / 2 * away * away / r->b;
        }
}

static bool in_batch(const Reference *r, int j)
{
    for (int i = 0; i < r->b; i++)
        if (r->label[i] == j)
            return true;
    return false;
}

/* uniformface: 1 / (1 + distance) of the centres of the identities that the batch has */
static void reference_spread(Reference *r)
{
    double m = 0;
    for (int j = 0; j < r->c; j++)
        m += in_batch(r, j);
    for (int j = 0; j < r->c; j++)
        for (int l = j + 1; l < r->c; l++) {
            Number square = 0;
            for (int k = 0; k < r->d; k++) {
                Number away = r->w[j * r->d + k] - r->w[l * r->d + k];
                square += away * away;
            }
            Number distance = creal(square) == 0 ? 0 : csqrt(square);
            if (in_batch(r, j) && in_batch(r, l))
                r->penalty += option(r, "alpha") / (m * (m - 1)) / (1 + distance);
        }
}

/* Number k of row i, over its length where vectors are to have length 1. */
static Number component(const Reference *r, int i, int k)
{
    double tiny = 1e-12;
    Number length = creal(r->length[i]) < tiny ? tiny : r->length[i];
    return option(r, "unit") != 0 ? r->x[i * r->d + k] / length : r->x[i * r->d + k];
}

static Number square_between(const Reference *r, int i, int j)
{
    Number sum = 0;
    for (int k = 0; k < r->d; k++) {
        Number away = component(r, i, k) - component(r, j, k);
        sum += away * away;
    }
    return sum;
}

/* The row that is the negative of anchor and positive, or -1. */
static int reference_negative(const Reference *r, int a, int p, Rng *rng)
{
    double m = option(r, "m"), mine = option(r, "mine"), ap = creal(square_between(r, a, p));
    int best = -1, some[64], n = 0;
    double nearest = INFINITY;
    for (int j = 0; j < r->b; j++) {
        double an = creal(square_between(r, a, j));
        if (r->label[j] == r->label[a])
            continue;
        if (ap - an + m > 0)
            some[n++] = j;
        if (an < nearest && (mine == 2 || an > ap)) {
            nearest = an;
            best = j;
        }
    }
    if (mine == 0)
        return n > 0 ? some[rng_below(rng, (uint64_t)n)] : -1;
    return best >= 0 && ap - nearest + m > 0 ? best : -1;
}

static void reference_triplet(Reference *r)
{
    double triplets = 0;
    r->bare = true;
    for (int a = 0; a < r->b; a++) {
        Rng rng = rng_at(REFERENCE_SEED, (uint64_t)r->step, (uint64_t)a, 't');
        r->hard[a] = 0;
        r->margin[a] = option(r, "m");
        for (int p = 0; p < r->b; p++) {
            if (p == a || r->label[p] != r->label[a] || (p < a && option(r, "both") == 0))
                continue;
            int n = reference_negative(r, a, p, &rng);
            if (n < 0)
                continue;
            r->penalty += square_between(r, a, p) - square_between(r, a, n) + option(r, "m");
            r->hard[a]++;
            triplets++;
        }
    }
    r->penalty /= fmax(triplets, 1);
}

typedef struct ReferencePair {
    double distance;
    int i, j;
} ReferencePair;

static int by_distance(const void *a, const void *b)
{
    const ReferencePair *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return x->i != y->i ? x->i - y->i : x->j - y->j;
}

static void reference_contrastive(Reference *r)
{
    ReferencePair *pair = calloc((size_t)(r->b * r->b), sizeof *pair);
    int genuine = 0, n = 0;
    r->bare = true;
    for (int i = 0; i < r->b; i++) {
        r->hard[i] = 0;
        r->margin[i] = option(r, "m");
        for (int j = i + 1; j < r->b; j++) {
            Number square = square_between(r, i, j);
            if (r->label[i] != r->label[j])
                pair[n++] = (ReferencePair){creal(square), i, j};
            else
                r->penalty += square;
            genuine += r->label[i] == r->label[j];
        }
    }
    qsort(pair, (size_t)n, sizeof *pair, by_distance);
    n = n < genuine ? n : genuine;
    for (int k = 0; k < n; k++) {
        Number square = square_between(r, pair[k].i, pair[k].j);
        Number left = option(r, "m") - (creal(square) == 0 ? 0 : csqrt(square));
        r->penalty += creal(left) > 0 ? left * left : 0;
        r->hard[pair[k].i] += creal(left) > 0;
    }
    r->penalty /= fmax(genuine + n, 1);
    free(pair);
}

#endif
