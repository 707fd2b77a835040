/* Operators that move no number, and those that put values side by side. */
#include <inttypes.h>
#include <string.h>

#include "base/num_internal.h"
#include "onnx/importer_internal.h"

static bool product(int64_t *out, int from, int to, const int64_t *dims)
{
    *out = 1;
    for (int i = from; i < to; i++)
        if (__builtin_mul_overflow(*out, dims[i], out))
            return false;
    return true;
}

static int reshape_to(Importer *im, int64_t *out, int rank, const int64_t *dims)
{
    int64_t all, known = 1;
    int n = whole_input(im, 1, out, CONSTANT_RANK), open = -1;
    if (n < 0)
        return -1;
    for (int i = 0; i < n; i++) {
        if (i < rank && out[i] == 0 && int_of(im, "allowzero", 0) == 0)
            out[i] = dims[i];
        if (out[i] == -1 && open < 0)
            open = i;
        else if (out[i] < 0 || __builtin_mul_overflow(known, out[i], &known))
            return importer_fail(im, "its shape makes no sense");
    }
    if (!product(&all, 0, rank, dims) || (open >= 0 && (known == 0 || all % known != 0)) ||
        (open < 0 && known != all))
        return importer_fail(im, "its shape does not fit its input");
    if (open >= 0)
        out[open] = all / known;
    return n;
}

static int flatten_to(Importer *im, int64_t *out, int rank, const int64_t *dims)
{
    int64_t axis = int_of(im, "axis", 1);
    axis = axis < 0 ? axis + rank : axis;
    if (axis < 0 || axis > rank || !product(&out[0], 0, (int)axis, dims) ||
        !product(&out[1], (int)axis, rank, dims))
        return importer_fail(im, "its axis does not exist");
    return 2;
}

/* The axes of Squeeze and Unsqueeze: an attribute, since opset 13 an input. */
static int axes_of(Importer *im, int64_t *axes, int rank, bool *given)
{
    int n = has_input(im, 1) ? whole_input(im, 1, axes, CONSTANT_RANK)
                             : ints_of(im, "axes", axes, CONSTANT_RANK);
    *given = has_input(im, 1) || attribute(im, "axes") != NULL;
    if (*given && (n < 0 || n > CONSTANT_RANK))
        return -1;
    for (int i = 0; i < n; i++) {
        axes[i] += axes[i] < 0 ? rank : 0;
        if (axes[i] < 0 || axes[i] >= rank)
            return importer_fail(im, "axis %" PRId64 " does not exist", axes[i]);
    }
    return n < 0 ? 0 : n;
}

static bool among(const int64_t *axes, int n, int axis)
{
    for (int i = 0; i < n; i++)
        if (axes[i] == axis)
            return true;
    return false;
}

/* Without axes all dimensions of 1 go, but for the batch's. */
static int squeeze_to(Importer *im, int64_t *out, int rank, const int64_t *dims)
{
    int64_t axes[CONSTANT_RANK];
    bool given;
    int n = axes_of(im, axes, rank, &given), to = 0;
    if (n < 0)
        return -1;
    for (int i = 0; i < rank; i++) {
        bool gone = given ? among(axes, n, i) : dims[i] == 1 && i > 0;
        if (gone && dims[i] != 1)
            return importer_fail(im, "axis %d has %" PRId64 " numbers", i, dims[i]);
        if (!gone)
            out[to++] = dims[i];
    }
    return to;
}

static int unsqueeze_to(Importer *im, int64_t *out, int rank, const int64_t *dims)
{
    int64_t axes[CONSTANT_RANK];
    bool given;
    int more = has_input(im, 1) ? whole_input(im, 1, axes, CONSTANT_RANK)
                                : ints_of(im, "axes", axes, CONSTANT_RANK);
    if (more < 0 || rank + more > CONSTANT_RANK)
        return importer_fail(im, "it has no axes, or too many");
    int n = axes_of(im, axes, rank + more, &given), from = 0;
    for (int i = 0; n >= 0 && i < rank + more; i++)
        if (among(axes, n, i))
            out[i] = 1;
        else if (from < rank)
            out[i] = dims[from++];
        else
            return importer_fail(im, "it has an axis twice");
    return n < 0 ? -1 : rank + more;
}

int reshaped(Importer *im, int64_t out[CONSTANT_RANK], int rank, const int64_t *dims)
{
    switch (im->node->op_type[0]) {
    case 'R':
        return reshape_to(im, out, rank, dims);
    case 'F':
        return flatten_to(im, out, rank, dims);
    case 'S':
        return squeeze_to(im, out, rank, dims);
    default:
        return unsqueeze_to(im, out, rank, dims);
    }
}

