/* What is doubtful in a set of faces: rows and identities to be looked at, never changed here.
 * Angles are in degrees. */
#ifndef IDENTIFY_DOUBTS_INTERNAL_H
#define IDENTIFY_DOUBTS_INTERNAL_H

#include "identify/subcentres_internal.h"

typedef struct Doubt {
    int64_t what;  /* a row, or of merges and overlaps a person's number */
    int64_t other; /* see below */
    double angle;
} Doubt;

typedef struct Doubts {
    Doubt *item;
    int64_t n, room;
} Doubts; /* zeroed is empty */

void doubts_release(Doubts *doubts); /* safe on a zeroed one */

/* Rows farther than `angle` from the dominant sub-centre of their identity. other: its number. By
 * row. */
int doubts_outliers(Doubts *doubts, const SubCentres *s, double angle, Err *err);

/* Rows of people hidden in others: of a sub-centre that is not within `angle` of the dominant one
 * and has `least` rows within `angle` of it. These rows are listed; other: a new label, one for
 * each such sub-centre, after all there are. */
int doubts_splits(Doubts *doubts, const SubCentres *s, double angle, int64_t least, Err *err);

/* Identities that are one person: groups of dominant sub-centres by average linkage, down to
 * `angle`. Each but the first of its group is listed; other: the first one's number. */
int doubts_merges(Doubts *doubts, const SubCentres *s, double angle, Pool *pool, Err *err);

/* People of s whose dominant sub-centre is within `angle` of one of `with`, which has rows of the
 * same length. other: the number there of the nearest. */
int doubts_overlap(Doubts *doubts, const SubCentres *s, const SubCentres *with, double angle,
                   Pool *pool, Err *err);

/* Rows of unit[n,d] within `angle` of an earlier one. other: the nearest of these, of equally near
 * ones the first. */
int doubts_duplicates(Doubts *doubts, const float *unit, int64_t n, int64_t d, double angle,
                      Pool *pool, Err *err);

#endif
