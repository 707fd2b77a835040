/* How groups of faces agree with who is on them.
 *
 * m(g,i) faces are of group g and identity i, m(g) of the group, m(i) of the identity, n in all.
 * Of pairs of faces: precision is the share of those in one group that are of one identity, recall
 * the share of those of one identity that are in one group. BCubed (Bagga and Baldwin, ACL 1998;
 * Amigo et al., Information Retrieval 12, 2009): precision is the mean over faces of the share of
 * the face's group that is of its identity, sum m(g,i)^2 / m(g) / n, recall that of its identity
 * that is in its group. F is 2 P R / (P + R). NMI is 2 I / (H(group) + H(identity)), the mutual
 * information by the arithmetic mean of both entropies, as scikit-learn has it; 1 where both are
 * 0. */
#ifndef IDENTIFY_AGREEMENT_INTERNAL_H
#define IDENTIFY_AGREEMENT_INTERNAL_H

#include <stdint.h>

#include "base/err.h"

typedef struct AgreementFigure {
    double precision, recall, f; /* NaN where there is nothing to share */
} AgreementFigure;

typedef struct Agreement {
    int64_t faces, identities, groups;
    AgreementFigure pairs, bcubed;
    double nmi; /* NaN without faces */
} Agreement;

/* Rows of identity -1 are left out; those of group -1 are a group each. */
int agreement_measure(Agreement *agreement, const int64_t *identity, const int64_t *group,
                      int64_t n, Err *err);

#endif
