/* What a pickle is made of: objects, and what they may name. */
#ifndef FORMAT_PICKLE_OBJECT_INTERNAL_H
#define FORMAT_PICKLE_OBJECT_INTERNAL_H

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
    const char *module, *names; /* these, with spaces between them */
    PickleRole role;
    int uses;    /* PickleUse, or-ed */
    Dtype dtype; /* of storages and numbers: DTYPE_COUNT where it is none of ours */
} PickleName;

extern const PickleName pickle_names[];

/* The number in pickle_names, or -1. */
int pickle_find_name(PickleUse use, const char *module, size_t module_size, const char *name,
                     size_t name_size);

#endif
