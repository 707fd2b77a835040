#include "sink/text_internal.h"

#include <stdbool.h>

uint32_t text_next(const uint8_t **at)
{
    const uint8_t *p = *at;
    int more = p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : p[0] >= 0xc2 ? 1 : 0;
    uint32_t c = more > 0 ? p[0] & (0x3fu >> more) : p[0];
    bool good = p[0] < 0x80 || (more > 0 && p[0] < 0xf5);
    for (int i = 1; i <= more && good; i++) {
        good = (p[i] & 0xc0) == 0x80;
        c = c << 6 | (p[i] & 0x3fu);
    }
    good = good && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) && (more != 2 || c > 0x7ff) &&
           (more != 3 || c > 0xffff);
    *at = p + (good ? 1 + more : 1);
    return good ? c : p[0];
}
