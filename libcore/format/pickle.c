#include "format/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "format/verification.h"

/* What follows an opcode: a number of so many bytes, a line of text, or so many bytes as a number
 * in front of them says. */
typedef enum Argument { BARE, U8, U16, I32, U32, U64, LINE, BYTES8, BYTES32, BYTES64 } Argument;

typedef struct Operand {
    uint64_t number;
    const uint8_t *bytes;
    size_t size;
} Operand;

int pickle_refuse(const Pickle *pickle, const char *what, Err *err)
{
    return err_set(err, "byte %zu: %s", pickle->opcode, what);
}

/* Room for one more in an array of so many. */
static void *with_room(void *array, int32_t n, int32_t *room, size_t size, Err *err)
{
    if (n < *room)
        return array;
    if (n >= VERIFICATION_MAX) {
        err_set(err, "more than %d objects", VERIFICATION_MAX);
        return NULL;
    }
    int32_t more = 2 * *room + 4;
    void *grown = realloc(array, (size_t)more * size);
    if (grown == NULL)
        err_memory(err, "a pickle", (size_t)more * size);
    else
        *room = more;
    return grown;
}

static int push_number(Pickle *pickle, int32_t number, Err *err)
{
    int32_t *stack =
        with_room(pickle->stack, pickle->depth, &pickle->stack_room, sizeof *stack, err);
    if (stack == NULL)
        return -1;
    pickle->stack = stack;
    stack[pickle->depth++] = number;
    return 0;
}

PickleObject *pickle_push(Pickle *pickle, PickleKind kind, Err *err)
{
    PickleObject *object =
        with_room(pickle->object, pickle->objects, &pickle->object_room, sizeof *object, err);
    if (object == NULL)
        return NULL;
    pickle->object = object;
    if (push_number(pickle, pickle->objects, err) != 0)
        return NULL;
    object += pickle->objects++;
    *object = (PickleObject){.kind = kind, .offset = pickle->opcode};
    return object;
}

static int push_value(Pickle *pickle, PickleKind kind, int64_t n, const uint8_t *bytes, Err *err)
{
    PickleObject *object = pickle_push(pickle, kind, err);
    if (object == NULL)
        return -1;
    object->n = n;
    object->bytes = bytes;
    return 0;
}

static int pop(Pickle *pickle, Err *err)
{
    if (pickle->depth == 0 || pickle->object[pickle->stack[pickle->depth - 1]].kind == PICKLE_MARK)
        return pickle_refuse(pickle, "an opcode that lacks its operands", err);
    return pickle->stack[--pickle->depth];
}

static int append(Pickle *pickle, int32_t to, int32_t number, Err *err)
{
    PickleObject *list = &pickle->object[to];
    int32_t *item = with_room(list->item, (int32_t)list->n, &list->room, sizeof *item, err);
    if (item == NULL)
        return -1;
    list->item = item;
    item[list->n++] = number;
    return 0;
}

/* Where on the stack the last mark lies, or -1. */
static int find_mark(const Pickle *pickle, Err *err)
{
    for (int32_t i = pickle->depth; i-- > 0;)
        if (pickle->object[pickle->stack[i]].kind == PICKLE_MARK)
            return i;
    return pickle_refuse(pickle, "an opcode that lacks its mark", err);
}

/* The stack from `begin` on becomes a tuple that takes the place of what lay at `place`. */
static int make_tuple(Pickle *pickle, int32_t begin, int32_t place, Err *err)
{
    int32_t end = pickle->depth;
    for (int32_t i = begin; i < end; i++)
        if (pickle->object[pickle->stack[i]].kind == PICKLE_MARK)
            return pickle_refuse(pickle, "an opcode that lacks its operands", err);
    if (pickle_push(pickle, PICKLE_TUPLE, err) == NULL)
        return -1;
    int32_t tuple = pickle->objects - 1;
    for (int32_t i = begin; i < end; i++)
        if (append(pickle, tuple, pickle->stack[i], err) != 0)
            return -1;
    pickle->depth = place + 1;
    pickle->stack[place] = tuple;
    return 0;
}

static int short_tuple(Pickle *pickle, int32_t n, Err *err)
{
    if (pickle->depth < n)
        return pickle_refuse(pickle, "an opcode that lacks its operands", err);
    return make_tuple(pickle, pickle->depth - n, pickle->depth - n, err);
}

static int marked_tuple(Pickle *pickle, Err *err)
{
    int mark = find_mark(pickle, err);
    return mark < 0 ? -1 : make_tuple(pickle, mark + 1, mark, err);
}

