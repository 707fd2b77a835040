/* The losses of heads(7) once more. */
#ifndef TEST_HEAD_REFERENCE_H
#define TEST_HEAD_REFERENCE_H

#include "test_head_reference_adaptive.h"
#include "test_head_reference_binary.h"
#include "test_head_reference_pairs.h"
#include "test_head_reference_parts.h"

static void reference_npcface(Reference *r)
{
    plain(r, option(r, "s"));
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        Number g = r->cosine[own];
        double limit = creal(add_angle(g, option(r, "m")));
        double sum = reweigh(r, i, limit, option(r, "t"), option(r, "a"));
        double mean = r->hard[i] > 0 ? sum / r->hard[i] : 0;
        r->margin[i] = option(r, "m0") + option(r, "m1") * mean;
        if (option(r, "easy") == 0 || creal(g) > 0)
            r->z[own] = option(r, "s") * add_angle(g, r->margin[i]);
    }
}

static void reference_softmax(Reference *r)
{
    for (int k = 0; k < r->b * r->c; k++)
        r->z[k] = r->cosine[k] + r->aux[k % r->c];
}

static void reference_normface(Reference *r)
{
    plain(r, option(r, "s"));
}

static void reference_sphereface(Reference *r)
{
    double m = option(r, "m");
    double fall = pow(1 + option(r, "lambda-gamma") * (r->step + 1), -option(r, "lambda-power"));
    double lambda = fmax(option(r, "lambda-least"), option(r, "lambda-base") * fall);
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        Number scale = option(r, "s") > 0 ? option(r, "s") : r->length[i];
        Number angle = m * angle_of(r->cosine[own]);
        int k = (int)floor(creal(angle) / M_PI);
        Number psi = (k % 2 == 0 ? 1 : -1) * ccos(angle) - 2 * k;
        Number z = (lambda * r->cosine[own] + psi) / (1 + lambda);
        for (int j = 0; j < r->c; j++)
            r->z[i * r->c + j] = scale * r->cosine[i * r->c + j];
        r->z[own] = scale * (option(r, "straight") != 0 ? straight(z, r->cosine[own]) : z);
    }
}

static void reference_cosface(Reference *r)
{
    plain(r, option(r, "s"));
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        bool bare = option(r, "easy") != 0 && creal(r->cosine[own]) <= 0;
        r->margin[i] = bare ? 0 : option(r, "m");
        r->z[own] -= option(r, "s") * r->margin[i];
    }
}

/* cos(theta + m), or what `past` says past pi - m */
static Number arc(Number g, double m, double past)
{
    if (past == 0 || acos(creal(g)) < M_PI - m)
        return add_angle(g, m);
    return past == 1 ? g - m * sin(m) : g;
}

static void reference_arcface(Reference *r)
{
    plain(r, option(r, "s"));
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        Number g = r->cosine[own], z = arc(g, option(r, "m"), option(r, "past"));
        r->margin[i] = option(r, "m");
        r->z[own] = option(r, "s") * (option(r, "straight") != 0 ? straight(z, g) : z);
    }
}

static void reference_mv_am(Reference *r)
{
    double s = option(r, "s"), m = option(r, "m"), t = option(r, "t");
    plain(r, s);
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        Number g = r->cosine[own];
        double least = option(r, "easy") == 0 ? -2 : option(r, "easy") == 1 ? 0 : m;
        reweigh(r, i, creal(g) - m, t, t - 1);
        r->margin[i] = creal(g) > least ? m : 0;
        r->z[own] = s * (g - r->margin[i]);
    }
}

static void reference_mv_arc(Reference *r)
{
    double s = option(r, "s"), m = option(r, "m"), t = option(r, "t");
    plain(r, s);
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        Number g = r->cosine[own];
        reweigh(r, i, creal(add_angle(g, m)), t, t - 1);
        r->margin[i] = option(r, "easy") == 0 || creal(g) > 0 ? m : 0;
        r->z[own] = r->margin[i] > 0 ? s * add_angle(g, m) : s * g;
    }
}

