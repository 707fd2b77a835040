/* Lists of pairs from text, in every form */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/num_internal.h"
#include "lists/fields_internal.h"
#include "lists/lookup_internal.h"
#include "lists/pairs_parts_internal.h"

/* A pair takes at least so many bytes of text, which bounds what is allocated for them. */
enum { PAIR_BYTES = 6, MOST = 1000000000, KFOLDS = 10 };

typedef enum Form {
    FORM_LFW,
    FORM_RFW,
    FORM_PATHS,
    FORM_KIND_FIRST,
    FORM_TWO_LINES,
    FORM_NONE
} Form;

typedef struct Reader {
    Fields fields;
    Form form;
    int64_t each; /* LFW: pairs of each kind a fold */
    int64_t room; /* for so many pairs */
} Reader;

static bool positive(const char *text, int64_t *out)
{
    return num_int(text, 1, MOST, out);
}

static bool looks_like_number(const char *text)
{
    return text[strspn(text, "+-0123456789")] == '\0';
}

/* Does the text say whether a pair is of one person? */
static bool kind_of(const char *text, bool *same)
{
    static const char *const yes[] = {"1", "1.0", "true"};
    static const char *const no[] = {"0", "-1", "0.0", "-1.0", "false"};
    for (int i = 0; i < 3; i++)
        if (strcasecmp(text, yes[i]) == 0)
            return *same = true;
    *same = false;
    for (int i = 0; i < 5; i++)
        if (strcasecmp(text, no[i]) == 0)
            return true;
    return false;
}

/* By the first line. Paths that are bare numbers cannot be told from LFW's form. */
static Form form_of(const Fields *f)
{
    int64_t number;
    bool same;
    if (f->n >= 3 && kind_of(f->field[0], &same) && !looks_like_number(f->field[1]) &&
        !looks_like_number(f->field[2]))
        return FORM_KIND_FIRST;
    if (looks_like_number(f->field[0]))
        return FORM_LFW;
    if (f->n == 2)
        return FORM_TWO_LINES;
    if ((f->n == 3 || f->n == 4) && positive(f->field[1], &number))
        return FORM_RFW;
    return f->n >= 3 && kind_of(f->field[2], &same) ? FORM_PATHS : FORM_NONE;
}

/* Is the first line the names of columns, as CSV files have them? No field of it is a number, as
 * one at least is in every form. */
static bool is_heading(const Fields *f)
{
    bool same, heading = f->n >= 3;
    for (int i = 0; i < f->n; i++)
        heading = heading && !looks_like_number(f->field[i]) && !kind_of(f->field[i], &same);
    return heading;
}

/* LFW's first line: [folds] pairs of each kind a fold. */
static int read_size(PairList *list, Reader *reader, Err *err)
{
    const Fields *f = &reader->fields;
    int64_t folds = 1;
    if (f->n > 2 || !positive(f->field[f->n - 1], &reader->each) ||
        (f->n == 2 && !positive(f->field[0], &folds)))
        return err_set(err, "%s: line %lld: not the number of folds and of pairs in each", f->path,
                       (long long)f->line);
    if (reader->each > MOST / folds)
        return err_set(err, "%s: line %lld: %lld folds of %lld pairs are too many", f->path,
                       (long long)f->line, (long long)folds, (long long)reader->each);
    list->folds = (int)folds;
    if (2 * folds * reader->each > reader->room)
        return err_set(err, "%s: too short for its %lld pairs", f->path,
                       (long long)(2 * folds * reader->each));
    reader->room = 2 * folds * reader->each;
    return 0;
}

static int bad_line(const Fields *f, const char *form, Err *err)
{
    return err_set(err, "%s: line %lld: not \"%s\"%s", f->path, (long long)f->line, form,
                   f->n > 4 ? "; names with spaces need tabs between them" : "");
}

static void add_image(PairList *list, FacePair *pair, int side, const char *name, int64_t number)
{
    pair->image[side] = list->images;
    list->image[list->images++] = (PairImage){name, (int)strlen(name), (int32_t)number, -1};
}

/* "name number number" when the pair is of one person, else "name number name number". */
static int read_numbered(PairList *list, FacePair *pair, const Fields *f, Err *err)
{
    int64_t number[2];
    int second = pair->same ? 0 : 2; /* the field of the second name */
    if (f->n != second / 2 + 3 || !positive(f->field[1], &number[0]) ||
        !positive(f->field[second == 0 ? 2 : 3], &number[1]))
        return bad_line(f, pair->same ? "name number number" : "name number name number", err);
    add_image(list, pair, 0, f->field[0], number[0]);
    add_image(list, pair, 1, f->field[second], number[1]);
    return 0;
}

/* Two paths and whether they are of one person, which stands first in some lists */
static int read_paths(PairList *list, FacePair *pair, const Fields *f, bool first, Err *err)
{
    int kind = first ? 0 : 2, path = first ? 1 : 0;
    if (f->n < 3 || !kind_of(f->field[kind], &pair->same))
        return bad_line(f, first ? "1 path path" : "path path 1", err);
    add_image(list, pair, 0, f->field[path], 0);
    add_image(list, pair, 1, f->field[path + 1], 0);
    return 0;
}

