/* --threshold FILE|SCORE: a score, or the file that eval-roc --threshold-out wrote. */
#ifndef CMD_CLI_THRESHOLD_H
#define CMD_CLI_THRESHOLD_H

#include <math.h>
#include <string.h>

#include "base/num_internal.h"
#include "cli.h"
#include "verify/threshold_internal.h"

#define THRESHOLD_OPTION(value)                                                                    \
    CLI_FILE(0, "threshold", "FILE|SCORE", &(value), "a lower score is of somebody else")

/* Standard input is one thing only; each may be NULL. */
static inline void threshold_not_input(const char *text, const char *a, const char *b)
{
    if (text != NULL && strcmp(text, "-") == 0 &&
        ((a != NULL && strcmp(a, "-") == 0) || (b != NULL && strcmp(b, "-") == 0)))
        cli_misuse("threshold and embeddings cannot both come from standard input");
}

/* After cli_start(). What is a number is a score: ./1 is a file. */
static inline int threshold_option(Threshold *threshold, const char *text, Err *err)
{
    double score;
    if (!num_double(text, -INFINITY, INFINITY, &score))
        return threshold_read(threshold, text, err);
    if (score < -1 || score > 1)
        cli_misuse("--threshold %s: a score is from -1 to 1", text);
    *threshold = (Threshold){.score = score, .asked_fmr = NAN};
    threshold->rates.fmr.value = threshold->rates.fnmr.value = threshold->rates.hter = NAN;
    return 0;
}

/* A model that is not the threshold's is refused, unless `any`. */
static inline int threshold_check(bool any, const Threshold *threshold, const char *text,
                                  const EmbeddingModel *model, const char *name, Err *err)
{
    Err inner = {0};
    if (any || threshold_of_model(threshold, text, model, name, &inner) == 0)
        return 0;
    return err_set(err, "%s; --any-model uses it all the same", inner.text);
}

#endif
