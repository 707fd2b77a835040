/* Images that a list names and that have no embedding, in the tools that evaluate. */
#ifndef CMD_CLI_MISSING_H
#define CMD_CLI_MISSING_H

#include "base/counted_internal.h"
#include "cli.h"
#include "lists/name_list_internal.h"

enum { MISSING_SHOWN = 10 };

/* Names the missing ones of `images`: all, or without --skip-missing the first few, and
 * then fails. */
static inline int missing_tell(const NameList *missing, int64_t images, bool skip, Err *err)
{
    const char *name = name_list_first(missing);
    for (int64_t i = 0; i < missing->n && (skip || i < MISSING_SHOWN); i++) {
        cli_warn("no embedding of %s", name);
        name = name_list_next(name);
    }
    if (missing->n == 0 || skip)
        return 0;
    return err_set(err, "%lld of %s missing (--skip-missing continues without them)",
                   (long long)missing->n, counted(images, "image is", "images are").text);
}

#endif
