/* Python's pickles, taken apart: a small machine carries out their opcodes, and nothing is called.
 *
 * Objects are numbered as they are made: plain values, lists, tuples and dictionaries as such, and
 * of what a pickle names only the list in pickle_names.c, which differs by what is read. Protocols
 * 0 to 5. Lists may hold each other and themselves: who walks deeper bounds the depth. Memory is
 * bounded by the size of the pickle and by PICKLE_MAX objects. */
#ifndef FORMAT_PICKLE_H
#define FORMAT_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/frame.h"

enum { PICKLE_MAX = 1 << 23 };

typedef enum PickleKind {
    PICKLE_MARK,
    PICKLE_NONE,
    PICKLE_BOOL,
    PICKLE_INT,
    PICKLE_LONG,  /* of more than 64 bits, little-endian in bytes if it was binary */
    PICKLE_BYTES, /* also a string of Python 2, or an array of NumPy's: its data */
    PICKLE_TEXT,
    PICKLE_LIST,
    PICKLE_TUPLE,
    PICKLE_DICT,       /* keys and values take turns */
    PICKLE_CALLABLE,   /* n: which of pickle_names */
    PICKLE_CALL,       /* what would be called: the callable, and the tuple of arguments */
    PICKLE_PERSISTENT, /* an object that lies elsewhere: its identity */
    PICKLE_DTYPE,
    PICKLE_INERT, /* something of which no more is known than that it does not matter */
} PickleKind;

typedef struct PickleObject {
    PickleKind kind;
    bool owned;    /* bytes is freed with the pickle */
    int64_t n;     /* a number, a size, or how many items */
    size_t offset; /* of the opcode that made it */
    const uint8_t *bytes;
    int32_t *item; /* [n]: numbers of objects */
    int32_t room;
} PickleObject;

/* What is read: verification sets, or checkpoints of PyTorch. */
typedef enum PickleUse { PICKLE_IMAGES = 1, PICKLE_WEIGHTS = 2 } PickleUse;

typedef struct Pickle {
    PickleUse use;
    const uint8_t *bytes;
    size_t size, at, opcode; /* opcode: where the one begins that is being carried out */
    PickleObject *object;
    int32_t objects, object_room;
    int32_t *stack, *memo; /* numbers of objects; memo: -1 where there is none */
    int32_t depth, stack_room, memos, memo_room;
    size_t decoded; /* bytes that were made of others */
    bool stopped;
    char strange[128]; /* the name on which it was refused, or "" */
} Pickle;

/* Carries out all opcodes from byte `at` to the end of the pickle, behind which pickle->at is then;
 * the object that is left is pickle_result(). Messages begin with "byte N: ". */
int pickle_read(Pickle *pickle, PickleUse use, const uint8_t *bytes, size_t size, size_t at,
                Err *err);
const PickleObject *pickle_result(const Pickle *pickle);
void pickle_release(Pickle *pickle); /* safe on a zeroed one */

/* Item i of a list, tuple, dictionary or call. */
static inline const PickleObject *pickle_item(const Pickle *pickle, const PickleObject *of,
                                              int64_t i)
{
    return &pickle->object[of->item[i]];
}

/* What can be named ------------------------------------------------------------------------- */

typedef enum PickleRole {
    ROLE_ENCODE,
    ROLE_RECONSTRUCT,
    ROLE_NDARRAY,
    ROLE_DTYPE,
    ROLE_FROMBUFFER,
    ROLE_SCALAR,
    ROLE_BYTES,
    ROLE_DICT,
    ROLE_SIZE,
    ROLE_TENSOR,    /* the calls of PyTorch: of storage, offset, size, stride */
    ROLE_TENSOR_V3, /* the same, a type for item 6 */
    ROLE_PARAMETER, /* of a tensor */
    ROLE_TYPED,     /* of a call and its arguments */
    ROLE_STORAGE,
    ROLE_NUMBERS, /* torch.float32 and so on */
    ROLE_INERT,
} PickleRole;

typedef struct PickleName {
    const char *module, *name;
    PickleRole role;
    int uses;    /* PickleUse, or-ed */
    Dtype dtype; /* of storages and numbers: DTYPE_COUNT where it is none of ours */
} PickleName;

extern const PickleName pickle_names[];

/* The number in pickle_names, or -1. */
int pickle_find_name(PickleUse use, const char *module, size_t module_size, const char *name,
                     size_t name_size);

/* For the parts of the machine ---------------------------------------------------------------- */

/* In pickle_stack.c. A new object on the stack, or NULL; the last object's number, or -1. */
PickleObject *pickle_push(Pickle *pickle, PickleKind kind, Err *err);
int pickle_push_value(Pickle *pickle, PickleKind kind, int64_t n, const uint8_t *bytes, Err *err);
int pickle_push_number(Pickle *pickle, int32_t number, Err *err);
int pickle_pop(Pickle *pickle, Err *err);
int pickle_mark(const Pickle *pickle, Err *err); /* where on the stack the last one lies, or -1 */
int pickle_append(Pickle *pickle, int32_t to, int32_t number, Err *err);
int pickle_collect(Pickle *pickle, PickleKind kind, int32_t begin, int32_t place, Err *err);
int pickle_add_items(Pickle *pickle, PickleKind kind, int32_t begin, int32_t depth, Err *err);
int pickle_put_memo(Pickle *pickle, uint64_t at, Err *err);
int pickle_get_memo(Pickle *pickle, uint64_t at, Err *err);

/* A string or text of protocol 0, from its line: in pickle_text.c. */
int pickle_push_quoted(Pickle *pickle, const uint8_t *line, size_t size, Err *err);
int pickle_push_unicode(Pickle *pickle, const uint8_t *line, size_t size, Err *err);

/* Counts bytes that are made of others, which all together are bounded; and new memory for them. */
int pickle_charge(Pickle *pickle, size_t size, Err *err);
uint8_t *pickle_room(Pickle *pickle, size_t size, Err *err);

/* Carries out REDUCE and BUILD of what may be named: in pickle_call.c. */
int pickle_callable(Pickle *pickle, const char *module, size_t module_size, const char *name,
                    size_t name_size, Err *err); /* its number, or -1 */
int pickle_reduce(Pickle *pickle, int32_t callable, int32_t arguments, Err *err);
int pickle_build(Pickle *pickle, int32_t target, int32_t state, Err *err);

/* "byte N: " and the message; returns -1. */
int pickle_refuse(const Pickle *pickle, const char *what, Err *err);

#endif
