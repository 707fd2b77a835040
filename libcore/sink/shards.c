/* WebDataset: samples of files that share a name up to its first dot, in shards of tar */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/npy_internal.h"
#include "lists/names_internal.h"
#include "sink/kind_internal.h"
#include "sink/tree_internal.h"

enum { MOST_DIGITS = 18 };

typedef struct Shards {
    const SinkOptions *options;
    size_t before, after; /* of the path: where "%06d" begins and ends */
    int digits;           /* 0: a single shard */
    Tree *tree;
    int64_t number, rows; /* of the shard that is being written */
    uint64_t bytes;
    Names keys; /* unique over all shards */
} Shards;

/* Where "%d" or "%06d" is in the path, which looks like a format but is never given to printf(). */
static int find_number(Shards *shards, Err *err)
{
    const char *path = shards->options->path, *percent = strchr(path, '%');
    if (percent == NULL)
        return 0;
    size_t n = strspn(percent + 1, "0123456789");
    shards->before = (size_t)(percent - path);
    shards->after = shards->before + n + 2;
    shards->digits = n == 0 ? 1 : n <= 3 ? atoi(percent + 1) : 0;
    if (percent[n + 1] != 'd' || shards->digits < 1 || shards->digits > MOST_DIGITS ||
        strchr(percent + 1, '%') != NULL)
        return err_set(err, "%s: the number of a shard is written as %%06d, once", path);
    return 0;
}

static char *shard_path(const Shards *shards, int64_t number)
{
    const char *path = shards->options->path;
    char digits[24] = "";
    size_t room = strlen(path) + sizeof digits;
    char *out = malloc(room);
    for (int i = 0; i < MOST_DIGITS && (i < shards->digits || (shards->digits > 0 && number > 0));
         i++, number /= 10) {
        memmove(digits + 1, digits, (size_t)i);
        digits[0] = (char)('0' + number % 10);
    }
    if (out != NULL)
        snprintf(out, room, "%.*s%s%s", (int)shards->before, path, digits, path + shards->after);
    return out;
}

static void *shards_open(const SinkOptions *options, Err *err)
{
    Shards *shards = calloc(1, sizeof *shards);
    if (shards == NULL) {
        err_memory(err, "shards", sizeof *shards);
        return NULL;
    }
    shards->options = options;
    if (find_number(shards, err) == 0)
        return shards;
    free(shards);
    return NULL;
}

static int end_shard(Shards *shards, Err *err)
{
    Tree *tree = shards->tree;
    shards->tree = NULL;
    if (tree == NULL)
        return 0;
    shards->number++;
    shards->rows = 0;
    shards->bytes = 0;
    return tree_close(tree, err);
}

/* Makes sure that there is a shard with room for one more sample. */
static int begin_shard(Shards *shards, Err *err)
{
    const SinkOptions *options = shards->options;
    bool full = shards->rows >= options->shard_rows || shards->bytes >= options->shard_bytes;
    if (shards->tree != NULL && (!full || shards->digits == 0))
        return 0;
    if (end_shard(shards, err) != 0)
        return -1;
    char *path = shard_path(shards, shards->number);
    if (path == NULL)
        return err_memory(err, "a path", strlen(options->path));
    shards->tree = tree_tar(path, err);
    free(path);
    return shards->tree != NULL ? 0 : -1;
}

/* Counted with headers and padding, as the tar will have them. */
static int put_member(Shards *shards, const char *key, const char *extension, const void *bytes,
                      size_t size, Err *err)
{
    size_t room = strlen(key) + strlen(extension) + 2;
    char *name = malloc(room);
    if (name == NULL)
        return err_memory(err, "a name", room);
    snprintf(name, room, "%s.%s", key, extension);
    int rc = tree_put(shards->tree, name, bytes, size, err);
    free(name);
    shards->bytes += 512 + (size + 511) / 512 * 512;
    return rc;
}

