/* The sub-centres of each identity: one direction that most of its rows have, and those of others
 * that hide among them.
 *
 * Spherical k-means (Dhillon and Modha, Machine Learning 42, 2001) within the identity: a row goes
 * to the centre with the largest cosine, a centre is the direction of its rows' sum, until nothing
 * changes. Of several beginnings, one farthest-first from the row nearest the mean and others drawn
 * as k-means++ does, the one with the largest sum of cosines counts. Then sub-centres within an
 * angle of each other become one, the nearest first. The dominant sub-centre is that with most
 * rows; of equal ones that with the largest sum of cosines (Deng et al., Sub-center ArcFace, ECCV
 * 2020, where training finds them). An identity of m rows has at most m - 1, for two rows that
 * disagree do not tell which is wrong. */
#ifndef IDENTIFY_SUBCENTRES_INTERNAL_H
#define IDENTIFY_SUBCENTRES_INTERNAL_H

#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"

enum { SUBCENTRES_MOST = 16 };

/* People are numbered in the order of their labels. */
typedef struct SubCentres {
    int64_t n, d, people;
    int k;
    int64_t *label;  /* [people] */
    int64_t *first;  /* [people + 1]: the rows of p are row[first[p]] .. row[first[p + 1] - 1] */
    int64_t *row;    /* ascending within a person */
    int *sub;        /* [first[people]] of each of row[], from 0, the dominant, by number of rows */
    double *angle;   /* [first[people]] of each of row[] to the dominant, in degrees */
    double *own;     /* the same to its own */
    int64_t *size;   /* [people,k] rows of each sub-centre */
    double *between; /* [people,k] the angle of each to the dominant */
    float *centre;   /* [people,d] the dominant, of length 1 */
} SubCentres;

/* Of unit[n,d], rows of length 1, and label[n]; rows with a negative label are passed over. k from
 * 1 to SUBCENTRES_MOST; those within `angle` degrees are one. The same for any number of threads.
 */
int subcentres_find(SubCentres *s, const float *unit, const int64_t *label, int64_t n, int64_t d,
                    int k, double angle, Pool *pool, Err *err);
void subcentres_release(SubCentres *s); /* safe on a zeroed one */

#endif
