/* The parts of the machine that carries out the opcodes of a pickle. */
#ifndef FORMAT_PICKLE_MACHINE_INTERNAL_H
#define FORMAT_PICKLE_MACHINE_INTERNAL_H

#include "format/pickle_object_internal.h"

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
