/* The dictionary in the header of an .npy file. For npy.c. */
#ifndef FORMAT_NPY_HEADER_H
#define FORMAT_NPY_HEADER_H

#include "format/npy.h"

/* Fills the form from the NUL-terminated text; the message gives the reason only. */
int npy_parse_header(NpyForm *form, const char *header, Err *err);

#endif
