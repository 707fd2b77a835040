#include "onnx/exporter_internal.h"

#include <stdio.h>
#include <string.h>

ValueName export_fresh(Export *x)
{
    ValueName name;
    snprintf(name.text, sizeof name.text, "x%d", x->extra++);
    return name;
}

ValueName export_names(const char *a, const char *b, const char *c)
{
    ValueName all;
    snprintf(all.text, sizeof all.text, "%.180s%s%.180s%s%.180s", a, b != NULL ? " " : "",
             b != NULL ? b : "", c != NULL ? " " : "", c != NULL ? c : "");
    return all;
}

void export_put(Export *x, int n, const char *op, ValueName inputs)
{
    x->written[n].value = export_fresh(x);
    message_node(&x->m, op, inputs.text, x->written[n].value.text);
}

ValueName export_input(Export *x, int n, int which, int rank)
{
    int in = x->graph->nodes[n].input[which];
    const Written *w = &x->written[in];
    if (w->rank == rank)
        return w->value;
    ValueName to = export_fresh(x);
    if (rank == 2) {
        message_node(&x->m, "Flatten", w->value.text, to.text);
        return to;
    }
    ValueName shape = export_fresh(x);
    int64_t *dims = message_whole(&x->m, shape.text, 4);
    if (dims != NULL)
        memcpy(dims, (const int64_t[]){0, -1, 1, 1}, 4 * sizeof *dims);
    message_node(&x->m, "Reshape", export_names(w->value.text, shape.text, NULL).text, to.text);
    return to;
}
