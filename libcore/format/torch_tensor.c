/* Tensors of PyTorch's checkpoints: views of storages, checked, and copied out of them */
#include <inttypes.h>
#include <string.h>

#include "base/half_internal.h"
#include "format/torch_parts_internal.h"

bool torch_is_text(const PickleObject *object)
{
    return object->kind == PICKLE_TEXT || (object->kind == PICKLE_BYTES && object->bytes != NULL);
}

static bool has_role(const Pickle *pickle, const PickleObject *call, PickleRole role)
{
    return pickle_names[pickle_item(pickle, call, 0)->n].role == role;
}

/* Through parameters and subclasses to the call that makes the tensor; NULL if there is none. */
static const PickleObject *inner_call(const Pickle *pickle, const PickleObject *object,
                                      const PickleObject **arguments, PickleRole *role)
{
    for (int depth = 0; depth < 4 && object->kind == PICKLE_CALL; depth++) {
        const PickleObject *tuple = pickle_item(pickle, object, 1);
        const PickleObject *callable = pickle_item(pickle, object, 0);
        /* _rebuild_from_type_v2(function, type, arguments, state) */
        if (has_role(pickle, object, ROLE_TYPED)) {
            if (tuple->n < 3)
                return NULL;
            callable = pickle_item(pickle, tuple, 0);
            tuple = pickle_item(pickle, tuple, 2);
            if (callable->kind != PICKLE_CALLABLE || tuple->kind != PICKLE_TUPLE)
                return NULL;
        }
        *role = pickle_names[callable->n].role;
        *arguments = tuple;
        if (*role == ROLE_TENSOR || *role == ROLE_TENSOR_V3)
            return object;
        if (*role != ROLE_PARAMETER || tuple->n < 1)
            return NULL;
        object = pickle_item(pickle, tuple, 0);
    }
    return NULL;
}

bool torch_is_tensor(const Pickle *pickle, const PickleObject *object)
{
    const PickleObject *arguments;
    PickleRole role;
    return inner_call(pickle, object, &arguments, &role) != NULL;
}

static int blame(const PickleObject *object, const char *what, Err *err)
{
    return err_set(err, "byte %zu of its pickle: %s", object->offset, what);
}

int torch_identity(TorchStorage *storage, int64_t *begin, const Pickle *pickle,
                   const PickleObject *object, Err *err)
{
    const PickleObject *tuple =
        object->kind == PICKLE_PERSISTENT ? pickle_item(pickle, object, 0) : object;
    *begin = 0;
    if (tuple->kind != PICKLE_TUPLE || tuple->n < 5)
        return blame(object, "not the name of a storage", err);
    const PickleObject *type = pickle_item(pickle, tuple, 1), *key = pickle_item(pickle, tuple, 2);
    const PickleObject *count = pickle_item(pickle, tuple, 4);
    if (type->kind != PICKLE_CALLABLE || pickle_names[type->n].role != ROLE_STORAGE ||
        !torch_is_text(key) || count->kind != PICKLE_INT || count->n < 0)
        return blame(object, "not the name of a storage", err);
    *storage = (TorchStorage){.key = key->bytes,
                              .key_size = (size_t)key->n,
                              .dtype = pickle_names[type->n].dtype,
                              .count = count->n};
    const PickleObject *view = tuple->n > 5 ? pickle_item(pickle, tuple, 5) : NULL;
    if (view != NULL && view->kind == PICKLE_TUPLE && view->n == 3) {
        const PickleObject *at = pickle_item(pickle, view, 1);
        if (at->kind != PICKLE_INT || at->n < 0)
            return blame(object, "not the name of a storage", err);
        *begin = at->n;
    }
    return 0;
}

/* A tuple or list of numbers from 0: how many, or -1. */
static int take_numbers(int64_t *number, const Pickle *pickle, const PickleObject *object, Err *err)
{
    if ((object->kind != PICKLE_TUPLE && object->kind != PICKLE_LIST) ||
        object->n > TENSOR_MAX_DIMS)
        return blame(object, "not the sizes of a tensor", err);
    for (int i = 0; i < object->n; i++) {
        const PickleObject *item = pickle_item(pickle, object, i);
        if (item->kind != PICKLE_INT || item->n < 0)
            return blame(object, "not the sizes of a tensor", err);
        number[i] = item->n;
    }
    return (int)object->n;
}

/* How many numbers it has, and that the last one lies within the storage. */
static int check_view(TorchTensor *tensor, int64_t count, Err *err)
{
    int64_t numbers = 1, last = tensor->offset, step = 0;
    bool over = false;
    for (int i = 0; i < tensor->ndim; i++)
        over |= __builtin_mul_overflow(numbers, tensor->shape[i], &numbers);
    for (int i = 0; i < tensor->ndim && numbers > 0; i++) {
        over |= __builtin_mul_overflow(tensor->shape[i] - 1, tensor->stride[i], &step);
        over |= __builtin_add_overflow(last, step, &last);
    }
    if (over || numbers > INT64_MAX / 8 || (numbers > 0 && last >= count))
        return err_set(err, "tensor '%.*s' reaches beyond its storage of %" PRId64 " numbers",
                       (int)(tensor->name_size < 200 ? tensor->name_size : 200),
                       (const char *)tensor->name, count);
    tensor->bytes = (size_t)numbers * dtype_size(torch_becomes(tensor->dtype));
    return 0;
}

