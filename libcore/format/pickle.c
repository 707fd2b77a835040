#include "format/pickle_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"
#include "format/pickle_machine_internal.h"

/* What follows an opcode: a number of so many bytes, a line of text, or so many bytes as a number
 * in front of them says. */
typedef enum Argument { BARE, U8, U16, I32, U32, U64, LINE, BYTES8, BYTES32, BYTES64 } Argument;

typedef struct Operand {
    uint64_t number;
    const uint8_t *bytes;
    size_t size;
} Operand;

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

/* LONG1 and LONG4: a little-endian number in two's complement */
static int push_long(Pickle *pickle, const Operand *operand, Err *err)
{
    uint64_t value = 0;
    if (operand->size > 8)
        return pickle_push_value(pickle, PICKLE_LONG, (int64_t)operand->size, operand->bytes, err);
    for (size_t i = 0; i < operand->size; i++)
        value |= (uint64_t)operand->bytes[i] << 8 * i;
    if (operand->size > 0 && operand->size < 8 && operand->bytes[operand->size - 1] >= 0x80)
        value |= UINT64_MAX << 8 * operand->size;
    return pickle_push_value(pickle, PICKLE_INT, (int64_t)value, NULL, err);
}

static bool is_decimal(const Operand *operand, size_t size)
{
    size_t sign = size > 0 && operand->bytes[0] == '-';
    for (size_t i = sign; i < size; i++)
        if (operand->bytes[i] < '0' || operand->bytes[i] > '9')
            return false;
    return size > sign;
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
    if (size > 18 && is_decimal(operand, size))
        return pickle_push_value(pickle, PICKLE_LONG, 0, NULL, err);
    if (read_decimal(pickle, operand, size, &value, err) != 0)
        return -1;
    return pickle_push_value(pickle, PICKLE_INT, value, NULL, err);
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
    return pickle_push_value(pickle, truth ? PICKLE_BOOL : PICKLE_INT, value, NULL, err);
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
    int name = pickle_pop(pickle, err), module = name < 0 ? -1 : pickle_pop(pickle, err);
    if (module < 0)
        return -1;
    const PickleObject *m = &pickle->object[module], *n = &pickle->object[name];
    if (m->kind != PICKLE_TEXT || n->kind != PICKLE_TEXT)
        return pickle_refuse(pickle, "a name that is not text", err);
    return pickle_callable(pickle, (const char *)m->bytes, (size_t)m->n, (const char *)n->bytes,
                           (size_t)n->n, err);
}

static int reduce(Pickle *pickle, Err *err)
{
    int arguments = pickle_pop(pickle, err),
        callable = arguments < 0 ? -1 : pickle_pop(pickle, err);
    return callable < 0 ? -1 : pickle_reduce(pickle, callable, arguments, err);
}

/* NEWOBJ_EX: with arguments by name, which do not matter */
static int new_object(Pickle *pickle, Err *err)
{
    return pickle_pop(pickle, err) < 0 ? -1 : reduce(pickle, err);
}

/* INST and OBJ of Python 2: a class, and the stack from the last mark on for arguments */
static int old_instance(Pickle *pickle, const Operand *module, Err *err)
{
    int mark = pickle_mark(pickle, err);
    int32_t begin = mark + (module == NULL ? 2 : 1);
    if (mark < 0)
        return -1;
    if (begin > pickle->depth)
        return pickle_refuse(pickle, "an opcode without its operands", err);
    if (pickle_collect(pickle, PICKLE_TUPLE, begin, begin - 1, err) != 0)
        return -1;
    int32_t tuple = pickle->stack[--pickle->depth];
    if (module != NULL && push_global(pickle, module, err) != 0)
        return -1;
    int32_t class = module != NULL ? pickle->stack[pickle->depth - 1] : pickle->stack[mark + 1];
    pickle->depth = mark;
    return pickle_reduce(pickle, class, tuple, err);
}

/* PERSID and BINPERSID: what lies outside of the pickle, by its identity */
static int persistent(Pickle *pickle, Err *err)
{
    int identity = pickle_pop(pickle, err);
    if (identity < 0 || pickle_push(pickle, PICKLE_PERSISTENT, err) == NULL)
        return -1;
    return pickle_append(pickle, pickle->objects - 1, identity, err);
}

