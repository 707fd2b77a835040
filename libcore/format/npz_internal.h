/* Reading .npz: a ZIP of arrays, each NAME.npy, stored or deflated. */
#ifndef FORMAT_NPZ_INTERNAL_H
#define FORMAT_NPZ_INTERNAL_H

#include "format/npy_internal.h"

enum { NPZ_ARRAYS = 64, NPZ_NAME = 64 };

typedef struct NpzIndex {
    struct {
        char name[NPZ_NAME]; /* without ".npy" */
        NpyForm form;        /* kind 0: one that is not read here */
    } array[NPZ_ARRAYS];
    int arrays;
} NpzIndex;

/* What the file holds. The message names the file. */
int npz_index(NpzIndex *index, const char *path, Err *err);

/* The first of the names, which end with NULL, that is among the arrays, or -1. */
int npz_find(const NpzIndex *index, const char *const *names);

/* One array of the file; each has a way into the file of its own, so that several can be read in
 * step. */
typedef struct NpzArray {
    Npy npy;
    struct archive *archive;
} NpzArray;

int npzarray_open(NpzArray *array, const char *path, const char *name, Err *err);
void npzarray_close(NpzArray *array); /* safe on a zeroed one */

/* The column of labels, or of keys, that stands beside an array of so many rows: opens the first
 * array that is named like one. None is no error; one of another length is. */
typedef enum NpzColumn { NPZ_LABELS, NPZ_KEYS } NpzColumn;
int npz_column(NpzArray *array, const NpzIndex *index, NpzColumn column, int64_t rows,
               const char *path, Err *err);

#endif
