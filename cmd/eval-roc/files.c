#include "eval-roc/files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "base/out.h"
#include "base/path_internal.h"
#include "eval-roc/at.h"
#include "report/epc_internal.h"
#include "report/evaluation_internal.h"
#include "report/hardest_internal.h"
#include "report/histogram_internal.h"
#include "verify/threshold_internal.h"

int write_histogram(const Comparison *c, const char *path, Pool *pool, Err *err)
{
    Histogram histogram;
    Out out;
    if (histogram_count(&histogram, c->scores, pool, err) != 0 || out_open(&out, path, err) != 0)
        return -1;
    report_histogram(out.f, &histogram);
    return out_commit(&out, err);
}

int write_scores(const Comparison *c, const char *path, Err *err)
{
    const ListedScores *listed = &c->listed;
    Out out;
    if (out_open(&out, path, err) != 0)
        return -1;
    fputs("key\tother\tlabel\tscore\n", out.f);
    for (int64_t i = 0; i < listed->n; i++) {
        for (int side = 0; side < 2; side++) {
            int length;
            const char *key = embedding_key(&c->embeddings.rows, listed->row[i][side], &length);
            escape_put(out.f, key, (size_t)length);
            fputc('\t', out.f);
        }
        fprintf(out.f, "%d\t%.9g\n", listed->same[i], (double)listed->score[i]);
    }
    return out_commit(&out, err);
}

/* The reading whose threshold --hardest is about. */
static const RocReading *hardest_reading(const Evaluation *v, const Options *o)
{
    const RocReading *at = evaluation_more(v, MORE_HARDEST);
    for (int i = 0; i < v->readings && o->hardest_at == 0; i++)
        if (v->reading[i].rank > 0)
            at = &v->reading[i];
    return at;
}

int write_hardest(const Stream *stream, const Options *o, Pool *pool, Err *err)
{
    const Comparison *c = &stream->comparison;
    const RocReading *at = hardest_reading(&stream->evaluation, o);
    Hardest hardest;
    Out out = {0};
    if (at->rank == 0)
        return err_set(err, "%s: no FAR to list wrong decisions at: each is less than one of %s",
                       c->input,
                       counted(stream->evaluation.roc.impostor, "impostor", "impostors").text);
    if (!c->embeddings.has_keys)
        return err_set(err, "%s: no column 'key' to list wrong decisions by", c->input);
    int rc = hardest_init(&hardest, at->threshold, at->above, o->hardest, pool_threads(pool), err);
    if (rc == 0)
        rc = comparison_hardest(&hardest, c, pool, err);
    if (rc == 0)
        rc = hardest_end(&hardest, err);
    if (rc == 0)
        rc = out_open(&out, o->hardest_out, err);
    if (rc == 0 && (rc = report_hardest(out.f, &hardest, &c->embeddings.rows, err)) == 0)
        rc = out_commit(&out, err);
    out_abort(&out);
    hardest_release(&hardest);
    return rc;
}

void name_data(char *name, size_t room, const Comparison *c, const Options *o)
{
    const char *input = strcmp(c->input, "-") == 0 ? "standard input" : path_base(c->input);
    if (o->data != NULL)
        snprintf(name, room, "%s", o->data);
    else
        snprintf(name, room, "%.120s%s%.120s", input, c->list_name != NULL ? ", " : "",
                 c->list_name != NULL ? path_base(c->list_name) : "");
}

int write_threshold(const Stream *stream, const char *path, const Calibration *calibration,
                    const Options *o, Pool *pool, Err *err)
{
    const Comparison *c = &stream->comparison;
    Threshold threshold = {.asked_fmr = options_asked_fmr(o)};
    Out out;
    float score;
    if (threshold_at(&score, stream, o, pool, err) != 0)
        return -1;
    threshold.score = (double)score;
    if (calibration != NULL)
        threshold.calibration = *calibration;
    name_data(threshold.data, sizeof threshold.data, c, o);
    strcpy(threshold.model, o->any_model ? "" : c->embeddings.model.first);
    if (error_rates_measure(&threshold.rates, score, c, options_draws(o), o->seed, pool, err) !=
            0 ||
        out_open(&out, path, err) != 0)
        return -1;
    char *by = cli_by(c->embeddings.by);
    int rc = threshold_write(out.f, &threshold, by, err);
    free(by);
    if (rc == 0)
        return out_commit(&out, err);
    out_abort(&out);
    return -1;
}

int write_epc(const Comparison *dev, const Comparison *other, const char *path, Pool *pool,
              Err *err)
{
    static EpcPoint point[EPC_POINTS];
    Out out;
    if (epc_measure(point, dev, other, pool, err) != 0 || out_open(&out, path, err) != 0)
        return -1;
    report_epc(out.f, point);
    return out_commit(&out, err);
}

int write_curve(const Evaluation *v, Uncertainty *uncertainty, const char *path, Err *err)
{
    static Interval band[ROC_CURVE_MAX];
    Out out;
    if (out_open(&out, path, err) != 0)
        return -1;
    if (uncertainty != NULL)
        uncertainty_band(band, uncertainty);
    report_curve(out.f, v, uncertainty != NULL ? band : NULL);
    return out_commit(&out, err);
}