static int build(Pickle *pickle, Err *err)
{
    int state = pickle_pop(pickle, err);
    if (state < 0 || pickle->depth == 0)
        return pickle_refuse(pickle, "an opcode without its operands", err);
    return pickle_build(pickle, pickle->stack[pickle->depth - 1], state, err);
}

/* Lists, tuples, dictionaries and sets: the stack from the last mark on */
static int marked(Pickle *pickle, PickleKind kind, Err *err)
{
    int mark = pickle_mark(pickle, err);
    return mark < 0 ? -1 : pickle_collect(pickle, kind, mark + 1, mark, err);
}

static int add_marked(Pickle *pickle, PickleKind kind, Err *err)
{
    int mark = pickle_mark(pickle, err);
    return mark < 0 ? -1 : pickle_add_items(pickle, kind, mark + 1, mark, err);
}

static int pop_mark(Pickle *pickle, Err *err)
{
    int mark = pickle_mark(pickle, err);
    pickle->depth = mark < 0 ? pickle->depth : mark;
    return mark < 0 ? -1 : 0;
}

static int duplicate(Pickle *pickle, Err *err)
{
    int top = pickle_pop(pickle, err);
    if (top < 0 || pickle_push_number(pickle, top, err) != 0)
        return -1;
    return pickle_push_number(pickle, top, err);
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
    ['p'] = {true, LINE},     ['g'] = {true, LINE},     ['}'] = {true, BARE},
    ['d'] = {true, BARE},     ['s'] = {true, BARE},     ['u'] = {true, BARE},
    ['P'] = {true, LINE},     ['Q'] = {true, BARE},     [0x81] = {true, BARE},
    [0x92] = {true, BARE},    ['i'] = {true, LINE},     ['o'] = {true, BARE},
    ['F'] = {true, LINE},     ['G'] = {true, U64},      [0x8b] = {true, BYTES32},
    [0x8d] = {true, BYTES64}, ['1'] = {true, BARE},     ['2'] = {true, BARE},
    [0x8f] = {true, BARE},    [0x90] = {true, BARE},    [0x91] = {true, BARE},
};

static int push_plain(Pickle *pickle, uint8_t code, const Operand *operand, Err *err)
{
    switch (code) {
    case '(':
        return pickle_push_value(pickle, PICKLE_MARK, 0, NULL, err);
    case ']':
        return pickle_push_value(pickle, PICKLE_LIST, 0, NULL, err);
    case ')':
        return pickle_push_value(pickle, PICKLE_TUPLE, 0, NULL, err);
    case 'N':
        return pickle_push_value(pickle, PICKLE_NONE, 0, NULL, err);
    case 0x88:
    case 0x89:
        return pickle_push_value(pickle, PICKLE_BOOL, code == 0x88, NULL, err);
    case 'I':
        return push_decimal(pickle, operand, err);
    case 'J':
        return pickle_push_value(pickle, PICKLE_INT, (int32_t)operand->number, NULL, err);
    case 'K':
    case 'M':
        return pickle_push_value(pickle, PICKLE_INT, (int64_t)operand->number, NULL, err);
    case '}':
        return pickle_push_value(pickle, PICKLE_DICT, 0, NULL, err);
    case 'F': /* numbers with a fraction, and sets */
    case 'G':
    case 0x8f:
        return pickle_push_value(pickle, PICKLE_INERT, 0, NULL, err);
    case 0x8a:
    case 0x8b:
        return push_long(pickle, operand, err);
    case 'L':
        return push_decimal_long(pickle, operand, err);
    case 'S':
        return pickle_push_quoted(pickle, operand->bytes, operand->size, err);
    case 'V':
        return pickle_push_unicode(pickle, operand->bytes, operand->size, err);
    case 'X':
    case 0x8c:
    case 0x8d:
        return pickle_push_value(pickle, PICKLE_TEXT, (int64_t)operand->size, operand->bytes, err);
    default: /* U T C B and their wider forms */
        return pickle_push_value(pickle, PICKLE_BYTES, (int64_t)operand->size, operand->bytes, err);
    }
}

