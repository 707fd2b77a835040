/* Memory that is a file without a name: what is in it need not stay in memory. */
#ifndef BASE_SPILL_INTERNAL_H
#define BASE_SPILL_INTERNAL_H

#include <stddef.h>

#include "base/err.h"

typedef struct Spill {
    void *bytes; /* [size], 0 at first */
    size_t size;
} Spill;

/* In the folder of a path, or for a device in /var/tmp; its disk must have the room. `what` is for
 * messages. */
int spill_open(Spill *spill, const char *path, size_t size, const char *what, Err *err);
void spill_close(Spill *spill); /* safe on a zeroed one */

#endif