static void reference_arcnegface(Reference *r)
{
    double s = option(r, "s"), sigma = option(r, "sigma");
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        Number z = arc(r->cosine[own], option(r, "m"), 1);
        r->margin[i] = option(r, "m");
        for (int j = 0; j < r->c; j++) {
            Number c = r->cosine[i * r->c + j];
            double away = creal(c) - creal(z) - option(r, "mu");
            double t = option(r, "a") * exp(-away * away / (2 * sigma * sigma));
            r->z[i * r->c + j] = s * (t * c + t - 1);
        }
        r->z[own] = s * z;
    }
}

static void reference_curricularface(Reference *r)
{
    double s = option(r, "s"), m = option(r, "m"), t = option(r, "keep") * r->before[0];
    for (int i = 0; i < r->b; i++)
        t += (1 - option(r, "keep")) * creal(r->cosine[i * r->c + r->label[i]]) / r->b;
    plain(r, s);
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        Number g = r->cosine[own];
        reweigh(r, i, creal(add_angle(g, m)), 1, 0);
        for (int j = 0; j < r->c; j++) {
            Number c = r->cosine[i * r->c + j];
            if (creal(c) > creal(add_angle(g, m)))
                r->z[i * r->c + j] = s * c * (t + c);
        }
        r->margin[i] = m;
        r->z[own] = s * arc(g, m, 1);
    }
    r->after[0] = t;
}

static void reference_circleloss(Reference *r)
{
    double s = option(r, "s"), m = option(r, "m");
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        for (int j = 0; j < r->c; j++) {
            Number c = r->cosine[i * r->c + j];
            r->z[i * r->c + j] = s * fmax(0, creal(c) + m) * (c - m);
        }
        Number g = r->cosine[own];
        r->margin[i] = m;
        r->z[own] = s * fmax(0, 1 + m - creal(g)) * (g - 1 + m);
    }
}

static void reference_center(Reference *r)
{
    reference_softmax(r);
    reference_distances(r);
}

static void reference_uniformface(Reference *r)
{
    reference_sphereface(r);
    reference_spread(r);
}

static void reference_combined(Reference *r)
{
    plain(r, option(r, "s"));
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        Number g = r->cosine[own];
        Number z = ccos(option(r, "m1") * angle_of(g) + option(r, "m2")) - option(r, "m3");
        r->margin[i] = creal(g - z);
        r->z[own] = option(r, "s") * z;
    }
}

/* The margins of the rows. */
static void draw_margins(Reference *r)
{
    double drawn[64], sorted[64];
    int nearer[64], at_rank[64]; /* rows nearer to their centre; the row of which k are nearer */
    for (int i = 0; i < r->b; i++) {
        Rng rng = rng_at(REFERENCE_SEED, (uint64_t)r->step, (uint64_t)i, 'e');
        drawn[i] = sorted[i] = option(r, "m") + option(r, "sd") * rng_normal(&rng);
    }
    qsort(sorted, (size_t)r->b, sizeof *sorted, descending);
    for (int i = 0; i < r->b; i++) {
        double own = creal(r->cosine[i * r->c + r->label[i]]);
        nearer[i] = 0;
        for (int j = 0; j < r->b; j++) {
            double other = creal(r->cosine[j * r->c + r->label[j]]);
            nearer[i] += other > own || (other == own && j < i);
        }
        at_rank[nearer[i]] = i;
    }
    for (int i = 0; i < r->b; i++) {
        int which = option(r, "plus") == 2 ? at_rank[i] : nearer[i];
        r->margin[i] = option(r, "plus") == 0 ? drawn[i] : sorted[r->b - 1 - which];
    }
}

static void reference_elasticface(Reference *r)
{
    bool arc = strcmp(r->options->info->name, "elasticface") == 0;
    plain(r, option(r, "s"));
    draw_margins(r);
    for (int i = 0; i < r->b; i++) {
        int own = i * r->c + (int)r->label[i];
        Number g = r->cosine[own];
        r->z[own] = option(r, "s") * (arc ? add_angle(g, r->margin[i]) : g - r->margin[i]);
    }
}

