#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array_internal.h"
#include "base/file_internal.h"
#include "base/map_internal.h"
#include "base/out.h"
#include "base/path_internal.h"
#include "base/sort_internal.h"
#include "format/recordio_internal.h"
#include "source/records_index_internal.h"

enum { LINE_MIN = 4 }; /* bytes of "0\t0\n" */

char *records_beside(const char *rec, const char *ending, const char *base, Err *err)
{
    size_t folder = (size_t)(path_base(rec) - rec), stem = strlen(rec);
    if (stem - folder > 4 && strcmp(rec + stem - 4, ".rec") == 0)
        stem -= 4;
    if (base != NULL)
        stem = folder;
    const char *tail = base != NULL ? base : ending;
    size_t room = stem + strlen(tail) + 1;
    char *name = malloc(room);
    if (name == NULL)
        err_memory(err, "a path", room);
    else
        snprintf(name, room, "%.*s%s", (int)stem, rec, tail);
    return name;
}

static int by_offset(const void *a, const void *b)
{
    const RecordEntry *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static int by_key(const void *a, const void *b)
{
    const RecordEntry *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return by_offset(a, b);
}

/* A number, and the character that ends it, which is skipped. */
static int take_number(char **at, char end, uint64_t *number)
{
    char *stop;
    errno = 0;
    *number = strtoull(*at, &stop, 10);
    if (**at < '0' || **at > '9' || errno != 0)
        return -1;
    if (end == '\n' && *stop == '\r')
        stop++;
    if (*stop != end && !(end == '\n' && *stop == '\0'))
        return -1;
    *at = stop + (*stop != '\0');
    return 0;
}

static int parse(RecordIndex *index, char *text, size_t size, Err *err)
{
    size_t room = size / LINE_MIN + 1;
    index->entry = malloc(room * sizeof *index->entry);
    if (index->entry == NULL)
        return err_memory(err, index->file, room * sizeof *index->entry);
    for (char *at = text; *at != '\0';) {
        RecordEntry *entry = &index->entry[index->n];
        if (take_number(&at, '\t', &entry->key) != 0 || take_number(&at, '\n', &entry->offset) != 0)
            return err_set(err, "%s: line %zu: not a key and an offset", index->file, index->n + 1);
        index->n++;
    }
    if (index->n > 0)
        sort_array(index->entry, index->n, sizeof *index->entry, by_offset);
    for (size_t i = 1; i < index->n; i++)
        if (index->entry[i].offset == index->entry[i - 1].offset)
            return err_set(err, "%s: two keys for the record at byte %" PRIu64, index->file,
                           index->entry[i].offset);
    return 0;
}

int recordindex_read(RecordIndex *index, const char *rec, Err *err)
{
    *index = (RecordIndex){.file = records_beside(rec, ".idx", NULL, err)};
    if (index->file == NULL)
        return -1;
    if (access(index->file, F_OK) != 0)
        return 0;
    size_t size;
    char *text = file_read(index->file, INT32_MAX, &size, err);
    int rc = text != NULL ? parse(index, text, size, err) : -1;
    free(text);
    if (rc != 0)
        recordindex_release(index);
    return rc;
}

void recordindex_release(RecordIndex *index)
{
    free(index->file);
    free(index->entry);
    *index = (RecordIndex){0};
}

static int add_entry(RecordIndex *index, size_t *room, uint64_t offset, uint64_t key, Err *err)
{
    if (array_reserve(index->entry, *room, index->n + 1, "an index", err) != 0)
        return -1;
    index->entry[index->n++] = (RecordEntry){offset, key};
    return 0;
}

/* The entries as the records themselves have them */
static int scan(RecordIndex *index, const char *rec, RecordIo *io, Err *err)
{
    size_t room = 0;
    for (;;) {
        Record record;
        RecordHeader header;
        Err why = {0};
        int rc = recordio_next(io, &record, &why);
        if (rc == 0)
            return 0;
        if (rc > 0 && recordio_header(&header, io, &record, &why) != 0)
            rc = -1;
        if (rc < 0)
            return err_set(err, "%s: %s", rec, why.text);
        if (add_entry(index, &room, record.offset, header.id, err) != 0)
            return -1;
    }
}

/* Where all records bear 0, that is no number, their order is the key. */
static int check_keys(RecordIndex *index, const char *rec, Err *err)
{
    if (index->n == 0)
        return err_set(err, "%s: no records", rec);
    sort_array(index->entry, index->n, sizeof *index->entry, by_key);
    if (index->entry[0].key == 0 && index->entry[index->n - 1].key == 0)
        for (size_t i = 0; i < index->n; i++)
            index->entry[i].key = i;
    for (size_t i = 1; i < index->n; i++)
        if (index->entry[i].key == index->entry[i - 1].key)
            return err_set(err,
                           "%s: the records at bytes %" PRIu64 " and %" PRIu64
                           " both have the number %" PRIu64,
                           rec, index->entry[i - 1].offset, index->entry[i].offset,
                           index->entry[i].key);
    sort_array(index->entry, index->n, sizeof *index->entry, by_offset);
    return 0;
}

static int write_index(const RecordIndex *index, const char *file, Err *err)
{
    Out out;
    if (out_open(&out, file, err) != 0)
        return -1;
    for (size_t i = 0; i < index->n; i++)
        if (fprintf(out.f, "%" PRIu64 "\t%" PRIu64 "\n", index->entry[i].key,
                    index->entry[i].offset) < 0) {
            err_errno(err, "cannot write %s", file);
            out_abort(&out);
            return -1;
        }
    return out_commit(&out, err);
}

int64_t records_reindex(const char *rec, const char *file, Err *err)
{
    Map map;
    RecordIndex index = {0};
    if (map_open(&map, rec, err) != 0)
        return -1;
    RecordIo io = {map.bytes, map.size, 0, NULL};
    int rc = scan(&index, rec, &io, err);
    if (rc == 0)
        rc = check_keys(&index, rec, err);
    if (rc == 0)
        rc = write_index(&index, file, err);
    int64_t n = (int64_t)index.n;
    recordindex_release(&index);
    map_close(&map);
    return rc == 0 ? n : -1;
}
