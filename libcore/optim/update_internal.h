/* The loops of the rules in optimiser.h. Each file that includes this has its own, so that they are
 * compiled with its flags: whether products and sums fuse is a matter of the folder. */
#ifndef OPTIM_UPDATE_INTERNAL_H
#define OPTIM_UPDATE_INTERNAL_H

#include <stddef.h>

#include "base/real_internal.h"
#include "optim/optimiser.h"

/* An update of parameters that have these numbers in common. */
typedef struct Update {
    real lr, decay, momentum;
    real shrink; /* 1 - lr decay */
    real beta1, beta2, fresh1, fresh2, root,
        epsilon; /* fresh: 1 - beta; root: 1 / sqrt(1 - beta2^t) */
} Update;

/* updates: those done before this one. */
static inline Update update_of(const Optimiser *optimiser, double lr, double decay, double updates)
{
    Update u = {.lr = (real)lr, .decay = (real)decay, .momentum = (real)optimiser->momentum};
    if (optimiser->kind == OPTIMISER_SGD)
        return u;
    double beta1 = optimiser->beta1, beta2 = optimiser->beta2, t = updates + 1;
    u.shrink = (real)(1 - lr * decay);
    u.lr = (real)(lr / (1 - pow(beta1, t)));
    u.root = (real)(1 / sqrt(1 - pow(beta2, t)));
    u.beta1 = (real)beta1, u.fresh1 = (real)(1 - beta1);
    u.beta2 = (real)beta2, u.fresh2 = (real)(1 - beta2);
    u.epsilon = (real)optimiser->epsilon;
    return u;
}

CLONES static void update_plain(real *w, real *v, const real *g, size_t n, const Update *u)
{
    real lr = u->lr, momentum = u->momentum, decay = u->decay;
    for (size_t i = 0; i < n; i++) {
        real move = momentum * v[i] + (g[i] + decay * w[i]);
        v[i] = move;
        w[i] -= lr * move;
    }
}

CLONES static void update_nesterov(real *w, real *v, const real *g, size_t n, const Update *u)
{
    real lr = u->lr, momentum = u->momentum, decay = u->decay;
    for (size_t i = 0; i < n; i++) {
        real slope = g[i] + decay * w[i];
        v[i] = momentum * v[i] + slope;
        w[i] -= lr * (slope + momentum * v[i]);
    }
}

CLONES static void update_adamw(real *w, real *v, real *s, const real *g, size_t n, const Update *u)
{
    const Update a = *u;
    for (size_t i = 0; i < n; i++) {
        v[i] = a.beta1 * v[i] + a.fresh1 * g[i];
        s[i] = a.beta2 * s[i] + a.fresh2 * (g[i] * g[i]);
        w[i] = a.shrink * w[i] - a.lr * v[i] / (sqrt(s[i]) * a.root + a.epsilon);
    }
}

/* w[n] with momentum v[n] and, where the rule keeps them, squares s[n], by the gradient
 * g[n]. */
static inline void update_run(real *w, real *v, real *s, const real *g, size_t n,
                              const Optimiser *optimiser, const Update *u)
{
    if (optimiser->kind == OPTIMISER_ADAMW)
        update_adamw(w, v, s, g, n, u);
    else
        (optimiser->nesterov ? update_nesterov : update_plain)(w, v, g, n, u);
}

/* The same of AdamW for a single number. */
static inline void update_number(double *w, double *v, double *s, double g,
                                 const Optimiser *optimiser, double updates)
{
    double t = updates + 1, beta1 = optimiser->beta1, beta2 = optimiser->beta2;
    *v = beta1 * *v + (1 - beta1) * g;
    *s = beta2 * *s + (1 - beta2) * g * g;
    *w -= optimiser->lr *
          (optimiser->weight_decay * *w +
           *v / (1 - pow(beta1, t)) / (sqrt(*s / (1 - pow(beta2, t))) + optimiser->epsilon));
}

#endif