static int put_numbers(Shards *shards, const char *key, const SinkRow *row, Err *err)
{
    NpyForm form = {.kind = 'f', .size = 4, .ndim = 1, .shape = {row->d}};
    size_t size = (size_t)row->d * sizeof(float);
    char *bytes = malloc(NPY_HEADER + size);
    if (bytes == NULL)
        return err_memory(err, "an embedding", size);
    int rc = npy_header(bytes, &form, err);
    memcpy(bytes + NPY_HEADER, row->embedding, size);
    if (rc == 0)
        rc = put_member(shards, key, "npy", bytes, NPY_HEADER + size, err);
    free(bytes);
    return rc;
}

/* Whether a part of the path is of the form __NAME__, which readers take for metadata */
static bool is_metadata(const char *path)
{
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        size_t length = strcspn(part, "/");
        if (length >= 4 && memcmp(part, "__", 2) == 0 && memcmp(part + length - 2, "__", 2) == 0)
            return true;
    }
    return false;
}

/* The sample's key: the face's without extension and with no other dot in its last part, for a
 * sample's key ends at the first one there. */
static char *sample_key(const SinkRow *row, Err *err)
{
    char *key = row_path(row, err);
    if (key == NULL)
        return NULL;
    key[path_stem(key)] = '\0';
    char *slash = strrchr(key, '/');
    for (char *c = slash != NULL ? slash + 1 : key; *c != '\0'; c++)
        if (*c == '.')
            *c = '_';
    if (!is_metadata(key))
        return key;
    err_set(err, "a sample named __...__ would be ignored by readers");
    free(key);
    return NULL;
}

/* Members stand in the order of their extensions: cls, then jpg, npy or png. */
static int put_sample(Shards *shards, const char *key, const SinkRow *row, Err *err)
{
    char label[24];
    int64_t before = shards->keys.n;
    if (names_add(&shards->keys, key, strlen(key), err) < 0)
        return -1;
    if (shards->keys.n == before)
        return err_set(err, "there is already a sample %s", key);
    if (begin_shard(shards, err) != 0)
        return -1;
    int size = snprintf(label, sizeof label, "%" PRId64, row->label);
    if (row->labelled && row->label >= 0 &&
        put_member(shards, key, "cls", label, (size_t)size, err) != 0)
        return -1;
    shards->rows++;
    if (row->embedding != NULL)
        return put_numbers(shards, key, row, err);
    return put_member(shards, key, row->extension, row->file, row->file_size, err);
}

static int shards_put(void *state, const SinkRow *row, Err *err)
{
    char *key = sample_key(row, err);
    int rc = key != NULL ? put_sample(state, key, row, err) : -1;
    free(key);
    return rc;
}

/* Whether there is no shard with the number after the last: one left by an earlier, longer run
 * would be read together with ours, and is not ours to delete. */
static int check_stale(const Shards *shards, Err *err)
{
    char *path = shards->digits > 0 ? shard_path(shards, shards->number) : NULL;
    int rc = 0;
    if (path != NULL && access(path, F_OK) == 0)
        rc = err_set(err,
                     "%s is left from an earlier run: all %" PRId64
                     " shards of this run are written, but it would be taken for one of them; "
                     "remove it and those after it",
                     path, shards->number);
    free(path);
    return rc;
}

static int shards_finish(void *state, Err *err)
{
    Shards *shards = state;
    if (shards->number == 0 && shards->tree == NULL && begin_shard(shards, err) != 0)
        return -1;
    if (end_shard(shards, err) != 0)
        return -1;
    int rc = check_stale(shards, err);
    shards->number = 0; /* they stay */
    return rc;
}

/* Without finish() before it, the shards that are already whole are removed. */
static void shards_release(void *state)
{
    Shards *shards = state;
    tree_abort(shards->tree);
    for (int64_t i = 0; i < shards->number && shards->digits > 0; i++) {
        char *path = shard_path(shards, i);
        if (path != NULL)
            unlink(path);
        free(path);
    }
    names_release(&shards->keys);
    free(shards);
}

const SinkKind sink_wds = {.name = "WebDataset shards",
                           .faces = FACES_FILES,
                           .embeddings = true,
                           .open = shards_open,
                           .put = shards_put,
                           .finish = shards_finish,
                           .release = shards_release};
