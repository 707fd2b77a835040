/* The stack, the memo and the lists of the machine that reads pickles */
#include <stdlib.h>

#include "base/array_internal.h"
#include "format/pickle_machine_internal.h"

int pickle_refuse(const Pickle *pickle, const char *what, Err *err)
{
    return err_set(err, "byte %zu: %s", pickle->opcode, what);
}

/* Room for one more in an array of n. */
#define reserve(array, n, room, err)                                                               \
    ((n) < PICKLE_MAX ? array_reserve(array, room, (n) + 1, "a pickle", err)                       \
                      : err_set(err, "more than %d objects", PICKLE_MAX))

int pickle_push_number(Pickle *pickle, int32_t number, Err *err)
{
    if (reserve(pickle->stack, pickle->depth, pickle->stack_room, err) != 0)
        return -1;
    pickle->stack[pickle->depth++] = number;
    return 0;
}

PickleObject *pickle_push(Pickle *pickle, PickleKind kind, Err *err)
{
    if (reserve(pickle->object, pickle->objects, pickle->object_room, err) != 0 ||
        pickle_push_number(pickle, pickle->objects, err) != 0)
        return NULL;
    PickleObject *object = &pickle->object[pickle->objects++];
    *object = (PickleObject){.kind = kind, .offset = pickle->opcode};
    return object;
}

int pickle_push_value(Pickle *pickle, PickleKind kind, int64_t n, const uint8_t *bytes, Err *err)
{
    PickleObject *object = pickle_push(pickle, kind, err);
    if (object == NULL)
        return -1;
    object->n = n;
    object->bytes = bytes;
    return 0;
}

int pickle_pop(Pickle *pickle, Err *err)
{
    if (pickle->depth == 0 || pickle->object[pickle->stack[pickle->depth - 1]].kind == PICKLE_MARK)
        return pickle_refuse(pickle, "an opcode without its operands", err);
    return pickle->stack[--pickle->depth];
}

int pickle_append(Pickle *pickle, int32_t to, int32_t number, Err *err)
{
    PickleObject *list = &pickle->object[to];
    if (reserve(list->item, (int32_t)list->n, list->room, err) != 0)
        return -1;
    list->item[list->n++] = number;
    return 0;
}

int pickle_mark(const Pickle *pickle, Err *err)
{
    for (int32_t i = pickle->depth; i-- > 0;)
        if (pickle->object[pickle->stack[i]].kind == PICKLE_MARK)
            return i;
    return pickle_refuse(pickle, "an opcode without its mark", err);
}

static bool holds_mark(const Pickle *pickle, int32_t begin)
{
    for (int32_t i = begin; i < pickle->depth; i++)
        if (pickle->object[pickle->stack[i]].kind == PICKLE_MARK)
            return true;
    return false;
}

/* The stack from `begin` on becomes a list, tuple or dictionary that takes the place of what lay at
 * `place`. */
int pickle_collect(Pickle *pickle, PickleKind kind, int32_t begin, int32_t place, Err *err)
{
    int32_t end = pickle->depth;
    if (begin < 0 || holds_mark(pickle, begin) || (kind == PICKLE_DICT && (end - begin) % 2 != 0))
        return pickle_refuse(pickle, "an opcode without its operands", err);
    if (pickle_push(pickle, kind, err) == NULL)
        return -1;
    int32_t list = pickle->objects - 1;
    for (int32_t i = begin; i < end && kind != PICKLE_INERT; i++)
        if (pickle_append(pickle, list, pickle->stack[i], err) != 0)
            return -1;
    pickle->depth = place + 1;
    pickle->stack[place] = list;
    return 0;
}

/* The stack from `begin` on goes into the list or dictionary at its place depth - 1. What goes into
 * something inert is forgotten. */
int pickle_add_items(Pickle *pickle, PickleKind kind, int32_t begin, int32_t depth, Err *err)
{
    if (depth < 1 || holds_mark(pickle, begin) ||
        (kind == PICKLE_DICT && (pickle->depth - begin) % 2 != 0))
        return pickle_refuse(pickle, "an opcode without its operands", err);
    int32_t to = pickle->stack[depth - 1];
    PickleKind is = pickle->object[to].kind;
    if (is != kind && is != PICKLE_INERT && is != PICKLE_CALL)
        return pickle_refuse(pickle,
                             kind == PICKLE_LIST ? "something is appended to what is not a list"
                                                 : "a key is set in what is not a dictionary",
                             err);
    for (int32_t i = begin; i < pickle->depth && is == kind; i++)
        if (pickle_append(pickle, to, pickle->stack[i], err) != 0)
            return -1;
    pickle->depth = depth;
    return 0;
}

/* The memo ---------------------------------------------------------------------------------- */

int pickle_put_memo(Pickle *pickle, uint64_t at, Err *err)
{
    if (pickle->depth == 0)
        return pickle_refuse(pickle, "nothing to memoize", err);
    if (at >= PICKLE_MAX || at > pickle->size)
        return pickle_refuse(pickle, "a memo index beyond the limit", err);
    while (pickle->memos <= (int32_t)at) {
        if (reserve(pickle->memo, pickle->memos, pickle->memo_room, err) != 0)
            return -1;
        pickle->memo[pickle->memos++] = -1;
    }
    pickle->memo[at] = pickle->stack[pickle->depth - 1];
    return 0;
}

int pickle_get_memo(Pickle *pickle, uint64_t at, Err *err)
{
    if (at >= (uint64_t)pickle->memos || pickle->memo[at] < 0)
        return pickle_refuse(pickle, "nothing was memoized under this index", err);
    return pickle_push_number(pickle, pickle->memo[at], err);
}

void pickle_release(Pickle *pickle)
{
    for (int32_t i = 0; i < pickle->objects; i++) {
        if (pickle->object[i].owned)
            free((void *)pickle->object[i].bytes);
        free(pickle->object[i].item);
    }
    free(pickle->object);
    free(pickle->stack);
    free(pickle->memo);
    *pickle = (Pickle){0};
}