/* What _rebuild_tensor_v3 says beside: the type, of a storage that has none */
static int take_type(TorchTensor *tensor, TorchStorage *storage, const Pickle *pickle,
                     const PickleObject *arguments, Err *err)
{
    const PickleObject *type = arguments->n > 6 ? pickle_item(pickle, arguments, 6) : NULL;
    if (type == NULL || type->kind != PICKLE_CALLABLE ||
        pickle_names[type->n].role != ROLE_NUMBERS || storage->dtype != DTYPE_U8)
        return blame(arguments, "a tensor of an unknown type", err);
    tensor->dtype = pickle_names[type->n].dtype;
    storage->count /= (int64_t)dtype_size(tensor->dtype);
    return 0;
}

int torch_tensor(TorchTensor *tensor, const Pickle *pickle, const PickleObject *object, Err *err)
{
    const PickleObject *arguments = NULL;
    PickleRole role;
    TorchStorage storage;
    int64_t begin;
    const PickleObject *call = inner_call(pickle, object, &arguments, &role);
    if (call == NULL || arguments->n < 4)
        return blame(object, "not a tensor", err);
    const PickleObject *at = pickle_item(pickle, arguments, 1);
    if (pickle_item(pickle, arguments, 0)->kind != PICKLE_PERSISTENT || at->kind != PICKLE_INT ||
        at->n < 0)
        return blame(call, "a tensor without its storage", err);
    if (torch_identity(&storage, &begin, pickle, pickle_item(pickle, arguments, 0), err) != 0)
        return -1;
    tensor->dtype = storage.dtype;
    if (role == ROLE_TENSOR_V3 && take_type(tensor, &storage, pickle, arguments, err) != 0)
        return -1;
    if (tensor->dtype == DTYPE_COUNT)
        return err_set(err, "tensor '%.*s' is complex or quantised, which is not supported",
                       (int)(tensor->name_size < 200 ? tensor->name_size : 200),
                       (const char *)tensor->name);
    tensor->key = storage.key;
    tensor->key_size = storage.key_size;
    tensor->ndim = take_numbers(tensor->shape, pickle, pickle_item(pickle, arguments, 2), err);
    int strides = take_numbers(tensor->stride, pickle, pickle_item(pickle, arguments, 3), err);
    if (tensor->ndim < 0 || strides < 0)
        return -1;
    if (strides != tensor->ndim)
        return blame(call, "a tensor with different numbers of sizes and strides", err);
    if (__builtin_add_overflow(begin, at->n, &tensor->offset))
        return blame(call, "a tensor whose offset is too large", err);
    return check_view(tensor, storage.count, err);
}

/* Numbers ------------------------------------------------------------------------------------ */

Dtype torch_becomes(Dtype dtype)
{
    return dtype == DTYPE_F16 || dtype == DTYPE_BF16 || dtype == DTYPE_F64 ? DTYPE_F32 : dtype;
}

/* One number, of `width` bytes in the order of this machine */
static void convert(uint8_t *out, Dtype dtype, const uint8_t *number, size_t width)
{
    uint16_t bits;
    double wide;
    float value;
    memcpy(&bits, number, sizeof bits < width ? sizeof bits : width);
    switch (dtype) {
    case DTYPE_F16:
        value = half_to_float(bits);
        break;
    case DTYPE_BF16:
        value = bfloat_to_float(bits);
        break;
    case DTYPE_F64:
        memcpy(&wide, number, sizeof wide);
        value = (float)wide;
        break;
    default:
        memcpy(out, number, width);
        return;
    }
    memcpy(out, &value, sizeof value);
}

static void take_number(uint8_t *out, Dtype dtype, const uint8_t *bytes, size_t width, bool swap)
{
    uint8_t number[8] = {0};
    for (size_t i = 0; i < width; i++)
        number[i] = bytes[swap ? width - 1 - i : i];
    convert(out, dtype, number, width);
}

/* Row by row without holes, of a type that stays as it is */
static bool is_plain(const TorchTensor *tensor)
{
    int64_t step = 1;
    for (int i = tensor->ndim; i-- > 0; step *= tensor->shape[i])
        if (tensor->shape[i] != 1 && tensor->stride[i] != step)
            return false;
    return torch_becomes(tensor->dtype) == tensor->dtype;
}

void torch_copy(void *out, const TorchTensor *tensor, const uint8_t *bytes, bool swap)
{
    int64_t at[TENSOR_MAX_DIMS] = {0}, place = tensor->offset;
    size_t width = dtype_size(tensor->dtype), made = dtype_size(torch_becomes(tensor->dtype));
    uint8_t *to = out;
    if (!swap && is_plain(tensor)) {
        memcpy(out, bytes + (size_t)place * width, tensor->bytes);
        return;
    }
    for (size_t n = tensor->bytes / made; n > 0; n--, to += made) {
        take_number(to, tensor->dtype, bytes + (size_t)place * width, width, swap);
        for (int i = tensor->ndim; i-- > 0;) {
            place += tensor->stride[i];
            if (++at[i] < tensor->shape[i])
                break;
            place -= tensor->stride[i] * tensor->shape[i];
            at[i] = 0;
        }
    }
}
