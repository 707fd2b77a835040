#include "face-match/tell.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/escape_internal.h"
#include "cli/json-text.h"
#include "cli/ratio.h"

static void put_figures(const Verdict *v)
{
    const Threshold *t = v->threshold;
    escape_put(stdout, v->is, strlen(v->is));
    printf("\t%.6f\t%.6f\t", v->score, t->score);
    if (isnan(t->rates.fmr.value))
        fputs("NA", stdout);
    else
        printf("%.3g", t->rates.fmr.value);
    putchar('\t');
    if (t->data[0] != '\0')
        escape_put(stdout, t->data, strlen(t->data));
    else
        fputs("NA", stdout);
}

/* The last column, where the threshold has a calibration. */
static void put_ratio(const Verdict *v)
{
    const Calibration *c = &v->threshold->calibration;
    if (c->rule != CALIBRATION_NONE)
        printf("\t%.4f", calibration_llr(c, v->score));
    putchar('\n');
}

static json_t *number(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}

static json_t *key_json(const Verdict *v, int k)
{
    return text_json(v->key[k], (size_t)v->key_length[k]);
}

/* A new object with the figures. */
static json_t *figures_json(const Verdict *v)
{
    const Threshold *t = v->threshold;
    jansson_watch();
    json_t *object =
        json_pack("{s:f, s:f, s:o, s:o, s:o}", "score", v->score, "threshold", t->score, "fmr",
                  number(t->rates.fmr.value), "fnmr", number(t->rates.fnmr.value), "data",
                  t->data[0] != '\0' ? text_json(t->data, strlen(t->data)) : json_null());
    ratio_json(object, &t->calibration, v->score);
    return object;
}

void tell_pair(const Verdict *v, bool json)
{
    if (json) {
        json_t *object = figures_json(v);
        json_object_set_new(object, "verdict", json_string(v->is));
        json_object_set_new(object, "faces", json_pack("[o,o]", key_json(v, 0), key_json(v, 1)));
        put_json(object);
        return;
    }
    put_figures(v);
    put_ratio(v);
}

void tell_person(const Verdict *v, bool json)
{
    if (json) {
        json_t *object = figures_json(v);
        json_object_set_new(object, "identity",
                            v->known ? text_json(v->is, strlen(v->is)) : json_null());
        json_object_set_new(object, "face", key_json(v, 0));
        json_object_set_new(object, "gallery", key_json(v, 1));
        put_json(object);
        return;
    }
    put_figures(v);
    putchar('\t');
    escape_put(stdout, v->key[0], (size_t)v->key_length[0]);
    putchar('\t');
    escape_put(stdout, v->key[1], (size_t)v->key_length[1]);
    put_ratio(v);
}
