#include "eval-roc/stream.h"

#include <math.h>
#include <string.h>

#include "base/counted_internal.h"
#include "cli/any-model.h"
#include "cli/missing.h"
#include "lists/lookup_internal.h"
#include "source/score_list_internal.h"
#include "verify/failures_internal.h"

void stream_release(Stream *stream)
{
    evaluation_release(&stream->evaluation);
    comparison_release(&stream->comparison);
}

/* Of all pairs by label, because a picture that occurs twice makes a genuine pair of score 1. */
static int tell_repeated(const Comparison *c, Err *err)
{
    const EmbeddingRows *rows = &c->embeddings.rows;
    int64_t pair[2];
    int64_t repeated = lookup_repeated(pair, rows, err);
    if (repeated > 0) {
        int length;
        const char *key = embedding_key(rows, pair[0], &length);
        cli_warn("%s: %s the same key as an earlier one (rows %lld and %lld: %.*s): if they "
                 "are the same picture, it is compared with itself",
                 c->input, counted(repeated, "row has", "rows have").text, (long long)pair[0],
                 (long long)pair[1], length, key);
    }
    return repeated < 0 ? -1 : 0;
}

static int tell_missing(const Comparison *c, bool skip, Err *err)
{
    NameList missing;
    int rc = comparison_missing(&missing, c, err);
    if (rc == 0)
        rc = missing_tell(&missing, c->list.images, skip, err);
    name_list_release(&missing);
    return rc;
}

/* --from scores */
static int load_scores(Comparison *c, const char *input, const Options *o, Err *err)
{
    ScoreList list;
    const char *name = strcmp(input, "-") == 0 ? "standard input" : input;
    int rc = score_list_read(&list, input, err);
    if (rc == 0)
        rc = comparison_of_scores(c, name, list.score, list.same, list.n, err);
    if (rc == 0)
        scores_share(c->scores, o->comm);
    if (rc == 0 && list.tied > 0)
        cli_warn("%s: %s from another by less than floats can tell, and count as equal", name,
                 counted(list.tied, "score differs", "scores differ").text);
    score_list_release(&list);
    return rc;
}

int stream_load(Comparison *c, const char *input, const char *pairs, const Options *o, Err *err)
{
    if (o->from == FROM_SCORES)
        return load_scores(c, input, o, err);
    if (comparison_read(c, input, pairs, o->fold, err) != 0 ||
        any_model_check(o->any_model, &c->embeddings.model, c->input, NULL, NULL, err) != 0 ||
        (o->failures != NULL && failures_read(c, o->failures, err) != 0) ||
        tell_missing(c, o->skip_missing, err) != 0 || comparison_score(c, err) != 0)
        return -1;
    scores_share(c->scores, o->comm);
    if (!o->check && o->calibration_out == NULL && o->edc == NULL)
        comparison_drop_embeddings(c);
    return pairs == NULL ? tell_repeated(c, err) : 0;
}

int stream_measure(Stream *stream, const char *input, const char *pairs, const Options *o,
                   Pool *pool, Err *err)
{
    double at = o->at_kind == AT_FMR ? o->at_value : 0;
    EvaluationAsk ask = {.rule = (RocRule)o->rule,
                         .far = o->far,
                         .fars = o->fars,
                         .more_far = {[MORE_HARDEST] = o->hardest_at,
                                      [MORE_AT] = at,
                                      [MORE_DEEPER] = o->edc != NULL ? fmin(4 * at, 1) : 0},
                         .curve = o->roc != NULL || options_intervals(o)};
    if (stream_load(&stream->comparison, input, pairs, o, err) != 0)
        return -1;
    return evaluation_measure(&stream->evaluation, &ask, &stream->comparison, pool, err);
}
