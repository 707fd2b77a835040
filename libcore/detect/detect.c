#include "detect/detect_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/sort_internal.h"
#include "detect/outputs_internal.h"
#include "image/warp_internal.h"
#include "model/net_internal.h"
#include "nn/graph_internal.h"
#include "nn/infer.h"

enum {
    STEP = 32,   /* the sides of what the net sees are multiples of it */
    PROBE = 128, /* a side to try a model with */
    LEVELS = DETECTOR_LEVELS,
    FOUND_MAX = 512, /* faces */
    BOX = 4,         /* numbers */
};

/* What the nets are given, and which boxes are of one face: those that share more than `overlap` of
 * what they cover together. */
static const struct {
    double mean, scale, overlap;
    bool blue_first;
} habit[] = {
    [DETECTOR_UNKNOWN] = {0, 1, 1, true},
    [DETECTOR_YUNET] = {0, 1, 0.3, true},
    [DETECTOR_SCRFD] = {127.5, 1.0 / 128, 0.4, false},
};

struct Detector {
    const ModelFile *model;
    DetectOptions options;
    Pool *pool;
    Graph *graph; /* for pictures of h x w */
    DetectorOutputs outputs;
    Infer *infer;
    int h, w;
    int fixed_h, fixed_w; /* the sides that the model fixes, or 0 */
    uint8_t *input;       /* [h,w,3] */
    Detection *candidate;
    int candidates, room;
    Detection found[FOUND_MAX];
};

static void forget_size(Detector *detector)
{
    infer_free(detector->infer);
    graph_free(detector->graph);
    free(detector->input);
    detector->infer = NULL;
    detector->graph = NULL;
    detector->input = NULL;
    detector->h = detector->w = 0;
}

void detector_free(Detector *detector)
{
    if (detector == NULL)
        return;
    forget_size(detector);
    pool_free(detector->pool);
    free(detector->candidate);
    free(detector);
}

/* The net for h x w pixels, or for what the model insists on, given pixels as that kind is. */
static Graph *net_of_kind(const Detector *detector, DetectorKind kind, int h, int w, Err *err)
{
    double mean[COLOURS], scale[COLOURS];
    for (int c = 0; c < COLOURS; c++) {
        mean[c] = habit[kind].mean;
        scale[c] = habit[kind].scale;
    }
    const ImportOptions options = {.h = h,
                                   .w = w,
                                   .own_size = true,
                                   .all = true,
                                   .mean = mean,
                                   .scale = scale,
                                   .bgr = &habit[kind].blue_first};
    return net_onnx(detector->model, &options, err);
}

/* Makes the net ready for h x w pixels, or for what the model insists on. */
static int open_size(Detector *detector, int h, int w, Err *err)
{
    DetectorKind kind = detector->outputs.kind;
    if (detector->h == h && detector->w == w)
        return 0;
    forget_size(detector);
    detector->graph = net_of_kind(detector, kind, h, w, err);
    if (detector->graph == NULL)
        return -1;
    h = detector->graph->size;
    w = detector->graph->nodes[0].shape.ow;
    Err why = {0};
    if (detector_outputs(&detector->outputs, detector->graph, h, w, &why) != 0)
        return err_set(err, "%.300s: %.600s", detector->model->path, why.text);
    if (detector->outputs.kind != kind) /* not known before, or changed while in use */
        return open_size(detector, h, w, err);
    detector->infer = infer_new(detector->graph, 1, detector->pool, NULL, err);
    detector->input = calloc(image_bytes(h, w), 1);
    if (detector->infer == NULL || detector->input == NULL)
        return err_memory(err, "a picture", image_bytes(h, w));
    detector->h = h;
    detector->w = w;
    return 0;
}

static int in_steps(int side)
{
    return (side + STEP - 1) / STEP * STEP;
}

/* What can be known without a picture is found out here: whether the file is a detector, and which
 * sides it fixes, which are those that do not follow what is asked for. */
static int open_model(Detector *detector, Err *err)
{
    int h[2], w[2];
    for (int i = 0; i < 2; i++) {
        if (open_size(detector, PROBE + i * STEP, PROBE + i * STEP, err) != 0)
            return -1;
        h[i] = detector->h;
        w[i] = detector->w;
    }
    detector->fixed_h = h[0] == h[1] ? h[0] : 0;
    detector->fixed_w = w[0] == w[1] ? w[0] : 0;
    return 0;
}

