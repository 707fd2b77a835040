/* NumPy's arrays: the .npy layout (numpy/lib/format.py), read row by row from any bytes.
 *
 * A file is a magic, a version, a Python dictionary {'descr', 'fortran_order', 'shape'} as text
 * and the elements. Elements are bools, integers, floats and texts of a fixed length, either end
 * first; objects, which would be a pickle, are refused. Memory holds one row, of an array in
 * Fortran's order all of it; it grows as bytes arrive, so that a header cannot ask for more than
 * there is. */
#ifndef FORMAT_NPY_INTERNAL_H
#define FORMAT_NPY_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/npy_header_internal.h"

/* Where bytes come from: up to n of them, fewer only at the end; -1 on failure. */
typedef struct ByteFlow {
    int64_t (*read)(void *state, void *bytes, size_t n, Err *err);
    void *state;
} ByteFlow;

typedef struct Npy {
    NpyForm form;
    int64_t rows, row; /* form.shape[0], or 1 of a scalar; the next one */
    int64_t width;     /* elements in a row */
    size_t row_bytes;
    uint8_t *bytes; /* of one row, its elements little-endian and in C's order */
    uint8_t *whole; /* Fortran's order: the array */
    size_t room;
    ByteFlow flow;
} Npy;

/* Whether a file that begins so is one: 6 bytes tell. */
bool npy_known(const uint8_t *bytes, size_t size);

/* Reads the header. The message gives the reason, not the name. */
int npy_init(Npy *npy, ByteFlow flow, Err *err);
void npy_release(Npy *npy); /* safe on a zeroed one */

/* The same, only to look at npy->form: no row can be read. */
int npy_init_header(Npy *npy, ByteFlow flow, Err *err);

/* The next row into npy->bytes: 1, 0 after the last one (more bytes are an error then), -1. */
int npy_next(Npy *npy, Err *err);

/* The row's elements as numbers: out[width]. Floats are rounded to float; an integer that is none
 * (a float with a fraction, text) or does not fit is an error. */
int npy_floats(const Npy *npy, float *out, Err *err);
int npy_integer(const Npy *npy, int64_t element, int64_t *out, Err *err);

/* The text of a row with one element, as UTF-8 in out, which has room for npy_text_room() bytes;
 * its length, or -1. */
size_t npy_text_room(const Npy *npy);
int64_t npy_text(const Npy *npy, char *out, Err *err);

#endif
