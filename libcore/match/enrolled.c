#include "match/enrolled_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array_internal.h"
#include "lists/names_internal.h"
#include "match/constant_key_internal.h"
#include "stream/reader.h"
#include "stream/writer.h"

enum { HASH_TEXT = 17 };

char *enrolled_path(const char *folder, Err *err)
{
    static const char ending[] = ".embeddings";
    char *whole = realpath(folder, NULL); /* so that "." has a name */
    if (whole == NULL) {
        err_errno(err, "%s", folder);
        return NULL;
    }
    size_t size = strlen(whole);
    char *path = malloc(size + sizeof ending);
    if (path != NULL) {
        memcpy(path, whole, size);
        memcpy(path + size, ending, sizeof ending);
    } else {
        err_memory(err, "a path", size);
    }
    free(whole);
    return path;
}

/* What the stream is made of. */
static int hash_folder(char text[HASH_TEXT], const Recognizer *r, const SourceOptions *options,
                       Err *err)
{
    Item item;
    uint64_t chain[3] = {recognizer_hash(r), 0, 0};
    Source *source = source_open(options, err);
    int rc = source != NULL ? 1 : -1;
    while (rc > 0 && (rc = source_next(source, &item, err)) > 0) {
        chain[1] = hash_bytes(&constant_key, item.path, strlen(item.path));
        chain[2] = item.problem != NULL ? 0 : hash_bytes(&constant_key, item.bytes, item.size);
        chain[0] = hash_bytes(&constant_key, chain, sizeof chain);
    }
    source_close(source);
    snprintf(text, HASH_TEXT, "%016" PRIx64, chain[0]);
    return rc;
}

/* Whether the stream is whole and says that it is made of that. */
static bool is_kept(const char *path, const char *hash)
{
    Err err = {0};
    Frame frame = {0};
    bool same = false;
    StreamReader *reader = access(path, R_OK) == 0 ? reader_open(path, &err) : NULL;
    if (reader == NULL)
        return false;
    int rc = reader_next(reader, &frame, &err);
    if (rc > 0) {
        const char *of = frame_meta(&frame, "enrolled");
        same = of != NULL && strcmp(of, hash) == 0;
    }
    while (rc > 0 && same) {
        frame_release(&frame);
        rc = reader_next(reader, &frame, &err);
    }
    frame_release(&frame);
    reader_close(reader);
    return same && rc == 0;
}

/* The gallery as it grows */
typedef struct Growing {
    Enrolled *enrolled;
    int64_t n, d, room, key_room, name_room;
    float *embedding;
    size_t numbers;
    int64_t *label, *key_end, *name_end;
    Bytes key, name;
    Names people;
    SeenSink *told;
    void *arg;
} Growing;

static void growing_release(Growing *g)
{
    free(g->embedding);
    free(g->label);
    free(g->key_end);
    free(g->name_end);
    bytes_release(&g->key);
    bytes_release(&g->name);
    names_release(&g->people);
}

/* Who that is, by the path "GALLERY/..." */
static const char *name_of(const char *path, size_t *size)
{
    const char *below = strchr(path, '/');
    below = below != NULL ? below + 1 : path;
    const char *slash = strchr(below, '/'), *dot = strrchr(below, '.');
    if (slash != NULL)
        *size = (size_t)(slash - below);
    else
        *size = dot != NULL && dot > below ? (size_t)(dot - below) : strlen(below);
    return below;
}

