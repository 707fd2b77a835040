#include "image/exif_internal.h"

#include <stdbool.h>
#include <string.h>

enum { HEADER = 8, ENTRY = 12, ORIENTATION = 0x112, SHORT = 3, LONG = 4 };

typedef struct Tiff {
    const uint8_t *bytes;
    size_t size;
    bool big; /* the first byte of a number is its highest */
} Tiff;

/* A number of n bytes, which must be there */
static uint32_t number_at(const Tiff *tiff, size_t at, int n)
{
    uint32_t value = 0;
    for (int i = 0; i < n; i++)
        value = value << 8 | tiff->bytes[at + (size_t)(tiff->big ? i : n - 1 - i)];
    return value;
}

int exif_orientation(const uint8_t *bytes, size_t size)
{
    Tiff tiff = {bytes, size, size >= HEADER && bytes[0] == 'M'};
    if (size < HEADER || (memcmp(bytes, "MM", 2) != 0 && memcmp(bytes, "II", 2) != 0) ||
        number_at(&tiff, 2, 2) != 42)
        return 1;
    size_t at = number_at(&tiff, 4, 4);
    if (at < HEADER || at > size - 2)
        return 1;
    for (uint32_t left = number_at(&tiff, at, 2), first = 2; left > 0; left--, first = ENTRY) {
        at += first;
        if (size - at < ENTRY)
            return 1;
        if (number_at(&tiff, at, 2) != ORIENTATION)
            continue;
        uint32_t type = number_at(&tiff, at + 2, 2), value = 0;
        if ((type == SHORT || type == LONG) && number_at(&tiff, at + 4, 4) == 1)
            value = number_at(&tiff, at + 8, type == SHORT ? 2 : 4);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}