/* The same numbers in the same order. */
int op_reshape(Importer *im)
{
    Value *in = computed(im, 0);
    int64_t dims[CONSTANT_RANK] = {0};
    int rank = in != NULL ? reshaped(im, dims, in->rank, in->dims) : -1;
    if (rank < 0 || settled(im, in) < 0)
        return -1;
    if (rank < 1 || dims[0] != im->batch)
        return importer_fail(im, "it would mix the images of a batch");
    Value *out = put_computed(im, in->node, in);
    if (out == NULL)
        return -1;
    out->rank = rank;
    memcpy(out->dims, dims, sizeof dims);
    return 0;
}

int op_flatten(Importer *im)
{
    return op_reshape(im);
}

int op_squeeze(Importer *im)
{
    return op_reshape(im);
}

int op_same(Importer *im)
{
    Value *in = input(im, 0);
    return in != NULL ? put_same(im, in) : -1;
}

/* Numbers stay what they are in any floating type; cut to whole ones they would not. */
int op_cast(Importer *im)
{
    int64_t to = int_of(im, "to", 1);
    if (to != 1 && to != 10 && to != 11 && to != 16) /* see onnx/constant.c */
        return importer_fail(im, "it rounds a value to an integer");
    return op_same(im);
}

/* Whether the axes that count (of more than 1) stay in their order. */
static bool keeps_order(const Value *in, const int64_t *perm)
{
    int64_t before = 0;
    for (int i = 1; i < in->rank; i++) {
        if (in->dims[perm[i]] == 1)
            continue;
        if (perm[i] < before)
            return false;
        before = perm[i];
    }
    return true;
}

/* Whether the channels go from the front to the back, or (`forth`) from the back to the front. */
static bool moves_channels(const Importer *im, const Value *in, const int64_t *perm, bool forth)
{
    int last = in->rank - 1;
    if (in->last != forth || !is_channels(im, in, forth ? last : 1))
        return false;
    for (int i = 1; i <= last; i++)
        if (perm[i] != (forth ? (i == 1 ? last : i - 1) : (i == last ? 1 : i + 1)))
            return false;
    return true;
}

static int permutation(Importer *im, int64_t *perm, int rank)
{
    unsigned seen = 0;
    if (ints_of(im, "perm", perm, CONSTANT_RANK) != rank)
        return importer_fail(im, "its permutation is not of %d axes", rank);
    for (int i = 0; i < rank; i++)
        seen |= perm[i] >= 0 && perm[i] < rank ? 1u << perm[i] : 0;
    if (seen != (1u << rank) - 1 || perm[0] != 0)
        return importer_fail(im, "its permutation is not one, or moves the batch");
    return 0;
}

int op_transpose(Importer *im)
{
    int64_t perm[CONSTANT_RANK];
    Value *in = computed(im, 0);
    if (in == NULL || permutation(im, perm, in->rank) != 0 || settled(im, in) < 0)
        return -1;
    if (!keeps_order(in, perm)) {
        int rc = put_shuffled(im, in, perm);
        if (rc <= 0)
            return rc;
    }
    bool back = moves_channels(im, in, perm, false), forth = moves_channels(im, in, perm, true);
    if (!keeps_order(in, perm) && !back && !forth)
        return importer_fail(im, "only channels can be moved, from the front to the back or back");
    bool moves = !keeps_order(in, perm);
    Value *out = put_computed(im, in->node, in);
    if (out == NULL)
        return -1;
    out->last = moves ? back : in->last;
    for (int i = 0; i < in->rank; i++)
        out->dims[i] = in->dims[perm[i]];
    return 0;
}

static bool fits_beside(const Importer *im, const Value *a, const Value *b, int axis)
{
    const Shape *s = shape_at(im, a->node), *t = shape_at(im, b->node);
    return a->rank == b->rank && is_channels(im, b, axis) && s->oh == t->oh && s->ow == t->ow &&
           a->last == b->last;
}

int op_concat(Importer *im)
{
    Value *first = computed(im, 0);
    if (first == NULL)
        return -1;
    int64_t axis = int_of(im, "axis", 1), c = channels_of(im, first);
    axis += axis < 0 ? first->rank : 0;
    if (axis < 1 || axis >= first->rank || !is_channels(im, first, (int)axis))
        return importer_fail(im, "values can be concatenated only along channels");
    int node = settled(im, first);
    for (size_t i = 1; node >= 0 && i < im->node->n_input; i++) {
        Value *more = computed(im, i);
        if (more == NULL)
            return -1;
        if (!fits_beside(im, first, more, (int)axis))
            return importer_fail(im, "its inputs do not match");
        int beside = settled(im, more);
        c += channels_of(im, more);
        if (beside < 0 || check_size(im, shape_at(im, node)->oh, shape_at(im, node)->ow, c) != 0)
            return -1;
        node = graph_concat(im->graph, node, beside);
    }
    Value *out = node >= 0 ? put_computed(im, node, first) : NULL;
    if (out == NULL)
        return -1;
    out->dims[axis] = c;
    return 0;
}
