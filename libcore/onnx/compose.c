/* Layers that operators are composed of where no layer of ours is that operator. Their numbers are
 * constants of the operator, and are not trained. */
#include <inttypes.h>
#include <stdlib.h>

#include "onnx/importer_internal.h"

/* All numbers of a parameter are this one. */
static int frozen(Importer *im, int param, double value)
{
    size_t n = param >= 0 ? im->graph->params[param].count : 0;
    float *number = n > 0 ? malloc(n * sizeof *number) : NULL;
    if (number == NULL)
        return err_memory(im->err, "a network", n * sizeof *number);
    for (size_t i = 0; i < n; i++)
        number[i] = (float)value;
    im->graph->params[param].trainable = false;
    return fill(im, param, number, number);
}

int scaled(Importer *im, int node, double scale, double shift)
{
    char name[NAME_ROOM];
    module_name(im, name, -1);
    node = graph_affine(im->graph, node, name, scale != 1, shift != 0, NULL);
    const int *param = im->graph->nodes[node].param;
    if ((scale != 1 && frozen(im, param[NORM_GAMMA], scale) != 0) ||
        (shift != 0 && frozen(im, im->graph->nodes[node].param[NORM_BETA], shift) != 0))
        return -1;
    return node;
}

int summed(Importer *im, int node, int out, double weight)
{
    char name[NAME_ROOM];
    const Shape *s = shape_at(im, node);
    if (check_size(im, s->oh, s->ow, out) != 0)
        return -1;
    module_name(im, name, -1);
    node = graph_conv(im->graph, node, name, out, 1, 1, 0, (Init){INIT_CONSTANT, 0});
    return frozen(im, im->graph->nodes[node].param[0], weight) == 0 ? node : -1;
}

int rectified(Importer *im, int node, double slope)
{
    char name[NAME_ROOM];
    module_name(im, name, -1);
    node = graph_prelu(im->graph, node, name);
    return frozen(im, im->graph->nodes[node].param[0], slope) == 0 ? node : -1;
}

int powered(Importer *im, int node, double exponent)
{
    return graph_activation(im->graph, node, ACTIVATION_POWER, exponent, 0);
}

int spread(Importer *im, int node, int oh, int ow, int o)
{
    if (check_size(im, oh, ow, o) != 0)
        return -1;
    if (shape_at(im, node)->o != o)
        node = summed(im, node, o, 1);
    const Shape *s = node >= 0 ? shape_at(im, node) : NULL;
    if (s != NULL && (s->oh != oh || s->ow != ow))
        node = graph_upsample(im->graph, node, oh / s->oh, ow / s->ow);
    return node;
}

int pooled(Importer *im, int node, bool mean, bool rows, bool columns)
{
    const Shape *s = shape_at(im, node);
    Window all = {
        .kh = rows ? s->oh : 1, .kw = columns ? s->ow : 1, .sh = 1, .sw = 1, .dh = 1, .dw = 1};
    return graph_pool(im->graph, mean ? LAYER_MEAN_POOL : LAYER_MAX_POOL, node, &all,
                      rows ? 1 : s->oh, columns ? 1 : s->ow, false);
}

unsigned forms_of(const Importer *im, const Value *value)
{
    const Shape *s = shape_at(im, value->node);
    const int64_t *d = value->dims;
    bool either = is_orderless(im, value);
    unsigned forms = 0;
    if (is_vector(im, value))
        forms |= FORM_VECTOR;
    if (value->rank == 4 && d[1] == s->o && d[2] == s->oh && d[3] == s->ow &&
        (either || !value->last))
        forms |= FORM_FIRST;
    if (value->rank == 4 && d[1] == s->oh && d[2] == s->ow && d[3] == s->o &&
        (either || value->last))
        forms |= FORM_LAST;
    return forms;
}

/* The axes of rows, columns and channels; 0 where there are none. */
static void axes_of(unsigned form, int axis[3])
{
    axis[0] = form == FORM_FIRST ? 2 : form == FORM_LAST ? 1 : 0;
    axis[1] = form == FORM_FIRST ? 3 : form == FORM_LAST ? 2 : 0;
    axis[2] = form == FORM_LAST ? 3 : 1;
}

int grown(Importer *im, Value *value, unsigned forms, const int64_t *dims)
{
    const Shape s = *shape_at(im, value->node);
    unsigned form = forms & FORM_FIRST ? FORM_FIRST : forms & FORM_LAST ? FORM_LAST : FORM_VECTOR;
    int axis[3];
    int64_t size[3] = {s.oh, s.ow, s.o};
    axes_of(form, axis);
    for (int i = 0; i < 3; i++)
        if (axis[i] > 0 && dims[axis[i]] != size[i]) {
            if (size[i] != 1 || dims[axis[i]] < 1 || dims[axis[i]] > CHANNELS_MAX)
                return importer_fail(im, "its inputs do not match");
            size[i] = dims[axis[i]];
        }
    int node = spread(im, value->node, (int)size[0], (int)size[1], (int)size[2]);
    if (node < 0)
        return -1;
    value->node = node;
    value->last = form == FORM_LAST;
    for (int i = 0; i < 3; i++)
        if (axis[i] > 0)
            value->dims[axis[i]] = size[i];
    return 0;
}

int64_t plane_axis(unsigned forms, int which)
{
    int axis[3];
    axes_of(forms & FORM_FIRST ? FORM_FIRST : forms & FORM_LAST ? FORM_LAST : FORM_VECTOR, axis);
    return axis[which];
}
