/* How many rows streams will give, where that can be known: for progress. */
#ifndef CMD_CLI_TOTAL_ROWS_H
#define CMD_CLI_TOTAL_ROWS_H

#include <stdint.h>
#include <sys/stat.h>

#include "stream/pack_internal.h"

/* The rows of all n streams, or 0 if one is a pipe, is gzip-ed or cannot be read: whoever reads it
 * says so. */
static inline int64_t total_rows(char *const *path, int n)
{
    int64_t rows = 0;
    for (int i = 0; i < n; i++) {
        struct stat st;
        Err unread = {0};
        Pack *pack =
            stat(path[i], &st) == 0 && S_ISREG(st.st_mode) ? pack_open(path[i], &unread) : NULL;
        if (pack == NULL)
            return 0;
        rows += pack_rows(pack);
        pack_close(pack);
    }
    return rows;
}

#endif