Detector *detector_new(const ModelFile *model, const DetectOptions *options, Err *err)
{
    Detector *detector = calloc(1, sizeof *detector);
    if (detector != NULL) {
        detector->options = *options;
        detector->model = model;
        detector->pool = pool_new(1, err);
    }
    if (detector != NULL && detector->pool != NULL && open_model(detector, err) == 0)
        return detector;
    err_memory(err, "a detector", sizeof *detector);
    detector_free(detector);
    return NULL;
}

/* By how much a picture is made smaller: to the size at which larger ones are searched, and so that
 * it fits a net of a fixed size. */
static double scale_of(const Detector *detector, Image picture)
{
    int longer = picture.h > picture.w ? picture.h : picture.w;
    double scale = fmin(1, (double)detector->options.side / longer);
    if (detector->fixed_h > 0)
        scale = fmin(scale, (double)detector->fixed_h / picture.h);
    if (detector->fixed_w > 0)
        scale = fmin(scale, (double)detector->fixed_w / picture.w);
    return scale;
}

/* What the net will see: the picture made smaller if it is large, with black to the right of it and
 * below. `to` brings the picture's pixels there. */
static int take_picture(Detector *detector, Similarity *to, Image picture, Err *err)
{
    double scale = scale_of(detector, picture);
    int h = in_steps((int)ceil(picture.h * scale)), w = in_steps((int)ceil(picture.w * scale));
    h = detector->fixed_h > 0 ? detector->fixed_h : h;
    w = detector->fixed_w > 0 ? detector->fixed_w : w;
    *to = (Similarity){.a = scale, .tx = (scale - 1) / 2, .ty = (scale - 1) / 2};
    if (open_size(detector, h, w, err) != 0)
        return -1;
    if (detector->h != h || detector->w != w)
        return err_set(err, "%.300s: it changed while it was in use", detector->model->path);
    if (scale == 1) {
        memset(detector->input, 0, image_bytes(h, w));
        for (int y = 0; y < picture.h; y++)
            memcpy(detector->input + image_bytes(y, w), picture.pixels + image_bytes(y, picture.w),
                   image_bytes(1, picture.w));
        return 0;
    }
    size_t bytes = image_bytes(picture.h, picture.w);
    Image copy = picture;
    Similarity left = *to;
    copy.pixels = malloc(bytes);
    if (copy.pixels == NULL)
        return err_memory(err, "a picture", bytes);
    uint8_t *pixels = copy.pixels;
    memcpy(pixels, picture.pixels, bytes);
    image_shrink(&copy, &left);
    image_warp(detector->input, h, w, copy, left, EDGE_BLACK);
    free(pixels);
    return 0;
}

/* The face a cell at (column, row) of side s tells of, by YuNet's rule:
 *     score  sqrt(class object)
 *     box    centre (column + b0) s, (row + b1) s, size exp(b2) s, exp(b3) s
 *     points (column + p[2k]) s, (row + p[2k+1]) s
 * and by SCRFD's, where the score is a probability:
 *     box    from (column - b0) s, (row - b1) s to (column + b2) s, (row + b3) s
 *     points as YuNet's */
static Detection decode(DetectorKind kind, double score, const real *box, const real *points,
                        int column, int row, int s)
{
    Detection d = {.score = score};
    if (kind == DETECTOR_YUNET) {
        d.w = exp((double)box[2]) * s;
        d.h = exp((double)box[3]) * s;
        d.x = (column + (double)box[0]) * s - d.w / 2;
        d.y = (row + (double)box[1]) * s - d.h / 2;
    } else {
        d.w = ((double)box[0] + (double)box[2]) * s;
        d.h = ((double)box[1] + (double)box[3]) * s;
        d.x = (column - (double)box[0]) * s;
        d.y = (row - (double)box[1]) * s;
    }
    for (int k = 0; k < FACE_POINTS; k++) {
        d.points[k][0] = (column + (double)points[2 * k]) * s;
        d.points[k][1] = (row + (double)points[2 * k + 1]) * s;
    }
    return d;
}

