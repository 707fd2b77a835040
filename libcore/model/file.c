#include "model/file_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file_internal.h"
#include "base/target_internal.h"
#include "format/torch_internal.h"
#include "model/foreign_internal.h"
#include "stream/frame.h"

/* One safetensors file whose header says nothing of a stream */
static bool is_plain(const ModelFile *file)
{
    Frame frame = {0};
    FrameLayout layout;
    Err why = {0};
    uint64_t header = 0;
    for (int i = 0; file->size >= 8 && i < 8; i++)
        header |= (uint64_t)file->bytes[i] << 8 * i;
    if (header == 0 || header > FRAME_MAX_HEADER || header > file->size - 8 ||
        file->bytes[8] != '{' ||
        frame_parse(&frame, &layout, (const char *)file->bytes + 8, (size_t)header, &why) != 0)
        return false;
    bool plain = frame_meta(&frame, "kind") == NULL && !layout.has_crc;
    frame_release(&frame);
    return plain;
}

/* A stream begins with the length of a header, 8 bytes of which the upper four are 0, or with
 * gzip's mark; ONNX with a field of protobuf, whose first bytes are never all of that. */
static int recognise(ModelFile *file, Err *err)
{
    const uint8_t *head = file->bytes;
    const char *foreign = model_foreign(head, file->size);
    bool gzip = file->size >= 2 && head[0] == 0x1f && head[1] == 0x8b;
    bool length = file->size >= 8 && (head[4] | head[5] | head[6] | head[7]) == 0;
    if (foreign != NULL)
        return err_set(err, "%.300s: %s", file->path, foreign);
    if (torchfile_known(head, file->size))
        file->kind = MODEL_TORCH;
    else if (gzip || length || file->size < 8)
        file->kind = !gzip && is_plain(file) ? MODEL_SAFETENSORS : MODEL_OURS;
    else if (head[0] == 0x08)
        file->kind = MODEL_ONNX;
    else
        return err_set(err,
                       "%.300s: not a model: neither this project's, nor ONNX, nor parameters of "
                       "PyTorch or in safetensors",
                       file->path);
    return 0;
}

static int take_bytes(ModelFile *file, const char *path, Err *err)
{
    struct stat st;
    bool plain = strcmp(path, "-") != 0 && target_descriptor(path) < 0 && stat(path, &st) == 0;
    if (plain && S_ISDIR(st.st_mode))
        return err_set(err,
                       "%.300s: a folder; if it is a TensorFlow SavedModel, tf2onnx --saved-model "
                       "converts it to ONNX",
                       path);
    if (plain && S_ISREG(st.st_mode)) {
        if (map_open(&file->map, path, err) != 0)
            return -1;
        file->bytes = file->map.bytes;
        file->size = file->map.size;
        return 0;
    }
    file->copy = file_read(path, MODEL_PIPE_MAX, &file->size, err);
    file->bytes = (const uint8_t *)file->copy;
    return file->copy != NULL ? 0 : -1;
}

int modelfile_open(ModelFile *file, const char *path, Err *err)
{
    *file = (ModelFile){.path = strdup(strcmp(path, "-") == 0 ? "standard input" : path)};
    int rc = file->path != NULL ? 0 : err_memory(err, "a path", strlen(path));
    if (rc == 0)
        rc = take_bytes(file, path, err);
    if (rc == 0)
        rc = recognise(file, err);
    if (rc != 0)
        modelfile_close(file);
    return rc;
}

void modelfile_close(ModelFile *file)
{
    map_close(&file->map);
    free(file->copy);
    free(file->path);
    *file = (ModelFile){0};
}
