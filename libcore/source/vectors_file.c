/* Embeddings in MegaFace's feature files and MagFace's feat.list */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array_internal.h"
#include "base/lines_internal.h"
#include "base/num_internal.h"
#include "base/path_internal.h"
#include "source/source_internal.h"
#include "source/vector_kind_internal.h"
#include "source/walk_internal.h"
#include "stream/input_internal.h"

/* MegaFace ---------------------------------------------------------------------------------- */

typedef struct Features {
    const char *operand;
    SourceOptions options;
    Source *source;
    bool folder;
    float *vector;
    size_t room;
} Features;

static void features_close(void *state)
{
    Features *features = state;
    source_close(features->source);
    free(features->vector);
    free((char *)features->operand);
    free(features);
}

static void *features_open(const char *path, Err *err)
{
    struct stat st;
    Features *features = calloc(1, sizeof *features);
    if (features == NULL || (features->operand = strdup(path)) == NULL) {
        free(features);
        err_memory(err, "features", sizeof *features);
        return NULL;
    }
    features->folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    features->options = (SourceOptions){.operand = &features->operand, .operands = 1};
    features->source = source_open(&features->options, err);
    if (features->source != NULL)
        return features;
    features_close(features);
    return NULL;
}

/* gen_megaface.py: rows, 1 column, 4 bytes an element, OpenCV's type of floats */
static int parse_feature(Features *features, int64_t *d, const uint8_t *bytes, size_t size,
                         Err *err)
{
    enum { HEADER = 16, CV_32F = 5 };
    int32_t head[4];
    if (size < HEADER)
        return err_set(err, "too short for a feature file");
    memcpy(head, bytes, HEADER);
    if (head[0] < 1 || head[0] > VECTOR_MAX_WIDTH || head[1] != 1 || head[2] != 4 ||
        head[3] != CV_32F)
        return err_set(err, "not a feature file: its header is not that of a column of floats");
    if (size - HEADER != (size_t)head[0] * 4)
        return err_set(err, "%zu bytes, not %zu for its %d numbers", size,
                       HEADER + (size_t)head[0] * 4, (int)head[0]);
    if (array_reserve(features->vector, features->room, head[0], "a feature", err) != 0)
        return -1;
    memcpy(features->vector, bytes + HEADER, size - HEADER);
    *d = head[0];
    return 0;
}

/* The length of the image's name in IMAGE.EXT_ALGORITHM.bin: up to the first underscore after the
 * last dot, or without an extension up to the last underscore. */
static size_t image_length(const char *path)
{
    const char *base = path_base(path);
    size_t length = strlen(base);
    if (length > 4 && strcmp(base + length - 4, ".bin") == 0)
        length -= 4;
    size_t dot = length, cut = length;
    while (dot > 0 && base[dot - 1] != '.')
        dot--;
    for (size_t i = length; i > dot; i--)
        if (base[i - 1] == '_' && (dot > 0 || cut == length))
            cut = i - 1;
    return (size_t)(base - path) + (cut > 0 ? cut : length);
}

static int features_next(void *state, VectorRow *row, Err *err)
{
    Features *features = state;
    Item item;
    Err inner = {0};
    int rc = source_next(features->source, &item, err);
    if (rc <= 0)
        return rc;
    if (item.problem != NULL)
        return err_set(err, "%s: %s", item.path, item.problem);
    if (parse_feature(features, &row->d, item.bytes, item.size, &inner) != 0)
        return err_set(err, "%s: %s", item.path, inner.text);
    const char *slash = strchr(item.path, '/');
    row->key = features->folder && slash != NULL ? slash + 1 : item.path;
    row->key_size = image_length(row->key);
    row->vector = features->vector;
    return 1;
}

/* MagFace ----------------------------------------------------------------------------------- */

enum { LINE_LIMIT = 1 << 25, STEP = 1 << 16 };

typedef struct List {
    Input *input;
    Bytes bytes;
    size_t cut;  /* so many of the bytes are whole lines, */
    Lines lines; /* these */
    bool ended;
    float *vector;
    int64_t room;
} List;

static void list_close(void *state)
{
    List *list = state;
    input_close(list->input);
    bytes_release(&list->bytes);
    free(list->vector);
    free(list);
}

