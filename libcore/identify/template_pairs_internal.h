/* Pairs of templates: IJB's 1:1. */
#ifndef IDENTIFY_TEMPLATE_PAIRS_INTERNAL_H
#define IDENTIFY_TEMPLATE_PAIRS_INTERNAL_H

#include "comm/comm_internal.h"
#include "identify/templates_internal.h"
#include "scores/scores.h"

typedef struct TemplatePair {
    uint32_t a, b : 31; /* places of templates */
    uint32_t same : 1;  /* whether it is a genuine pair */
} TemplatePair;

typedef struct TemplatePairs {
    TemplatePair *pair; /* [n], sorted so that neighbours share templates */
    int64_t n;
} TemplatePairs;

/* Reads lines "template template 1|0". A template that the list of images does not have is an
 * error. */
int template_pairs_read(TemplatePairs *pairs, const char *path, const TemplateImages *images,
                        Err *err);
void template_pairs_release(TemplatePairs *pairs);

/* The cosines of the pairs of unit[templates,d] whose templates are both present, summed in
 * double. The processes of comm share them out, here and in walks (scores_share()); NULL: this one
 * alone. NULL on failure. */
Scores *template_pairs_scores(const TemplatePairs *pairs, const float *unit, const bool *present,
                              int64_t d, Comm *comm, Pool *pool, Err *err);

#endif
