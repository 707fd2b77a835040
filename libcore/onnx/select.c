/* Operators that take some of the channels, or put them in another order. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "onnx/importer_internal.h"

/* The axis of channels that the attribute names, or -1 after a failure. */
static int channels_at(Importer *im, const Value *in, int64_t axis)
{
    axis += axis < 0 ? in->rank : 0;
    if (axis >= 1 && axis < in->rank && is_channels(im, in, (int)axis))
        return (int)axis;
    return importer_fail(im, "it cuts axes other than the channels");
}

/* The output: n channels of a value along the axis of its channels. */
static int put_selected(Importer *im, Value *in, const Selection *selection, int n, int axis)
{
    int node = settled(im, in);
    if (node < 0)
        return -1;
    if (n < 1 || !selection_fits(selection, n, channels_of(im, in)))
        return importer_fail(im, "it takes channels that do not exist, or none");
    if (check_size(im, shape_at(im, node)->oh, shape_at(im, node)->ow, n) != 0)
        return -1;
    Value *out = put_computed(im, graph_select(im->graph, node, selection, n), in);
    if (out == NULL)
        return -1;
    out->dims[axis] = n;
    return 0;
}

/* How many channels each output has. */
static int split_sizes(Importer *im, int64_t *size, int n, int64_t c)
{
    int given = has_input(im, 1) ? whole_input(im, 1, size, GRAPH_OUTPUTS)
                                 : ints_of(im, "split", size, GRAPH_OUTPUTS);
    if (err_is_set(im->err))
        return -1;
    int64_t each = (c + n - 1) / n;
    for (int i = 0; given < 0 && i < n; i++)
        size[i] = i < n - 1 ? each : c - each * (n - 1);
    for (int i = 0; i < n; i++)
        if ((given >= 0 && given != n) || size[i] < 1 || size[i] > c)
            return importer_fail(im, "it does not split %" PRId64 " channels into %d", c, n);
    return 0;
}

int op_split(Importer *im)
{
    int64_t size[GRAPH_OUTPUTS], first = 0;
    size_t n = im->node->n_output;
    Value *in = computed(im, 0);
    int axis = in != NULL ? channels_at(im, in, int_of(im, "axis", 0)) : -1;
    if (axis < 0)
        return -1;
    if (n < 1 || n > GRAPH_OUTPUTS)
        return importer_fail(im, "it has %zu outputs", n);
    if (split_sizes(im, size, (int)n, channels_of(im, in)) != 0)
        return -1;
    for (size_t i = 0; i < n; first += size[i++]) {
        const Selection selection = {(int)first, (int)size[i], 1, 0};
        im->output_at = i;
        if (is_wanted(im) && put_selected(im, in, &selection, (int)size[i], axis) != 0)
            return -1;
    }
    return first == channels_of(im, in) ? 0 : importer_fail(im, "it leaves channels out");
}

/* One slice: its axis, from where to where, in which steps. */
typedef struct Cut {
    int64_t axis, start, end, step;
} Cut;

static int cut_numbers(Importer *im, size_t i, const char *name, int64_t *number)
{
    if (im->opset < 10)
        return name != NULL ? ints_of(im, name, number, CONSTANT_RANK) : -1;
    return has_input(im, i) ? whole_input(im, i, number, CONSTANT_RANK) : -1;
}

/* How many slices there are; -1 after a failure. */
static int cuts_of(Importer *im, Cut *cut, const Value *in)
{
    int64_t start[CONSTANT_RANK], end[CONSTANT_RANK], axis[CONSTANT_RANK], step[CONSTANT_RANK];
    int n = cut_numbers(im, 1, "starts", start), m = cut_numbers(im, 2, "ends", end),
        axes = cut_numbers(im, 3, "axes", axis), steps = cut_numbers(im, 4, NULL, step);
    if (err_is_set(im->err))
        return -1;
    if (n < 1 || n > CONSTANT_RANK || m != n || (axes >= 0 && axes != n) ||
        (steps >= 0 && steps != n))
        return importer_fail(im, "its starts, ends and axes do not match");
    for (int i = 0; i < n; i++) {
        cut[i] = (Cut){axes >= 0 ? axis[i] : i, start[i], end[i], steps >= 0 ? step[i] : 1};
        cut[i].axis += cut[i].axis < 0 ? in->rank : 0;
        if (cut[i].axis < 0 || cut[i].axis >= in->rank || cut[i].step == 0)
            return importer_fail(im, "its axes or steps make no sense");
    }
    return n;
}

