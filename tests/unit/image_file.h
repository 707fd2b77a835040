/* An encoded picture that a test changes byte by byte. */
#ifndef IMAGE_FILE_H
#define IMAGE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { H = 21, W = 34, BYTES = H * W * 3, ROOM = 1 << 16 };

typedef struct File {
    uint8_t bytes[ROOM];
    size_t size;
} File;

static void insert(File *file, size_t at, const void *bytes, size_t n)
{
    memmove(file->bytes + at + n, file->bytes + at, file->size - at);
    memcpy(file->bytes + at, bytes, n);
    file->size += n;
}

#endif
