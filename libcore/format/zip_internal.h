/* Writing ZIP archives whose members are stored as they are and written in place.
 *
 * Unlike a general archiver this one may change the beginning of a member when its end is known,
 * which is how an array of so far unknown length gets its header without being written twice. All
 * members are written with the fields of ZIP64, as NumPy does. */
#ifndef FORMAT_ZIP_INTERNAL_H
#define FORMAT_ZIP_INTERNAL_H

#include <stdint.h>

#include "base/out.h"

typedef struct ZipMember {
    char name[64];
    uint64_t offset, size;
    uint32_t crc;
} ZipMember;

enum { ZIP_MEMBERS = 16 };

typedef struct ZipWriter {
    Out *out; /* must be able to seek */
    ZipMember member[ZIP_MEMBERS];
    int members;
    size_t head; /* how many bytes zip_end() puts at the beginning of the open member */
    uint64_t used;
} ZipWriter;

/* Begins a member; its first `head` bytes are left for zip_end(). */
int zip_begin(ZipWriter *zip, const char *name, size_t head, Err *err);
int zip_write(ZipWriter *zip, const void *bytes, size_t n, Err *err);

/* Ends it; `head` is what its first bytes are to be. */
int zip_end(ZipWriter *zip, const void *head, Err *err);

/* The central directory; the file is then whole. */
int zip_finish(ZipWriter *zip, Err *err);

#endif
