#include "onnx/constant_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/half_internal.h"
#include "base/map_internal.h"
#include "base/num_internal.h"

/* The numbers of onnx.proto's TensorProto.DataType */
enum {
    TYPE_FLOAT = 1,
    TYPE_UINT8 = CONSTANT_UINT8,
    TYPE_INT8 = CONSTANT_INT8,
    TYPE_INT32 = 6,
    TYPE_INT64 = 7,
    TYPE_BOOL = 9,
    TYPE_FLOAT16 = 10,
    TYPE_DOUBLE = 11,
    TYPE_BFLOAT16 = 16,
    DATA_EXTERNAL = 1,
};

/* Bytes of a number, 0 for types that are not read. */
static size_t width_of(int type)
{
    switch (type) {
    case TYPE_UINT8:
    case TYPE_INT8:
    case TYPE_BOOL:
        return 1;
    case TYPE_FLOAT16:
    case TYPE_BFLOAT16:
        return 2;
    case TYPE_FLOAT:
    case TYPE_INT32:
        return 4;
    case TYPE_INT64:
    case TYPE_DOUBLE:
        return 8;
    default:
        return 0;
    }
}

static bool is_whole(int type)
{
    return type != TYPE_FLOAT && type != TYPE_DOUBLE && type != TYPE_FLOAT16 &&
           type != TYPE_BFLOAT16;
}

static bool count_of(size_t *count, int rank, const int64_t *dims)
{
    *count = 1;
    for (int i = 0; i < rank; i++)
        if (dims[i] < 0 || !size_mul(*count, (size_t)dims[i], count))
            return false;
    return *count < SIZE_MAX / sizeof(int64_t);
}

int constant_init(Constant *constant, int rank, const int64_t *dims, bool whole, Err *err)
{
    Constant made = {.rank = rank};
    if (rank < 0 || rank > CONSTANT_RANK || !count_of(&made.count, rank, dims))
        return err_set(err, "a constant of %d dimensions, or too large", rank);
    if (rank > 0)
        memcpy(made.dims, dims, (size_t)rank * sizeof *dims);
    if (whole)
        made.whole = calloc(made.count + 1, sizeof *made.whole);
    else
        made.real = calloc(made.count + 1, sizeof *made.real);
    if (made.whole == NULL && made.real == NULL)
        return err_memory(err, "a constant", made.count * sizeof *made.real);
    *constant = made;
    return 0;
}

void constant_release(Constant *constant)
{
    free(constant->real);
    free(constant->whole);
    *constant = (Constant){0};
}

static void put_bytes(Constant *constant, size_t i, int type, const uint8_t *bytes)
{
    union {
        float f;
        double d;
        int8_t i8;
        int32_t i32;
        int64_t i64;
        uint16_t bits;
    } number;
    memcpy(&number, bytes, width_of(type));
    switch (type) {
    case TYPE_FLOAT:
        constant->real[i] = number.f;
        break;
    case TYPE_DOUBLE:
        constant->real[i] = (float)number.d;
        break;
    case TYPE_FLOAT16:
        constant->real[i] = half_to_float(number.bits);
        break;
    case TYPE_BFLOAT16:
        constant->real[i] = bfloat_to_float(number.bits);
        break;
    case TYPE_INT64:
        constant->whole[i] = number.i64;
        break;
    case TYPE_INT32:
        constant->whole[i] = number.i32;
        break;
    case TYPE_INT8:
        constant->whole[i] = number.i8;
        break;
    default:
        constant->whole[i] = *bytes;
        break;
    }
}