static void reference_sphereface_r(Reference *r)
{
    double s = option(r, "s"), m = option(r, "m"), v = option(r, "v");
    bool is_straight = option(r, "straight") != 0;
    r->weight = option(r, "weight") / s;
    for (int i = 0; i < r->b; i++)
        for (int j = 0; j < r->c; j++) {
            Number c = r->cosine[i * r->c + j], angle = angle_of(c), z = c;
            int k = (int)floor(m * creal(angle) / M_PI);
            if (j != r->label[i] && v == 2)
                z = ccos(angle / m);
            if (j == r->label[i] && v == 0)
                z = (k % 2 == 0 ? 1 : -1) * ccos(m * angle) - 2 * k;
            if (j == r->label[i] && v == 1)
                z = m * creal(angle) < M_PI ? ccos(m * angle) : -1;
            if (j == r->label[i])
                r->margin[i] = creal(c - z);
            r->z[i * r->c + j] = s * (is_straight ? straight(z, c) : z);
        }
}

static void reference_li_arcface(Reference *r)
{
    for (int i = 0; i < r->b; i++)
        for (int j = 0; j < r->c; j++) {
            r->margin[i] = option(r, "m");
            Number angle = angle_of(r->cosine[i * r->c + j]);
            angle += j == r->label[i] ? r->margin[i] : 0;
            r->z[i * r->c + j] = option(r, "s") * (M_PI - 2 * angle) / M_PI;
        }
}

static const struct {
    const char *name;
    void (*logits)(Reference *r);
} references[] = {
    {"softmax", reference_softmax},
    {"normface", reference_normface},
    {"sphereface", reference_sphereface},
    {"cosface", reference_cosface},
    {"arcface", reference_arcface},
    {"mv-am", reference_mv_am},
    {"mv-arc", reference_mv_arc},
    {"arcnegface", reference_arcnegface},
    {"curricularface", reference_curricularface},
    {"adacos", reference_adacos},
    {"circleloss", reference_circleloss},
    {"magface", reference_magface},
    {"adaface", reference_adaface},
    {"adam-softmax", reference_adam_softmax},
    {"npcface", reference_npcface},
    {"center", reference_center},
    {"uniformface", reference_uniformface},
    {"triplet", reference_triplet},
    {"contrastive", reference_contrastive},
    {"combined", reference_combined},
    {"elasticface", reference_elasticface},
    {"elasticface-cos", reference_elasticface},
    {"sphereface-r", reference_sphereface_r},
    {"li-arcface", reference_li_arcface},
    {"sface", reference_sface},
    {"uniface", reference_uniface},
    {"sphereface2", reference_sphereface2},
    {"sphereface2-m", reference_sphereface2},
    {"vpl", reference_arcface},
};

enum { REFERENCES = sizeof references / sizeof references[0] };

static Number length_of(const Number *v, int d)
{
    Number sum = 0;
    for (int k = 0; k < d; k++)
        sum += v[k] * v[k];
    return csqrt(sum);
}

/* Centre k as the loss sees it: vpl's lean. */
static void place_centre(const Reference *r, int k, Number *w)
{
    double now = r->step + 1, by = 0;
    if (strcmp(r->options->info->name, "vpl") == 0 && now > option(r, "from") && r->seen[k] > 0 &&
        now - r->seen[k] <= option(r, "within"))
        by = option(r, "lambda");
    Number length = by > 0 ? length_of(r->w + k * r->d, r->d) : 1;
    length = creal(length) == 0 ? 1e-12 : length;
    for (int l = 0; l < r->d; l++)
        w[l] = (1 - by) * r->w[k * r->d + l] / length;
    for (int l = 0; l < r->d && by > 0; l++)
        w[l] += by * r->vector[k * r->d + l];
}

/* The product of row i and centre k, or their cosine. */
static Number likeness(const Reference *r, int i, int k, bool raw)
{
    Number dot = 0, w[64];
    place_centre(r, k, w);
    for (int l = 0; l < r->d; l++)
        dot += r->x[i * r->d + l] * w[l];
    Number c = dot / r->length[i] / length_of(w, r->d);
    c = creal(c) >= 1 ? 1 : creal(c) <= -1 ? -1 : c;
    return raw ? dot : c;
}

/* The largest of row i with the centres of identity j. */
static Number nearest_centre(const Reference *r, int i, int j, bool raw)
{
    Number best = likeness(r, i, j * r->sub, raw);
    for (int k = 1; k < r->sub; k++) {
        Number c = likeness(r, i, j * r->sub + k, raw);
        best = creal(c) > creal(best) ? c : best;
    }
    return best;
}

