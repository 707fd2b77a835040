#include "model/net_internal.h"

#include <stdio.h>
#include <string.h>

#include "format/safetensors_internal.h"
#include "format/torch_internal.h"
#include "nn/graph_internal.h"
#include "nn/model.h"

/* A reader of streams names its file itself. */
static Graph *read_ours(const ModelFile *file, bool *named, Err *err)
{
    Frame frame;
    *named = true;
    if (model_parse(&frame, file->path, file->bytes, file->size, err) != 0)
        return NULL;
    *named = false;
    Graph *graph = model_graph(&frame, err);
    frame_release(&frame);
    return graph;
}

static Graph *read_safetensors(const ModelFile *file, const char *arch, NetOrigin *origin, Err *err)
{
    Frame frame;
    if (safetensors_parse(&frame, file->bytes, file->size, err) != 0)
        return NULL;
    Graph *graph = state_dict_graph(&frame, arch, &origin->names, err);
    frame_release(&frame);
    return graph;
}

/* Whether the names of a state_dict are those of an architecture; -1 on failure. */
static int fits(const TorchFile *file, int entry, const char *arch, Err *err)
{
    Frame frame = {0};
    Err why = {0};
    int rc = torchfile_outline(&frame, file, entry, err);
    if (rc == 0)
        rc = state_dict_check(&frame, arch, &why) == 0;
    frame_release(&frame);
    return rc;
}

/* The first state_dict that fits, or else the longest, about which there is most to say. */
static int choose(const TorchFile *file, const char *arch, NetOrigin *origin, Err *err)
{
    int chosen = -1, longest = 0;
    for (int i = 0; i < torchfile_entries(file); i++) {
        int rc = fits(file, i, arch, err);
        if (rc < 0)
            return -1;
        if (rc > 0 && chosen >= 0 && origin->other[0] == '\0')
            snprintf(origin->other, sizeof origin->other, "%.90s", torchfile_entry(file, i));
        chosen = rc > 0 && chosen < 0 ? i : chosen;
        longest = torchfile_tensors(file, i) > torchfile_tensors(file, longest) ? i : longest;
    }
    chosen = chosen < 0 ? longest : chosen;
    snprintf(origin->entry, sizeof origin->entry, "%.90s", torchfile_entry(file, chosen));
    return chosen;
}

static Graph *read_entry(const TorchFile *file, const char *arch, NetOrigin *origin, Err *err)
{
    Frame frame = {0};
    Graph *graph = NULL;
    int entry = choose(file, arch, origin, err);
    if (entry < 0)
        return NULL;
    int rc = torchfile_outline(&frame, file, entry, err);
    if (rc == 0)
        rc = state_dict_check(&frame, arch, err);
    frame_release(&frame);
    if (rc == 0 && torchfile_read(&frame, file, entry, err) == 0)
        graph = state_dict_graph(&frame, arch, &origin->names, err);
    frame_release(&frame);
    return graph;
}

static Graph *read_torch(const ModelFile *file, const char *arch, NetOrigin *origin, Err *err)
{
    TorchFile *torch = torchfile_open(file->bytes, file->size, err);
    Graph *graph = torch != NULL ? read_entry(torch, arch, origin, err) : NULL;
    torchfile_close(torch);
    return graph;
}

static Graph *read_onnx(const ModelFile *file, const ImportOptions *options, Err *err)
{
    char folder[1024];
    const char *slash = file->copy == NULL ? strrchr(file->path, '/') : NULL;
    snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - file->path) : 1,
             slash != NULL ? file->path : ".");
    return onnx_import(file->bytes, file->size, slash == file->path ? "/" : folder, options, err);
}

Graph *net_onnx(const ModelFile *file, const ImportOptions *options, Err *err)
{
    Err why = {0};
    if (file->kind == MODEL_ONNX) {
        Graph *graph = read_onnx(file, options, &why);
        if (graph == NULL)
            err_set(err, "%.300s: %.600s", file->path, why.text);
        return graph;
    }
    err_set(err, "%.300s: not an ONNX model but %s", file->path,
            file->kind == MODEL_OURS ? "a tensor stream"
                                     : "PyTorch parameters, without their graph; in PyTorch, "
                                       "torch.onnx.export() writes both");
    return NULL;
}

static Graph *read_kind(const ModelFile *file, const char *arch, const ImportOptions *options,
                        NetOrigin *origin, bool *named, Err *err)
{
    bool state = file->kind == MODEL_SAFETENSORS || file->kind == MODEL_TORCH;
    if (arch != NULL && !state) {
        err_set(err, "%s, which states its architecture; --arch is for PyTorch parameters",
                file->kind == MODEL_ONNX ? "an ONNX model" : "a model");
        return NULL;
    }
    if (file->kind == MODEL_ONNX)
        return read_onnx(file, options, err);
    if (options->output != NULL) {
        err_set(err, "not an ONNX model; other models have one output, without a name");
        return NULL;
    }
    return file->kind == MODEL_TORCH         ? read_torch(file, arch, origin, err)
           : file->kind == MODEL_SAFETENSORS ? read_safetensors(file, arch, origin, err)
                                             : read_ours(file, named, err);
}

Graph *net_read_as(const char *path, const char *arch, const ImportOptions *options,
                   NetOrigin *origin, Err *err)
{
    ModelFile file;
    Err why = {0};
    *origin = (NetOrigin){0};
    if (modelfile_open(&file, path, err) != 0)
        return NULL;
    origin->kind = file.kind;
    origin->assumed = (file.kind == MODEL_TORCH || file.kind == MODEL_SAFETENSORS) &&
                      (options->mean == NULL || options->scale == NULL || options->bgr == NULL);
    bool named = false;
    Graph *graph = read_kind(&file, arch, options, origin, &named, &why);
    if (graph == NULL && named)
        err_set(err, "%s", why.text);
    else if (graph == NULL)
        err_set(err, "%.300s: %.700s", file.path, why.text);
    else if (file.kind != MODEL_ONNX)
        import_pixels(&graph->pixels, options);
    modelfile_close(&file);
    return graph;
}

Graph *net_read(const char *path, const ImportOptions *options, Err *err)
{
    NetOrigin origin;
    return net_read_as(path, NULL, options, &origin, err);
}
