/* Identification: each probe is compared with a whole gallery.
 *
 * A probe whose identity is in the gallery (mated) has a rank: one more than the number of gallery
 * rows of others that score above the best of its own. A probe without a mate is an impostor, and
 * its highest score is what a threshold must keep out. */
#ifndef IDENTIFY_SEARCH_INTERNAL_H
#define IDENTIFY_SEARCH_INTERNAL_H

#include "base/pool.h"
#include "scores/cosine.h"
#include "scores/largest_internal.h"

/* Embeddings of length 1 and whose they are; galleries and probes are rows of these. */
typedef struct Subjects {
    const float *unit; /* [.,d] */
    const int64_t *subject;
    int64_t d;
    Comm *comm; /* of the processes that share a search, or NULL; borrowed */
} Subjects;

typedef struct RowSpan {
    const int64_t *row; /* [n] */
    int64_t n;
} RowSpan;

typedef struct Probe {
    int64_t rank; /* from 1; 0: no mate in the gallery */
    float mate;   /* the best score with a mate; unset without one */
    float top;    /* the best score of all */
} Probe;

/* probe[probes.n] of the probes in the gallery, of one row at least. Unless it is NULL, others
 * takes all scores that are not with a mate. The processes of subjects->comm, which all ask for the
 * same, each search for some of the probes. */
int search_gallery(Probe *probe, const Subjects *subjects, RowSpan gallery, RowSpan probes,
                   Largest *others, Pool *pool, Err *err);

/* above[thresholds] = how many scores of unmated probes are at or above each threshold, from the
 * probes that search_gallery() filled and the rest as it was given. */
int search_above(int64_t *above, const float *threshold, int thresholds, const Probe *probe,
                 const Subjects *subjects, RowSpan gallery, RowSpan probes, Pool *pool, Err *err);

/* The share of mated probes of that rank or better: the cumulative match characteristic. */
double search_rank_rate(const Probe *probe, int64_t m, int64_t rank);

/* Detection and identification rate: the share of mated probes of that rank or better whose mate is
 * accepted by the threshold, the k-th largest top score of the unmated ones, k = far_rank_nearest()
 * (Liao et al., IJCB 2014). NaN when k is 0 or nobody is mated. FNIR at FPIR is one less this at
 * rank 1. */
double search_open_set(float *threshold, const Probe *probe, int64_t m, double far, int64_t rank,
                       Err *err);

/* TPIR as InsightFace's ijb_1n.py reads it, where every probe has a mate: the share of the probes
 * whose mate is above the k-th largest of all scores that are not with a mate, k = FAR times the
 * number of probes, rounded up. NaN when somebody has no mate. */
double search_closed_set(float *threshold, const Probe *probe, int64_t m, double far,
                         Largest *others);

#endif
