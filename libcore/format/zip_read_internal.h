/* Reading ZIP archives in memory whose members are stored as they are: they stay where they lie.
 *
 * For archives of which the numbers are the bulk; those that may be compressed are libarchive's.
 * Names are bytes, whatever the locale. */
#ifndef FORMAT_ZIP_READ_INTERNAL_H
#define FORMAT_ZIP_READ_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct ZipReader {
    const uint8_t *bytes;
    size_t size, at; /* at: in the central directory */
    uint64_t left;   /* members */
} ZipReader;

typedef struct ZipStored {
    const char *name; /* name_size bytes, without a NUL */
    size_t name_size;
    const uint8_t *bytes;
    size_t size;
    uint32_t crc;
    bool packed; /* compressed or encrypted: bytes is NULL */
} ZipStored;

/* The bytes must outlive the reader, which needs no closing. An archive whose directory at its end
 * is missing was cut, and is said to be. */
int zipreader_init(ZipReader *reader, const uint8_t *bytes, size_t size, Err *err);

/* The next member: 1, 0 at the end, -1. */
int zipreader_next(ZipReader *reader, ZipStored *member, Err *err);

/* That it is stored, and its checksum right. */
int zipstored_check(const ZipStored *member, Err *err);

#endif
