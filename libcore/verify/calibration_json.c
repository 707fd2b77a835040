#include "verify/calibration_json_internal.h"

#include <math.h>
#include <string.h>

json_t *calibration_json(const Calibration *c)
{
    json_t *from = json_array(), *llr = json_array();
    if (c->rule == CALIBRATION_LOGISTIC) {
        json_decref(from);
        json_decref(llr);
        return json_pack("{s:s, s:f, s:f}", "rule", calibration_name(c->rule), "slope", c->slope,
                         "offset", c->offset);
    }
    for (int i = 0; i < c->steps; i++) {
        if (i > 0)
            json_array_append_new(from, json_real(c->step[i].from));
        json_array_append_new(llr, json_real(c->step[i].llr));
    }
    return json_pack("{s:s, s:o, s:o}", "rule", calibration_name(c->rule), "from", from, "llr",
                     llr);
}

static int get(double *value, const json_t *member, const char *name, Err *err)
{
    if (!json_is_number(member))
        return err_set(err, "calibration: '%s' is not a number", name);
    *value = json_number_value(member);
    return isfinite(*value) ? 0 : err_set(err, "calibration: '%s' is not finite", name);
}

static int parse_steps(Calibration *c, const json_t *object, Err *err)
{
    const json_t *from = json_object_get(object, "from"), *llr = json_object_get(object, "llr");
    size_t n = json_array_size(llr);
    if (n < 1 || n > CALIBRATION_STEPS || json_array_size(from) != n - 1)
        return err_set(err, "calibration: 'llr' has not 1 to %d ratios, one more than 'from'",
                       (int)CALIBRATION_STEPS);
    for (size_t i = 0; i < n; i++) {
        c->step[i].from = -INFINITY;
        if ((i > 0 && get(&c->step[i].from, json_array_get(from, i - 1), "from", err) != 0) ||
            get(&c->step[i].llr, json_array_get(llr, i), "llr", err) != 0)
            return -1;
        if (i > 0 &&
            !(c->step[i].from > c->step[i - 1].from && c->step[i].llr >= c->step[i - 1].llr))
            return err_set(err, "calibration: its steps do not ascend");
    }
    c->steps = (int)n;
    return 0;
}

int calibration_parse(Calibration *c, const json_t *object, Err *err)
{
    const char *rule = json_string_value(json_object_get(object, "rule"));
    *c = (Calibration){0};
    if (rule != NULL && strcmp(rule, calibration_name(CALIBRATION_ISOTONIC)) == 0) {
        c->rule = CALIBRATION_ISOTONIC;
        return parse_steps(c, object, err);
    }
    if (rule == NULL || strcmp(rule, calibration_name(CALIBRATION_LOGISTIC)) != 0)
        return err_set(err, "calibration: 'rule' is neither logistic nor isotonic");
    c->rule = CALIBRATION_LOGISTIC;
    if (get(&c->slope, json_object_get(object, "slope"), "slope", err) != 0 ||
        get(&c->offset, json_object_get(object, "offset"), "offset", err) != 0)
        return -1;
    return c->slope > 0 ? 0 : err_set(err, "calibration: 'slope' is not above 0");
}
