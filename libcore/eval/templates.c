#include "eval/templates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/real.h"
#include "eval/fields.h"

enum { CHUNK = 4096 };

static int compare_images(const void *a, const void *b)
{
    const TemplateImage *x = a, *y = b;
    if (x->template != y->template)
        return x->template <y->template ? -1 : 1;
    if (x->medium != y->medium)
        return x->medium < y->medium ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int read_detected(TemplateImage *image, Fields *detections, Err *err)
{
    char *end;
    if (!fields_next(detections))
        return err_set(err, "%s: ends after line %lld, before the images do", detections->path,
                       (long long)detections->line);
    const char *text = detections->field[detections->n - 1];
    image->detected = strtof(text, &end);
    if (end == text || *end != '\0' || !isfinite(image->detected))
        return err_set(err, "%s: line %lld: '%s' is not a score", detections->path,
                       (long long)detections->line, text);
    return 0;
}

static int read_images(TemplateImages *t, Fields *meta, Fields *detections, const Lookup *rows,
                       const Lookup *flipped, Err *err)
{
    int64_t room = 0;
    while (fields_next(meta)) {
        if (t->n == room) {
            room = 2 * room + 1024;
            TemplateImage *grown = realloc(t->image, (size_t)room * sizeof *grown);
            if (grown == NULL)
                return err_memory(err, "images of templates", (size_t)room * sizeof *grown);
            t->image = grown;
        }
        TemplateImage *image = &t->image[t->n++];
        *image = (TemplateImage){.detected = 1, .flipped = -1};
        if (fields_number(&image->template, meta, 1, 0, err) != 0 ||
            fields_number(&image->medium, meta, 2, 0, err) != 0 ||
            (detections->text != NULL && read_detected(image, detections, err) != 0))
            return -1;
        image->row = lookup_find(rows, meta->field[0]);
        if (flipped != NULL)
            image->flipped = lookup_find(flipped, meta->field[0]);
        t->missing += image->row < 0 || (flipped != NULL && image->flipped < 0);
    }
    return t->n > 0 ? 0 : err_set(err, "%s: no images", meta->path);
}

static int group(TemplateImages *t, Err *err)
{
    size_t bytes = ((size_t)t->n + 1) * sizeof(int64_t);
    qsort(t->image, (size_t)t->n, sizeof *t->image, compare_images);
    t->template = malloc(bytes);
    t->begin = malloc(bytes);
    if (t->template == NULL || t->begin == NULL)
        return err_memory(err, "templates", 2 * bytes);
    for (int64_t i = 0; i < t->n; i++)
        if (i == 0 || t->image[i].template != t->image[i - 1].template) {
            t->template[t->templates] = t->image[i].template;
            t->begin[t->templates++] = i;
        }
    t->begin[t->templates] = t->n;
    return 0;
}

int templates_read(TemplateImages *t, const char *meta, const char *detections, const Lookup *rows,
                   const Lookup *flipped, Err *err)
{
    Fields lines = {0}, scores = {0};
    *t = (TemplateImages){0};
    int rc = fields_open(&lines, meta, err);
    if (rc == 0 && detections != NULL)
        rc = fields_open(&scores, detections, err);
    if (rc == 0)
        rc = read_images(t, &lines, &scores, rows, flipped, err);
    if (rc == 0 && detections != NULL && fields_next(&scores))
        rc = err_set(err, "%s: line %lld: more lines than images", detections,
                     (long long)scores.line);
    if (rc == 0)
        rc = group(t, err);
    fields_close(&lines);
    fields_close(&scores);
    if (rc != 0)
        templates_free(t);
    return rc;
}

void templates_free(TemplateImages *t)
{
    free(t->image);
    free(t->template);
    free(t->begin);
    *t = (TemplateImages){0};
}

int64_t templates_find(const TemplateImages *t, int64_t template)
{
    int64_t low = 0, high = t->templates;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (t->template[middle] < template)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->templates && t->template[low] == template ? low : -1;
}

static double length_of(const double *x, int64_t d)
{
    double squares = 0;
    for (int64_t k = 0; k < d; k++)
        squares += x[k] * x[k];
    return sqrt(squares);
}

/* sum[d] += share * the embedding of one image; one[d] is overwritten. */
static int add_image(double *sum, double *one, const TemplateImage *image, double share,
                     Switches on, const EvalRows *rows, const EvalRows *flipped, Err *err)
{
    int64_t d = rows->d;
    const float *x = rows->embedding + image->row * d;
    const float *mirrored = on.flip ? flipped->embedding + image->flipped * d : NULL;
    for (int64_t k = 0; k < d; k++)
        one[k] = (double)x[k] + (mirrored != NULL ? (double)mirrored[k] : 0);
    double length = length_of(one, d);
    if (!isfinite(length) || length == 0)
        return err_set(err, "row %lld: the embedding is zero or not finite", (long long)image->row);
    if (!on.norm)
        share /= length;
    if (on.detected)
        share *= (double)image->detected;
    for (int64_t k = 0; k < d; k++)
        sum[k] += share * one[k];
    return 0;
}

static bool there(const TemplateImage *image, Switches on)
{
    return image->row >= 0 && (!on.flip || image->flipped >= 0);
}

/* The sum of the media of image[n]. */
static int add_media(double *sum, double *one, const TemplateImage *image, int64_t n, Switches on,
                     const EvalRows *rows, const EvalRows *flipped, Err *err)
{
    for (int64_t begin = 0, end; begin < n; begin = end) {
        int64_t present = 0;
        for (end = begin; end < n && image[end].medium == image[begin].medium; end++)
            present += there(&image[end], on);
        for (int64_t i = begin; i < end; i++)
            if (there(&image[i], on) &&
                add_image(sum, one, &image[i], 1 / (double)present, on, rows, flipped, err) != 0)
                return -1;
    }
    return 0;
}

int templates_pool(float *feature, bool *present, const TemplateImages *t, Switches on,
                   const EvalRows *rows, const EvalRows *flipped, Err *err)
{
    size_t d = (size_t)rows->d;
    double *sum = malloc(2 * d * sizeof *sum);
    if (sum == NULL)
        return err_memory(err, "a template", 2 * d * sizeof *sum);
    int rc = 0;
    for (int64_t i = 0; rc == 0 && i < t->templates; i++) {
        memset(sum, 0, d * sizeof *sum);
        rc = add_media(sum, sum + d, t->image + t->begin[i], t->begin[i + 1] - t->begin[i], on,
                       rows, flipped, err);
        double length = length_of(sum, rows->d);
        present[i] = length > 0;
        for (size_t k = 0; k < d; k++)
            feature[(size_t)i * d + k] = present[i] ? (float)(sum[k] / length) : 0;
    }
    free(sum);
    return rc;
}

typedef struct PairWork {
    float *score;
    const float *unit;
    int64_t d, n;
    const int32_t (*pair)[2];
} PairWork;

CLONES
static void score_pairs(float *score, const float *unit, int64_t d, const int32_t (*pair)[2],
                        int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const float *x = unit + pair[i][0] * d, *y = unit + pair[i][1] * d;
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t k = 0; k < d; k++)
            sum += (double)x[k] * (double)y[k];
        score[i] = (float)sum;
    }
}

static void score_chunk(void *arg, int64_t i, int worker)
{
    const PairWork *w = arg;
    int64_t begin = i * CHUNK, n = w->n - begin < CHUNK ? w->n - begin : CHUNK;
    (void)worker;
    score_pairs(w->score + begin, w->unit, w->d, w->pair + begin, n);
}

void templates_scores(float *score, const float *unit, int64_t d, const int32_t (*pair)[2],
                      int64_t n, Pool *pool)
{
    PairWork work = {score, unit, d, n, pair};
    pool_run(pool, (n + CHUNK - 1) / CHUNK, score_chunk, &work);
}
