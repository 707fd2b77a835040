/* Pools, and operators that change the size of an image. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "onnx/importer_internal.h"

/* Two numbers of an attribute, each from `low` to WINDOW_MAX; both 1 if it is not there. */
static int pair(Importer *im, const char *name, int64_t values[2], int64_t low)
{
    values[0] = values[1] = 1;
    int n = ints_of(im, name, values, 2);
    if (n >= 0 && (n != 2 || values[0] < low || values[1] < low || values[0] > WINDOW_MAX ||
                   values[1] > WINDOW_MAX))
        return importer_fail(im, "its %s are not two valid numbers", name);
    return 0;
}

/* Padding before and behind on an axis that makes ceil(size / stride) windows. */
static void same_padding(int64_t *before, int64_t *behind, int64_t size, int64_t reach,
                         int64_t stride, bool upper)
{
    int64_t outputs = (size + stride - 1) / stride, all = (outputs - 1) * stride + reach - size;
    all = all > 0 ? all : 0;
    *before = upper ? all / 2 : all - all / 2;
    *behind = all - *before;
}

/* pads: top, left, bottom, right */
static int padding(Importer *im, int64_t pads[4], const Shape *s, const int64_t reach[2],
                   const int64_t stride[2])
{
    char way[16] = "NOTSET";
    memset(pads, 0, 4 * sizeof *pads);
    text_of(im, "auto_pad", way, sizeof way);
    if (strcmp(way, "SAME_UPPER") == 0 || strcmp(way, "SAME_LOWER") == 0) {
        bool upper = strcmp(way, "SAME_UPPER") == 0;
        same_padding(&pads[0], &pads[2], s->oh, reach[0], stride[0], upper);
        same_padding(&pads[1], &pads[3], s->ow, reach[1], stride[1], upper);
        return 0;
    }
    int n = strcmp(way, "VALID") == 0 ? -1 : ints_of(im, "pads", pads, 4);
    for (int i = 0; i < 4 && n >= 0; i++)
        n = pads[i] < 0 || pads[i] > WINDOW_MAX ? 5 : n;
    return n < 0 || n == 4 ? 0 : importer_fail(im, "its pads are not four valid numbers");
}

