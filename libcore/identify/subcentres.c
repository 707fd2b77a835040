#include "identify/subcentres_internal.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/rng_internal.h"
#include "base/sort_internal.h"
#include "identify/angle_internal.h"
#include "scores/cosine.h"

enum { BEGINNINGS = 8, ROUNDS = 50, SEED = 1 };

void subcentres_release(SubCentres *s)
{
    free(s->label);
    free(s->first);
    free(s->row);
    free(s->sub);
    free(s->angle);
    free(s->own);
    free(s->size);
    free(s->between);
    free(s->centre);
    *s = (SubCentres){0};
}

/* Who is on which rows ------------------------------------------------------------------------ */

typedef struct LabelledRow {
    int64_t label, row;
} LabelledRow;

static int compare_labels(const void *a, const void *b)
{
    const LabelledRow *x = a, *y = b;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int gather(SubCentres *s, const int64_t *label, Err *err)
{
    int64_t known = 0;
    LabelledRow *sorted = malloc(((size_t)s->n + 1) * sizeof *sorted);
    if (sorted == NULL || !array_resize(s->row, (size_t)s->n) ||
        !array_resize(s->label, (size_t)s->n) || !array_resize(s->first, (size_t)s->n + 1)) {
        free(sorted);
        return err_memory(err, "identities", (size_t)s->n * sizeof *sorted);
    }
    for (int64_t i = 0; i < s->n; i++)
        if (label[i] >= 0)
            sorted[known++] = (LabelledRow){label[i], i};
    sort_array(sorted, (size_t)known, sizeof *sorted, compare_labels);
    for (int64_t i = 0; i < known; i++) {
        if (i == 0 || sorted[i].label != sorted[i - 1].label) {
            s->first[s->people] = i;
            s->label[s->people++] = sorted[i].label;
        }
        s->row[i] = sorted[i].row;
    }
    s->first[s->people] = known;
    free(sorted);
    return 0;
}

/* Spherical k-means of one identity ----------------------------------------------------------- */

/* What a thread works with. */
typedef struct Work {
    const float *unit;
    const int64_t *row; /* [n] */
    int64_t n, d;
    int k;
    int *of;         /* [n] the centre of each row */
    double *nearest; /* [n] the largest cosine with a centre so far */
    float *centre;   /* [k,d] */
    double *sum;     /* [k,d] */
    int64_t *size;   /* [k] */
    double *length;  /* [k] of the sums */
} Work;

static const float *row_of(const Work *w, int64_t i)
{
    return w->unit + w->row[i] * w->d;
}

/* centre[c] = sum[c] of length 1, or zero where that has none. */
static void set_direction(Work *w, int c)
{
    double square = 0;
    for (int64_t j = 0; j < w->d; j++)
        square += w->sum[c * w->d + j] * w->sum[c * w->d + j];
    w->length[c] = sqrt(square);
    for (int64_t j = 0; j < w->d; j++)
        w->centre[c * w->d + j] = square > 0 ? (float)(w->sum[c * w->d + j] / w->length[c]) : 0;
}

static void add_up(Work *w)
{
    memset(w->sum, 0, (size_t)w->k * (size_t)w->d * sizeof *w->sum);
    memset(w->size, 0, (size_t)w->k * sizeof *w->size);
    for (int64_t i = 0; i < w->n; i++) {
        double *sum = w->sum + w->of[i] * w->d;
        const float *x = row_of(w, i);
        w->size[w->of[i]]++;
        for (int64_t j = 0; j < w->d; j++)
            sum[j] += (double)x[j];
    }
    for (int c = 0; c < w->k; c++)
        set_direction(w, c);
}

/* The row nearest the mean of all. */
static int64_t middle(Work *w)
{
    int64_t best = 0;
    float most = -2;
    memset(w->of, 0, (size_t)w->n * sizeof *w->of);
    add_up(w);
    for (int64_t i = 0; i < w->n; i++) {
        float score = cosine_of_units(row_of(w, i), w->centre, w->d);
        if (score > most) {
            most = score;
            best = i;
        }
    }
    return best;
}

static int64_t farthest(const Work *w)
{
    int64_t best = 0;
    for (int64_t i = 1; i < w->n; i++)
        if (w->nearest[i] < w->nearest[best])
            best = i;
    return best;
}

/* As probable as it is far from the nearest centre. */
static int64_t drawn(const Work *w, Rng *rng)
{
    double all = 0;
    for (int64_t i = 0; i < w->n; i++)
        all += fmax(0, 1 - w->nearest[i]);
    double left = rng_unit(rng) * all;
    for (int64_t i = 0; i < w->n; i++) {
        left -= fmax(0, 1 - w->nearest[i]);
        if (left < 0)
            return i;
    }
    return farthest(w);
}

static void begin(Work *w, int64_t person, int beginning)
{
    Rng rng = rng_at(SEED, (uint64_t)person, (uint64_t)beginning, 0);
    int64_t first = beginning == 0 ? middle(w) : (int64_t)rng_below(&rng, (uint64_t)w->n);
    for (int64_t i = 0; i < w->n; i++)
        w->nearest[i] = -1;
    for (int c = 0; c < w->k; c++) {
        int64_t from = c == 0 ? first : beginning == 0 ? farthest(w) : drawn(w, &rng);
        memcpy(w->centre + c * w->d, row_of(w, from), (size_t)w->d * sizeof *w->centre);
        w->size[c] = 1;
        for (int64_t i = 0; i < w->n; i++)
            w->nearest[i] =
                fmax(w->nearest[i], cosine_of_units(row_of(w, i), w->centre + c * w->d, w->d));
    }
    for (int64_t i = 0; i < w->n; i++)
        w->of[i] = -1;
}

/* Each row to the nearest centre that has rows; returns whether any moved. */
static bool assign(Work *w)
{
    bool moved = false;
    for (int64_t i = 0; i < w->n; i++) {
        int best = -1;
        float most = 0;
        for (int c = 0; c < w->k; c++) {
            if (w->size[c] == 0)
                continue;
            float score = cosine_of_units(row_of(w, i), w->centre + c * w->d, w->d);
            if (best < 0 || score > most) {
                best = c;
                most = score;
            }
        }
        moved = moved || best != w->of[i];
        w->of[i] = best;
    }
    return moved;
}

/* Returns the sum of all cosines with the row's centre. */
static double k_means(Work *w, int64_t person, int beginning)
{
    double all = 0;
    begin(w, person, beginning);
    for (int round = 0; round < ROUNDS && assign(w); round++)
        add_up(w);
    for (int c = 0; c < w->k; c++)
        all += w->length[c];
    return all;
}

/* The two centres that are nearest each other become one, if they are within the angle. */
static bool merge_nearest(Work *w, float threshold)
{
    int low = -1, high = -1;
    float most = threshold;
    for (int b = 1; b < w->k; b++)
        for (int a = 0; a < b; a++) {
            if (w->size[a] == 0 || w->size[b] == 0)
                continue;
            float score = cosine_of_units(w->centre + a * w->d, w->centre + b * w->d, w->d);
            if (score > most || (low < 0 && score == most)) {
                most = score;
                low = a;
                high = b;
            }
        }
    for (int64_t i = 0; low >= 0 && i < w->n; i++)
        if (w->of[i] == high)
            w->of[i] = low;
    return low >= 0;
}

/* All identities ------------------------------------------------------------------------------ */

typedef struct Finder {
    SubCentres *s;
    const float *unit;
    float within; /* centres with at least this cosine are one */
    Work *work;   /* [threads] */
    int *of;      /* [rows] */
    double *near; /* [rows] */
} Finder;

static int work_new(Work *w, int k, int64_t d, Err *err)
{
    size_t numbers = (size_t)k * (size_t)d;
    w->centre = malloc((numbers + 1) * sizeof *w->centre);
    w->sum = malloc((numbers + 1) * sizeof *w->sum);
    w->size = calloc((size_t)k, sizeof *w->size);
    w->length = calloc((size_t)k, sizeof *w->length);
    return w->centre != NULL && w->sum != NULL && w->size != NULL && w->length != NULL
               ? 0
               : err_memory(err, "sub-centres", numbers * sizeof *w->sum);
}

static void work_release(Work *w)
{
    free(w->centre);
    free(w->sum);
    free(w->size);
    free(w->length);
}

static bool goes_before(const Work *w, int a, int b)
{
    if (w->size[a] != w->size[b])
        return w->size[a] > w->size[b];
    return w->length[a] != w->length[b] ? w->length[a] > w->length[b] : a < b;
}

static double angle_of(const Work *w, const float *x, int c)
{
    double score = cosine_of_units(x, w->centre + c * w->d, w->d);
    return angle_of_cosine(score);
}

/* Writes down what k-means found, sub-centres in their order. */
static void write_down(SubCentres *s, int64_t person, const Work *w)
{
    int64_t first = s->first[person];
    int place[SUBCENTRES_MOST] = {0}, dominant = 0;
    for (int c = 0; c < w->k; c++) {
        for (int other = 0; other < w->k; other++)
            place[c] += other != c && goes_before(w, other, c);
        dominant = place[c] == 0 ? c : dominant;
    }
    for (int c = 0; c < w->k; c++) {
        int64_t at = person * s->k + place[c];
        s->size[at] = w->size[c];
        s->between[at] =
            w->size[c] > 0 && c != dominant ? angle_of(w, w->centre + c * w->d, dominant) : 0;
    }
    memcpy(s->centre + person * w->d, w->centre + dominant * w->d,
           (size_t)w->d * sizeof *s->centre);
    for (int64_t i = 0; i < w->n; i++) {
        s->sub[first + i] = place[w->of[i]];
        s->angle[first + i] = angle_of(w, row_of(w, i), dominant);
        s->own[first + i] = angle_of(w, row_of(w, i), w->of[i]);
    }
}

static void find_person(void *arg, int64_t person, int worker)
{
    Finder *f = arg;
    Work *w = &f->work[worker];
    SubCentres *s = f->s;
    w->unit = f->unit;
    w->row = s->row + s->first[person];
    w->n = s->first[person + 1] - s->first[person];
    w->d = s->d;
    w->k = w->n <= s->k ? (int)(w->n > 1 ? w->n - 1 : 1) : s->k;
    w->of = f->of + s->first[person];
    w->nearest = f->near + s->first[person];
    int best = 0, beginnings = w->k > 1 ? BEGINNINGS : 1;
    double most = -1, all = 0;
    for (int beginning = 0; beginning < beginnings; beginning++) {
        all = k_means(w, person, beginning);
        if (all > most) {
            most = all;
            best = beginning;
        }
    }
    if (best != beginnings - 1)
        k_means(w, person, best);
    while (merge_nearest(w, f->within))
        add_up(w);
    write_down(s, person, w);
}

static int make_room(SubCentres *s, Finder *f, Err *err)
{
    size_t rows = (size_t)s->first[s->people], people = (size_t)s->people + 1;
    bool fits = array_resize(s->sub, rows) && array_resize(s->angle, rows) &&
                array_resize(s->own, rows) && array_resize(f->of, rows) &&
                array_resize(f->near, rows) && array_resize(s->centre, people * (size_t)s->d);
    s->size = calloc(people * (size_t)s->k, sizeof *s->size);
    s->between = calloc(people * (size_t)s->k, sizeof *s->between);
    return fits && s->size != NULL && s->between != NULL
               ? 0
               : err_memory(err, "identities", people * (size_t)s->d * sizeof *s->centre);
}

int subcentres_find(SubCentres *s, const float *unit, const int64_t *label, int64_t n, int64_t d,
                    int k, double angle, Pool *pool, Err *err)
{
    *s = (SubCentres){.n = n, .d = d, .k = k};
    int threads = pool_threads(pool);
    Finder f = {.s = s,
                .unit = unit,
                .within = (float)cosine_of_angle(angle),
                .work = calloc((size_t)threads, sizeof *f.work)};
    int rc = f.work != NULL ? gather(s, label, err)
                            : err_memory(err, "sub-centres", (size_t)threads * sizeof *f.work);
    if (rc == 0)
        rc = make_room(s, &f, err);
    for (int i = 0; rc == 0 && i < threads; i++)
        rc = work_new(&f.work[i], k, d, err);
    if (rc == 0)
        pool_run(pool, s->people, find_person, &f);
    for (int i = 0; f.work != NULL && i < threads; i++)
        work_release(&f.work[i]);
    free(f.work);
    free(f.of);
    free(f.near);
    return rc;
}
