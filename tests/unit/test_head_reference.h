/* The losses of heads(7) once more, written the plain way: all logits in one matrix, in complex
 * double. The gradient comes from the complex step: L(x + ih) / h has dL/dx as its imaginary part,
 * exact to rounding for any tiny h. What a loss treats as constant is taken by creal(). */
#ifndef HEAD_REFERENCE_H
#define HEAD_REFERENCE_H

#include <complex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "head/head.h"

typedef double complex Number;

typedef struct Reference {
    const HeadOptions *options;
    int b, c, d;
    const int64_t *label;
    Number *x, *w;  /* [b,d], [c,d] */
    Number *cosine; /* [b,c] */
    Number *length; /* [b]: of x */
    Number *z;      /* [b,c]: the logits */
    double *margin; /* [b] */
    double *hard;   /* [b] */
    Number penalty;
} Reference;

static double option(const Reference *r, const char *name)
{
    for (int k = 0; r->options->info->options[k].name != NULL; k++)
        if (strcmp(r->options->info->options[k].name, name) == 0)
            return r->options->value[k];
    abort();
}

static Number add_angle(Number g, Number m)
{
    return ccos(m) * g - csin(m) * csqrt(1 - g * g);
}

static void reference_npcface(Reference *r)
{
    double s = option(r, "s"), t = option(r, "t"), a = option(r, "a");
    for (int i = 0; i < r->b; i++) {
        const Number *c = r->cosine + i * r->c;
        int y = (int)r->label[i];
        double limit = creal(add_angle(c[y], option(r, "m"))), sum = 0;
        r->hard[i] = 0;
        for (int j = 0; j < r->c; j++) {
            bool hard = j != y && creal(c[j]) > limit;
            r->z[i * r->c + j] = s * (hard ? t * c[j] + a : c[j]);
            r->hard[i] += hard;
            sum += hard ? creal(c[j]) : 0;
        }
        double mean = r->hard[i] > 0 ? sum / r->hard[i] : 0;
        r->margin[i] = option(r, "m0") + option(r, "m1") * mean;
        if (option(r, "easy") == 0 || creal(c[y]) > 0)
            r->z[i * r->c + y] = s * add_angle(c[y], r->margin[i]);
    }
}

static const struct {
    const char *name;
    void (*logits)(Reference *r);
} references[] = {
    {"npcface", reference_npcface},
};

static Number length_of(const Number *v, int d)
{
    Number sum = 0;
    for (int k = 0; k < d; k++)
        sum += v[k] * v[k];
    return csqrt(sum);
}

static void reference_cosines(Reference *r)
{
    for (int i = 0; i < r->b; i++) {
        r->length[i] = length_of(r->x + i * r->d, r->d);
        for (int j = 0; j < r->c; j++) {
            Number dot = 0;
            for (int k = 0; k < r->d; k++)
                dot += r->x[i * r->d + k] * r->w[j * r->d + k];
            r->cosine[i * r->c + j] = dot / r->length[i] / length_of(r->w + j * r->d, r->d);
        }
    }
}

static Number reference_loss(Reference *r)
{
    Number loss = 0;
    r->penalty = 0;
    reference_cosines(r);
    for (size_t k = 0; k < sizeof references / sizeof references[0]; k++)
        if (strcmp(references[k].name, r->options->info->name) == 0)
            references[k].logits(r);
    for (int i = 0; i < r->b; i++) {
        const Number *z = r->z + i * r->c;
        Number sum = 0, top = z[0];
        for (int j = 0; j < r->c; j++)
            top = creal(z[j]) > creal(top) ? z[j] : top;
        for (int j = 0; j < r->c; j++)
            sum += cexp(z[j] - top);
        loss += (clog(sum) + top - z[r->label[i]]) / r->b;
    }
    return loss + r->penalty;
}

/* gradient[n] of the loss by the numbers v[n], which are r's x or w. */
static void reference_gradient(Reference *r, double *gradient, Number *v, int n)
{
    for (int k = 0; k < n; k++) {
        Number was = v[k];
        v[k] += 1e-30 * I;
        gradient[k] = cimag(reference_loss(r)) / 1e-30;
        v[k] = was;
    }
}

static Reference reference_new(const HeadOptions *options, int b, int c, int d, const real *x,
                               const real *w, const int64_t *label)
{
    Reference r = {.options = options, .b = b, .c = c, .d = d, .label = label};
    r.x = calloc((size_t)(b * d), sizeof(Number));
    r.w = calloc((size_t)(c * d), sizeof(Number));
    r.cosine = calloc((size_t)(b * c), sizeof(Number));
    r.z = calloc((size_t)(b * c), sizeof(Number));
    r.length = calloc((size_t)b, sizeof(Number));
    r.margin = calloc((size_t)b, sizeof(double));
    r.hard = calloc((size_t)b, sizeof(double));
    for (int k = 0; k < b * d; k++)
        r.x[k] = x[k];
    for (int k = 0; k < c * d; k++)
        r.w[k] = w[k];
    return r;
}

static void reference_free(Reference *r)
{
    free(r->x);
    free(r->w);
    free(r->cosine);
    free(r->z);
    free(r->length);
    free(r->margin);
    free(r->hard);
}

#endif
