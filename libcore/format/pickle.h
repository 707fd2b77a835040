/* The pickles of verification sets, taken apart. For verification.c.
 *
 * Objects are numbered as they are made. What the closed table of opcodes can build is flat: lists
 * and tuples hold numbers of objects, and nobody walks deeper into them than one level. */
#ifndef FORMAT_PICKLE_H
#define FORMAT_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef enum PickleKind {
    PICKLE_MARK,
    PICKLE_NONE,
    PICKLE_BOOL,
    PICKLE_INT,
    PICKLE_BYTES, /* also an array of NumPy's: its data */
    PICKLE_TEXT,
    PICKLE_LIST,
    PICKLE_TUPLE,
    PICKLE_CALLABLE,
    PICKLE_DTYPE,
} PickleKind;

typedef struct PickleObject {
    PickleKind kind;
    bool owned;    /* bytes is freed with the pickle */
    int64_t n;     /* a number, a size, or how many items */
    size_t offset; /* of the opcode that made it */
    const uint8_t *bytes;
    int32_t *item; /* [n] of lists and tuples */
    int32_t room;
} PickleObject;

typedef struct Pickle {
    const uint8_t *bytes;
    size_t size, at, opcode; /* opcode: where the one begins that is being carried out */
    PickleObject *object;
    int32_t objects, object_room;
    int32_t *stack, *memo; /* numbers of objects; memo: -1 where there is none */
    int32_t depth, stack_room, memos, memo_room;
    size_t decoded; /* bytes that were made of others */
    bool stopped;
} Pickle;

/* Carries out all opcodes to the end; the object that is left is the last of stack. */
int pickle_read(Pickle *pickle, const uint8_t *bytes, size_t size, Err *err);
void pickle_release(Pickle *pickle);

/* A string or text of protocol 0, from its line: for pickle.c, in pickle_text.c. */
int pickle_push_quoted(Pickle *pickle, const uint8_t *line, size_t size, Err *err);
int pickle_push_unicode(Pickle *pickle, const uint8_t *line, size_t size, Err *err);

/* New memory of so many bytes for what is made of others, which all together are bounded. */
uint8_t *pickle_room(Pickle *pickle, size_t size, Err *err);

/* Carries out REDUCE and BUILD of what may be named: for pickle.c, in pickle_call.c. */
int pickle_callable(Pickle *pickle, const char *module, size_t module_size, const char *name,
                    size_t name_size, Err *err); /* its number, or -1 */
int pickle_reduce(Pickle *pickle, int32_t callable, int32_t arguments, Err *err);
int pickle_build(Pickle *pickle, int32_t target, int32_t state, Err *err);

/* A new object on the stack, or NULL. */
PickleObject *pickle_push(Pickle *pickle, PickleKind kind, Err *err);

/* "byte N: " and the message; returns -1. */
int pickle_refuse(const Pickle *pickle, const char *what, Err *err);

#endif
