/* Watches jansson's memory: some of its functions do not say that there was none, and a text is
 * then cut short or a member missing. Between jansson_watch() and jansson_check(), in one thread,
 * every failure is noticed. Both are safe beside other users of jansson: what allocates is still
 * whatever did. */
#ifndef BASE_JANSSON_INTERNAL_H
#define BASE_JANSSON_INTERNAL_H

#include <jansson.h>

#include "base/err.h"

void jansson_watch(void);

/* Fails if an allocation did since jansson_watch(); `what` is for the message. */
int jansson_check(const char *what, Err *err);

/* Parses a text whose objects may not have a member twice. NULL on failure: for want of memory
 * there is a message; else *reason says what is wrong with the text. */
json_t *jansson_load(const char *text, size_t size, const char *what, json_error_t *reason,
                     Err *err);

#endif
