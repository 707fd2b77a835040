/* Between a Frame and its safetensors header. */
#include <inttypes.h>
#include <jansson.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jansson_internal.h"
#include "base/num_internal.h"
#include "stream/frame.h"

/* Writing ----------------------------------------------------------------------------------- */

static int writer_order(const void *a, const void *b)
{
    const Tensor *x = a, *y = b;
    size_t wx = dtype_size(x->dtype), wy = dtype_size(y->dtype);
    if (wx != wy)
        return wx > wy ? -1 : 1;
    return strcmp(x->name, y->name);
}

static json_t *metadata_object(const Frame *frame, bool last)
{
    char digits[9];
    uint32_t crc = 0;
    for (size_t i = 0; i < frame->tensors; i++)
        if (frame->tensor[i].bytes > 0) /* NULL would restart the sum */
            crc = libdeflate_crc32(crc, frame->tensor[i].data, frame->tensor[i].bytes);
    snprintf(digits, sizeof digits, "%08" PRIx32, crc);
    json_t *meta = json_object();
    int bad = json_object_set_new(meta, "crc32", json_string(digits));
    for (size_t i = 0; i < frame->metas; i++)
        bad |= json_object_set_new(meta, frame->meta[i].key, json_string(frame->meta[i].value));
    if (last)
        bad |= json_object_set_new(meta, "last", json_string("1"));
    if (bad == 0)
        return meta;
    json_decref(meta);
    return NULL;
}

static int add_tensor_object(json_t *root, const Tensor *tensor, size_t offset)
{
    json_t *shape = json_array();
    for (int d = 0; d < tensor->ndim; d++)
        json_array_append_new(shape, json_integer(tensor->shape[d]));
    json_t *object =
        json_pack("{s:s, s:o, s:[I,I]}", "dtype", dtype_name(tensor->dtype), "shape", shape,
                  "data_offsets", (json_int_t)offset, (json_int_t)(offset + tensor->bytes));
    return json_object_set_new(root, tensor->name, object);
}

/* N, the JSON text and the spaces that bring the tensors to a multiple of FRAME_ALIGN */
static char *padded(const char *json, size_t *size, Err *err)
{
    size_t length = strlen(json);
    size_t total = (8 + length + FRAME_ALIGN - 1) / FRAME_ALIGN * FRAME_ALIGN;
    char *header = malloc(total);
    if (header == NULL) {
        err_memory(err, "a frame's header", total);
        return NULL;
    }
    for (int i = 0; i < 8; i++)
        header[i] = (char)((uint64_t)(total - 8) >> (8 * i));
    memcpy(header + 8, json, length);
    memset(header + 8 + length, ' ', total - 8 - length);
    *size = total;
    return header;
}

char *frame_header(Frame *frame, bool last, size_t *size, Err *err)
{
    size_t offset = 0;
    if (frame_sort(frame, writer_order, err) != 0)
        return NULL;
    jansson_watch();
    json_t *root = json_object();
    int bad = json_object_set_new(root, "__metadata__", metadata_object(frame, last));
    for (size_t i = 0; i < frame->tensors; i++) {
        bad |= add_tensor_object(root, &frame->tensor[i], offset);
        offset += frame->tensor[i].bytes;
    }
    char *json = bad == 0 ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    int rc = jansson_check("a frame's header", err);
    if (rc == 0 && json == NULL)
        rc = err_set(err, "a name or a metadata string of the frame is not UTF-8");
    char *header = rc == 0 ? padded(json, size, err) : NULL;
    free(json);
    return header;
}

/* Reading ----------------------------------------------------------------------------------- */

static int parse_dtype(const char *name, Dtype *dtype)
{
    for (int i = 0; i < DTYPE_COUNT; i++) {
        if (strcmp(name, dtype_name((Dtype)i)) == 0) {
            *dtype = (Dtype)i;
            return 0;
        }
    }
    return -1;
}

