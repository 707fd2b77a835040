/* IJB's 1:N: probes searched in each of its galleries, and in all of them joined, the way
 * InsightFace and FaceX-Zoo search. */
#ifndef IDENTIFY_IJB_INTERNAL_H
#define IDENTIFY_IJB_INTERNAL_H

#include "identify/identification_internal.h"
#include "identify/templates_internal.h"

typedef struct IjbLists {
    const char *const *gallery; /* [galleries] files */
    int galleries;
    const char *probe; /* a file */
} IjbLists;

typedef struct IjbIdentification {
    Identification *gallery; /* [galleries] by search_open_set() */
    Identification mean;     /* rates over the galleries; thresholds are NaN */
    Identification joined;   /* by search_closed_set() */
    bool several;            /* galleries; else there is neither mean nor joined */
} IjbIdentification;

/* feature[.,d] and present[.] are those of the templates of images. comm as in Subjects. */
int ijb_identify(IjbIdentification *identification, const IjbLists *lists,
                 const IdentificationAsk *ask, const TemplateImages *images, const float *feature,
                 const bool *present, int64_t d, Comm *comm, Pool *pool, Err *err);
void ijb_identification_release(IjbIdentification *identification); /* safe on a zeroed one */

#endif
