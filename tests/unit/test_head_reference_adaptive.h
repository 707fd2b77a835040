/* Heads whose scale or margin follows the batch, the length of the embedding or the identity. */
#ifndef TEST_HEAD_REFERENCE_ADAPTIVE_H
#define TEST_HEAD_REFERENCE_ADAPTIVE_H

#include "test_head_reference_parts.h"

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static void reference_adacos(Reference *r)
{
    double s = r->before[0], sum = 0, *own = calloc((size_t)r->b, sizeof *own);
    for (int i = 0; i < r->b; i++) {
        own[i] = creal(r->cosine[i * r->c + r->label[i]]);
        for (int j = 0; j < r->c; j++)
            sum += j != r->label[i] ? exp(s * creal(r->cosine[i * r->c + j])) / r->b : 0;
    }
    qsort(own, (size_t)r->b, sizeof *own, descending);
    if (option(r, "dynamic") != 0)
        s = log(sum) / cos(fmin(M_PI / 4, acos(own[(r->b - 1) / 2])));
    free(own);
    plain(r, s);
    r->after[0] = s;
}

static void reference_magface(Reference *r)
{
    double la = option(r, "la"), ua = option(r, "ua"), lm = option(r, "lm"), um = option(r, "um");
    plain(r, option(r, "s"));
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        Number a = r->length[i], g = r->cosine[own];
        a = creal(a) < la ? la : creal(a) > ua ? ua : a;
        Number m = lm + (um - lm) * (a - la) / (ua - la);
        bool bare = option(r, "easy") != 0 ? creal(g) <= 0 : acos(creal(g)) >= M_PI - creal(m);
        r->margin[i] = bare ? 0 : creal(m);
        r->z[own] = option(r, "s") * (bare ? g : add_angle(g, m));
        r->penalty += option(r, "lambda") * (a / (ua * ua) + 1 / a) / r->b;
    }
}

static void reference_adaface(Reference *r)
{
    double s = option(r, "s"), m = option(r, "m"), mean = 0, square = 0;
    double mu = r->before[0], sd = r->before[1], take = option(r, "take");
    for (int i = 0; i < r->b; i++)
        mean += fmin(100, creal(r->length[i])) / r->b;
    for (int i = 0; i < r->b; i++)
        square += pow(fmin(100, creal(r->length[i])) - mean, 2);
    mu = (1 - take) * mu + take * mean;
    if (r->b > 1)
        sd = (1 - take) * sd + take * sqrt(square / (r->b - 1));
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        for (int j = 0; j < r->c; j++) {
            Number c = r->cosine[i * r->c + j];
            r->cosine[i * r->c + j] = creal(c) > 0.999 ? 0.999 : creal(c) < -0.999 ? -0.999 : c;
            r->z[i * r->c + j] = s * r->cosine[i * r->c + j];
        }
        double q = option(r, "h") * (fmin(100, creal(r->length[i])) - mu) / (sd + 1e-3);
        double add = m * fmax(-1, fmin(1, q));
        Number angle = angle_of(r->cosine[own]) - add;
        angle = creal(angle) < 1e-3 ? 1e-3 : creal(angle) > M_PI - 1e-3 ? M_PI - 1e-3 : angle;
        r->margin[i] = add;
        r->z[own] = s * (ccos(angle) - (add + m));
    }
    r->after[0] = mu;
    r->after[1] = sd;
}

static void reference_adam_softmax(Reference *r)
{
    plain(r, option(r, "s"));
    for (int i = 0; i < r->b; i++) {
        r->margin[i] = creal(r->aux[r->label[i]]);
        r->z[i * r->c + r->label[i]] -= option(r, "s") * r->aux[r->label[i]];
    }
    r->penalty = option(r, "lambda") * (1 - r->rest / r->identities);
    for (int j = 0; j < r->c; j++)
        r->penalty -= option(r, "lambda") * r->aux[j] / r->identities;
}

#endif
