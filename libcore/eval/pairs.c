#include "eval/pairs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"

#define TEXT_LIMIT ((size_t)1 << 30)

enum { FIELDS = 5, MOST = 1000000000 }; /* one field more than a line may have */

/* A walk over the lines of a text; fields are cut out in place. */
typedef struct Lines {
    const char *path;
    char *next;
    int64_t number;
    char *field[FIELDS];
    int fields;
} Lines;

/* Splits the next line; false at the end. */
static bool next_line(Lines *lines)
{
    char *at = lines->next;
    if (*at == '\0')
        return false;
    char *end = at + strcspn(at, "\n");
    lines->next = *end == '\n' ? end + 1 : end;
    *end = '\0';
    lines->number++;
    lines->fields = 0;
    while (lines->fields < FIELDS && *(at += strspn(at, " \t\r")) != '\0') {
        lines->field[lines->fields++] = at;
        at += strcspn(at, " \t\r");
        if (*at != '\0')
            *at++ = '\0';
    }
    return true;
}

static bool positive(const char *text, int64_t *out)
{
    return num_int(text, 1, MOST, out);
}

/* The first line: [folds] pairs of each kind a fold. */
static int read_size(PairList *list, int64_t *each, Lines *lines, Err *err)
{
    int64_t folds = 1;
    bool good = next_line(lines) && (lines->fields == 1 || lines->fields == 2) &&
                positive(lines->field[lines->fields - 1], each) &&
                (lines->fields == 1 || positive(lines->field[0], &folds));
    if (!good)
        return err_set(err, "%s: line 1: not the number of folds and of pairs in each",
                       lines->path);
    /* 14 bytes a pair at the least: the text bounds what is allocated. */
    if (*each > (int64_t)TEXT_LIMIT / folds)
        return err_set(err, "%s: line 1: %lld folds of %lld pairs are too many", lines->path,
                       (long long)folds, (long long)*each);
    list->folds = (int)folds;
    list->pairs = 2 * folds * *each;
    return 0;
}

static int read_pair(PairList *list, FacePair *pair, Lines *lines, Err *err)
{
    int64_t number[2];
    if (!next_line(lines))
        return err_set(err, "%s: ends after line %lld, before its %lld pairs", lines->path,
                       (long long)lines->number, (long long)list->pairs);
    int second = pair->same ? 0 : 2; /* the field of the second name */
    if (lines->fields != second / 2 + 3 || !positive(lines->field[1], &number[0]) ||
        !positive(lines->field[second == 0 ? 2 : 3], &number[1]))
        return err_set(err, "%s: line %lld: not \"%s\"", lines->path, (long long)lines->number,
                       pair->same ? "name number number" : "name number name number");
    for (int side = 0; side < 2; side++) {
        const char *name = lines->field[side == 0 ? 0 : second];
        pair->image[side] = list->images;
        list->image[list->images++] =
            (PairImage){name, (int)strlen(name), (int32_t)number[side], -1};
    }
    return 0;
}

static int compare_images(const void *a, const void *b)
{
    const PairImage *x = a, *y = b;
    int shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->name, y->name, (size_t)shorter);
    if (order != 0)
        return order;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int64_t find_image(const PairList *list, const PairImage *image)
{
    const PairImage *found =
        bsearch(image, list->image, (size_t)list->images, sizeof *image, compare_images);
    return found != NULL ? found - list->image : -1;
}

/* From an image for each mention to each image once. */
static int unite_images(PairList *list, Err *err)
{
    size_t bytes = (size_t)list->images * sizeof *list->image;
    PairImage *mention = malloc(bytes + 1);
    if (mention == NULL)
        return err_memory(err, "the images of pairs", bytes);
    memcpy(mention, list->image, bytes);
    qsort(list->image, (size_t)list->images, sizeof *list->image, compare_images);
    int64_t n = 0;
    for (int64_t i = 0; i < list->images; i++)
        if (n == 0 || compare_images(&list->image[n - 1], &list->image[i]) != 0)
            list->image[n++] = list->image[i];
    list->images = n;
    for (int64_t i = 0; i < list->pairs; i++)
        for (int side = 0; side < 2; side++)
            list->pair[i].image[side] = find_image(list, &mention[list->pair[i].image[side]]);
    free(mention);
    return 0;
}

