#include "verify/threshold_internal.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape_internal.h"
#include "base/file_internal.h"
#include "base/jansson_internal.h"
#include "verify/calibration_json_internal.h"

/* Writing ------------------------------------------------------------------------------------- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *rate_json(const ErrorRate *rate)
{
    return json_pack("{s:o, s:o, s:o, s:I, s:I}", "value", number(rate->value), "low",
                     number(rate->interval.low), "high", number(rate->interval.high), "wrong",
                     (json_int_t)rate->wrong, "pairs", (json_int_t)rate->pairs);
}

/* A string of JSON is UTF-8. */
static json_t *text_json(const char *text)
{
    json_t *whole = json_string(text);
    if (whole != NULL)
        return whole;
    size_t room = ESCAPE_GROWTH * strlen(text) + 1;
    char *escaped = malloc(room);
    if (escaped == NULL)
        return NULL;
    escape_text(escaped, room, text, strlen(text));
    whole = json_string(escaped);
    free(escaped);
    return whole;
}

int threshold_write(FILE *out, const Threshold *t, const char *by, Err *err)
{
    const ErrorRates *rates = &t->rates;
    jansson_watch();
    json_t *root =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o}", "kind",
                  "threshold", "score", "cosine", "threshold", number(t->score), "asked_fmr",
                  number(t->asked_fmr), "fmr", rate_json(&rates->fmr), "fnmr",
                  rate_json(&rates->fnmr), "resamples", (json_int_t)rates->resamples, "identities",
                  (json_int_t)rates->identities, "seed", (json_int_t)rates->seed, "data",
                  text_json(t->data), "model", text_json(t->model), "by", text_json(by));
    if (t->calibration.rule != CALIBRATION_NONE &&
        json_object_set_new(root, "calibration", calibration_json(&t->calibration)) != 0) {
        json_decref(root);
        root = NULL;
    }
    int rc = root != NULL ? json_dumpf(root, out, JSON_INDENT(2)) : -1;
    json_decref(root);
    if (jansson_check("a threshold", err) != 0 || rc != 0)
        return err_set(err, "cannot write the threshold as JSON");
    fputc('\n', out);
    return 0;
}

/* Reading: each fails with a message about the member ----------------------------------------- */

/* A number from low to high, or where `null` is true NaN for null. */
static int get_real(double *value, const json_t *object, const char *name, double low, double high,
                    bool null, Err *err)
{
    const json_t *member = json_object_get(object, name);
    *value = NAN;
    if (null && json_is_null(member))
        return 0;
    if (!json_is_number(member))
        return err_set(err, "'%s' is %s", name, member == NULL ? "missing" : "not a number");
    *value = json_number_value(member);
    if (!(*value >= low && *value <= high))
        return err_set(err, "'%s' is not from %g to %g", name, low, high);
    return 0;
}

static int get_count(int64_t *value, const json_t *object, const char *name, Err *err)
{
    const json_t *member = json_object_get(object, name);
    if (!json_is_integer(member) || json_integer_value(member) < 0)
        return err_set(err, "'%s' is not a number of 0 or more", name);
    *value = json_integer_value(member);
    return 0;
}

static int get_text(char *text, size_t room, const json_t *object, const char *name, Err *err)
{
    const json_t *member = json_object_get(object, name);
    if (!json_is_string(member))
        return err_set(err, "'%s' is not a text", name);
    if (json_string_length(member) >= room)
        return err_set(err, "'%s' has more than %zu bytes", name, room - 1);
    strcpy(text, json_string_value(member));
    return 0;
}

static int get_rate(ErrorRate *rate, const json_t *root, const char *name, Err *err)
{
    const json_t *object = json_object_get(root, name);
    Err inner = {0};
    Interval *interval = &rate->interval;
    if (!json_is_object(object))
        return err_set(err, "'%s' is not an object", name);
    if (get_real(&rate->value, object, "value", 0, 1, true, &inner) != 0 ||
        get_real(&interval->low, object, "low", 0, 1, true, &inner) != 0 ||
        get_real(&interval->high, object, "high", 0, 1, true, &inner) != 0 ||
        get_count(&rate->wrong, object, "wrong", &inner) != 0 ||
        get_count(&rate->pairs, object, "pairs", &inner) != 0)
        return err_set(err, "%s: %s", name, inner.text);
    if (rate->wrong > rate->pairs || interval->low > interval->high)
        return err_set(err, "%s: its figures contradict each other", name);
    return 0;
}

static int need_text(const json_t *root, const char *name, const char *value, Err *err)
{
    const char *text = json_string_value(json_object_get(root, name));
    if (text == NULL || strcmp(text, value) != 0)
        return err_set(err, "not a threshold: '%s' is not \"%s\"", name, value);
    return 0;
}

static int parse(Threshold *t, const json_t *root, Err *err)
{
    ErrorRates *rates = &t->rates;
    if (!json_is_object(root))
        return err_set(err, "not a threshold: no JSON object");
    if (need_text(root, "kind", "threshold", err) != 0 ||
        need_text(root, "score", "cosine", err) != 0 ||
        /* One more than the largest cosine, 1, accepts none. */
        get_real(&t->score, root, "threshold", -1.000001, 1.000001, false, err) != 0 ||
        get_real(&t->asked_fmr, root, "asked_fmr", 0, 1, true, err) != 0 ||
        get_rate(&rates->fmr, root, "fmr", err) != 0 ||
        get_rate(&rates->fnmr, root, "fnmr", err) != 0)
        return -1;
    if (get_count(&rates->resamples, root, "resamples", err) != 0 ||
        get_count(&rates->identities, root, "identities", err) != 0 ||
        get_count(&rates->seed, root, "seed", err) != 0 ||
        get_text(t->data, sizeof t->data, root, "data", err) != 0)
        return -1;
    const json_t *calibration = json_object_get(root, "calibration");
    if (calibration != NULL && calibration_parse(&t->calibration, calibration, err) != 0)
        return -1;
    return get_text(t->model, sizeof t->model, root, "model", err);
}

int threshold_read(Threshold *t, const char *path, Err *err)
{
    json_error_t reason;
    Err inner = {0};
    size_t size;
    *t = (Threshold){0};
    char *text = file_read_text(path, THRESHOLD_FILE, &size, err);
    if (text == NULL)
        return -1;
    json_t *root = jansson_load(text, size, "a threshold", &reason, err);
    free(text);
    if (root == NULL)
        return err_set(err, "%s: not a threshold: line %d: %s", path, reason.line, reason.text);
    int rc = parse(t, root, &inner);
    json_decref(root);
    t->rates.hter = (t->rates.fmr.value + t->rates.fnmr.value) / 2;
    t->rates.hter_interval = (Interval){NAN, NAN, 0}; /* which a file does not have */
    return rc == 0 ? 0 : err_set(err, "%s: %s", path, inner.text);
}

int threshold_of_model(const Threshold *t, const char *path, const EmbeddingModel *model,
                       const char *name, Err *err)
{
    if (t->model[0] == '\0' || model->first[0] == '\0' || strcmp(t->model, model->first) == 0)
        return 0;
    return err_set(err, "the threshold %s was set with the model %s, but %s has embeddings of %s",
                   path, t->model, name, model->first);
}
