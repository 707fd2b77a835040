/* Python's pickles, taken apart: a small machine carries out their opcodes, and nothing is called.
 *
 * Objects are numbered as they are made: plain values, lists, tuples and dictionaries as such, and
 * of what a pickle names only the list in pickle_names.c, which differs by what is read. Protocols
 * 0 to 5. Lists may hold each other and themselves: who walks deeper bounds the depth. Memory is
 * bounded by the size of the pickle and by PICKLE_MAX objects. */
#ifndef FORMAT_PICKLE_INTERNAL_H
#define FORMAT_PICKLE_INTERNAL_H

#include "format/pickle_object_internal.h"

/* Carries out all opcodes from byte `at` to the end of the pickle, behind which pickle->at is then;
 * the object that is left is pickle_result(). Messages begin with "byte N: ". */
int pickle_read(Pickle *pickle, PickleUse use, const uint8_t *bytes, size_t size, size_t at,
                Err *err);
const PickleObject *pickle_result(const Pickle *pickle);

#endif
