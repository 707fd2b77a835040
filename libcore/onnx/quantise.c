/* QuantizeLinear and DequantizeLinear: of values behind each other, which is rounding; of
 * constants, which are weights in whole numbers. */
#include <math.h>

#include "layers/round_internal.h"
#include "onnx/importer_internal.h"

/* The least number of the type that is quantised to: that of the zero point; without one, of bytes
 * without sign */
static int least_of(Importer *im, const Constant *zero)
{
    if (zero == NULL || zero->type == CONSTANT_UINT8)
        return 0;
    if (zero->type != CONSTANT_INT8)
        importer_fail(im, "only INT8 and UINT8 are supported");
    return INT8_MIN;
}

/* The zero point, NULL where there is none */
static const Constant *zero_of(Importer *im)
{
    return has_input(im, 2) ? constant(im, 2) : NULL;
}

/* Scale and zero point of a value */
static int steps_of(Importer *im, Steps *steps, int *least)
{
    const Constant *scale = constant(im, 1), *zero = zero_of(im);
    if (err_is_set(im->err))
        return -1;
    if (scale->count != 1 || scale->real == NULL ||
        (zero != NULL && (zero->count != 1 || zero->whole == NULL)))
        return importer_fail(im, "of values, only one scale and zero point for all is supported");
    *least = least_of(im, zero);
    *steps =
        (Steps){.step = (double)scale->real[0], .zero = zero != NULL ? (int)zero->whole[0] : 0};
    if (!(steps->step > 0) || !isfinite(steps->step))
        return importer_fail(im, "its scale is %g", steps->step);
    return err_is_set(im->err) ? -1 : 0;
}

int op_quantise(Importer *im)
{
    Value *in = computed(im, 0);
    Steps steps;
    int least;
    if (in == NULL || steps_of(im, &steps, &least) != 0)
        return -1;
    int node = settled(im, in);
    if (node < 0)
        return -1;
    int low = least - steps.zero;
    node = graph_round(im->graph, node, steps.step, low, low + ROUND_LEVELS - 1);
    Value *out = put_computed(im, node, in);
    if (out == NULL)
        return -1;
    out->steps = steps;
    return 0;
}

int op_dequantise(Importer *im)
{
    Value *in = computed(im, 0);
    Steps steps;
    int least;
    if (in == NULL || steps_of(im, &steps, &least) != 0)
        return -1;
    if (in->steps.step != steps.step || in->steps.zero != steps.zero)
        return importer_fail(
            im, "its scale and zero point are not those of a QuantizeLinear before it");
    return put_computed(im, in->node, in) != NULL ? 0 : -1;
}

/* Which scale, and zero point, of a constant's number i */
typedef struct Each {
    const Constant *x, *scale, *zero;
    size_t inner; /* numbers to the next one along the axis */
} Each;

static int each_of(Importer *im, Each *each)
{
    *each = (Each){constant(im, 0), constant(im, 1), zero_of(im), 1};
    if (err_is_set(im->err))
        return -1;
    const Constant *x = each->x, *scale = each->scale, *zero = each->zero;
    int64_t axis = int_of(im, "axis", 1);
    axis += axis < 0 ? x->rank : 0;
    bool single = scale->count == 1;
    if (scale->real == NULL || (zero != NULL && zero->whole == NULL) ||
        (zero != NULL && zero->count != scale->count) ||
        (!single && (axis < 0 || axis >= x->rank || x->dims[axis] != (int64_t)scale->count)))
        return importer_fail(im, "its scale or zero point does not fit");
    for (int64_t d = axis + 1; !single && d < x->rank; d++)
        each->inner *= (size_t)x->dims[d];
    return 0;
}

static size_t which(const Each *each, size_t i)
{
    return i / each->inner % each->scale->count;
}

static int make(Importer *im, Constant *out, const Constant *like, bool whole)
{
    Err why = {0};
    return constant_init(out, like->rank, like->dims, whole, &why) == 0
               ? 0
               : importer_fail(im, "%s", why.text);
}

int fold_dequantised(Importer *im, Constant *out)
{
    Each e;
    if (each_of(im, &e) != 0)
        return -1;
    if (e.x->whole == NULL)
        return importer_fail(im, "its input is not of whole numbers");
    if (make(im, out, e.x, false) != 0)
        return -1;
    for (size_t i = 0; i < out->count; i++) {
        double zero = e.zero != NULL ? (double)e.zero->whole[which(&e, i)] : 0;
        out->real[i] = (float)(((double)e.x->whole[i] - zero) * e.scale->real[which(&e, i)]);
    }
    return 0;
}

int fold_quantised(Importer *im, Constant *out)
{
    Each e;
    if (each_of(im, &e) != 0)
        return -1;
    int least = least_of(im, e.zero);
    if (e.x->real == NULL)
        return importer_fail(im, "its input is not of reals");
    if (err_is_set(im->err) || make(im, out, e.x, true) != 0)
        return -1;
    out->type = least < 0 ? CONSTANT_INT8 : CONSTANT_UINT8;
    for (size_t i = 0; i < out->count; i++) {
        double zero = e.zero != NULL ? (double)e.zero->whole[which(&e, i)] : 0;
        double q = rint((double)(e.x->real[i] / e.scale->real[which(&e, i)])) + zero;
        out->whole[i] = (int64_t)fmax(least, fmin(least + ROUND_LEVELS - 1, q));
    }
    return 0;
}
