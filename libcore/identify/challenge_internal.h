/* MegaFace's challenge as it is run: probes with wrong labels are mended, listed distractors left
 * out, and the ranks read at 10, 100, 1000 ... distractors and at the last one. */
#ifndef IDENTIFY_CHALLENGE_INTERNAL_H
#define IDENTIFY_CHALLENGE_INTERNAL_H

#include "identify/megaface_internal.h"
#include "lists/noise_internal.h"

enum { CHALLENGE_STEPS = 18 }; /* powers of ten */

typedef struct ChallengeStep {
    int64_t distractors, ranks; /* ranks: depth, or fewer where these distractors make no more */
    double *rate;               /* [ranks] megaface_cmc() */
} ChallengeStep;

typedef struct Challenge {
    MegaFace *megaface;
    const NoiseList *noise; /* distractors not to take; borrowed */
    int64_t d, depth;
    int64_t mended;   /* probes */
    int64_t left_out; /* distractors */
    int64_t next;     /* distractors at which the next step is */
    ChallengeStep step[CHALLENGE_STEPS];
    int steps;
} Challenge;

/* unit[n,d] are the probes at length 1, of `rows` with labels: those that are noise are replaced by
 * the sum of the person's other probes, scaled to length 1. Ranks to depth >= 1 can be asked for.
 * comm as in megaface_new(). */
int challenge_init(Challenge *challenge, float *unit, const EmbeddingRows *rows,
                   const NoiseList *probe_noise, const NoiseList *noise, int64_t depth, Comm *comm,
                   Pool *pool, Err *err);
void challenge_release(Challenge *challenge); /* safe on a zeroed one */

/* Takes distractors. */
int challenge_add(Challenge *challenge, const EmbeddingRows *rows, Pool *pool, Err *err);

/* The share of the searches of that rank or better. */
double challenge_rate(const ChallengeStep *step, int64_t rank);

/* After the last of them: compares those that wait and reads the last step. None at all are an
 * error. */
int challenge_end(Challenge *challenge, Pool *pool, Err *err);

#endif