static void *list_open(const char *path, Err *err)
{
    List *list = calloc(1, sizeof *list);
    if (list == NULL) {
        err_memory(err, "lines", sizeof *list);
        return NULL;
    }
    list->input = input_open(path, err);
    if (list->input != NULL)
        return list;
    list_close(list);
    return NULL;
}

/* Moves the rest to the front and reads on; what is then up to the last line feed, or at the end
 * all, is to be cut. */
static int read_more(List *list, Err *err)
{
    Bytes *bytes = &list->bytes;
    if (bytes->size > list->cut)
        memmove(bytes->data, bytes->data + list->cut, bytes->size - list->cut);
    bytes->size -= list->cut;
    if (bytes->size > LINE_LIMIT)
        return err_set(err, "line %" PRId64 ": longer than the limit of %d bytes",
                       list->lines.number + 1, LINE_LIMIT);
    if (bytes_reserve(bytes, STEP + 1, "lines", err) != 0)
        return -1;
    int64_t got = input_read(list->input, bytes->data + bytes->size, STEP, err);
    if (got < 0)
        return -1;
    size_t before = bytes->size, end = bytes->size += (size_t)got; /* no line ends before */
    list->ended = got < STEP;
    while (!list->ended && end > before && bytes->data[end - 1] != '\n')
        end--;
    if (!list->ended && end == before)
        end = 0;
    int64_t number = list->lines.number;
    list->lines = lines_of((char *)bytes->data, end);
    list->lines.number = number;
    list->cut = end;
    return 0;
}

/* The next line, NUL-terminated in place: 1, 0, -1. */
static int next_line(List *list, char **line, Err *err)
{
    Lines *lines = &list->lines;
    while (!lines_next(lines)) {
        if (list->ended)
            return 0;
        if (read_more(list, err) != 0)
            return -1;
    }
    *line = lines->at;
    lines->at[lines->size] = '\0'; /* there is room for one byte more than what was read */
    if (strlen(lines->at) < lines->size)
        return err_set(err, "line %" PRId64 ": not text", lines->number);
    return 1;
}

static int parse_number(List *list, char **at, int64_t i, Err *err)
{
    char *end;
    if (i == VECTOR_MAX_WIDTH)
        return err_set(err, "line %" PRId64 ": more than %d numbers", list->lines.number,
                       VECTOR_MAX_WIDTH);
    if (array_reserve(list->vector, list->room, i + 1, "a row", err) != 0)
        return -1;
    list->vector[i] = strtof(*at, &end);
    if (end == *at || (*end != '\0' && strchr(" \t\r", *end) == NULL) || !isfinite(list->vector[i]))
        return err_set(err, "line %" PRId64 ": '%.40s' is not a number", list->lines.number, *at);
    *at = end;
    return 0;
}

/* Whether it is written as a fraction or with an exponent, unlike any name: then numpy.savetxt
 * wrote the list, without names, and the first number of a row would be lost. */
static bool is_fraction(const char *text, size_t size)
{
    char number[48];
    double value;
    if (size >= sizeof number)
        return false;
    memcpy(number, text, size);
    number[size] = '\0';
    return strpbrk(number, ".eE") != NULL && isalpha((unsigned char)number[0]) == 0 &&
           num_double(number, -INFINITY, INFINITY, &value);
}

static int list_next(void *state, VectorRow *row, Err *err)
{
    List *list = state;
    char *at;
    do {
        int rc = next_line(list, &at, err);
        if (rc <= 0)
            return rc;
        at += strspn(at, " \t\r");
    } while (*at == '\0');
    row->key = at;
    row->key_size = strcspn(at, " \t\r");
    if (is_fraction(row->key, row->key_size))
        return err_set(err,
                       "line %" PRId64 ": it begins with the number %.*s, not with a name; save "
                       "features without names as .npy",
                       list->lines.number, (int)row->key_size, row->key);
    at += row->key_size;
    while (*(at += strspn(at, " \t\r")) != '\0')
        if (parse_number(list, &at, row->d++, err) != 0)
            return -1;
    row->vector = list->vector;
    return row->d > 0 ? 1
                      : err_set(err, "line %" PRId64 ": a key without numbers", list->lines.number);
}

const VectorKind vectors_megaface = {features_open, features_next, features_close};
const VectorKind vectors_magface = {list_open, list_next, list_close};
