#include "eval/trial.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "eval/fields.h"

static int append(RowList *list, int64_t *room, int64_t row, Err *err)
{
    if (list->n == *room) {
        *room = 2 * *room + 1024;
        int64_t *grown = realloc(list->row, (size_t)*room * sizeof *grown);
        if (grown == NULL)
            return err_memory(err, "a list of rows", (size_t)*room * sizeof *grown);
        list->row = grown;
    }
    list->row[list->n++] = row;
    return 0;
}

/* A row for each line, -1 where it is missing. */
static int all_lines(RowList *list, const char *path, const Lookup *lookup, Err *err)
{
    Fields f;
    int64_t room = 0;
    *list = (RowList){0};
    if (fields_open(&f, path, err) != 0)
        return -1;
    int rc = 0;
    while (rc == 0 && fields_next(&f))
        rc = append(list, &room, lookup_find(lookup, f.field[0]), err);
    fields_close(&f);
    if (rc != 0) {
        free(list->row);
        *list = (RowList){0};
    }
    return rc;
}

int rows_listed(RowList *list, int64_t *missing, const char *path, const Lookup *lookup, Err *err)
{
    if (all_lines(list, path, lookup, err) != 0)
        return -1;
    int64_t n = 0;
    for (int64_t i = 0; i < list->n; i++)
        if (list->row[i] >= 0)
            list->row[n++] = list->row[i];
    *missing += list->n - n;
    list->n = n;
    return 0;
}

/* The numbers of the line that begins with `word`. */
static int read_line(RowList *list, int64_t *missing, const char *path, const char *text,
                     const char *word, const RowList *images, Err *err)
{
    size_t length = strlen(word);
    int64_t room = 0;
    while (text != NULL && (strncmp(text, word, length) != 0 || text[length] != ' ')) {
        text = strchr(text, '\n');
        text += text != NULL;
    }
    if (text == NULL)
        return err_set(err, "%s: no line '%s'", path, word);
    for (text += length; *text == ' ';) {
        char *end;
        long long number = strtoll(text, &end, 10);
        if (end == text)
            break;
        if (number < 1 || number > images->n)
            return err_set(err, "%s: %s: there is no image %lld", path, word, number);
        int64_t row = images->row[number - 1];
        *missing += row < 0;
        if (row >= 0 && append(list, &room, row, err) != 0)
            return -1;
        text = end;
    }
    text += strspn(text, " \r");
    return *text == '\n' || *text == '\0'
               ? 0
               : err_set(err, "%s: %s: '%.9s' is not a number", path, word, text);
}

int trial_read(Trial *trial, const char *path, const char *images, const Lookup *lookup, Err *err)
{
    size_t size;
    int64_t again = 0; /* gallery and probes are among the test's images */
    RowList all;
    *trial = (Trial){0};
    if (all_lines(&all, images, lookup, err) != 0)
        return -1;
    char *text = file_read(path, (size_t)1 << 30, &size, err);
    int rc = text != NULL ? 0 : -1;
    if (rc == 0)
        rc = read_line(&trial->test, &trial->missing, path, text, "test", &all, err);
    if (rc == 0)
        rc = read_line(&trial->gallery, &again, path, text, "gallery", &all, err);
    if (rc == 0)
        rc = read_line(&trial->probe, &again, path, text, "probe", &all, err);
    free(text);
    free(all.row);
    if (rc != 0)
        trial_free(trial);
    return rc;
}

void trial_free(Trial *trial)
{
    free(trial->test.row);
    free(trial->gallery.row);
    free(trial->probe.row);
    *trial = (Trial){0};
}
