/* A threshold as a file: a small JSON object that says what was measured at it, on which data, with
 * which model.
 *
 *     {"kind": "threshold", "score": "cosine", "threshold": 0.3125,
 *      "asked_fmr": 0.001,
 *      "fmr": {"value": 0.001, "low": 0.0008, "high": 0.0012, "wrong": 120, "pairs": 120000},
 *      "fnmr": {"value": ..., "low": ..., "high": ..., "wrong": ..., "pairs": ...},
 *      "resamples": 1000, "identities": 400, "seed": 1,
 *      "data": "lfw.emb, pairs.txt", "model": "0123456789abcdef", "by": "..."}
 *
 * and, where scores were calibrated, "calibration" (calibration_json_internal.h).
 *
 * A figure that is not known is null; a model that is not known is "". Members that are not named
 * here are passed over, all others are needed. */
#ifndef VERIFY_THRESHOLD_INTERNAL_H
#define VERIFY_THRESHOLD_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "verify/calibration_internal.h"
#include "verify/error_rates_internal.h"

enum { THRESHOLD_TEXT = 256, THRESHOLD_FILE = 1 << 20 }; /* bytes: of a name, of a file */

typedef struct Threshold {
    double score;     /* accepted are cosines at or above it */
    double asked_fmr; /* NaN: not known, as are the rates' figures */
    ErrorRates rates;
    char data[THRESHOLD_TEXT];
    char model[EMBEDDING_MODEL]; /* "": not known */
    Calibration calibration;     /* of CALIBRATION_NONE: there is none */
} Threshold;

int threshold_read(Threshold *threshold, const char *path, Err *err);

/* by is the provenance. Names that are not UTF-8 are escaped. Errors of the file stay in it. */
int threshold_write(FILE *out, const Threshold *threshold, const char *by, Err *err);

/* Fails where the threshold is of one model and the embeddings of `name` are of another; names are
 * for the message. Neither needs to be known. */
int threshold_of_model(const Threshold *threshold, const char *path, const EmbeddingModel *model,
                       const char *name, Err *err);

#endif