static int append_from(Pickle *pickle, int32_t begin, int32_t depth, Err *err)
{
    if (depth < 1 || pickle->object[pickle->stack[depth - 1]].kind != PICKLE_LIST)
        return pickle_refuse(pickle, "something is appended to what is no list", err);
    int32_t list = pickle->stack[depth - 1];
    for (int32_t i = begin; i < pickle->depth; i++)
        if (append(pickle, list, pickle->stack[i], err) != 0)
            return -1;
    pickle->depth = depth;
    return 0;
}

/* LIST: the stack from the last mark on */
static int marked_list(Pickle *pickle, Err *err)
{
    int mark = find_mark(pickle, err), end = pickle->depth;
    if (mark < 0 || pickle_push(pickle, PICKLE_LIST, err) == NULL)
        return -1;
    int32_t list = pickle->objects - 1;
    for (int32_t i = mark + 1; i < end; i++)
        if (append(pickle, list, pickle->stack[i], err) != 0)
            return -1;
    pickle->depth = mark + 1;
    pickle->stack[mark] = list;
    return 0;
}

static int appends(Pickle *pickle, Err *err)
{
    int mark = find_mark(pickle, err);
    return mark < 0 ? -1 : append_from(pickle, mark + 1, mark, err);
}

/* The memo ---------------------------------------------------------------------------------- */

static int put_memo(Pickle *pickle, uint64_t at, Err *err)
{
    if (pickle->depth == 0)
        return pickle_refuse(pickle, "nothing to remember", err);
    if (at >= VERIFICATION_MAX || at > pickle->size)
        return pickle_refuse(pickle, "a place in the memo beyond the limit", err);
    while (pickle->memos <= (int32_t)at) {
        int32_t *memo =
            with_room(pickle->memo, pickle->memos, &pickle->memo_room, sizeof *memo, err);
        if (memo == NULL)
            return -1;
        pickle->memo = memo;
        memo[pickle->memos++] = -1;
    }
    pickle->memo[at] = pickle->stack[pickle->depth - 1];
    return 0;
}

static int get_memo(Pickle *pickle, uint64_t at, Err *err)
{
    if (at >= (uint64_t)pickle->memos || pickle->memo[at] < 0)
        return pickle_refuse(pickle, "nothing was remembered under this number", err);
    return push_number(pickle, pickle->memo[at], err);
}

/* Operands ---------------------------------------------------------------------------------- */

static int take_number(Pickle *pickle, size_t width, uint64_t *number, Err *err)
{
    if (pickle->size - pickle->at < width)
        return pickle_refuse(pickle, "the file ends within an opcode", err);
    *number = 0;
    for (size_t i = 0; i < width; i++)
        *number |= (uint64_t)pickle->bytes[pickle->at + i] << 8 * i;
    pickle->at += width;
    return 0;
}

static int take_line(Pickle *pickle, Operand *operand, Err *err)
{
    operand->bytes = pickle->bytes + pickle->at;
    const uint8_t *end = memchr(operand->bytes, '\n', pickle->size - pickle->at);
    if (end == NULL)
        return pickle_refuse(pickle, "the file ends within a line", err);
    operand->size = (size_t)(end - operand->bytes);
    pickle->at += operand->size + 1;
    return 0;
}

static int take_operand(Pickle *pickle, Argument argument, Operand *operand, Err *err)
{
    static const uint8_t width[] = {[U8] = 1,  [U16] = 2,    [I32] = 4,     [U32] = 4,
                                    [U64] = 8, [BYTES8] = 1, [BYTES32] = 4, [BYTES64] = 8};
    if (argument == BARE)
        return 0;
    if (argument == LINE)
        return take_line(pickle, operand, err);
    if (take_number(pickle, width[argument], &operand->number, err) != 0)
        return -1;
    if (argument < BYTES8)
        return 0;
    if (operand->number > pickle->size - pickle->at)
        return pickle_refuse(pickle, "more bytes are announced than the file has left", err);
    operand->bytes = pickle->bytes + pickle->at;
    operand->size = (size_t)operand->number;
    pickle->at += operand->size;
    return 0;
}

/* Opcodes ----------------------------------------------------------------------------------- */

/* LONG1: a little-endian number in two's complement */
static int push_long(Pickle *pickle, const Operand *operand, Err *err)
{
    uint64_t value = 0;
    if (operand->size > 8)
        return pickle_refuse(pickle, "a number of more than 64 bits", err);
    for (size_t i = 0; i < operand->size; i++)
        value |= (uint64_t)operand->bytes[i] << 8 * i;
    if (operand->size > 0 && operand->size < 8 && operand->bytes[operand->size - 1] >= 0x80)
        value |= UINT64_MAX << 8 * operand->size;
    return push_value(pickle, PICKLE_INT, (int64_t)value, NULL, err);
}

