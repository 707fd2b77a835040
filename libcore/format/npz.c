#include "format/npz_internal.h"

#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 1 << 16 };

static int64_t read_member(void *state, void *bytes, size_t n, Err *err)
{
    struct archive *archive = state;
    size_t used = 0;
    while (used < n) {
        la_ssize_t got = archive_read_data(archive, (char *)bytes + used, n - used);
        if (got < 0) {
            const char *reason = archive_error_string(archive);
            return err_set(err, "%s", reason != NULL ? reason : "damaged");
        }
        if (got == 0)
            break;
        used += (size_t)got;
    }
    return (int64_t)used;
}

static struct archive *open_zip(const char *path, Err *err)
{
    struct archive *archive = archive_read_new();
    if (archive == NULL) {
        err_memory(err, "an archive", BLOCK);
        return NULL;
    }
    archive_read_support_format_zip_seekable(archive);
    if (archive_read_open_filename(archive, path, BLOCK) == ARCHIVE_OK)
        return archive;
    const char *reason = archive_error_string(archive);
    err_set(err, "%s: not an .npz: %s", path, reason != NULL ? reason : "unreadable");
    archive_read_free(archive);
    return NULL;
}

/* Goes to the next array, its name without ".npy": 1, 0 at the end, -1. */
static int next_array(struct archive *archive, char name[NPZ_NAME], const char *path, Err *err)
{
    struct archive_entry *entry;
    for (;;) {
        int rc = archive_read_next_header(archive, &entry);
        if (rc == ARCHIVE_EOF)
            return 0;
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) {
            const char *reason = archive_error_string(archive);
            return err_set(err, "%s: %s", path, reason != NULL ? reason : "damaged");
        }
        const char *member = archive_entry_pathname(entry);
        size_t length = member != NULL ? strlen(member) : 0;
        if (length < 4 || length >= NPZ_NAME || strcmp(member + length - 4, ".npy") != 0)
            continue;
        snprintf(name, NPZ_NAME, "%.*s", (int)length - 4, member);
        return 1;
    }
}

int npz_index(NpzIndex *index, const char *path, Err *err)
{
    *index = (NpzIndex){0};
    struct archive *archive = open_zip(path, err);
    int rc = archive != NULL ? 1 : -1;
    while (rc > 0 && index->arrays < NPZ_ARRAYS) {
        int at = index->arrays;
        rc = next_array(archive, index->array[at].name, path, err);
        if (rc <= 0)
            break;
        Err unread = {0};
        Npy npy;
        if (npy_init_header(&npy, (ByteFlow){read_member, archive}, &unread) == 0)
            index->array[at].form = npy.form;
        npy_release(&npy);
        index->arrays++;
    }
    if (archive != NULL)
        archive_read_free(archive);
    return rc < 0 ? -1 : 0;
}

int npz_find(const NpzIndex *index, const char *const *names)
{
    for (; *names != NULL; names++)
        for (int i = 0; i < index->arrays; i++)
            if (strcmp(index->array[i].name, *names) == 0)
                return i;
    return -1;
}

int npzarray_open(NpzArray *array, const char *path, const char *name, Err *err)
{
    char found[NPZ_NAME];
    *array = (NpzArray){.archive = open_zip(path, err)};
    int rc = array->archive != NULL ? 1 : -1;
    while (rc > 0 && (rc = next_array(array->archive, found, path, err)) > 0) {
        if (strcmp(found, name) != 0)
            continue;
        Err inner = {0};
        if (npy_init(&array->npy, (ByteFlow){read_member, array->archive}, &inner) == 0)
            return 0;
        rc = err_set(err, "%.300s: %s: %.500s", path, name, inner.text);
    }
    if (rc == 0)
        err_set(err, "%s: there is no array '%s'", path, name);
    npzarray_close(array);
    return -1;
}

int npz_column(NpzArray *array, const NpzIndex *index, NpzColumn column, int64_t rows,
               const char *path, Err *err)
{
    static const char *const labels[] = {"label", "labels", "y", "ids", NULL};
    static const char *const keys[] = {"names", "name",  "key",       "keys",
                                       "path",  "paths", "filenames", NULL};
    int i = npz_find(index, column == NPZ_LABELS ? labels : keys);
    if (i < 0)
        return 0;
    if (npzarray_open(array, path, index->array[i].name, err) != 0)
        return -1;
    if (array->npy.width != 1 || array->npy.rows != rows)
        return err_set(err, "%s: the array '%s' is not one of %" PRId64 " rows", path,
                       index->array[i].name, rows);
    return 0;
}

void npzarray_close(NpzArray *array)
{
    npy_release(&array->npy);
    if (array->archive != NULL)
        archive_read_free(array->archive);
    *array = (NpzArray){0};
}
