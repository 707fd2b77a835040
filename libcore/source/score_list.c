#include "source/score_list_internal.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array_internal.h"
#include "base/file_internal.h"
#include "base/num_internal.h"
#include "base/sort_internal.h"
#include "format/npy_internal.h"
#include "lists/fields_internal.h"

#define FILE_LIMIT ((size_t)16 << 30)

typedef struct Reading {
    ScoreList *list;
    double *exact; /* [n] */
    int64_t room, label_room, exact_room;
} Reading;

static int add(Reading *r, double score, bool same, Err *err)
{
    ScoreList *list = r->list;
    int64_t need = list->n + 1;
    if (array_reserve(list->score, r->room, need, "scores", err) != 0 ||
        array_reserve(list->same, r->label_room, need, "scores", err) != 0 ||
        array_reserve(r->exact, r->exact_room, need, "scores", err) != 0)
        return -1;
    r->exact[list->n] = score;
    list->score[list->n] = (float)score;
    list->same[list->n++] = same;
    return 0;
}

/* 1, 0, or -1 for what is no label */
static int label_of(const char *text)
{
    static const char *const yes[] = {"true", "genuine", "target", "mated"};
    static const char *const no[] = {"false", "impostor", "nontarget", "nonmated"};
    double number;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0)
            return strcasecmp(text, yes[i]) == 0;
    if (!num_double(text, -1, 1, &number))
        return -1;
    if (number == 0 || number == 1 || number == -1)
        return number > 0;
    return -1;
}

typedef struct Columns {
    int label, score;
} Columns;

/* From a heading, 1; from the number of fields, 0; -1 after a message. */
static int find_columns(Columns *columns, const Fields *f, Err *err)
{
    *columns = (Columns){-1, -1};
    for (int i = 0; i < f->n; i++) {
        if (strcasecmp(f->field[i], "label") == 0)
            columns->label = i;
        if (strcasecmp(f->field[i], "score") == 0)
            columns->score = i;
    }
    if (columns->label >= 0 && columns->score >= 0)
        return 1;
    if (f->n != 2 && f->n != 4)
        return err_set(err,
                       "%s, line %lld: neither a heading with 'label' and 'score', nor a label and "
                       "a score, nor two keys before them",
                       f->path, (long long)f->line);
    *columns = (Columns){f->n - 2, f->n - 1};
    return 0;
}

static int take_line(Reading *r, const Fields *f, const Columns *columns, Err *err)
{
    int last = columns->label > columns->score ? columns->label : columns->score;
    double score;
    if (f->n <= last)
        return err_set(err, "%s, line %lld: fewer than %d fields", f->path, (long long)f->line,
                       last + 1);
    int label = label_of(f->field[columns->label]);
    if (label < 0)
        return err_set(err, "%s, line %lld: '%s' is no label: 1 for one person, 0 for two", f->path,
                       (long long)f->line, f->field[columns->label]);
    if (!num_double(f->field[columns->score], (double)-FLT_MAX, (double)FLT_MAX, &score))
        return err_set(err, "%s, line %lld: '%s' is no score", f->path, (long long)f->line,
                       f->field[columns->score]);
    return add(r, score, label == 1, err);
}

/* The text becomes the fields'. */
static int read_text(Reading *r, const char *path, char *text, size_t size, Err *err)
{
    Fields fields;
    Columns columns = {-1, -1};
    int rc = fields_of(&fields, path, text, size, err);
    for (bool first = true; rc == 0 && fields_next(&fields); first = false) {
        int heading = first ? find_columns(&columns, &fields, err) : 0;
        if (heading < 0)
            rc = -1;
        else if (heading == 0)
            rc = take_line(r, &fields, &columns, err);
    }
    fields_close(&fields);
    return rc;
}

typedef struct Bytes {
    const char *at;
    size_t left;
} Bytes;

static int64_t read_bytes(void *state, void *bytes, size_t n, Err *err)
{
    Bytes *from = state;
    size_t take = n < from->left ? n : from->left;
    (void)err;
    memcpy(bytes, from->at, take);
    from->at += take;
    from->left -= take;
    return (int64_t)take;
}

static int take_row(Reading *r, const Npy *npy, Err *err)
{
    float value[2];
    if (npy_floats(npy, value, err) != 0)
        return -1;
    if (value[0] != 0 && value[0] != 1 && value[0] != -1)
        return err_set(err, "%g is no label: 1 for one person, 0 for two", (double)value[0]);
    if (!(value[1] >= -FLT_MAX && value[1] <= FLT_MAX))
        return err_set(err, "the score is not finite");
    return add(r, (double)value[1], value[0] > 0, err);
}

static int read_npy(Reading *r, const char *name, const char *bytes, size_t size, Err *err)
{
    Npy npy;
    Err inner = {0};
    Bytes from = {bytes, size};
    if (npy_init(&npy, (ByteFlow){read_bytes, &from}, &inner) != 0)
        return err_set(err, "%s: %s", name, inner.text);
    int rc = npy.form.ndim == 2 && npy.width == 2
                 ? 1
                 : err_set(err, "%s: not an array of two columns, label and score", name);
    while (rc == 1) {
        rc = npy_next(&npy, &inner);
        if (rc == 1 && take_row(r, &npy, &inner) != 0)
            rc = -1;
        if (rc < 0)
            err_set(err, "%s, row %lld: %s", name, (long long)r->list->n, inner.text);
    }
    npy_release(&npy);
    return rc;
}

/* Scores that differ, but not as floats. */
static void count_tied(Reading *r)
{
    sort_doubles(r->exact, (size_t)r->list->n);
    for (int64_t i = 1; i < r->list->n; i++)
        r->list->tied +=
            r->exact[i] != r->exact[i - 1] && (float)r->exact[i] == (float)r->exact[i - 1];
}

int score_list_read(ScoreList *list, const char *path, Err *err)
{
    Reading reading = {.list = list};
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    size_t size;
    *list = (ScoreList){0};
    char *bytes = file_read(path, FILE_LIMIT, &size, err);
    if (bytes == NULL)
        return -1;
    int rc;
    if (npy_known((const uint8_t *)bytes, size)) {
        rc = read_npy(&reading, name, bytes, size, err);
        free(bytes);
    } else {
        rc = read_text(&reading, name, bytes, size, err);
    }
    if (rc == 0 && list->n == 0)
        rc = err_set(err, "%s: no scores in it", name);
    if (rc == 0)
        count_tied(&reading);
    free(reading.exact);
    return rc;
}

void score_list_release(ScoreList *list)
{
    free(list->score);
    free(list->same);
    *list = (ScoreList){0};
}
