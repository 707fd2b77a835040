/* Numbers that an ONNX model holds itself: its initialisers, and what follows from shapes. */
#ifndef ONNX_CONSTANT_INTERNAL_H
#define ONNX_CONSTANT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "onnx/onnx.pb-c.h"

enum { CONSTANT_RANK = 8 };

typedef struct Constant {
    int rank; /* 0 is a scalar */
    int64_t dims[CONSTANT_RANK];
    size_t count;
    float *real;    /* [count], row by row; or NULL, and */
    int64_t *whole; /* [count] */
    int type;       /* ONNX's number of it, where it was read; 0 */
} Constant;

/* The numbers of onnx.proto's TensorProto.DataType that more than constant.c must know */
enum { CONSTANT_UINT8 = 2, CONSTANT_INT8 = 3 };

/* Zeros. The dimensions may be the constant's own. */
int constant_init(Constant *constant, int rank, const int64_t *dims, bool whole, Err *err);
void constant_release(Constant *constant); /* safe on a zeroed one */

/* From a tensor of the file, of any type that holds numbers and is listed here: FLOAT, DOUBLE,
 * FLOAT16, BFLOAT16 become real, INT8 to INT64, UINT8 and BOOL whole. `folder` is where files
 * beside the model are; a tensor may name one in it or below, nowhere else. */
int constant_read(Constant *constant, const Onnx__TensorProto *tensor, const char *folder,
                  Err *err);

static inline double constant_at(const Constant *constant, size_t i)
{
    return constant->real != NULL ? constant->real[i] : (double)constant->whole[i];
}

#endif
