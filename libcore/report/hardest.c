#include "report/hardest_internal.h"

#include <string.h>

/* Tabs and line breaks separate the list, so a key must have none. */
static int write_key(FILE *out, const EmbeddingRows *rows, int64_t row, Err *err)
{
    int length;
    const char *key = embedding_key(rows, row, &length);
    for (int i = 0; i < length; i++)
        if (strchr("\t\r\n", key[i]) != NULL)
            length = 0;
    if (length == 0)
        return err_set(err,
                       "row %lld: its key is empty or has a tab or a line break, and cannot be "
                       "written in a list of pairs",
                       (long long)row);
    fprintf(out, "%.*s\t", length, key);
    return 0;
}

int report_hardest(FILE *out, const Hardest *hardest, const EmbeddingRows *rows, Err *err)
{
    for (int64_t i = 0; i < hardest->pairs; i++) {
        const HardestPair *pair = &hardest->pair[i];
        bool accept =
            pair->kind == HARDEST_FALSE_ACCEPT_GRAVE || pair->kind == HARDEST_FALSE_ACCEPT_CLOSE;
        bool far =
            pair->kind == HARDEST_FALSE_ACCEPT_GRAVE || pair->kind == HARDEST_FALSE_REJECT_GRAVE;
        if (write_key(out, rows, pair->a, err) != 0 || write_key(out, rows, pair->b, err) != 0)
            return -1;
        fprintf(out, "%d\t%.6f\t%s\t%s\n", !accept, pair->score,
                accept ? "false-accept" : "false-reject", far ? "far" : "near");
    }
    return 0;
}
