/* MagFace's feat.list: a line of key and numbers a row */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/out.h"
#include "sink/kind_internal.h"

static void *lines_open(const SinkOptions *options, Err *err)
{
    Out *out = calloc(1, sizeof *out);
    if (out == NULL)
        err_memory(err, "an output", sizeof *out);
    else if (out_open(out, options->path, err) == 0)
        return out;
    free(out);
    return NULL;
}

/* Nine digits bring every float back. */
static int lines_put(void *state, const SinkRow *row, Err *err)
{
    Out *out = state;
    for (size_t i = 0; i < row->key_size; i++)
        if ((unsigned char)row->key[i] <= ' ')
            return err_set(err, "a key with white space cannot be written in a list of features");
    if (row->key_size == 0)
        return err_set(err, "a row without a key cannot be written in a list of features");
    if (out_write(out, row->key, row->key_size, err) != 0)
        return -1;
    for (int64_t i = 0; i < row->d; i++) {
        char number[32];
        int size = snprintf(number, sizeof number, " %.9g", (double)row->embedding[i]);
        if (out_write(out, number, (size_t)size, err) != 0)
            return -1;
    }
    return out_write(out, " \n", 2, err);
}

static int lines_finish(void *state, Err *err)
{
    return out_commit(state, err);
}

static void lines_release(void *state)
{
    out_abort(state);
    free(state);
}

const SinkKind sink_magface = {.name = "a list of features",
                               .embeddings = true,
                               .open = lines_open,
                               .put = lines_put,
                               .finish = lines_finish,
                               .release = lines_release};
