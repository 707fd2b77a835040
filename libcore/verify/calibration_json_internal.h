/* A calibration as JSON, as the file of a threshold keeps it:
 *
 *     {"rule": "logistic", "slope": 21.5, "offset": -6.25}
 *     {"rule": "isotonic", "from": [0.125, 0.25], "llr": [-4.5, 0.75, 6]}
 *
 * where the first ratio is that of scores below the first of "from". */
#ifndef VERIFY_CALIBRATION_JSON_INTERNAL_H
#define VERIFY_CALIBRATION_JSON_INTERNAL_H

#include <jansson.h>

#include "verify/calibration_internal.h"

json_t *calibration_json(const Calibration *calibration); /* NULL: no memory */

/* Fails where something is missing, not finite, or does not ascend. */
int calibration_parse(Calibration *calibration, const json_t *object, Err *err);

#endif
