/* What becomes of the names in a pickle: bytes, arrays of bytes and numbers, dictionaries; calls
 * that nobody makes; and objects of which nothing is known */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/pickle_machine_internal.h"

static bool is(const char *text, const char *bytes, size_t size)
{
    return strlen(text) == size && memcmp(text, bytes, size) == 0;
}

static int unknown(Pickle *pickle, const char *module, size_t module_size, const char *name,
                   size_t name_size, Err *err)
{
    snprintf(pickle->strange, sizeof pickle->strange, "%.*s.%.*s",
             (int)(module_size < 80 ? module_size : 80), module,
             (int)(name_size < 40 ? name_size : 40), name);
    if (pickle->use == PICKLE_IMAGES)
        return pickle_refuse(pickle, "it names something that verification sets do not have", err);
    return err_set(err, "byte %zu: it names '%s', which is not among the names that are read",
                   pickle->opcode, pickle->strange);
}

int pickle_callable(Pickle *pickle, const char *module, size_t module_size, const char *name,
                    size_t name_size, Err *err)
{
    int found = pickle_find_name(pickle->use, module, module_size, name, name_size);
    if (found < 0)
        return unknown(pickle, module, module_size, name, name_size, err);
    return pickle_push_value(pickle, PICKLE_CALLABLE, found, NULL, err);
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
        return pickle_refuse(pickle, "a text that is not encoded as Latin 1", err);
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

static int push_inert(Pickle *pickle, Err *err)
{
    return pickle_push(pickle, PICKLE_INERT, err) != NULL ? 0 : -1;
}

static int scalar(Pickle *pickle, int32_t arguments, Err *err)
{
    const PickleObject *bytes = argument(pickle, arguments, 1, PICKLE_BYTES);
    if (pickle->use == PICKLE_WEIGHTS)
        return push_inert(pickle, err);
    if (bytes == NULL || bytes->n != 1 || bytes->bytes[0] > 1)
        return pickle_refuse(pickle, "a NumPy scalar that is not a bool", err);
    return pickle_push_value(pickle, PICKLE_BOOL, bytes->bytes[0] == 1, NULL, err);
}

static int push_call(Pickle *pickle, int32_t callable, int32_t arguments, Err *err)
{
    if (pickle_push(pickle, PICKLE_CALL, err) == NULL ||
        pickle_append(pickle, pickle->objects - 1, callable, err) != 0)
        return -1;
    return pickle_append(pickle, pickle->objects - 1, arguments, err);
}

/* From nothing, another dictionary, or, as Python 2 has it, a list of pairs */
static int make_dict(Pickle *pickle, int32_t arguments, Err *err)
{
    const PickleObject *tuple = &pickle->object[arguments];
    const PickleObject *pairs = argument(pickle, arguments, 0, PICKLE_LIST);
    int32_t from = pairs != NULL ? tuple->item[0] : -1;
    if (argument(pickle, arguments, 0, PICKLE_DICT) != NULL)
        return pickle_push_number(pickle, tuple->item[0], err);
    if (pickle_push(pickle, PICKLE_DICT, err) == NULL ||
        (from >= 0 &&
         pickle_charge(pickle, 2 * (size_t)pickle->object[from].n * sizeof from, err) != 0))
        return -1;
    for (int64_t i = 0; from >= 0 && i < pickle->object[from].n; i++) {
        const PickleObject *pair = pickle_item(pickle, &pickle->object[from], i);
        if ((pair->kind != PICKLE_LIST && pair->kind != PICKLE_TUPLE) || pair->n != 2)
            return pickle_refuse(pickle, "a dictionary of items that are not pairs", err);
        int32_t key = pair->item[0], value = pair->item[1], made = pickle->objects - 1;
        if (pickle_append(pickle, made, key, err) != 0 ||
            pickle_append(pickle, made, value, err) != 0)
            return -1;
    }
    return 0;
}

static int carry_out_role(Pickle *pickle, int32_t callable, int32_t arguments, Err *err)
{
    static const uint8_t nothing[1];
    const PickleObject *bytes = argument(pickle, arguments, 0, PICKLE_BYTES);
    switch (pickle_names[pickle->object[callable].n].role) {
    case ROLE_ENCODE:
        return encode(pickle, arguments, err);
    case ROLE_RECONSTRUCT: /* empty until BUILD */
        return pickle_push(pickle, PICKLE_BYTES, err) != NULL ? 0 : -1;
    case ROLE_DTYPE:
        return pickle_push(pickle, PICKLE_DTYPE, err) != NULL ? 0 : -1;
    case ROLE_FROMBUFFER:
        return bytes != NULL ? borrow(pickle, bytes, err)
                             : pickle_refuse(pickle, "an array without its bytes", err);
    case ROLE_SCALAR:
        return scalar(pickle, arguments, err);
    case ROLE_BYTES:
        return pickle_push_value(pickle, PICKLE_BYTES, 0, nothing, err);
    case ROLE_DICT:
        return make_dict(pickle, arguments, err);
    case ROLE_SIZE:
        if (argument(pickle, arguments, 0, PICKLE_TUPLE) == NULL)
            return pickle_refuse(pickle, "a size that is not a tuple", err);
        return pickle_push_number(pickle, pickle->object[arguments].item[0], err);
    case ROLE_TENSOR:
    case ROLE_TENSOR_V3:
    case ROLE_PARAMETER:
    case ROLE_TYPED:
        return push_call(pickle, callable, arguments, err);
    case ROLE_INERT:
        return push_inert(pickle, err);
    case ROLE_NDARRAY:
    case ROLE_STORAGE:
    case ROLE_NUMBERS:
        break;
    }
    return pickle_refuse(pickle, "something is called that cannot be called", err);
}

int pickle_reduce(Pickle *pickle, int32_t callable, int32_t arguments, Err *err)
{
    if (pickle->object[callable].kind != PICKLE_CALLABLE ||
        pickle->object[arguments].kind != PICKLE_TUPLE)
        return pickle_refuse(pickle, "something is called that cannot be called", err);
    return carry_out_role(pickle, callable, arguments, err);
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
    if (object->kind == PICKLE_DTYPE || object->kind == PICKLE_INERT ||
        object->kind == PICKLE_CALL || object->kind == PICKLE_DICT)
        return 0;
    /* An array's state: version, shape, dtype, whether in Fortran's order, data; a list of them
     * where they are objects */
    const PickleObject *list = argument(pickle, state, 4, PICKLE_LIST);
    const PickleObject *data = argument(pickle, state, 4, PICKLE_BYTES);
    if (list != NULL && object->kind == PICKLE_BYTES && object->bytes == NULL)
        return become_list(pickle, object, list, err);
    if (object->kind == PICKLE_BYTES && object->bytes == NULL && data == NULL &&
        pickle->use == PICKLE_WEIGHTS) {
        object->kind = PICKLE_INERT;
        return 0;
    }
    if (object->kind != PICKLE_BYTES || object->bytes != NULL || data == NULL)
        return pickle_refuse(pickle, "not the state of an array of bytes", err);
    object->bytes = data->bytes;
    object->n = data->n;
    return 0;
}
