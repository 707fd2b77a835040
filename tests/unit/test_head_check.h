/* A case against the reference. */
#ifndef TEST_HEAD_CHECK_H
#define TEST_HEAD_CHECK_H

#include "test_head_case.h"

/* The numbers and the parameters of identities that a head keeps, after a first step, against the
 * reference. The momentum is then the gradient. */
static inline double state_distance(Case *t, Reference *r)
{
    Optimiser sgd = {.lr = 0.1, .momentum = 0.9, .weight_decay = 0};
    r->sgd = sgd;
    double worst = 0, *gradient = calloc((size_t)t->c, sizeof *gradient);
    reference_gradient(r, gradient, r->aux, t->c);
    if (head_step(t->head, t->dx, t->x, t->label, t->b, &sgd, NULL, &t->err) != 0)
        worst = NAN;
    for (int k = 0; k < 2 && r->state[k] != NULL; k++) {
        double got = (double)*tensor_named(t->head, r->state[k]), scale = fabs(r->after[k]);
        worst = fmax(worst, fabs(got - r->after[k]) / fmax(scale, 1e-3));
    }
    if (t->aux != NULL)
        worst = fmax(worst, distance_above(1e-3, t->aux_momentum, gradient, t->c));
    free(gradient);
    return worst;
}

/* How far the nearest negative of a row and the share of rows whose own centre is nearer are off. A
 * cosine may have been kept off 1. Where there are no centres neither is known. */
static double nearest_distance(const Case *t, const Reference *r)
{
    double off = 0, top1 = 0;
    const char *name = t->options.info->name;
    bool raw = strcmp(name, "softmax") == 0 || strcmp(name, "center") == 0, close = false;
    if (without_centres(name))
        return isnan(t->stats.top1) ? 0 : 1;
    for (int i = 0; i < t->b; i++) {
        double nearest = -INFINITY, own = 0;
        for (int j = 0; j < t->c; j++) {
            double c = creal(raw ? r->z[i * r->c + j] : nearest_centre(r, i, j, false));
            own = j == r->label[i] ? c : own;
            nearest = j != r->label[i] ? fmax(nearest, c) : nearest;
        }
        double found = head_row_stats(t->head, i).nearest;
        off = fmax(off, fabs(found - nearest) - (found > 0.999 ? 2e-3 : 0));
        close = close || fabs(own - nearest) < 1e-5;
        top1 += (own > nearest) / (double)t->b;
    }
    return close ? off : fmax(off, fabs(t->stats.top1 - top1));
}

/* Loss, margins, hard negatives, dx, dw and state of a filled case against the reference. Gradients
 * are compared relative to their largest number, or to floor. */
static void check_reference(Case *t, const char *what, double floor)
{
    Reference r = case_reference(t);
    r.smoothing = t->smoothing;
    double *gx = calloc((size_t)(t->b * t->d), sizeof *gx);
    double *gw = calloc((size_t)(t->w_rows * t->d), sizeof *gw);
    bool ran = case_run(t);
    reference_gradient(&r, gx, r.x, t->b * t->d);
    reference_gradient(&r, gw, r.w, t->w_rows * t->d);
    double loss = creal(reference_loss(&r)), hard = 0, margin = 0;
    for (int i = 0; i < t->b && ran; i++) {
        HeadRowStats row = head_row_stats(t->head, i);
        hard = fmax(hard, fabs(row.hard - r.hard[i]));
        margin = fmax(margin, fabs(row.margin - r.margin[i]));
    }
    double ex = distance_above(floor, t->dx, gx, t->b * t->d);
    double ew = distance_above(floor, t->dw, gw, t->w_rows * t->d);
    double el = fabs(loss - t->stats.loss) / fmax(1, fabs(loss)), es = state_distance(t, &r);
    double en = ran ? nearest_distance(t, &r) / fmax(1, fabs(loss)) : 0;
    CHECK(en <= fmax(reference_bound, 1e-6), "%s %s: off by %.1e in the nearest negative",
          t->options.info->name, what, en);
    CHECK(ran && el <= reference_bound && ex <= reference_bound && ew <= reference_bound &&
              hard == 0 && margin <= reference_bound && es <= reference_bound,
          "%s %s %s, B=%d C=%d: off by %.1e in loss, %.1e dx, %.1e dw, %.1e margin, %g hard, %.1e "
          "state %s",
          t->options.info->name, t->settings, what, t->b, t->c, el, ex, ew, margin, hard, es,
          t->err.text);
    free(gx);
    free(gw);
    reference_free(&r);
}

#endif
