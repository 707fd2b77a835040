#include "onnx/net.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "nn/model.h"

/* A stream begins with the length of a header, 8 bytes of which the upper four are 0, or with
 * gzip's mark; ONNX with a field of protobuf, whose first bytes are never all of that. */
bool net_is_onnx(const char *path)
{
    uint8_t head[8] = {0};
    FILE *f = strcmp(path, "-") != 0 ? fopen(path, "rb") : NULL;
    if (f == NULL)
        return false;
    size_t n = fread(head, 1, sizeof head, f);
    fclose(f);
    bool gzip = head[0] == 0x1f && head[1] == 0x8b;
    return n == sizeof head && !gzip && (head[4] | head[5] | head[6] | head[7]) != 0 &&
           head[0] == 0x08;
}

static Graph *read_model(const char *path, Err *err)
{
    Frame frame;
    Err why = {0};
    if (model_read(&frame, path, err) != 0)
        return NULL;
    Graph *graph = model_graph(&frame, &why);
    frame_release(&frame);
    if (graph == NULL)
        err_set(err, "%.300s: %.600s", path, why.text);
    return graph;
}

Graph *net_read(const char *path, const ImportOptions *options, Err *err)
{
    if (net_is_onnx(path))
        return onnx_read(path, options, err);
    if (options->output != NULL) {
        err_set(err, "%.300s: no ONNX model; others have one output, without a name", path);
        return NULL;
    }
    Graph *graph = read_model(path, err);
    if (graph != NULL)
        import_pixels(&graph->pixels, options);
    return graph;
}