static int64_t within(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* Negative places count from behind; all are brought onto the axis. */
static void settle_cut(Cut *cut, int64_t size)
{
    int64_t low = cut->step > 0 ? 0 : -1, high = cut->step > 0 ? size : size - 1;
    cut->step = within(cut->step, -size, size);
    cut->start =
        within(cut->start < 0 ? within(cut->start, -size, -1) + size : cut->start, low, high);
    cut->end = within(cut->end < 0 ? within(cut->end, -size - 1, -1) + size : cut->end, low, high);
}

int op_slice(Importer *im)
{
    Cut cut[CONSTANT_RANK], *found = NULL;
    Value *in = computed(im, 0);
    int n = in != NULL ? cuts_of(im, cut, in) : -1;
    if (n < 0)
        return -1;
    for (int i = 0; i < n; i++) {
        int64_t size = in->dims[cut[i].axis];
        settle_cut(&cut[i], size);
        if (cut[i].start == 0 && cut[i].end == size && cut[i].step == 1)
            continue;
        if (found != NULL)
            return importer_fail(im, "it cuts several axes");
        found = &cut[i];
    }
    if (found == NULL)
        return put_same(im, in);
    int axis = channels_at(im, in, found->axis);
    if (axis < 0)
        return -1;
    int64_t along = found->step > 0 ? found->end - found->start : found->start - found->end,
            pace = found->step > 0 ? found->step : -found->step,
            count = along > 0 ? (along - 1) / pace + 1 : 0;
    const Selection selection = {(int)found->start, count > 0 ? (int)count : 1, (int)found->step,
                                 0};
    return put_selected(im, in, &selection, (int)count, axis);
}

int op_gather(Importer *im)
{
    Value *in = computed(im, 0);
    const Constant *index = in != NULL ? constant(im, 1) : NULL;
    int axis = index != NULL ? channels_at(im, in, int_of(im, "axis", 0)) : -1;
    Selection selection;
    if (axis < 0)
        return -1;
    int64_t c = channels_of(im, in);
    if (index->rank != 1 || index->whole == NULL || index->count < 1 || index->count > CHANNELS_MAX)
        return importer_fail(im, "its indices are not a list");
    int n = (int)index->count;
    int64_t *from = malloc((size_t)n * sizeof *from);
    if (from == NULL)
        return err_memory(im->err, "a network", (size_t)n * sizeof *from);
    for (int i = 0; i < n; i++)
        from[i] = index->whole[i] < 0 ? index->whole[i] + c : index->whole[i];
    bool regular = selection_of(&selection, from, n);
    free(from);
    if (!regular)
        return importer_fail(im, "the channels it takes are in no regular order");
    return put_selected(im, in, &selection, n, axis);
}

/* How many axes behind the batch's the channels are cut into: their product is the channels, and
 * what follows are the rows and columns. 0 when they are not. */
static int channel_axes(const Importer *im, const Value *in)
{
    int64_t channels = 1;
    if (in->last && !is_orderless(im, in))
        return 0;
    for (int i = 1; i < in->rank; i++) {
        channels *= in->dims[i];
        if (channels == channels_of(im, in))
            return i;
        if (channels > channels_of(im, in))
            return 0;
    }
    return 0;
}

int put_shuffled(Importer *im, Value *in, const int64_t *perm)
{
    int axes = channel_axes(im, in), c = channels_of(im, in);
    int64_t stride[CONSTANT_RANK + 1] = {0};
    Selection selection;
    bool fits = axes > 0;
    for (int i = 1; i < in->rank; i++)
        fits = fits && (i <= axes ? perm[i] <= axes : perm[i] == i);
    if (!fits)
        return 1;
    stride[axes] = 1;
    for (int i = axes - 1; i > 0; i--)
        stride[i] = stride[i + 1] * in->dims[i + 1];
    int64_t *from = malloc((size_t)c * sizeof *from);
    if (from == NULL)
        return err_memory(im->err, "a network", (size_t)c * sizeof *from);
    for (int j = 0; j < c; j++) {
        int64_t rest = j;
        from[j] = 0;
        for (int i = axes; i > 0; i--) {
            from[j] += rest % in->dims[perm[i]] * stride[perm[i]];
            rest /= in->dims[perm[i]];
        }
    }
    bool regular = selection_of(&selection, from, c);
    free(from);
    if (!regular)
        return importer_fail(im, "it shuffles channels in no regular way");
    int node = graph_select(im->graph, in->node, &selection, c);
    Value *out = put_computed(im, node, in);
    if (out == NULL)
        return -1;
    out->last = false;
    for (int i = 0; i < in->rank; i++)
        out->dims[i] = in->dims[perm[i]];
    return 0;
}