static int read_pairs(PairList *list, Lines *lines, size_t size, Err *err)
{
    int64_t each;
    if (read_size(list, &each, lines, err) != 0)
        return -1;
    if ((size_t)list->pairs > size)
        return err_set(err, "%s: too short for its %lld pairs", lines->path,
                       (long long)list->pairs);
    list->pair = calloc((size_t)list->pairs, sizeof *list->pair);
    list->image = calloc((size_t)list->pairs, 2 * sizeof *list->image);
    if (list->pair == NULL || list->image == NULL)
        return err_memory(err, "pairs", (size_t)list->pairs * 2 * sizeof *list->image);
    for (int64_t i = 0; i < list->pairs; i++) {
        list->pair[i].fold = (int)(i / (2 * each));
        list->pair[i].same = i / each % 2 == 0;
        if (read_pair(list, &list->pair[i], lines, err) != 0)
            return -1;
    }
    while (next_line(lines))
        if (lines->fields > 0)
            return err_set(err, "%s: line %lld: more than the %lld pairs that line 1 speaks of",
                           lines->path, (long long)lines->number, (long long)list->pairs);
    return unite_images(list, err);
}

int pairs_read(PairList *list, const char *path, Err *err)
{
    size_t size = 0;
    *list = (PairList){.text = file_read(path, TEXT_LIMIT, &size, err)};
    if (list->text == NULL)
        return -1;
    Lines lines = {.path = strcmp(path, "-") == 0 ? "standard input" : path, .next = list->text};
    int rc = memchr(list->text, '\0', size) != NULL
                 ? err_set(err, "%s: not a text file", lines.path)
                 : read_pairs(list, &lines, size, err);
    if (rc != 0)
        pairs_free(list);
    return rc;
}

void pairs_free(PairList *list)
{
    free(list->text);
    free(list->image);
    free(list->pair);
    *list = (PairList){0};
}

/* The image a key stands for; false when it has not that form. */
static bool image_of_key(PairImage *image, const char *key, int length)
{
    int begin = length, end = length;
    while (begin > 0 && key[begin - 1] != '/')
        begin--;
    while (end > begin && isalnum((unsigned char)key[end - 1]))
        end--;
    /* "NAME_0001.jpg" stopped behind the dot, "NAME_0001" behind the underscore */
    int digits_end = end > begin && key[end - 1] == '.' ? end - 1 : length;
    int digits = digits_end;
    while (digits > begin && isdigit((unsigned char)key[digits - 1]))
        digits--;
    if (digits == digits_end || digits_end - digits > 9 || digits - 1 <= begin ||
        key[digits - 1] != '_')
        return false;
    *image = (PairImage){.name = key + begin, .length = digits - 1 - begin};
    for (int i = digits; i < digits_end; i++)
        image->number = 10 * image->number + (key[i] - '0');
    return true;
}

static int ambiguous(const EvalRows *rows, int64_t a, int64_t b, Err *err)
{
    int length[2];
    const char *key[2] = {eval_key(rows, a, &length[0]), eval_key(rows, b, &length[1])};
    return err_set(err, "rows %lld (%.*s) and %lld (%.*s) are both the same image of a pair",
                   (long long)a, length[0], key[0], (long long)b, length[1], key[1]);
}

int64_t pairs_match(PairList *list, const EvalRows *rows, Err *err)
{
    int64_t missing = list->images;
    for (int64_t i = 0; i < list->images; i++)
        list->image[i].row = -1;
    for (int64_t row = 0; row < rows->n; row++) {
        int length;
        PairImage image;
        const char *key = eval_key(rows, row, &length);
        if (!image_of_key(&image, key, length))
            continue;
        int64_t found = find_image(list, &image);
        if (found < 0)
            continue;
        if (list->image[found].row >= 0)
            return ambiguous(rows, list->image[found].row, row, err);
        list->image[found].row = row;
        missing--;
    }
    return missing;
}