static int read_two_lines(PairList *list, FacePair *pair, Fields *f, Err *err)
{
    int64_t kind;
    for (int side = 0; side < 2; side++) {
        if (side == 1 && !fields_next(f))
            return err_set(err, "%s: ends after line %lld, within a pair", f->path,
                           (long long)f->line);
        if (f->n != 2 || !num_int(f->field[1], INT_MIN, INT_MAX, &kind))
            return bad_line(f, "path kind", err);
        if (side == 0)
            pair->same = kind != 0;
        add_image(list, pair, side, f->field[0], 0);
    }
    return 0;
}

/* The pair that the line at hand begins. */
static int read_pair(PairList *list, Reader *reader, Err *err)
{
    Fields *f = &reader->fields;
    FacePair *pair = &list->pair[list->pairs];
    if (list->pairs == reader->room)
        return err_set(err, "%s: line %lld: more than the %lld pairs that line 1 announces",
                       f->path, (long long)f->line, (long long)reader->room);
    int rc;
    if (reader->form == FORM_LFW)
        pair->same = list->pairs / reader->each % 2 == 0;
    if (reader->form == FORM_RFW)
        pair->same = f->n == 3;
    if (reader->form == FORM_PATHS || reader->form == FORM_KIND_FIRST)
        rc = read_paths(list, pair, f, reader->form == FORM_KIND_FIRST, err);
    else if (reader->form == FORM_TWO_LINES)
        rc = read_two_lines(list, pair, f, err);
    else
        rc = read_numbered(list, pair, f, err);
    list->pairs += rc == 0;
    return rc;
}

/* The fold of the i-th of n in KFold's cut. */
static int kfold(int64_t i, int64_t n, int folds)
{
    int64_t size = n / folds, longer = n % folds;
    int64_t fold = i < longer * (size + 1) ? i / (size + 1) : (i - longer) / size;
    return (int)fold;
}

static void cut_folds(PairList *list, const Reader *reader)
{
    int64_t count[2] = {0}, seen[2] = {0};
    bool kinds = reader->form == FORM_TWO_LINES;
    for (int64_t i = 0; i < list->pairs; i++)
        count[kinds && list->pair[i].same]++;
    if (reader->form != FORM_LFW)
        list->folds = list->pairs < KFOLDS ? 1 : KFOLDS;
    for (int64_t i = 0; i < list->pairs; i++) {
        FacePair *pair = &list->pair[i];
        int kind = kinds && pair->same;
        pair->fold = reader->form == FORM_LFW ? (int)(i / (2 * reader->each))
                                              : kfold(seen[kind]++, count[kind], list->folds);
    }
}

/* Paths of a list have as many components each, by which keys are found. */
static int cut_paths(PairList *list, const Fields *f, Err *err)
{
    for (int64_t i = 0; i < list->images; i++) {
        PairImage *image = &list->image[i];
        int components = 1;
        for (int j = 0; j < image->length; j++)
            components += image->name[j] == '/';
        if (i > 0 && components != list->components)
            return err_set(err, "%s: '%.*s' and '%.*s' differ in their number of components",
                           f->path, list->image[0].length, list->image[0].name, image->length,
                           image->name);
        list->components = components;
    }
    for (int64_t i = 0; i < list->images; i++) {
        PairImage *image = &list->image[i];
        LookupName tail = lookup_tail(image->name, image->length, list->components);
        image->name = tail.at;
        image->length = tail.length;
    }
    return 0;
}

static int allocate(PairList *list, const Reader *reader, Err *err)
{
    list->pair = calloc((size_t)reader->room + 1, sizeof *list->pair);
    list->image = calloc((size_t)reader->room + 1, 2 * sizeof *list->image);
    if (list->pair == NULL || list->image == NULL)
        return err_memory(err, "pairs", (size_t)reader->room * 2 * sizeof *list->image);
    return 0;
}

static int read_list(PairList *list, Reader *reader, Err *err)
{
    Fields *f = &reader->fields;
    reader->room = (int64_t)(strlen(f->text) + 1) / PAIR_BYTES;
    bool line = fields_next(f);
    if (line && is_heading(f))
        line = fields_next(f);
    if (!line || (reader->form = form_of(f)) == FORM_NONE)
        return err_set(err, "%s: line %lld: not a known format of a list of pairs%s", f->path,
                       (long long)(line ? f->line : 1),
                       f->n > 4 ? "; names with spaces need tabs between them" : "");
    if (reader->form == FORM_LFW) {
        if (read_size(list, reader, err) != 0)
            return -1;
        line = fields_next(f);
    }
    if (allocate(list, reader, err) != 0)
        return -1;
    for (; line; line = fields_next(f))
        if (read_pair(list, reader, err) != 0)
            return -1;
    if (reader->form == FORM_LFW && list->pairs < reader->room)
        return err_set(err, "%s: ends after line %lld, before its %lld pairs", f->path,
                       (long long)f->line, (long long)reader->room);
    cut_folds(list, reader);
    bool paths = reader->form == FORM_PATHS || reader->form == FORM_KIND_FIRST ||
                 reader->form == FORM_TWO_LINES;
    return paths ? cut_paths(list, f, err) : 0;
}

int pairs_read(PairList *list, const char *path, Err *err)
{
    Reader reader = {0};
    *list = (PairList){0};
    if (fields_open(&reader.fields, path, err) != 0)
        return -1;
    list->text = reader.fields.text;
    int rc = read_list(list, &reader, err);
    if (rc == 0)
        rc = pairs_unite_images(list, err);
    if (rc != 0)
        pairs_release(list);
    return rc;
}
