/* The log-likelihood ratio of a score as JSON, where a threshold has a calibration. */
#ifndef CMD_CLI_RATIO_H
#define CMD_CLI_RATIO_H

#include <jansson.h>

#include "verify/calibration_internal.h"

/* Adds "llr" and "probability", at even odds; returns the object. */
static inline json_t *ratio_json(json_t *object, const Calibration *calibration, double score)
{
    if (calibration->rule == CALIBRATION_NONE)
        return object;
    double llr = calibration_llr(calibration, score);
    json_object_set_new(object, "llr", json_real(llr));
    json_object_set_new(object, "probability", json_real(calibration_probability(llr)));
    return object;
}

#endif
