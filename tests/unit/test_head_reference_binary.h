/* The losses of heads(7) that are a sum over the centres, without a softmax. */
#ifndef TEST_HEAD_REFERENCE_BINARY_H
#define TEST_HEAD_REFERENCE_BINARY_H

#include "test_head_reference_parts.h"

/* The mean over rows of the sum over centres of `one`, of the cosine c of row i, with the number b.
 */
typedef Number OneLoss(const Reference *r, int i, Number c, bool own, Number b);

static Number sum_of(const Reference *r, OneLoss *one, Number b)
{
    Number sum = 0;
    for (int i = 0; i < r->b; i++)
        for (int j = 0; j < r->c; j++)
            sum += one(r, i, r->cosine[i * r->c + j], r->label[i] == j, b) / r->b;
    return sum;
}

/* The loss, and b and its momentum after an update. */
static void learn_number(Reference *r, OneLoss *one)
{
    Number b = r->before[0], momentum = r->before[1];
    r->bare = true;
    r->penalty = sum_of(r, one, b);
    double gradient = cimag(sum_of(r, one, b + 1e-30 * I) - I * cimag(r->penalty)) / 1e-30;
    r->after[1] = r->sgd.momentum * creal(momentum) + gradient + r->sgd.weight_decay * creal(b);
    r->after[0] = creal(b) - r->sgd.lr * r->after[1];
}

static Number softplus(Number u)
{
    return creal(u) > 0 ? u + clog(1 + cexp(-u)) : clog(1 + cexp(u));
}

static Number kept_within(Number u, double s)
{
    return creal(u) > s ? s : creal(u) < -s ? -s : u;
}

static Number one_uniface(const Reference *r, int i, Number c, bool own, Number b)
{
    double s = option(r, "s");
    if (own)
        return softplus(-kept_within(s * (c - r->margin[i]) - b, s));
    return option(r, "l") * softplus(kept_within(s * c - b, s));
}

static void reference_uniface(Reference *r)
{
    for (int i = 0; i < r->b; i++)
        r->margin[i] = option(r, "m");
    learn_number(r, one_uniface);
}

/* h of SphereFace2 */
static Number spread_out(const Reference *r, Number c)
{
    return creal(c) <= -1 ? -1 : 2 * cpow((c + 1) / 2, option(r, "t")) - 1;
}

/* The angle of the positive with its margin. */
static Number wide_angle(const Reference *r, Number c)
{
    bool factor = strcmp(r->options->info->name, "sphereface2-m") == 0;
    Number angle = factor ? option(r, "m") * angle_of(c) : angle_of(c) + option(r, "m");
    return creal(angle) >= M_PI ? M_PI : angle;
}

static Number one_sphereface2(const Reference *r, int i, Number c, bool own, Number b)
{
    double s = option(r, "s"), alpha = option(r, "alpha");
    bool cosine = option_or(r, "v", 1) == 0;
    (void)i;
    Number bent = own && !cosine ? ccos(wide_angle(r, c)) : c;
    Number h = spread_out(r, bent) - (cosine ? (own ? 1 : -1) * option(r, "m") : 0);
    if (option(r, "straight") != 0)
        h = straight(h, c);
    Number u = s * h + b;
    return option(r, "weight") / s * (own ? alpha * softplus(-u) : (1 - alpha) * softplus(u));
}

static void reference_sphereface2(Reference *r)
{
    for (int i = 0; i < r->b; i++)
        r->margin[i] = option(r, "m");
    learn_number(r, one_sphereface2);
}

/* The b at which orthogonal vectors do not pull at b, by bisection. */
static inline double sphereface2_start(const Reference *r)
{
    double low = -200, high = 200, loss[2];
    Reference row = *r;
    for (int k = 0; k < 200; k++) {
        double b = (low + high) / 2;
        for (int own = 0; own < 2; own++)
            loss[own] = cimag(one_sphereface2(&row, 0, 0, own, b + 1e-30 * I)) / 1e-30;
        if (loss[1] + (r->c - 1) * loss[0] < 0)
            low = b;
        else
            high = b;
    }
    return low;
}

static Number one_sface(const Reference *r, int i, Number c, bool own, Number b)
{
    double angle = acos(creal(c)), k = option(r, "k");
    (void)i, (void)b;
    if (own)
        return -option(r, "s") * c / (1 + exp(-k * (angle - option(r, "a"))));
    return option(r, "s") * c / (1 + exp(k * (angle - option(r, "b"))));
}

static void reference_sface(Reference *r)
{
    r->bare = true;
    r->penalty = sum_of(r, one_sface, 0);
}

#endif
