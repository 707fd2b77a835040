/* What the parts of eval-ijb share. */
#ifndef CMD_EVAL_IJB_IJB_H
#define CMD_EVAL_IJB_IJB_H

#include "cli/cli.h"
#include "comm/comm_internal.h"
#include "identify/template_pairs_internal.h"
#include "report/ijb_internal.h"
#include "stream/embeddings.h"

typedef struct Options {
    const char *input, *mirrored, *meta, *detections, *pairs, *probe, *switches;
    CliList galleries;
    int rule;
    int64_t threads;
    bool skip_missing, any_model, tsv;
    Comm *comm; /* of several processes, or NULL */
} Options;

typedef struct Side {
    Embeddings e;
    Lookup lookup;
} Side;

typedef struct Ijb {
    const Options *options;
    Side side[2]; /* the embeddings, and those of the mirrored images */
    TemplateImages images;
    float *feature; /* [templates,d], as one setting pools them */
    bool *present;
    TemplatePairs pairs;
    Pool *pool;
} Ijb;

/* A figure of a setting, as report_ijb_line() has it. */
static inline void ijb_print(const Ijb *ijb, const char *switches, const char *measure, double at,
                             double value, double threshold, const char *convention)
{
    report_ijb_line(stdout, ijb->options->tsv, switches, measure, at, value, threshold, convention);
}

/* 1:N: each gallery, their mean, and all of them joined. */
int measure_galleries(Ijb *ijb, const char *switches, Err *err);

#endif
