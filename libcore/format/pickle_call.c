/* What a pickle of images may name: six callables that make bytes, arrays of bytes and bools */
#include <stdlib.h>
#include <string.h>

#include "format/pickle.h"

typedef enum Callable { ENCODE, RECONSTRUCT, NDARRAY, DTYPE, FROMBUFFER, SCALAR } Callable;

typedef struct Known {
    const char *module, *name;
    Callable callable;
} Known;

static const Known known[] = {
    {"_codecs", "encode", ENCODE},
    {"numpy.core.multiarray", "_reconstruct", RECONSTRUCT},
    {"numpy._core.multiarray", "_reconstruct", RECONSTRUCT},
    {"numpy", "ndarray", NDARRAY},
    {"numpy", "dtype", DTYPE},
    {"numpy.core.numeric", "_frombuffer", FROMBUFFER},
    {"numpy._core.numeric", "_frombuffer", FROMBUFFER},
    {"numpy.core.multiarray", "scalar", SCALAR},
    {"numpy._core.multiarray", "scalar", SCALAR},
};

static bool is(const char *text, const char *bytes, size_t size)
{
    return strlen(text) == size && memcmp(text, bytes, size) == 0;
}

int pickle_callable(Pickle *pickle, const char *module, size_t module_size, const char *name,
                    size_t name_size, Err *err)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (is(known[i].module, module, module_size) && is(known[i].name, name, name_size)) {
            PickleObject *object = pickle_push(pickle, PICKLE_CALLABLE, err);
            if (object == NULL)
                return -1;
            object->n = known[i].callable;
            return 0;
        }
    return pickle_refuse(pickle, "it names something that verification sets do not", err);
}

/* Argument i of a tuple if it is of that kind, else NULL. */
static const PickleObject *argument(const Pickle *pickle, int32_t tuple, int64_t i, PickleKind kind)
{
    const PickleObject *object = &pickle->object[tuple];
    if (object->kind != PICKLE_TUPLE || i >= object->n)
        return NULL;
    const PickleObject *item = &pickle->object[object->item[i]];
    return item->kind == kind ? item : NULL;
}

/* Latin 1 of a text in UTF-8: how many bytes, or -1. */
static int64_t encode_latin1(uint8_t *out, const uint8_t *text, int64_t size)
{
    int64_t n = 0;
    for (int64_t i = 0; i < size; i++) {
        uint8_t byte = text[i];
        if (byte >= 0x80) {
            if ((byte != 0xc2 && byte != 0xc3) || i + 1 == size || (text[i + 1] & 0xc0) != 0x80)
                return -1;
            byte = (uint8_t)(byte << 6 | (text[++i] & 0x3f));
        }
        out[n++] = byte;
    }
    return n;
}

/* _codecs.encode(text, "latin1"): how Python 3 writes bytes in protocol 2 */
static int encode(Pickle *pickle, int32_t arguments, Err *err)
{
    const PickleObject *text = argument(pickle, arguments, 0, PICKLE_TEXT);
    const PickleObject *name = argument(pickle, arguments, 1, PICKLE_TEXT);
    if (text == NULL || name == NULL || !is("latin1", (const char *)name->bytes, (size_t)name->n))
        return pickle_refuse(pickle, "a text that is not to become Latin 1", err);
    const uint8_t *bytes = text->bytes;
    int64_t size = text->n;
    PickleObject *made = pickle_push(pickle, PICKLE_BYTES, err);
    uint8_t *out = made != NULL ? pickle_room(pickle, (size_t)size, err) : NULL;
    if (out == NULL)
        return -1;
    made->bytes = out;
    made->owned = true;
    made->n = encode_latin1(out, bytes, size);
    return made->n >= 0 ? 0 : pickle_refuse(pickle, "a text with letters beyond Latin 1", err);
}

static int borrow(Pickle *pickle, const PickleObject *bytes, Err *err)
{
    PickleObject from = *bytes;
    PickleObject *made = pickle_push(pickle, PICKLE_BYTES, err);
    if (made == NULL)
        return -1;
    made->bytes = from.bytes;
    made->n = from.n;
    return 0;
}

static int scalar(Pickle *pickle, int32_t arguments, Err *err)
{
    const PickleObject *bytes = argument(pickle, arguments, 1, PICKLE_BYTES);
    if (bytes == NULL || bytes->n != 1 || bytes->bytes[0] > 1)
        return pickle_refuse(pickle, "a NumPy scalar that is no bool", err);
    bool value = bytes->bytes[0] == 1;
    PickleObject *made = pickle_push(pickle, PICKLE_BOOL, err);
    if (made == NULL)
        return -1;
    made->n = value;
    return 0;
}

int pickle_reduce(Pickle *pickle, int32_t callable, int32_t arguments, Err *err)
{
    const PickleObject *object = &pickle->object[callable];
    const PickleObject *bytes = argument(pickle, arguments, 0, PICKLE_BYTES);
    if (object->kind != PICKLE_CALLABLE || pickle->object[arguments].kind != PICKLE_TUPLE)
        return pickle_refuse(pickle, "something is called that cannot be", err);
    switch ((Callable)object->n) {
    case ENCODE:
        return encode(pickle, arguments, err);
    case RECONSTRUCT: /* empty until BUILD */
        return pickle_push(pickle, PICKLE_BYTES, err) != NULL ? 0 : -1;
    case DTYPE:
        return pickle_push(pickle, PICKLE_DTYPE, err) != NULL ? 0 : -1;
    case FROMBUFFER:
        return bytes != NULL ? borrow(pickle, bytes, err)
                             : pickle_refuse(pickle, "an array without its bytes", err);
    case SCALAR:
        return scalar(pickle, arguments, err);
    case NDARRAY:
        break;
    }
    return pickle_refuse(pickle, "something is called that cannot be", err);
}

/* An array of objects is as good as the list of them. */
static int become_list(Pickle *pickle, PickleObject *array, const PickleObject *list, Err *err)
{
    size_t size = (size_t)list->n * sizeof *list->item;
    int32_t *item = (int32_t *)(void *)pickle_room(pickle, size, err);
    if (item == NULL)
        return -1;
    if (size > 0)
        memcpy(item, list->item, size);
    array->kind = PICKLE_LIST;
    array->item = item;
    array->n = array->room = (int32_t)list->n;
    return 0;
}

int pickle_build(Pickle *pickle, int32_t target, int32_t state, Err *err)
{
    PickleObject *object = &pickle->object[target];
    if (object->kind == PICKLE_DTYPE)
        return 0;
    /* An array's state: version, shape, dtype, whether in Fortran's order, data; a list of them
     * where they are objects */
    const PickleObject *list = argument(pickle, state, 4, PICKLE_LIST);
    const PickleObject *data = argument(pickle, state, 4, PICKLE_BYTES);
    if (list != NULL && object->kind == PICKLE_BYTES && object->bytes == NULL)
        return become_list(pickle, object, list, err);
    if (object->kind != PICKLE_BYTES || object->bytes != NULL || data == NULL)
        return pickle_refuse(pickle, "not the state of an array of bytes", err);
    object->bytes = data->bytes;
    object->n = data->n;
    return 0;
}