static bool is_size(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

static int parse_tensor(Frame *frame, const char *name, const json_t *value, Err *err)
{
    const json_t *shape = json_object_get(value, "shape");
    const json_t *offsets = json_object_get(value, "data_offsets");
    const char *type = json_string_value(json_object_get(value, "dtype"));
    if (!json_is_object(value) || json_object_size(value) != 3 || type == NULL ||
        !json_is_array(shape) || json_array_size(offsets) != 2)
        return err_set(err, "tensor '%s': needs dtype, shape and data_offsets, and nothing else",
                       name);
    Tensor tensor = {.ndim = (int)json_array_size(shape)};
    if (json_array_size(shape) > TENSOR_MAX_DIMS)
        return err_set(err, "tensor '%s': over %d dimensions", name, TENSOR_MAX_DIMS);
    if (parse_dtype(type, &tensor.dtype) != 0)
        return err_set(err, "tensor '%s': unknown dtype '%s'", name, type);
    for (int d = 0; d < tensor.ndim; d++) {
        const json_t *size = json_array_get(shape, (size_t)d);
        if (!is_size(size))
            return err_set(err, "tensor '%s': a size that is not an integer", name);
        tensor.shape[d] = json_integer_value(size);
    }
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (!is_size(begin) || !is_size(end))
        return err_set(err, "tensor '%s': offsets that are not integers", name);
    if (frame_add(frame, name, tensor.dtype, tensor.ndim, tensor.shape,
                  (void *)(uintptr_t)json_integer_value(begin), err) != 0)
        return -1;
    if ((uint64_t)json_integer_value(end) - (uint64_t)json_integer_value(begin) !=
        frame->tensor[frame->tensors - 1].bytes)
        return err_set(err, "tensor '%s': its offsets do not fit its shape", name);
    return 0;
}

static int parse_metadata(Frame *frame, FrameLayout *layout, const json_t *object, Err *err)
{
    const char *key;
    json_t *item;
    if (!json_is_object(object))
        return err_set(err, "__metadata__ is not an object");
    json_object_foreach((json_t *)object, key, item)
    {
        const char *value = json_string_value(item);
        if (value == NULL)
            return err_set(err, "metadata '%s' is not a string", key);
        if (strcmp(key, "crc32") == 0) {
            if (strlen(value) != 8 || strspn(value, "0123456789abcdef") != 8)
                return err_set(err, "crc32 '%s' is not 8 hex digits", value);
            layout->has_crc = true;
            layout->crc = (uint32_t)strtoul(value, NULL, 16);
        } else if (strcmp(key, "last") == 0) {
            if (strcmp(value, "1") != 0)
                return err_set(err, "last is '%s', not '1'", value);
            frame->last = true;
        } else if (frame_set_meta(frame, key, value, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int file_order(const void *a, const void *b)
{
    const Tensor *x = a, *y = b;
    uintptr_t px = (uintptr_t)x->data, py = (uintptr_t)y->data;
    if (px != py)
        return px < py ? -1 : 1;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes); /* empty ones first */
}

static int check_contiguous(Frame *frame, FrameLayout *layout, Err *err)
{
    size_t at = 0;
    if (frame_sort(frame, file_order, err) != 0)
        return -1;
    for (size_t i = 0; i < frame->tensors; i++) {
        const Tensor *tensor = &frame->tensor[i];
        size_t begin = (size_t)(uintptr_t)tensor->data;
        if (begin != at)
            return err_set(err, "tensor '%s': %s at byte %zu of the data", tensor->name,
                           begin > at ? "a hole before it" : "an overlap", at < begin ? at : begin);
        if (begin % dtype_size(tensor->dtype) != 0)
            return err_set(err, "tensor '%s': byte %zu of the data is not aligned for a %s",
                           tensor->name, begin, dtype_name(tensor->dtype));
        if (!size_add(at, tensor->bytes, &at))
            return err_set(err, "tensor '%s': sizes overflow", tensor->name);
    }
    layout->data_bytes = at;
    return 0;
}

static int parse_root(Frame *frame, FrameLayout *layout, const json_t *root, Err *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)root, key, value)
    {
        int rc = strcmp(key, "__metadata__") == 0 ? parse_metadata(frame, layout, value, err)
                                                  : parse_tensor(frame, key, value, err);
        if (rc != 0)
            return -1;
    }
    return check_contiguous(frame, layout, err);
}

/* Looks over the text before the parser makes objects of it, which take a hundred times as much
 * memory as the shortest JSON: no deeper than a shape within a tensor within the root, and no more
 * members than so many tensors and strings have. */
static int look_over(const char *json, size_t size, Err *err)
{
    enum {
        DEPTH = 3,
        MEMBERS = FRAME_MAX_TENSORS * (1 + 3 + TENSOR_MAX_DIMS + 2) + FRAME_MAX_METAS
    };
    size_t members = 0;
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        char c = json[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            depth++;
        else if (!quoted && (c == '}' || c == ']'))
            depth--;
        else if (!quoted && c == ',')
            members++;
        if (depth > DEPTH)
            return err_set(err, "bad header at its byte %zu: deeper than a frame's", i);
        if (members > MEMBERS)
            return err_set(err, "bad header at its byte %zu: more members than %d tensors have", i,
                           FRAME_MAX_TENSORS);
    }
    return 0;
}

int frame_parse(Frame *frame, FrameLayout *layout, const char *json, size_t size, Err *err)
{
    json_error_t reason;
    *layout = (FrameLayout){0};
    if (size == 0 || json[0] != '{')
        return err_set(err, "not a tensor stream (no JSON object where a header should be)");
    if (look_over(json, size, err) != 0)
        return -1;
    json_t *root = jansson_load(json, size, "a frame's header", &reason, err);
    if (root == NULL)
        return err_set(err, "bad header at its byte %d: %s", reason.position, reason.text);
    int rc = json_is_object(root) ? parse_root(frame, layout, root, err)
                                  : err_set(err, "the header is not an object");
    json_decref(root);
    if (rc != 0)
        frame_release(frame);
    return rc;
}
