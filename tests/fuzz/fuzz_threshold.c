/* Damaged files of thresholds: what is read keeps its limits. */
#include <math.h>

#include "mutate.h"
#include "verify/threshold_internal.h"

static bool read_threshold(const char *path, const Blob *input, uint64_t run)
{
    Threshold t;
    Err err = {0};
    (void)input;
    (void)run;
    bool read = threshold_read(&t, path, &err) == 0;
    const ErrorRate *rate[2] = {&t.rates.fmr, &t.rates.fnmr};
    if (read == err_is_set(&err))
        abort();
    if (!read)
        return false;
    if (!(fabs(t.score) <= 1.0001) || strlen(t.data) >= sizeof t.data ||
        strlen(t.model) >= sizeof t.model)
        abort();
    for (int i = 0; i < 2; i++)
        if (rate[i]->wrong < 0 || rate[i]->wrong > rate[i]->pairs || rate[i]->value < 0 ||
            rate[i]->value > 1)
            abort();
    for (double score = -1; t.calibration.rule != CALIBRATION_NONE && score < 1; score += 0.5)
        if (!isfinite(calibration_llr(&t.calibration, score)) || t.calibration.steps > 1024)
            abort();
    return true;
}

int main(int argc, char **argv)
{
    Threshold t = {.score = 0.25,
                   .asked_fmr = 1e-3,
                   .rates = {.fmr = {3, 3000, 1e-3, {5e-4, 2e-3, 40}},
                             .fnmr = {0, 0, NAN, {NAN, NAN, 0}},
                             .resamples = 40},
                   .data = "lfw.emb, pairs.txt",
                   .model = "0123456789abcdef"};
    Blob seeds[3] = {0};
    Err err = {0};
    for (int i = 0; i < 3; i++) {
        FILE *f = open_memstream((char **)&seeds[i].at, &seeds[i].size);
        if (f == NULL || threshold_write(f, &t, i == 0 ? "" : "eval-roc 1\nembed 2", &err) != 0)
            return 1;
        fclose(f);
        t.rates.fnmr = (ErrorRate){1, 2, 0.5, {0, 1, 40}};
        t.model[0] = '\0';
        t.calibration = (Calibration){.rule = i == 0 ? CALIBRATION_LOGISTIC : CALIBRATION_ISOTONIC,
                                      .slope = 21.5,
                                      .offset = -7,
                                      .steps = 2,
                                      .step = {{-INFINITY, -5}, {0.25, 3}}};
    }
    int rc = fuzz("threshold", read_threshold, seeds, 3, argc, argv);
    free(seeds[0].at);
    free(seeds[1].at);
    free(seeds[2].at);
    return rc;
}