static int take_bytes(Constant *constant, const Onnx__TensorProto *tensor, const uint8_t *bytes,
                      size_t size, Err *err)
{
    size_t count, width = width_of(tensor->data_type);
    if (!count_of(&count, (int)tensor->n_dims, tensor->dims) || size / width < count ||
        size != count * width)
        return err_set(err, "it has %zu bytes, which is not what its shape needs", size);
    if (constant_init(constant, (int)tensor->n_dims, tensor->dims, is_whole(tensor->data_type),
                      err) != 0)
        return -1;
    if (tensor->data_type == TYPE_FLOAT) {
        if (count > 0)
            memcpy(constant->real, bytes, size);
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        put_bytes(constant, i, tensor->data_type, bytes + i * width);
    return 0;
}

/* Numbers in one of the typed lists. */
static int take_list(Constant *constant, const Onnx__TensorProto *t, Err *err)
{
    int type = t->data_type;
    size_t count, have = type == TYPE_FLOAT    ? t->n_float_data
                         : type == TYPE_DOUBLE ? t->n_double_data
                         : type == TYPE_INT64  ? t->n_int64_data
                                               : t->n_int32_data;
    if (!count_of(&count, (int)t->n_dims, t->dims) || count != have)
        return err_set(err, "it has %zu numbers, which is not what its shape needs", have);
    if (constant_init(constant, (int)t->n_dims, t->dims, is_whole(type), err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (type == TYPE_FLOAT)
            constant->real[i] = t->float_data[i];
        else if (type == TYPE_DOUBLE)
            constant->real[i] = (float)t->double_data[i];
        else if (type == TYPE_FLOAT16)
            constant->real[i] = half_to_float((uint16_t)t->int32_data[i]);
        else if (type == TYPE_BFLOAT16)
            constant->real[i] = bfloat_to_float((uint16_t)t->int32_data[i]);
        else
            constant->whole[i] = type == TYPE_INT64 ? t->int64_data[i] : t->int32_data[i];
    }
    return 0;
}

static const char *external(const Onnx__TensorProto *tensor, const char *key)
{
    for (size_t i = 0; i < tensor->n_external_data; i++)
        if (strcmp(tensor->external_data[i]->key, key) == 0)
            return tensor->external_data[i]->value;
    return NULL;
}

/* A path that stays in the folder it begins in. */
static bool stays(const char *location)
{
    if (location == NULL || location[0] == '\0' || location[0] == '/')
        return false;
    for (const char *part = location; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return false;
    }
    return true;
}

static int read_external(Constant *constant, const Onnx__TensorProto *tensor, const char *folder,
                         Err *err)
{
    const char *location = external(tensor, "location"), *offset = external(tensor, "offset"),
               *length = external(tensor, "length");
    char path[2048];
    int64_t begin = 0, size = -1;
    Map map;
    if (!stays(location) || (offset != NULL && !num_int(offset, 0, INT64_MAX, &begin)) ||
        (length != NULL && !num_int(length, 0, INT64_MAX, &size)))
        return err_set(
            err,
            "its numbers are in '%.200s' from %.20s, %.20s bytes: not a location beside the model",
            location != NULL ? location : "", offset != NULL ? offset : "0",
            length != NULL ? length : "all");
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, location) >= sizeof path)
        return err_set(err, "the path of its numbers is too long");
    if (map_open(&map, path, err) != 0)
        return -1;
    int rc = (uint64_t)begin > map.size || (size >= 0 && (uint64_t)size > map.size - (size_t)begin)
                 ? err_set(err, "its numbers lie behind the end of %s", path)
                 : take_bytes(constant, tensor, map.bytes + begin,
                              size >= 0 ? (size_t)size : map.size - (size_t)begin, err);
    map_close(&map);
    return rc;
}

int constant_read(Constant *constant, const Onnx__TensorProto *tensor, const char *folder, Err *err)
{
    *constant = (Constant){0};
    if (width_of(tensor->data_type) == 0)
        return err_set(err, "its type, %" PRId32 ", is not supported", tensor->data_type);
    if (tensor->n_dims > CONSTANT_RANK)
        return err_set(err, "it has %zu dimensions", tensor->n_dims);
    int rc = tensor->data_location == DATA_EXTERNAL ? read_external(constant, tensor, folder, err)
             : tensor->raw_data.len > 0
                 ? take_bytes(constant, tensor, tensor->raw_data.data, tensor->raw_data.len, err)
                 : take_list(constant, tensor, err);
    constant->type = tensor->data_type;
    return rc;
}
