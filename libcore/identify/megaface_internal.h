/* MegaFace's challenge: probes find their mates among distractors, which are read once and not
 * kept.
 *
 * Every ordered pair of probes of one person is a search: the first is searched for in a gallery of
 * the distractors and the second, its mate, whose rank is one more than the number of distractors
 * that score higher with the first. Equal scores count for the mate. Genuine scores are those of
 * two probes of one person, impostors those of a probe and a distractor. */
#ifndef IDENTIFY_MEGAFACE_INTERNAL_H
#define IDENTIFY_MEGAFACE_INTERNAL_H

#include "base/pool.h"
#include "comm/comm_internal.h"
#include "scores/cosine.h"

typedef struct MegaFace MegaFace;

/* KEPT: the largest impostor scores that are kept; TAR is known where the threshold is one of them.
 * 2^22 take 64 MiB and reach FAR 1e-3 of MegaFace's 3,530 probes and a million distractors. */
enum { MEGAFACE_KEPT = 1 << 22, MEGAFACE_BLOCK = 4096 };

/* unit[n,d] of length 1 and label[n] >= 0 are copied; ranks to depth >= 1 can be asked for. Of the
 * processes of comm, which all do the same, each compares some of the probes with all distractors;
 * NULL: this one alone. NULL on failure. */
MegaFace *megaface_new(const float *unit, const int64_t *label, int64_t n, int64_t d, int64_t depth,
                       Comm *comm, Pool *pool, Err *err);
void megaface_free(MegaFace *m); /* NULL is fine */

/* Where the next distractor goes, [d] of length 1. Fewer than MEGAFACE_BLOCK may be waiting. */
float *megaface_place(MegaFace *m);
int64_t megaface_waiting(const MegaFace *m);

/* Compares the probes with the distractors that are waiting. */
void megaface_compare(MegaFace *m, Pool *pool);

/* After the last distractor. */
void megaface_end(MegaFace *m);

int64_t megaface_distractors(const MegaFace *m); /* compared */
int64_t megaface_searches(const MegaFace *m);    /* ordered pairs */

/* rate[ranks] = the share of the searches of rank 1 .. ranks <= depth or better; NaN without
 * searches. */
void megaface_cmc(double *rate, int64_t ranks, const MegaFace *m);

/* TAR at FAR as BLUFR reads it: the share of the genuine pairs at or above the k-th largest
 * impostor, k = FAR times their number, rounded. NaN when k is 0 or above MEGAFACE_KEPT, or nobody
 * has two probes. After megaface_end(). */
double megaface_tar(float *threshold, MegaFace *m, double far);

#endif