static int add_candidate(Detector *detector, const Detection *d, Err *err)
{
    if (array_reserve(detector->candidate, detector->room, detector->candidates + 1, "faces",
                      err) != 0)
        return -1;
    detector->candidate[detector->candidates++] = *d;
    return 0;
}

static int collect_level(Detector *detector, int level, Err *err)
{
    const DetectorOutputs *o = &detector->outputs;
    int s = 8 << level, columns = detector->w / s, rows = detector->h / s;
    const real *scores = infer_output(detector->infer, o->score[level]);
    const real *objects = infer_output(detector->infer, o->object[level]);
    const real *boxes = infer_output(detector->infer, o->box[level]);
    const real *points = infer_output(detector->infer, o->points[level]);
    for (int i = 0; i < rows * columns * o->anchors; i++) {
        int cell = i / o->anchors;
        double score =
            o->kind == DETECTOR_YUNET ? sqrt((double)scores[i] * objects[i]) : (double)scores[i];
        if (!(score >= detector->options.score))
            continue;
        Detection d =
            decode(o->kind, score, boxes + i * (ptrdiff_t)BOX,
                   points + i * (ptrdiff_t)(2 * FACE_POINTS), cell % columns, cell / columns, s);
        if (isfinite(d.w * d.h) && d.w > 0 && d.h > 0 && add_candidate(detector, &d, err) != 0)
            return -1;
    }
    return 0;
}

static int collect(Detector *detector, Err *err)
{
    detector->candidates = 0;
    for (int level = 0; level < LEVELS; level++)
        if (collect_level(detector, level, err) != 0)
            return -1;
    return 0;
}

static int by_score(const void *a, const void *b)
{
    const Detection *x = a, *y = b;
    return x->score < y->score ? 1 : x->score > y->score ? -1 : 0;
}

static int by_size(const void *a, const void *b)
{
    const Detection *x = a, *y = b;
    double p = x->w * x->h, q = y->w * y->h;
    return p < q ? 1 : p > q ? -1 : by_score(a, b);
}

static double shared(double a, double a_size, double b, double b_size)
{
    return fmax(0, fmin(a + a_size, b + b_size) - fmax(a, b));
}

static bool overlaps(const Detection *a, const Detection *b, double share)
{
    double both = shared(a->x, a->w, b->x, b->w) * shared(a->y, a->h, b->y, b->h);
    return both > share * (a->w * a->h + b->w * b->h - both);
}

/* Of boxes that overlap the one with the highest score. */
static int suppress(Detector *detector)
{
    double share = habit[detector->outputs.kind].overlap;
    int n = 0;
    if (detector->candidates > 0) /* there is no array yet before the first one */
        sort_array(detector->candidate, (size_t)detector->candidates, sizeof(Detection), by_score);
    for (int i = 0; i < detector->candidates && n < FOUND_MAX; i++) {
        bool free_of_others = true;
        for (int k = 0; k < n && free_of_others; k++)
            free_of_others = !overlaps(&detector->candidate[i], &detector->found[k], share);
        if (free_of_others)
            detector->found[n++] = detector->candidate[i];
    }
    sort_array(detector->found, (size_t)n, sizeof(Detection), by_size);
    return n;
}

/* From pixels of what the net saw to those of the picture. */
static void bring_back(Detection *d, const Similarity *to)
{
    d->x = (d->x - to->tx) / to->a;
    d->y = (d->y - to->ty) / to->a;
    d->w /= to->a;
    d->h /= to->a;
    for (int k = 0; k < FACE_POINTS; k++) {
        d->points[k][0] = (d->points[k][0] - to->tx) / to->a;
        d->points[k][1] = (d->points[k][1] - to->ty) / to->a;
    }
}

int detector_find(Detector *detector, const Detection **found, Image picture, Err *err)
{
    Similarity to;
    if (take_picture(detector, &to, picture, err) != 0)
        return -1;
    infer_run(detector->infer, NULL, detector->input, 1, false);
    if (collect(detector, err) != 0)
        return -1;
    int n = suppress(detector), kept = 0;
    for (int i = 0; i < n; i++) {
        Detection *face = &detector->found[i];
        bring_back(face, &to);
        if (fmin(face->w, face->h) >= detector->options.min_size)
            detector->found[kept++] = *face;
    }
    *found = detector->found;
    return kept;
}