/* Opcodes of the memo, where values are kept by number */
static int carry_out_memo(Pickle *pickle, uint8_t code, const Operand *operand, Err *err)
{
    uint64_t place = operand->number;
    switch (code) {
    case 'p':
    case 'g':
        if (take_place(pickle, operand, &place, err) != 0)
            return -1;
        return code == 'p' ? pickle_put_memo(pickle, place, err)
                           : pickle_get_memo(pickle, place, err);
    case 'q':
    case 'r':
        return pickle_put_memo(pickle, place, err);
    case 0x94:
        return pickle_put_memo(pickle, (uint64_t)pickle->memos, err);
    case 'h':
    case 'j':
        return pickle_get_memo(pickle, place, err);
    default:
        return push_plain(pickle, code, operand, err);
    }
}

/* Opcodes that work on what is on the stack */
static int carry_out(Pickle *pickle, uint8_t code, const Operand *operand, Err *err)
{
    int32_t depth = pickle->depth;
    switch (code) {
    case 0x80:
        return check_protocol(pickle, operand->number, err);
    case 0x95:
        return 0;
    case '.':
        pickle->stopped = true;
        return 0;
    case 'e':
        return add_marked(pickle, PICKLE_LIST, err);
    case 'u':
        return add_marked(pickle, PICKLE_DICT, err);
    case 0x90:
        return add_marked(pickle, PICKLE_INERT, err);
    case 'a':
        return pickle_add_items(pickle, PICKLE_LIST, depth - 1, depth - 1, err);
    case 's':
        return pickle_add_items(pickle, PICKLE_DICT, depth - 2, depth - 2, err);
    case 't':
        return marked(pickle, PICKLE_TUPLE, err);
    case 'l':
        return marked(pickle, PICKLE_LIST, err);
    case 'd':
        return marked(pickle, PICKLE_DICT, err);
    case 0x91:
        return marked(pickle, PICKLE_INERT, err);
    case 0x85:
    case 0x86:
    case 0x87: /* tuples of one to three */
        depth -= code - 0x84;
        return pickle_collect(pickle, PICKLE_TUPLE, depth, depth, err);
    case '0':
        return pickle_pop(pickle, err) < 0 ? -1 : 0;
    case '1':
        return pop_mark(pickle, err);
    case '2':
        return duplicate(pickle, err);
    default:
        return carry_out_memo(pickle, code, operand, err);
    }
}

/* Opcodes that name something, and those of objects; 1 when it is none of them */
static int carry_out_object(Pickle *pickle, uint8_t code, const Operand *operand, Err *err)
{
    switch (code) {
    case 'c':
        return push_global(pickle, operand, err);
    case 0x93:
        return push_stack_global(pickle, err);
    case 'R':
    case 0x81:
        return reduce(pickle, err);
    case 0x92:
        return new_object(pickle, err);
    case 'i':
        return old_instance(pickle, operand, err);
    case 'o':
        return old_instance(pickle, NULL, err);
    case 'P':
        if (pickle_push_value(pickle, PICKLE_BYTES, (int64_t)operand->size, operand->bytes, err))
            return -1;
        return persistent(pickle, err);
    case 'Q':
        return persistent(pickle, err);
    case 'b':
        return build(pickle, err);
    default:
        return 1;
    }
}

int pickle_read(Pickle *pickle, PickleUse use, const uint8_t *bytes, size_t size, size_t at,
                Err *err)
{
    *pickle = (Pickle){.use = use, .bytes = bytes, .size = size, .at = at};
    while (!pickle->stopped) {
        Operand operand = {0};
        pickle->opcode = pickle->at;
        if (pickle->at == size)
            return pickle_refuse(pickle, "the file ends before the pickle does", err);
        uint8_t code = bytes[pickle->at++];
        if (!opcodes[code].known)
            return err_set(err, "byte %zu: opcode %u does not occur in such files", pickle->opcode,
                           code);
        if (take_operand(pickle, opcodes[code].argument, &operand, err) != 0)
            return -1;
        int rc = carry_out_object(pickle, code, &operand, err);
        if (rc < 0 || (rc > 0 && carry_out(pickle, code, &operand, err) != 0))
            return -1;
    }
    return pickle->depth > 0 ? 0 : pickle_refuse(pickle, "it is empty", err);
}

const PickleObject *pickle_result(const Pickle *pickle)
{
    return &pickle->object[pickle->stack[pickle->depth - 1]];
}
