#include "format/safetensors_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_internal.h"
#include "base/half_internal.h"

static uint64_t little_endian(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static float from_half(uint64_t bits)
{
    return half_to_float((uint16_t)bits);
}

static float from_bfloat(uint64_t bits)
{
    return bfloat_to_float((uint16_t)bits);
}

static float from_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return (float)value;
}

typedef float Widen(uint64_t bits);

/* How numbers of that type become F32, or NULL when they stay. */
static Widen *widening(Dtype dtype)
{
    return dtype == DTYPE_F16    ? from_half
           : dtype == DTYPE_BF16 ? from_bfloat
           : dtype == DTYPE_F64  ? from_double
                                 : NULL;
}

static int copy_tensor(Frame *frame, const Tensor *tensor, const uint8_t *bytes, Err *err)
{
    Widen *widen = widening(tensor->dtype);
    size_t width = dtype_size(tensor->dtype);
    void *copy = frame_alloc(frame, tensor->name, widen != NULL ? DTYPE_F32 : tensor->dtype,
                             tensor->ndim, tensor->shape, err);
    if (copy == NULL)
        return -1;
    if (widen == NULL && tensor->bytes > 0)
        memcpy(copy, bytes, tensor->bytes);
    for (size_t i = 0; widen != NULL && i < tensor->bytes / width; i++)
        ((float *)copy)[i] = widen(little_endian(bytes + i * width, width));
    return 0;
}

static int copy_meta(Frame *frame, const Frame *from, Err *err)
{
    for (size_t i = 0; i < from->metas; i++)
        if (frame_set_meta(frame, from->meta[i].key, from->meta[i].value, err) != 0)
            return -1;
    return 0;
}

/* data: the bytes that follow the header; the tensors of `raw` have offsets into them. */
static int copy_all(Frame *frame, const Frame *raw, const uint8_t *data, Err *err)
{
    for (size_t i = 0; i < raw->tensors; i++)
        if (copy_tensor(frame, &raw->tensor[i], data + (uintptr_t)raw->tensor[i].data, err) != 0)
            return -1;
    return copy_meta(frame, raw, err);
}

int safetensors_parse(Frame *frame, const uint8_t *bytes, size_t size, Err *err)
{
    Frame raw = {0};
    FrameLayout layout;
    *frame = (Frame){0};
    uint64_t header = size >= 8 ? little_endian(bytes, 8) : 0;
    if (size < 8 || header > FRAME_MAX_HEADER || header > size - 8)
        return err_set(err, "not a safetensors file: %zu bytes, but its header would have %" PRIu64,
                       size, header);
    if (header == 0 || bytes[8] != '{')
        return err_set(err, "not a safetensors file: no JSON object where the header should be");
    if (frame_parse(&raw, &layout, (const char *)bytes + 8, (size_t)header, err) != 0)
        return -1;
    size_t left = size - 8 - (size_t)header;
    int rc = layout.data_bytes == left
                 ? copy_all(frame, &raw, bytes + 8 + header, err)
                 : err_set(err, "its tensors have %zu bytes, but %zu follow the header",
                           layout.data_bytes, left);
    frame_release(&raw);
    if (rc != 0)
        frame_release(frame);
    return rc;
}

int safetensors_read(Frame *frame, const char *path, Err *err)
{
    size_t size;
    Err inner = {0};
    char *bytes = file_read(path, FRAME_MAX_BYTES, &size, err);
    if (bytes == NULL)
        return -1;
    int rc = safetensors_parse(frame, (const uint8_t *)bytes, size, &inner);
    free(bytes);
    return rc == 0 ? 0 : err_set(err, "%.300s: %.600s", path, inner.text);
}