int slide_of(Importer *im, Slide *slide, const Value *value, const int64_t kernel[2])
{
    const Shape *s = shape_at(im, value->node);
    int64_t strides[2], dilations[2], pads[4], reach[2];
    bool up = int_of(im, "ceil_mode", 0) != 0;
    if (kernel[0] < 1 || kernel[1] < 1 || kernel[0] > WINDOW_MAX || kernel[1] > WINDOW_MAX)
        return importer_fail(im, "its window is %" PRId64 " x %" PRId64, kernel[0], kernel[1]);
    if (pair(im, "strides", strides, 1) != 0 || pair(im, "dilations", dilations, 1) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        reach[i] = (kernel[i] - 1) * dilations[i] + 1;
    if (reach[0] > REACH_MAX || reach[1] > REACH_MAX)
        return importer_fail(im, "its window spans more than %d pixels", REACH_MAX);
    if (padding(im, pads, s, reach, strides) != 0)
        return -1;
    *slide = (Slide){.window = {.kh = (int)kernel[0],
                                .kw = (int)kernel[1],
                                .sh = (int)strides[0],
                                .sw = (int)strides[1],
                                .dh = (int)dilations[0],
                                .dw = (int)dilations[1],
                                .top = (int)pads[0],
                                .left = (int)pads[1]},
                     .below = (int)pads[2],
                     .beside = (int)pads[3]};
    const Window *w = &slide->window;
    slide->oh = window_outputs(s->oh, w->kh, w->sh, w->dh, w->top, slide->below, up);
    slide->ow = window_outputs(s->ow, w->kw, w->sw, w->dw, w->left, slide->beside, up);
    return check_size(im, slide->oh, slide->ow, s->o);
}

static Value *image_input(Importer *im)
{
    Value *in = computed(im, 0);
    if (in == NULL || is_image(im, in))
        return in;
    importer_fail(im, "its input is not an image");
    return NULL;
}

/* The node's output: an image of the size the layer makes. */
static int put_resized(Importer *im, int node, const Value *from)
{
    Value *out = put_computed(im, node, from);
    if (out == NULL)
        return -1;
    out->last = false;
    out->dims[2] = shape_at(im, node)->oh;
    out->dims[3] = shape_at(im, node)->ow;
    return 0;
}

/* The image with the padding that a window slides over around it. */
static int with_margin(Importer *im, int node, Slide *slide)
{
    const Shape *s = shape_at(im, node);
    Window *w = &slide->window;
    int oh = s->oh + w->top + slide->below, ow = s->ow + w->left + slide->beside;
    if (check_size(im, oh, ow, s->o) != 0)
        return -1;
    node = graph_pad(im->graph, node, w->top, w->left, oh, ow, 0);
    w->top = w->left = 0;
    return node;
}

int op_pool(Importer *im)
{
    int64_t kernel[2];
    Slide slide;
    Value *in = image_input(im);
    bool mean = im->node->op_type[0] == 'A', padded = int_of(im, "count_include_pad", 0) != 0;
    if (in == NULL || ints_of(im, "kernel_shape", kernel, 2) != 2)
        return in == NULL ? -1 : importer_fail(im, "its window does not have two axes");
    if (slide_of(im, &slide, in, kernel) != 0)
        return -1;
    int node = settled(im, in);
    if (node < 0)
        return -1;
    if (mean && padded && int_of(im, "ceil_mode", 0) != 0) {
        /* The padding counts, but not what the last windows hang over. */
        node = with_margin(im, node, &slide);
        padded = false;
    }
    if (node < 0)
        return -1;
    node = graph_pool(im->graph, mean ? LAYER_MEAN_POOL : LAYER_MAX_POOL, node, &slide.window,
                      slide.oh, slide.ow, padded);
    return put_resized(im, node, in);
}

int op_global_pool(Importer *im)
{
    Value *in = image_input(im);
    bool mean = im->node->op_type[strlen("Global")] == 'A';
    int node = in != NULL ? settled(im, in) : -1;
    return node < 0 ? -1 : put_resized(im, pooled(im, node, mean, true, true), in);
}

/* Of N,C,H,W before, then of N,C,H,W behind. */
static int margins(Importer *im, int64_t pads[8])
{
    int n = im->opset >= 11 ? whole_input(im, 1, pads, 8) : ints_of(im, "pads", pads, 8);
    if (n < 0 && err_is_set(im->err))
        return -1;
    bool sound = n == 8 && !has_input(im, 3);
    for (int i = 0; sound && i < 8; i++)
        sound = pads[i] >= 0 && pads[i] <= WINDOW_MAX && (i % 4 > 1 || pads[i] == 0);
    return sound ? 0 : importer_fail(im, "only the height and width of images can be padded");
}

int op_pad(Importer *im)
{
    int64_t pads[8];
    char mode[16] = "constant";
    double value = real_of(im, "value", 0);
    Value *in = image_input(im);
    if (in == NULL || margins(im, pads) != 0)
        return -1;
    if (strcmp(text_of(im, "mode", mode, sizeof mode), "constant") != 0)
        return importer_fail(im, "mode '%s' is not supported", mode);
    if (has_input(im, 2)) {
        const Constant *given = constant(im, 2);
        if (given == NULL || given->count != 1)
            return importer_fail(im, "its value is not one number");
        value = constant_at(given, 0);
    }
    if (isnan(value))
        return importer_fail(im, "its value is not a number");
    int node = settled(im, in);
    if (node < 0)
        return -1;
    const Shape *s = shape_at(im, node);
    int64_t oh = s->oh + pads[2] + pads[6], ow = s->ow + pads[3] + pads[7];
    if (check_size(im, oh, ow, s->o) != 0)
        return -1;
    node = graph_pad(im->graph, node, (int)pads[2], (int)pads[3], (int)oh, (int)ow, value);
    return put_resized(im, node, in);
}

/* Whether pixels are repeated, which all of these do for a whole factor. */
static bool repeats(const Importer *im)
{
    char mode[16] = "nearest", place[32] = "half_pixel", rounding[32] = "round_prefer_floor";
    text_of(im, "mode", mode, sizeof mode);
    text_of(im, "coordinate_transformation_mode", place, sizeof place);
    text_of(im, "nearest_mode", rounding, sizeof rounding);
    bool asymmetric = strcmp(place, "asymmetric") == 0 && strcmp(rounding, "floor") == 0;
    bool half = strcmp(place, "half_pixel") == 0 && strncmp(rounding, "round_prefer", 12) == 0;
    return strcmp(mode, "nearest") == 0 && (asymmetric || half || im->opset < 11);
}

/* The factors of height and width, from scales or (`sizes`) from what they make. */
static int factors(Importer *im, const Constant *given, const Shape *s, bool sizes,
                   int64_t factor[2])
{
    if (given->count != 4)
        return importer_fail(im, "it has %zu scales", given->count);
    for (int i = 0; i < 2; i++) {
        double size = i == 0 ? s->oh : s->ow, x = constant_at(given, (size_t)i + 2);
        x = sizes ? x / size : x;
        if (!(x >= 1) || x > WINDOW_MAX || x != floor(x))
            return importer_fail(im, "it scales by %g, which is not an integer", x);
        factor[i] = (int64_t)x;
    }
    if (!sizes && (constant_at(given, 0) != 1 || constant_at(given, 1) != 1))
        return importer_fail(im, "it scales the channels");
    return check_size(im, s->oh * factor[0], s->ow * factor[1], s->o);
}

/* Upsample before opset 9 has its scales in an attribute, Resize its sizes in the fourth input. */
static const Constant *scales_of(Importer *im, Constant *own, bool *sizes)
{
    const Onnx__AttributeProto *a = attribute(im, "scales");
    *sizes = has_input(im, 3);
    if (a == NULL)
        return constant(im, *sizes ? 3 : im->node->op_type[0] == 'U' || im->opset < 11 ? 1 : 2);
    *own = (Constant){.rank = 1, .count = a->n_floats, .real = a->floats};
    return own;
}

int op_resize(Importer *im)
{
    int64_t factor[2] = {1, 1};
    Constant own;
    bool sizes;
    Value *in = image_input(im);
    const Constant *scales = in != NULL ? scales_of(im, &own, &sizes) : NULL;
    if (scales == NULL || factors(im, scales, shape_at(im, in->node), sizes, factor) != 0)
        return -1;
    if (!repeats(im))
        return importer_fail(im, "it does not repeat pixels, which is all that is supported");
    int node = settled(im, in);
    if (node < 0)
        return -1;
    node = graph_upsample(im->graph, node, (int)factor[0], (int)factor[1]);
    return put_resized(im, node, in);
}
