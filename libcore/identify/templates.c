#include "identify/templates_internal.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/real_internal.h"
#include "base/sort_internal.h"
#include "lists/fields_internal.h"

enum { DENSE = 16 }; /* numbers a template, for a table of them all */

static int compare_images(const void *a, const void *b)
{
    const TemplateImage *x = a, *y = b;
    if (x->template != y->template)
        return x->template <y->template ? -1 : 1;
    if (x->medium != y->medium)
        return x->medium < y->medium ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The scores of detection that a file gives: a line an image, its name first, its score last. */
typedef struct Detections {
    const char *path; /* NULL: every score is 1 */
    NameList names;
    const char **name; /* [n], once all are read */
    float *score;      /* [room] */
    int64_t n, room;
    Index index;
} Detections;

static int add_detection(Detections *d, const Fields *f, Err *err)
{
    char *end;
    const char *text = f->field[f->n - 1];
    if (array_reserve(d->score, d->room, d->n + 1, "scores of detection", err) != 0)
        return -1;
    float score = strtof(text, &end);
    if (f->n < 2 || end == text || *end != '\0' || !isfinite(score))
        return err_set(err, "%s: line %lld: '%s' is not a score behind a name", f->path,
                       (long long)f->line, text);
    d->score[d->n++] = score;
    return name_list_add(&d->names, f->field[0], err);
}

static const char *detected_name(const void *owner, size_t i, size_t *length)
{
    const char *whole = ((const Detections *)owner)->name[i];
    LookupName name = lookup_tail(whole, (int)strlen(whole), 1);
    *length = (size_t)name.length;
    return name.at;
}

static int index_detections(Detections *d, Err *err)
{
    d->name = malloc(((size_t)d->n + 1) * sizeof *d->name);
    if (d->name == NULL)
        return err_memory(err, "names of detections", (size_t)d->n * sizeof *d->name);
    const char *name = name_list_first(&d->names);
    for (int64_t i = 0; i < d->n; i++, name = name_list_next(name))
        d->name[i] = name;
    for (int64_t i = 0; i < d->n; i++) {
        size_t length;
        const char *tail = detected_name(d, (size_t)i, &length);
        if (index_find(&d->index, detected_name, d, tail, length) >= 0)
            return err_set(err, "%s: '%s' occurs twice", d->path, d->name[i]);
        if (index_add(&d->index, detected_name, d, (size_t)i, err) != 0)
            return -1;
    }
    return 0;
}

static int detections_read(Detections *d, const char *path, Err *err)
{
    Fields f = {0};
    *d = (Detections){.path = path};
    if (path == NULL)
        return 0;
    int rc = fields_open(&f, path, err);
    while (rc == 0 && fields_next(&f))
        rc = add_detection(d, &f, err);
    if (rc == 0)
        rc = index_detections(d, err);
    fields_close(&f);
    return rc;
}

static void detections_free(Detections *d)
{
    name_list_release(&d->names);
    free(d->name);
    free(d->score);
    index_release(&d->index);
}

static int take_detection(TemplateImage *image, const Detections *d, const char *name, Err *err)
{
    LookupName tail = lookup_tail(name, (int)strlen(name), 1);
    int64_t at = index_find(&d->index, detected_name, d, tail.at, (size_t)tail.length);
    if (at < 0)
        return err_set(err, "%s: no line for the image '%s'", d->path, name);
    image->detected = d->score[at];
    return 0;
}

static int read_images(TemplateImages *t, Fields *meta, const Detections *detections,
                       const Lookup *rows, const Lookup *flipped, Err *err)
{
    int64_t room = 0;
    while (fields_next(meta)) {
        if (array_reserve(t->image, room, t->n + 1, "images of templates", err) != 0)
            return -1;
        TemplateImage *image = &t->image[t->n++];
        *image = (TemplateImage){.detected = 1, .flipped = -1};
        if (fields_number(&image->template, meta, 1, 0, err) != 0 ||
            fields_number(&image->medium, meta, 2, 0, err) != 0 ||
            (detections->path != NULL &&
             take_detection(image, detections, meta->field[0], err) != 0))
            return -1;
        image->row = lookup_find(rows, meta->field[0]);
        if (flipped != NULL)
            image->flipped = lookup_find(flipped, meta->field[0]);
        if (image->row >= 0 && (flipped == NULL || image->flipped >= 0))
            continue;
        if (name_list_add(&t->missing_names, meta->field[0], err) != 0)
            return -1;
        t->missing++;
    }
    return t->n > 0 ? 0 : err_set(err, "%s: no images", meta->path);
}

static int group(TemplateImages *t, Err *err)
{
    size_t bytes = ((size_t)t->n + 1) * sizeof(int64_t);
    sort_array(t->image, (size_t)t->n, sizeof *t->image, compare_images);
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
    return t->templates <= INT32_MAX ? 0 : err_set(err, "more than 2^31 - 1 templates");
}

/* The table of the places, if the numbers lie close enough. */
static int make_places(TemplateImages *t, Err *err)
{
    uint64_t range = (uint64_t)t->template[t->templates - 1] - (uint64_t)t->template[0] + 1;
    if (range / DENSE > (uint64_t)t->templates)
        return 0;
    t->range = (int64_t)range;
    t->place = malloc(range * sizeof *t->place);
    if (t->place == NULL)
        return err_memory(err, "places of templates", range * sizeof *t->place);
    memset(t->place, 0xff, range * sizeof *t->place);
    for (int64_t i = 0; i < t->templates; i++)
        t->place[t->template[i] - t->template[0]] = (int32_t)i;
    return 0;
}

int templates_read(TemplateImages *t, const char *meta, const char *detections, const Lookup *rows,
                   const Lookup *flipped, Err *err)
{
    Fields lines = {0};
    Detections scores;
    *t = (TemplateImages){0};
    int rc = detections_read(&scores, detections, err);
    if (rc == 0)
        rc = fields_open(&lines, meta, err);
    if (rc == 0)
        rc = read_images(t, &lines, &scores, rows, flipped, err);
    if (rc == 0)
        rc = group(t, err);
    if (rc == 0)
        rc = make_places(t, err);
    fields_close(&lines);
    detections_free(&scores);
    if (rc != 0)
        templates_release(t);
    return rc;
}

void templates_release(TemplateImages *t)
{
    name_list_release(&t->missing_names);
    free(t->image);
    free(t->template);
    free(t->begin);
    free(t->place);
    *t = (TemplateImages){0};
}

int64_t templates_find(const TemplateImages *t, int64_t template)
{
    if (t->place != NULL) {
        int64_t at = template - t->template[0];
        return at >= 0 && at < t->range ? t->place[at] : -1;
    }
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

typedef struct PoolWork {
    float *feature;
    bool *present;
    const TemplateImages *images;
    Switches on;
    const EmbeddingRows *rows, *flipped;
    double *scratch;      /* [workers, 2 * d] */
    _Atomic int64_t lost; /* the first row without a direction, or INT64_MAX */
} PoolWork;

/* one[d] = x[d], with mirrored[d] added unless it is NULL; returns its length. */
CLONES
static double sum_sides(double *one, const float *x, const float *mirrored, int64_t d)
{
    double squares = 0;
    for (int64_t k = 0; k < d; k++)
        one[k] = (double)x[k] + (mirrored != NULL ? (double)mirrored[k] : 0);
#pragma omp simd reduction(+ : squares)
    for (int64_t k = 0; k < d; k++)
        squares += one[k] * one[k];
    return sqrt(squares);
}

CLONES
static void add_share(double *sum, double share, const double *one, int64_t d)
{
    for (int64_t k = 0; k < d; k++)
        sum[k] += share * one[k];
}

/* out[d] = sum[d] / |sum|, or 0 */
CLONES
static bool divide(float *out, const double *sum, int64_t d)
{
    double squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t k = 0; k < d; k++)
        squares += sum[k] * sum[k];
    double share = squares > 0 ? 1 / sqrt(squares) : 0;
    for (int64_t k = 0; k < d; k++)
        out[k] = (float)(sum[k] * share);
    return squares > 0;
}

/* sum[d] += share * the embedding of one image; one[d] is overwritten. */
static void add_image(double *sum, double *one, PoolWork *w, const TemplateImage *image,
                      double share)
{
    int64_t d = w->rows->d;
    const float *x = w->rows->embedding + image->row * d;
    const float *mirrored = w->on.flip ? w->flipped->embedding + image->flipped * d : NULL;
    double length = sum_sides(one, x, mirrored, d);
    if (!isfinite(length) || length == 0) {
        int64_t lost = w->lost;
        while (image->row < lost && !atomic_compare_exchange_weak(&w->lost, &lost, image->row))
            ;
        return;
    }
    if (!w->on.norm)
        share /= length;
    if (w->on.detected)
        share *= (double)image->detected;
    add_share(sum, share, one, d);
}

static bool there(const TemplateImage *image, Switches on)
{
    return image->row >= 0 && (!on.flip || image->flipped >= 0);
}

/* The sum of the media of image[n]. */
static void add_media(double *sum, double *one, PoolWork *w, const TemplateImage *image, int64_t n)
{
    for (int64_t begin = 0, end; begin < n; begin = end) {
        int64_t present = 0;
        for (end = begin; end < n && image[end].medium == image[begin].medium; end++)
            present += there(&image[end], w->on);
        for (int64_t i = begin; i < end; i++)
            if (there(&image[i], w->on))
                add_image(sum, one, w, &image[i], 1 / (double)present);
    }
}

static void pool_template(void *arg, int64_t i, int worker)
{
    PoolWork *w = arg;
    const TemplateImages *t = w->images;
    int64_t d = w->rows->d;
    double *sum = w->scratch + worker * 2 * d;
    memset(sum, 0, (size_t)d * sizeof *sum);
    add_media(sum, sum + d, w, t->image + t->begin[i], t->begin[i + 1] - t->begin[i]);
    w->present[i] = divide(w->feature + i * d, sum, d);
}

int templates_pool(float *feature, bool *present, const TemplateImages *t, Switches on,
                   const EmbeddingRows *rows, const EmbeddingRows *flipped, Pool *pool, Err *err)
{
    size_t bytes = 2 * (size_t)pool_threads(pool) * (size_t)rows->d * sizeof(double);
    PoolWork work = {feature, present, t, on, rows, flipped, malloc(bytes), INT64_MAX};
    if (work.scratch == NULL)
        return err_memory(err, "templates", bytes);
    pool_run(pool, t->templates, pool_template, &work);
    free(work.scratch);
    int length;
    int64_t lost = work.lost;
    if (lost == INT64_MAX)
        return 0;
    const char *key = embedding_key(rows, lost, &length);
    return err_set(err, "row %lld (%.*s): the embedding%s is zero or not finite", (long long)lost,
                   length, key, on.flip ? ", its mirror image added," : "");
}
