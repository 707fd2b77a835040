/* How well scores separate: the genuine scores in ascending order, each different one once, and how
 * many impostors lie between them. Lowering a threshold from one genuine score towards the next
 * accepts impostors only, so whatever weighs FMR and FNMR against each other is best at one of
 * these; so are the steps of an isotonic regression. */
#ifndef VERIFY_SEPARATION_INTERNAL_H
#define VERIFY_SEPARATION_INTERNAL_H

#include <stdint.h>

#include "base/pool.h"
#include "scores/scores.h"
#include "verify/error_rates_internal.h"

typedef struct Separation {
    int64_t genuine, impostor, levels;
    float *score;              /* [levels] ascending */
    int64_t *genuine_below;    /* [levels + 1] genuine scores below the level; all */
    int64_t *impostor_from;    /* [levels + 1] impostors at or above the level; 0 */
    double mean[2], spread[2]; /* of impostors and of genuine scores; NaN: there are none */
} Separation;

/* No score may be larger than bound, or smaller than -bound. The same for any number of threads. */
int separation_measure(Separation *separation, const Scores *scores, double bound, Pool *pool,
                       Err *err);
void separation_release(Separation *separation); /* safe on a zeroed one */

/* The level with the least FMR + FNMR, of several the highest: there Youden's J = 1 - FMR - FNMR is
 * largest. -1 without scores of both kinds. */
int64_t separation_least_hter(const Separation *separation);

/* The level with the least weighted sum of FMR and FNMR; of several the one with the least FMR +
 * FNMR, then the highest. `levels` where nobody should be accepted, above all impostors: only if no
 * level is as good. -1 as above. */
int64_t separation_least(const Separation *separation, int fmr, int fnmr);

/* The lowest level at which no more than so many impostors are accepted; `levels` if there is
 * none: nobody may be. */
int64_t separation_accepting(const Separation *separation, int64_t impostors);

/* FMR and FNMR with a level as threshold, without intervals. */
ErrorRate separation_fmr(const Separation *separation, int64_t level);
ErrorRate separation_fnmr(const Separation *separation, int64_t level);

/* The distance of the means by the root mean square of both standard deviations (of populations).
 */
double separation_d_prime(const Separation *separation);

/* A step of the isotonic regression of what is genuine: its scores are as one. */
typedef struct SeparationStep {
    double from; /* the least score; -INFINITY for the first step */
    int64_t genuine, impostor;
} SeparationStep;

/* step[levels + 2], ascending by score and by their share of genuine scores. With `beyond` there
 * are so many more genuine scores below all others and impostors above them, so that no step is of
 * one kind. Returns how many. */
int64_t separation_steps(SeparationStep *step, const Separation *separation, int64_t beyond);

/* min-Cllr (Bruemmer and du Preez, Computer Speech & Language 20, 2006): the cost in bits of the
 * log-likelihood ratios that an isotonic regression makes of these same scores: 0 of perfect ones,
 * 1 of scores that say nothing. NaN without scores of both kinds. */
int separation_min_cllr(double *cllr, const Separation *separation, Err *err);

#endif