static void reference_cosines(Reference *r)
{
    const char *name = r->options->info->name;
    bool raw = strcmp(name, "softmax") == 0 || strcmp(name, "center") == 0;
    double filter = option_or(r, "filter", 0);
    for (int i = 0; i < r->b; i++) {
        r->length[i] = length_of(r->x + i * r->d, r->d);
        for (int j = 0; j < r->c; j++) {
            Number best = nearest_centre(r, i, j, raw);
            bool filtered = j != r->label[i] && filter > 0 && creal(best) > filter;
            r->cosine[i * r->c + j] = filtered ? 0 : best;
        }
    }
}

static Number reference_loss(Reference *r)
{
    Number loss = 0;
    r->penalty = 0;
    r->bare = false;
    r->weight = 1;
    reference_cosines(r);
    for (int k = 0; k < REFERENCES; k++)
        if (strcmp(references[k].name, r->options->info->name) == 0)
            references[k].logits(r);
    for (int i = 0; i < r->b && !r->bare; i++) {
        const Number *z = r->z + i * r->c;
        Number sum = 0, top = z[0];
        for (int j = 0; j < r->c; j++)
            top = creal(z[j]) > creal(top) ? z[j] : top;
        for (int j = 0; j < r->c; j++)
            sum += cexp(z[j] - top);
        loss += r->weight * (clog(sum) + top - z[r->label[i]]) / r->b;
        /* PyTorch's label_smoothing: (1 - e) (-log p_y) + e / C sum over j of -log p_j */
        for (int j = 0; j < r->c; j++)
            loss += r->weight * r->smoothing / r->c * (z[r->label[i]] - z[j]) / r->b;
    }
    return loss + r->penalty;
}

/* gradient[n] of the loss by the numbers v[n], which are r's x, w or aux. */
static inline void reference_gradient(Reference *r, double *gradient, Number *v, int n)
{
    for (int k = 0; k < n; k++) {
        Number was = v[k];
        v[k] += 1e-30 * I;
        gradient[k] = cimag(reference_loss(r)) / 1e-30;
        v[k] = was;
    }
}

/* What a new head keeps. */
static void reference_start(Reference *r)
{
    const char *name = r->options->info->name;
    if (strcmp(name, "curricularface") == 0)
        r->state[0] = "t";
    if (strcmp(name, "uniface") == 0 || strncmp(name, "sphereface2", 11) == 0) {
        r->state[0] = "b";
        r->state[1] = "b.momentum";
    }
    if (strcmp(name, "adacos") == 0) {
        r->state[0] = "s";
        r->before[0] = sqrt(2) * log(r->c - 1);
    }
    if (strcmp(name, "adaface") == 0) {
        r->state[0] = "mean";
        r->before[0] = 20;
        r->state[1] = "deviation";
        r->before[1] = 100;
    }
}

static inline Reference reference_new(const HeadOptions *options, int b, int c, int d,
                                      const real *x, const real *w, const real *aux,
                                      const int64_t *label)
{
    Reference r = {.options = options, .b = b, .c = c, .d = d, .label = label, .identities = c};
    reference_start(&r);
    r.sub = (int)option_or(&r, "sub", 1);
    r.x = calloc((size_t)(b * d), sizeof(Number));
    r.w = calloc((size_t)(c * r.sub * d), sizeof(Number));
    r.aux = calloc((size_t)c, sizeof(Number));
    r.cosine = calloc((size_t)(b * c), sizeof(Number));
    r.z = calloc((size_t)(b * c), sizeof(Number));
    r.seen = calloc((size_t)c, sizeof(double));
    r.vector = calloc((size_t)(c * d), sizeof(Number));
    r.length = calloc((size_t)b, sizeof(Number));
    r.margin = calloc((size_t)b, sizeof(double));
    r.hard = calloc((size_t)b, sizeof(double));
    for (int k = 0; k < b * d; k++)
        r.x[k] = x[k];
    for (int k = 0; k < c * r.sub * d; k++)
        r.w[k] = w[k];
    for (int k = 0; k < c && aux != NULL; k++)
        r.aux[k] = aux[k];
    return r;
}

static inline void reference_free(Reference *r)
{
    free(r->x);
    free(r->w);
    free(r->aux);
    free(r->cosine);
    free(r->z);
    free(r->vector);
    free(r->seen);
    free(r->length);
    free(r->margin);
    free(r->hard);
}

#endif