static int read_decimal(const Pickle *pickle, const Operand *operand, size_t size, int64_t *value,
                        Err *err)
{
    char text[24] = "";
    if (size < sizeof text)
        memcpy(text, operand->bytes, size);
    if (!num_int(text, INT64_MIN, INT64_MAX, value))
        return pickle_refuse(pickle, "not a number", err);
    return 0;
}

/* LONG: decimal, with an L behind it */
static int push_decimal_long(Pickle *pickle, const Operand *operand, Err *err)
{
    int64_t value;
    size_t size = operand->size;
    size -= size > 0 && operand->bytes[size - 1] == 'L';
    if (read_decimal(pickle, operand, size, &value, err) != 0)
        return -1;
    return push_value(pickle, PICKLE_INT, value, NULL, err);
}

/* PUT and GET: a place in the memo in decimal */
static int take_place(const Pickle *pickle, const Operand *operand, uint64_t *place, Err *err)
{
    int64_t value;
    if (read_decimal(pickle, operand, operand->size, &value, err) != 0)
        return -1;
    *place = (uint64_t)value;
    return 0;
}

/* INT: decimal, but "00" and "01" are False and True. */
static int push_decimal(Pickle *pickle, const Operand *operand, Err *err)
{
    const uint8_t *text = operand->bytes;
    int64_t value;
    if (read_decimal(pickle, operand, operand->size, &value, err) != 0)
        return -1;
    bool truth = operand->size == 2 && text[0] == '0' && (value == 0 || value == 1);
    return push_value(pickle, truth ? PICKLE_BOOL : PICKLE_INT, value, NULL, err);
}

/* GLOBAL: two lines, of which the operand is the first */
static int push_global(Pickle *pickle, const Operand *module, Err *err)
{
    Operand name = {0};
    if (take_line(pickle, &name, err) != 0)
        return -1;
    return pickle_callable(pickle, (const char *)module->bytes, module->size,
                           (const char *)name.bytes, name.size, err);
}

/* STACK_GLOBAL: the same from two texts */
static int push_stack_global(Pickle *pickle, Err *err)
{
    int name = pop(pickle, err), module = name < 0 ? -1 : pop(pickle, err);
    if (module < 0)
        return -1;
    const PickleObject *m = &pickle->object[module], *n = &pickle->object[name];
    if (m->kind != PICKLE_TEXT || n->kind != PICKLE_TEXT)
        return pickle_refuse(pickle, "a name that is no text", err);
    return pickle_callable(pickle, (const char *)m->bytes, (size_t)m->n, (const char *)n->bytes,
                           (size_t)n->n, err);
}

static int reduce(Pickle *pickle, Err *err)
{
    int arguments = pop(pickle, err), callable = arguments < 0 ? -1 : pop(pickle, err);
    return callable < 0 ? -1 : pickle_reduce(pickle, callable, arguments, err);
}

static int build(Pickle *pickle, Err *err)
{
    int state = pop(pickle, err);
    if (state < 0 || pickle->depth == 0)
        return pickle_refuse(pickle, "an opcode that lacks its operands", err);
    return pickle_build(pickle, pickle->stack[pickle->depth - 1], state, err);
}

static int check_protocol(const Pickle *pickle, uint64_t protocol, Err *err)
{
    return protocol <= 5 ? 0 : pickle_refuse(pickle, "a pickle of an unknown protocol", err);
}

typedef struct Opcode {
    bool known;
    Argument argument;
} Opcode;

static const Opcode opcodes[256] = {
    [0x80] = {true, U8},      [0x95] = {true, U64},     ['.'] = {true, BARE},
    ['('] = {true, BARE},     [']'] = {true, BARE},     [')'] = {true, BARE},
    ['e'] = {true, BARE},     ['a'] = {true, BARE},     ['t'] = {true, BARE},
    [0x85] = {true, BARE},    [0x86] = {true, BARE},    [0x87] = {true, BARE},
    [0x88] = {true, BARE},    [0x89] = {true, BARE},    ['N'] = {true, BARE},
    ['I'] = {true, LINE},     ['K'] = {true, U8},       ['M'] = {true, U16},
    ['J'] = {true, I32},      [0x8a] = {true, BYTES8},  ['U'] = {true, BYTES8},
    ['T'] = {true, BYTES32},  ['C'] = {true, BYTES8},   ['B'] = {true, BYTES32},
    [0x8e] = {true, BYTES64}, [0x96] = {true, BYTES64}, ['X'] = {true, BYTES32},
    [0x8c] = {true, BYTES8},  ['q'] = {true, U8},       ['r'] = {true, U32},
    [0x94] = {true, BARE},    ['h'] = {true, U8},       ['j'] = {true, U32},
    ['c'] = {true, LINE},     [0x93] = {true, BARE},    ['R'] = {true, BARE},
    ['b'] = {true, BARE},     ['l'] = {true, BARE},     ['0'] = {true, BARE},
    ['S'] = {true, LINE},     ['V'] = {true, LINE},     ['L'] = {true, LINE},
    ['p'] = {true, LINE},     ['g'] = {true, LINE},
};

