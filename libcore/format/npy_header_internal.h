/* The header of an .npy file: what elements an array has, as the text of a Python dictionary. */
#ifndef FORMAT_NPY_HEADER_INTERNAL_H
#define FORMAT_NPY_HEADER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    NPY_MAX_DIMS = 8,
    NPY_HEADER = 128, /* bytes of every header that is written here */
    NPY_MAX_ROW = 1 << 28,
};

/* kind: 'b' bool, 'i', 'u', 'f', 'U' UTF-32, 'S' bytes; size: of an element */
typedef struct NpyForm {
    char kind;
    size_t size;
    bool big; /* big-endian */
    bool fortran;
    int ndim;
    int64_t shape[NPY_MAX_DIMS];
} NpyForm;

/* Fills the form from the NUL-terminated text; the message gives the reason only. */
int npy_parse_header(NpyForm *form, const char *header, Err *err);

/* The header of an array, in version 1.0 and padded with spaces to NPY_HEADER, so that it may be
 * written again when the number of rows is known. */
int npy_header(char out[NPY_HEADER], const NpyForm *form, Err *err);

#endif
