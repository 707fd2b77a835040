#include "stream-cat/joined.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/counted_internal.h"
#include "cli/cli.h"
#include "stream/rows.h"

static int take_key(Joined *joined, const Column *column, int64_t i, const char *path, Err *err)
{
    size_t size;
    int64_t number;
    const char *before;
    const uint8_t *bytes = column_row(column, i, &size);
    char *key = strndup((const char *)bytes, size);
    if (key == NULL)
        return err_memory(err, "a key", size);
    int rc = size == 0 ? 0 : keys_add(&joined->keys, key, path, &number, &before, err);
    if (rc == 0 && size > 0 && before != NULL && joined->twice++ == 0)
        snprintf(joined->key, sizeof joined->key, "%s", key);
    free(key);
    return rc;
}

/* A label of another file that is not counted yet */
static void take_shared(Joined *joined, const char *label, int64_t number, int64_t name,
                        const char *path)
{
    const char *before = joined->people.operand[number];
    const char *was = names_at(&joined->called, joined->name[number]);
    const char *is = names_at(&joined->called, name);
    if (strcmp(was, is) != 0 && was[0] != '\0' && is[0] != '\0' && joined->clashes++ == 0)
        snprintf(joined->clash, sizeof joined->clash, "%s, %.100s in %.250s and %.100s in %.250s",
                 label, was, before, is, path);
    if (joined->shared++ == 0)
        snprintf(joined->label, sizeof joined->label, "%s, of %.300s and %.300s", label, before,
                 path);
    joined->people.operand[number] = ""; /* counted */
}

static int take_label(Joined *joined, int64_t label, const Column *names, int64_t row,
                      const char *path, Err *err)
{
    char text[24];
    int64_t number;
    size_t size = 0;
    const char *before;
    if (label < 0)
        return 0;
    const uint8_t *bytes = names != NULL ? column_row(names, row, &size) : NULL;
    int64_t name = names_add(&joined->called, size > 0 ? (const char *)bytes : "", size, err);
    snprintf(text, sizeof text, "%" PRId64, label);
    if (name < 0 || keys_add(&joined->people, text, path, &number, &before, err) != 0 ||
        array_reserve(joined->name, joined->name_room, number + 1, "people", err) != 0)
        return -1;
    if (before == NULL)
        joined->name[number] = name;
    else if (before[0] != '\0' && strcmp(before, path) != 0)
        take_shared(joined, text, number, name, path);
    return 0;
}

int joined_take(Joined *joined, const Frame *frame, const char *path, Err *err)
{
    Rows rows;
    if (rows_of(&rows, frame, err) != 0)
        return -1;
    const Column *key = rows_find(&rows, "key"), *label = rows_find(&rows, "label");
    const Column *name = rows_find(&rows, "name");
    bool keyed = key != NULL && key->ragged;
    bool labelled =
        label != NULL && !label->ragged && label->dtype == DTYPE_I64 && label->ndim == 0;
    if (name != NULL && !name->ragged)
        name = NULL;
    int rc = 0;
    for (int64_t i = 0; i < rows.n && rc == 0; i++) {
        if (keyed)
            rc = take_key(joined, key, i, path, err);
        if (rc == 0 && labelled && !joined->relabelled)
            rc = take_label(joined, column_i64(label, i), name, i, path, err);
    }
    rows_release(&rows);
    return rc;
}

void joined_tell(const Joined *joined)
{
    if (joined->twice > 0)
        cli_warn("%s the key of an earlier row (the first: %s); keys of a "
                 "stream should be unique",
                 counted(joined->twice, "row has", "rows have").text, joined->key);
    if (joined->clashes > 0)
        cli_warn("%s people of different names in different files (the first: %s) and now %s; "
                 "--relabel keeps the files' people apart",
                 counted(joined->clashes, "label stands for", "labels stand for").text,
                 joined->clash, joined->clashes == 1 ? "means one person" : "mean one person each");
    else if (joined->shared > 0)
        cli_note("%s in more than one file and now %s (the first: %s); --relabel keeps the files' "
                 "people apart",
                 counted(joined->shared, "label occurs", "labels occur").text,
                 joined->shared == 1 ? "means one person" : "mean one person each", joined->label);
}

void joined_release(Joined *joined)
{
    keys_release(&joined->keys);
    keys_release(&joined->people);
    names_release(&joined->called);
    free(joined->name);
}
