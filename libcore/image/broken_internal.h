/* A picture that a library could not decode. */
#ifndef IMAGE_BROKEN_INTERNAL_H
#define IMAGE_BROKEN_INTERNAL_H

#include "base/err.h"

/* "broken PNG: REASON", the reason being the library's; what says that memory was wanting is known
 * by that, since most libraries say it in words only. Returns -1. */
int image_broken(Err *err, const char *format, const char *reason);

#endif
