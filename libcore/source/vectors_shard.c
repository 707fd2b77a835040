/* Embeddings in WebDataset's shards */
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/path_internal.h"
#include "format/npy_internal.h"
#include "source/vector_kind_internal.h"
#include "source/walk_internal.h"

typedef struct Shard {
    Walk walk;
    Member member;
    Bytes file; /* an .npy */
    size_t at;  /* what of it was read */
    float *vector;
    int64_t room;
} Shard;

static void shard_close(void *state)
{
    Shard *shard = state;
    shard->walk.close(shard->walk.state);
    bytes_release(&shard->file);
    free(shard->vector);
    free(shard);
}

static void *shard_open(const char *path, Err *err)
{
    Shard *shard = calloc(1, sizeof *shard);
    if (shard == NULL)
        err_memory(err, "a shard", sizeof *shard);
    else if (webdataset_walk(&shard->walk, path, true, err) == 0)
        return shard;
    free(shard);
    return NULL;
}

static int64_t read_file(void *state, void *bytes, size_t n, Err *err)
{
    Shard *shard = state;
    size_t left = shard->file.size - shard->at;
    (void)err;
    n = n < left ? n : left;
    if (n > 0)
        memcpy(bytes, shard->file.data + shard->at, n);
    shard->at += n;
    return (int64_t)n;
}

static int reserve(Shard *shard, int64_t d, Err *err)
{
    if (d < 1 || d > VECTOR_MAX_WIDTH)
        return err_set(err, "%lld numbers are not an embedding", (long long)d);
    return array_reserve(shard->vector, shard->room, d, "an embedding", err);
}

/* [d], or [1,d] as a batch of one gives it */
static int read_vector(Shard *shard, Npy *npy, int64_t *d, Err *err)
{
    if (npy_init(npy, (ByteFlow){read_file, shard}, err) != 0)
        return -1;
    bool batch = npy->form.ndim == 2 && npy->rows == 1;
    if (npy->form.ndim != 1 && !batch)
        return err_set(err, "not an array of one dimension");
    *d = batch ? npy->width : npy->rows;
    if (reserve(shard, *d, err) != 0)
        return -1;
    int rc;
    while ((rc = npy_next(npy, err)) > 0)
        if (npy_floats(npy, shard->vector + (batch ? 0 : npy->row - 1), err) != 0)
            return -1;
    return rc;
}

static int shard_next(void *state, VectorRow *row, Err *err)
{
    Shard *shard = state;
    Member *member = &shard->member;
    Err inner = {0};
    Npy npy;
    member->labelled = false;
    int rc = shard->walk.next(shard->walk.state, member, err);
    if (rc <= 0)
        return rc;
    const char *path = path_clean(member->path);
    if (member->problem[0] != '\0')
        return err_set(err, "%.300s: %s", path, member->problem);
    if (shard->walk.read(shard->walk.state, member, &shard->file, err) < 0)
        return -1;
    shard->at = 0;
    rc = read_vector(shard, &npy, &row->d, &inner);
    npy_release(&npy);
    if (rc != 0)
        return err_set(err, "%.300s: %.600s", path, inner.text);
    row->vector = shard->vector;
    row->key = path;
    row->key_size = strlen(path) - strlen(".npy");
    row->labelled = true; /* so that all shards have the column */
    row->label = member->labelled ? member->label : -1;
    return 1;
}

const VectorKind vectors_wds = {shard_open, shard_next, shard_close};