static int push_plain(Pickle *pickle, uint8_t code, const Operand *operand, Err *err)
{
    switch (code) {
    case '(':
        return push_value(pickle, PICKLE_MARK, 0, NULL, err);
    case ']':
        return push_value(pickle, PICKLE_LIST, 0, NULL, err);
    case ')':
        return push_value(pickle, PICKLE_TUPLE, 0, NULL, err);
    case 'N':
        return push_value(pickle, PICKLE_NONE, 0, NULL, err);
    case 0x88:
    case 0x89:
        return push_value(pickle, PICKLE_BOOL, code == 0x88, NULL, err);
    case 'I':
        return push_decimal(pickle, operand, err);
    case 'J':
        return push_value(pickle, PICKLE_INT, (int32_t)operand->number, NULL, err);
    case 'K':
    case 'M':
        return push_value(pickle, PICKLE_INT, (int64_t)operand->number, NULL, err);
    case 0x8a:
        return push_long(pickle, operand, err);
    case 'L':
        return push_decimal_long(pickle, operand, err);
    case 'S':
        return pickle_push_quoted(pickle, operand->bytes, operand->size, err);
    case 'V':
        return pickle_push_unicode(pickle, operand->bytes, operand->size, err);
    case 'X':
    case 0x8c:
        return push_value(pickle, PICKLE_TEXT, (int64_t)operand->size, operand->bytes, err);
    default: /* U T C B and their wider forms */
        return push_value(pickle, PICKLE_BYTES, (int64_t)operand->size, operand->bytes, err);
    }
}

static int carry_out(Pickle *pickle, uint8_t code, const Operand *operand, Err *err)
{
    uint64_t place = operand->number;
    switch (code) {
    case 0x80:
        return check_protocol(pickle, operand->number, err);
    case 0x95:
        return 0;
    case '.':
        pickle->stopped = true;
        return 0;
    case 'e':
        return appends(pickle, err);
    case 'a':
        return append_from(pickle, pickle->depth - 1, pickle->depth - 1, err);
    case 't':
        return marked_tuple(pickle, err);
    case 0x85:
    case 0x86:
    case 0x87:
        return short_tuple(pickle, code - 0x84, err);
    case 'l':
        return marked_list(pickle, err);
    case '0':
        return pop(pickle, err) < 0 ? -1 : 0;
    case 'p':
        if (take_place(pickle, operand, &place, err) != 0)
            return -1;
        return put_memo(pickle, place, err);
    case 'g':
        if (take_place(pickle, operand, &place, err) != 0)
            return -1;
        return get_memo(pickle, place, err);
    case 'q':
    case 'r':
        return put_memo(pickle, place, err);
    case 0x94:
        return put_memo(pickle, (uint64_t)pickle->memos, err);
    case 'h':
    case 'j':
        return get_memo(pickle, place, err);
    case 'c':
        return push_global(pickle, operand, err);
    case 0x93:
        return push_stack_global(pickle, err);
    case 'R':
        return reduce(pickle, err);
    case 'b':
        return build(pickle, err);
    default:
        return push_plain(pickle, code, operand, err);
    }
}

int pickle_read(Pickle *pickle, const uint8_t *bytes, size_t size, Err *err)
{
    *pickle = (Pickle){.bytes = bytes, .size = size};
    while (!pickle->stopped) {
        Operand operand = {0};
        pickle->opcode = pickle->at;
        if (pickle->at == size)
            return pickle_refuse(pickle, "the file ends before the pickle does", err);
        uint8_t code = bytes[pickle->at++];
        if (!opcodes[code].known)
            return err_set(err, "byte %zu: opcode %u is none that verification sets have",
                           pickle->opcode, code);
        if (take_operand(pickle, opcodes[code].argument, &operand, err) != 0 ||
            carry_out(pickle, code, &operand, err) != 0)
            return -1;
    }
    if (pickle->at < size)
        return err_set(err, "byte %zu: %zu bytes after the end", pickle->at, size - pickle->at);
    return pickle->depth > 0 ? 0 : pickle_refuse(pickle, "it holds nothing", err);
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
