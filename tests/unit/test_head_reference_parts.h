/* What the references of the losses share. They are written the plain way: all logits in one
 * matrix, in complex double. The gradient comes from the complex step: L(x + ih) / h has dL/dx as
 * its imaginary part, exact to rounding for any tiny h. What a loss treats as constant is taken by
 * creal(), and so are cosines of 1 and -1: they are at their extreme, and a pair of parallel
 * vectors pulls at neither. */
#ifndef TEST_HEAD_REFERENCE_PARTS_H
#define TEST_HEAD_REFERENCE_PARTS_H

#include <complex.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/real_internal.h"
#include "head/head.h"

typedef double complex Number;

typedef struct Reference {
    const HeadOptions *options;
    int b, c, d;
    const int64_t *label;
    Number *x, *w;         /* [b,d], [c,sub,d] */
    int sub;               /* centres of each identity */
    Number *aux;           /* [c]: the biases or margins of the heads that have them */
    Number *cosine;        /* [b,c] */
    Number *length;        /* [b]: of x */
    Number *z;             /* [b,c]: the logits */
    double *margin, *hard; /* [b] */
    Number *vector;        /* [c,d]: what some heads keep of each identity beside its centre */
    double *seen;          /* [c]: the step that brought it, from 1; 0: none */
    Number penalty;        /* what is added to the mean of the softmax, */
    bool bare;             /* or is all of the loss */
    double weight;         /* of the softmax */
    Optimiser sgd;         /* of a step after this one, for numbers that are learned */
    const char *state[2];  /* names of the numbers that the head keeps */
    double smoothing;
    double before[2]; /* and their values, of a new head unless set */
    double after[2];  /* and after this step */
    double step;      /* updates before this one */
    int identities;   /* of the head, where these c are a sample of them */
    double rest;      /* sum of the aux of those that are not among the c */
} Reference;

/* The option of that name; `other` where the head has none. */
static double option_or(const Reference *r, const char *name, double other)
{
    for (int k = 0; r->options->info->options[k].name != NULL; k++)
        if (strcmp(r->options->info->options[k].name, name) == 0)
            return r->options->value[k];
    return other;
}

static double option(const Reference *r, const char *name)
{
    double value = option_or(r, name, NAN);
    if (isnan(value))
        abort();
    return value;
}

static Number add_angle(Number g, Number m)
{
    return ccos(m) * g - csin(m) * csqrt(1 - g * g);
}

/* The slope of g under the value of z: what straight-through means. */
static Number straight(Number z, Number g)
{
    return creal(z) - creal(g) + g;
}

/* acos, to first order in the imaginary part */
static Number angle_of(Number g)
{
    double angle = acos(creal(g));
    return cimag(g) == 0 ? angle : angle - I * cimag(g) / sin(angle);
}

/* z = s c for all j, for the heads to change. */
static void plain(Reference *r, double s)
{
    for (int k = 0; k < r->b * r->c; k++)
        r->z[k] = s * r->cosine[k];
}

/* z = s (t c + a) for the negatives above limit. Returns the sum of their cosines. */
static double reweigh(Reference *r, int i, double limit, double t, double a)
{
    double s = option(r, "s"), sum = 0;
    r->hard[i] = 0;
    for (int j = 0; j < r->c; j++) {
        Number c = r->cosine[i * r->c + j];
        if (j == r->label[i] || creal(c) <= limit)
            continue;
        r->z[i * r->c + j] = s * (t * c + a);
        r->hard[i]++;
        sum += creal(c);
    }
    return sum;
}

#endif
