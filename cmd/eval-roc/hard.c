#include "eval-roc/hard.h"

#include <string.h>

#include "base/out.h"
#include "scores/hardest.h"

static int find(Hardest *hardest, const Compared *compared, Pool *pool, Err *err)
{
    const Listed *listed = &compared->listed;
    if (listed->pair == NULL && hardest_walk(hardest, compared->scores, pool, err) != 0)
        return -1;
    for (int64_t i = 0; i < listed->n; i++)
        hardest_add(hardest, 0, listed->score[i], listed->row[i][0], listed->row[i][1],
                    listed->same[i]);
    return hardest_end(hardest, err);
}

/* The list is cut at tabs and lines, so a key must have none. */
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

static int write_pairs(FILE *out, const Hardest *hardest, const EmbeddingRows *rows, Err *err)
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

int hard_write(const char *path, const Compared *compared, const RocReading *at, int64_t n,
               Pool *pool, Err *err)
{
    Hardest hardest;
    Out out = {0};
    int rc = hardest_init(&hardest, at->threshold, at->above, n, pool_threads(pool), err);
    if (rc == 0)
        rc = find(&hardest, compared, pool, err);
    if (rc == 0)
        rc = out_open(&out, path, err);
    if (rc == 0 && (rc = write_pairs(out.f, &hardest, &compared->e.rows, err)) == 0)
        rc = out_commit(&out, err);
    out_abort(&out);
    hardest_release(&hardest);
    return rc;
}