static int add_face(Growing *g, const Seen *seen, int k, Err *err)
{
    char second[16] = "";
    size_t size;
    const char *name = name_of(seen->path, &size);
    int64_t n = g->n + 1, label = names_add(&g->people, name, size, err);
    if (k > 0)
        snprintf(second, sizeof second, "#%d", k + 1);
    if (label < 0 ||
        array_reserve(g->embedding, g->numbers, (size_t)n * (size_t)g->d, "a gallery", err) != 0 ||
        array_reserve(g->label, g->room, n, "a gallery", err) != 0 ||
        array_reserve(g->key_end, g->key_room, n, "a gallery", err) != 0 ||
        array_reserve(g->name_end, g->name_room, n, "a gallery", err) != 0 ||
        bytes_append(&g->key, seen->path, strlen(seen->path), "a gallery", err) != 0 ||
        bytes_append(&g->key, second, strlen(second), "a gallery", err) != 0 ||
        bytes_append(&g->name, name, size, "a gallery", err) != 0)
        return -1;
    memcpy(g->embedding + g->n * g->d, seen->embedding + k * g->d, (size_t)g->d * sizeof(float));
    g->label[g->n] = label;
    g->key_end[g->n] = (int64_t)g->key.size;
    g->name_end[g->n++] = (int64_t)g->name.size;
    return 0;
}

static int add_photograph(void *arg, const Seen *seen, Err *err)
{
    Growing *g = arg;
    g->enrolled->photographs++;
    if (seen->faces->n == 0) {
        g->enrolled->without++;
        return g->told(g->arg, seen, err);
    }
    for (int k = 0; k < seen->faces->n; k++)
        if (add_face(g, seen, k, err) != 0)
            return -1;
    return 0;
}

static int fill_frame(Frame *frame, const Growing *g, const char *model, const char *hash, Err *err)
{
    const int64_t shape[2] = {g->n, g->d}, key = (int64_t)g->key.size, name = (int64_t)g->name.size;
    if (frame_add(frame, "embedding", DTYPE_F32, 2, shape, g->embedding, err) != 0 ||
        frame_add(frame, "label", DTYPE_I64, 1, &g->n, g->label, err) != 0 ||
        frame_add(frame, "key", DTYPE_U8, 1, &key, g->key.data, err) != 0 ||
        frame_add(frame, "key_end", DTYPE_I64, 1, &g->n, g->key_end, err) != 0 ||
        frame_add(frame, "name", DTYPE_U8, 1, &name, g->name.data, err) != 0 ||
        frame_add(frame, "name_end", DTYPE_I64, 1, &g->n, g->name_end, err) != 0 ||
        frame_set_meta(frame, "kind", "embeddings", err) != 0 ||
        frame_set_meta(frame, "model", model, err) != 0)
        return -1;
    return frame_set_meta(frame, "enrolled", hash, err);
}

static int write_stream(const Growing *g, const char *path, const char *model, const char *hash,
                        const char *by, Err *err)
{
    Frame frame = {0};
    int rc = fill_frame(&frame, g, model, hash, err);
    if (rc == 0)
        rc = writer_write(path, by, &frame, err);
    frame_release(&frame);
    return rc;
}

static int update(Enrolled *enrolled, Recognizer *r, const char *folder, const char *kept,
                  const char *by, Growing *g, Err *err)
{
    char hash[HASH_TEXT];
    const SourceOptions options = {.operand = &folder, .operands = 1, .from = SOURCE_PHOTOS};
    if (hash_folder(hash, r, &options, err) != 0)
        return -1;
    if (is_kept(kept, hash))
        return 0;
    enrolled->made = true;
    if (out_check(kept, NULL, err) != 0 || recognizer_run(r, &options, add_photograph, g, err) != 0)
        return -1;
    enrolled->faces = g->n;
    if (g->n == 0)
        return err_set(err, "%s: no face at all", folder);
    return write_stream(g, kept, recognizer_model(r), hash, by, err);
}

int enrolled_update(Enrolled *enrolled, Recognizer *r, const char *folder, const char *kept,
                    const char *by, SeenSink *told, void *arg, Err *err)
{
    Growing g = {.enrolled = enrolled, .d = recognizer_width(r), .told = told, .arg = arg};
    char *whole = realpath(folder, NULL); /* paths begin with the folder's name */
    *enrolled = (Enrolled){0};
    if (whole == NULL)
        return err_errno(err, "%s", folder);
    int rc = update(enrolled, r, whole, kept, by, &g, err);
    growing_release(&g);
    free(whole);
    return rc;
}
