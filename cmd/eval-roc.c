/* eval-roc: embeddings in, TAR at FAR, EER, AUC and accuracy out */
#include <math.h>
#include <string.h>

#include "cli/processes.h"
#include "eval-roc/at.h"
#include "eval-roc/calibrate.h"
#include "eval-roc/discard.h"
#include "eval-roc/files.h"
#include "eval-roc/fixed.h"
#include "eval-roc/groups.h"
#include "eval-roc/intervals.h"
#include "eval-roc/operating.h"
#include "eval-roc/paper.h"
#include "eval-roc/processes.h"
#include "report/evaluation_internal.h"
#include "report/recount_internal.h"

/* --check: the measurement beside one in double precision. */
static int check_precision(Comparison *c, const Options *o, Pool *pool, Err *err)
{
    static Recount recount;
    Err inner = {0};
    if (stream_load(c, o->input, o->pairs, o, err) != 0)
        return -1;
    if (recount_measure(&recount, o->far, o->fars, c->scores, &c->embeddings.rows, pool, &inner) !=
        0)
        return err_set(err, "%s: %s", c->input, inner.text);
    report_recount(stdout, &recount);
    return recount.agrees ? 0
                          : err_set(err,
                                    "%s: the measurement differs from double precision by more "
                                    "than rounding explains",
                                    c->input);
}

static int print(const Evaluation *v, const Intervals *intervals, const Options *o, Err *err)
{
    if (o->json)
        return report_json(stdout, v, intervals, err);
    if (o->tsv)
        report_tsv(stdout, v, intervals);
    else
        report_table(stdout, v, intervals);
    return 0;
}

/* Standard output is taken by a list or a file. */
static bool printed_elsewhere(const Options *o)
{
    return (o->scores != NULL && strcmp(o->scores, "-") == 0) ||
           (o->hardest > 0 && strcmp(o->hardest_out, "-") == 0) ||
           (o->threshold_out != NULL && strcmp(o->threshold_out, "-") == 0);
}

static int print_groups_at(const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    float score;
    return threshold_at(&score, stream, o, pool, err) != 0
               ? -1
               : print_groups(&stream->comparison, score, options_asked_fmr(o), o, pool, err);
}

/* The lists and files that need no resamples; those need the scores, which go with them. */
static int write_files(const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    if (o->histogram != NULL && write_histogram(&stream->comparison, o->histogram, pool, err) != 0)
        return -1;
    if (o->scores != NULL && write_scores(&stream->comparison, o->scores, err) != 0)
        return -1;
    if (o->hardest > 0 && write_hardest(stream, o, pool, err) != 0)
        return -1;
    return o->threshold_out != NULL ? write_threshold(stream, o->threshold_out, NULL, o, pool, err)
                                    : 0;
}

/* What is printed: one of the tables that replace the figures, or these. */
static int print_asked(const Stream *stream, const Intervals *intervals, const Options *o,
                       Pool *pool, Err *err)
{
    if (o->edc != NULL)
        return print_discard(stream, o, pool, err);
    if (o->calibration_out != NULL)
        return calibrate(stream, o, pool, err);
    if (printed_elsewhere(o))
        return 0;
    if (o->groups != NULL)
        return print_groups_at(stream, o, pool, err);
    if (o->operating)
        return print_operating(stream, o, pool, err);
    return print(&stream->evaluation, intervals, o, err);
}

/* Measures all that is asked for, then writes it. */
static int evaluate(Stream *stream, const Options *o, Pool *pool, Err *err)
{
    Intervals intervals = {0};
    Uncertainty *uncertainty = NULL;
    int rc = stream_measure(stream, o->input, o->pairs, o, pool, err);
    if (rc == 0)
        rc = write_files(stream, o, pool, err);
    if (rc == 0 && options_intervals(o))
        rc = find_intervals(&intervals, &uncertainty, stream, o, pool, err);
    if (rc == 0 && o->roc != NULL)
        rc = write_curve(&stream->evaluation, uncertainty, o->roc, err);
    if (rc == 0)
        rc = print_asked(stream, uncertainty != NULL ? &intervals : NULL, o, pool, err);
    intervals_release(&intervals);
    uncertainty_free(uncertainty);
    return rc;
}

static int run(const Options *o, Err *err)
{
    static Stream stream;
    Pool *pool = pool_new((int)o->threads, err);
    int rc = -1;
    if (pool != NULL && o->check)
        rc = check_precision(&stream.comparison, o, pool, err);
    else if (pool != NULL && (o->threshold != NULL || o->dev != NULL))
        rc = fixed_run(&stream.comparison, o, pool, err);
    else if (pool != NULL && (o->markdown || o->latex))
        rc = print_paper(o, pool, err);
    else if (pool != NULL)
        rc = evaluate(&stream, o, pool, err);
    pool_free(pool);
    stream_release(&stream);
    return rc;
}

int main(int argc, char **argv)
{
    Options o;
    Err err = {0};
    options_take(&o, argc, argv);
    int rc = begin_processes(&o, &err);
    if (rc == 0)
        rc = run(&o, &err);
    int status = rc == 0 ? cli_done() : cli_fail(&err);
    cli_processes_end(o.comm, status);
    return status;
}
