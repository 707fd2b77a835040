/* The index of a RecordIO file: which key each record has. */
#ifndef SOURCE_RECORDS_INDEX_INTERNAL_H
#define SOURCE_RECORDS_INDEX_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct RecordEntry {
    uint64_t offset, key;
} RecordEntry;

typedef struct RecordIndex {
    char *file;
    RecordEntry *entry; /* [n], by offset */
    size_t n;
} RecordIndex;

/* The name of the file beside train.rec that ends in `ending` (".idx") instead, or with `base` the
 * file of that name in its folder. In new memory. */
char *records_beside(const char *rec, const char *ending, const char *base, Err *err);

/* Reads train.idx: a line is a key and the byte where its record begins. No such file is an empty
 * index. */
int recordindex_read(RecordIndex *index, const char *rec, Err *err);
void recordindex_release(RecordIndex *index); /* safe on a zeroed one */

/* Rebuilds the index from the numbers in the records themselves, in the order of the file. A number
 * that occurs twice is an error, unless it is the same everywhere: then each record gets the number
 * of its place. Returns how many records there are, or -1. */
int64_t records_reindex(const char *rec, const char *file, Err *err);

#endif
