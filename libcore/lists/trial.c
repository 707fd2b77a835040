#include "lists/trial_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/file_internal.h"
#include "base/lines_internal.h"
#include "lists/fields_internal.h"

static int append(RowSet *list, int64_t *room, int64_t row, Err *err)
{
    if (array_reserve(list->row, *room, list->n + 1, "a list of rows", err) != 0)
        return -1;
    list->row[list->n++] = row;
    return 0;
}

static int read_names(NameList *names, const char *path, Err *err)
{
    Fields f;
    if (fields_open(&f, path, err) != 0)
        return -1;
    int rc = 0;
    while (rc == 0 && fields_next_name(&f))
        rc = name_list_add(names, f.field[0], err);
    fields_close(&f);
    return rc;
}

int image_list_read(ImageList *list, const char *path, const Lookup *lookup, Err *err)
{
    *list = (ImageList){0};
    int rc = read_names(&list->names, path, err);
    size_t n = (size_t)list->names.n;
    list->row = malloc((n + 1) * sizeof *list->row);
    list->wanted = calloc(n + 1, sizeof *list->wanted);
    if (list->row == NULL || list->wanted == NULL)
        rc = err_memory(err, "a list of images", n * 9);
    const char *name = name_list_first(&list->names);
    for (size_t i = 0; rc == 0 && i < n; i++, name = name_list_next(name))
        list->row[i] = lookup_find(lookup, name);
    if (rc != 0)
        image_list_release(list);
    return rc;
}

void image_list_release(ImageList *list)
{
    name_list_release(&list->names);
    free(list->row);
    free(list->wanted);
    *list = (ImageList){0};
}

int image_list_missing(NameList *missing, const ImageList *list, bool all, Err *err)
{
    *missing = (NameList){0};
    const char *name = name_list_first(&list->names);
    for (int64_t i = 0; i < list->names.n; i++, name = name_list_next(name))
        if (list->row[i] < 0 && (all || list->wanted[i]) && name_list_add(missing, name, err) != 0)
            return -1;
    return 0;
}

int image_list_rows(RowSet *rows, const ImageList *list, Err *err)
{
    int64_t room = 0;
    *rows = (RowSet){0};
    for (int64_t i = 0; i < list->names.n; i++)
        if (list->row[i] >= 0 && append(rows, &room, list->row[i], err) != 0)
            return -1;
    return 0;
}

/* The numbers of the line that begins with `word`. */
static int read_line(RowSet *list, const char *path, Lines lines, const char *word,
                     ImageList *images, Err *err)
{
    size_t length = strlen(word);
    int64_t room = 0;
    const char *at = NULL, *stop = NULL;
    while (at == NULL && lines_next(&lines)) {
        stop = lines.at + lines.size;
        if (strncmp(lines.at, word, length) == 0 && lines.at[length] == ' ')
            at = lines.at + length;
    }
    if (at == NULL)
        return err_set(err, "%s: no line '%s'", path, word);
    while (*at == ' ') {
        char *end;
        long long number = strtoll(at, &end, 10);
        if (end == at || end > stop)
            break;
        if (number < 1 || number > images->names.n)
            return err_set(err, "%s: %s: there is no image %lld", path, word, number);
        int64_t row = images->row[number - 1];
        images->wanted[number - 1] = true;
        if (row >= 0 && append(list, &room, row, err) != 0)
            return -1;
        at = end;
    }
    at += strspn(at, " \r");
    return at == stop ? 0 : err_set(err, "%s: %s: '%.9s' is not a number", path, word, at);
}

int trial_read(Trial *trial, const char *path, ImageList *images, Err *err)
{
    size_t size;
    *trial = (Trial){0};
    char *text = file_read(path, (size_t)1 << 30, &size, err);
    int rc = text != NULL ? 0 : -1;
    Lines lines = lines_of(text, text != NULL ? size : 0);
    if (rc == 0)
        rc = read_line(&trial->test, path, lines, "test", images, err);
    if (rc == 0)
        rc = read_line(&trial->gallery, path, lines, "gallery", images, err);
    if (rc == 0)
        rc = read_line(&trial->probe, path, lines, "probe", images, err);
    free(text);
    if (rc != 0)
        trial_release(trial);
    return rc;
}

void trial_release(Trial *trial)
{
    free(trial->test.row);
    free(trial->gallery.row);
    free(trial->probe.row);
    *trial = (Trial){0};
}
