/* UTF-8 to code points. */
#ifndef SINK_TEXT_INTERNAL_H
#define SINK_TEXT_INTERNAL_H

#include <stdint.h>

/* The character at *at, which goes on behind it; a byte that is not UTF-8 stands for itself. The
 * text ends with a NUL. */
uint32_t text_next(const uint8_t **at);

#endif
