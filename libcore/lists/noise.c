#include "lists/noise_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_internal.h"
#include "base/lines_internal.h"
#include "base/sort_internal.h"

#define TEXT_LIMIT ((size_t)1 << 30)

static int compare(const void *a, const void *b)
{
    const LookupName *x = a, *y = b;
    int shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->at, y->at, (size_t)shorter);
    return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

/* The name of a line: its second field, or the only one. */
static char *name_of(char *line)
{
    char *tab = strchr(line, '\t');
    char *name = tab != NULL ? tab + 1 : line;
    name[strcspn(name, "\t\r")] = '\0';
    return name;
}

static int components_of(const char *name)
{
    int n = 1;
    for (; *name != '\0'; name++)
        n += *name == '/';
    return n;
}

static int read_lines(NoiseList *list, char *text, size_t size, const char *path, Err *err)
{
    Lines lines = lines_of(text, size);
    while (lines_next(&lines)) {
        lines.at[lines.size] = '\0';
        char *name = *lines.at == '#' ? lines.at + lines.size : name_of(lines.at);
        if (*name == '\0')
            continue;
        if (list->names.n == 0)
            list->components = components_of(name);
        if (components_of(name) != list->components)
            return err_set(err, "%s: line %lld: '%s' does not have %d components like those before",
                           path, (long long)lines.number, name, list->components);
        if (name_list_add(&list->names, name, err) != 0)
            return -1;
    }
    return 0;
}

static int sort_tails(NoiseList *list, Err *err)
{
    size_t n = (size_t)list->names.n;
    list->tail = malloc((n + 1) * sizeof *list->tail);
    if (list->tail == NULL)
        return err_memory(err, "names", n * sizeof *list->tail);
    const char *name = name_list_first(&list->names);
    for (size_t i = 0; i < n; i++, name = name_list_next(name))
        list->tail[i] = lookup_tail(name, (int)strlen(name), list->components);
    sort_array(list->tail, n, sizeof *list->tail, compare);
    return 0;
}

int noise_read(NoiseList *list, const char *path, Err *err)
{
    size_t size;
    *list = (NoiseList){0};
    char *text = file_read_text(path, TEXT_LIMIT, &size, err);
    int rc = text != NULL ? read_lines(list, text, size, path, err) : -1;
    if (rc == 0)
        rc = sort_tails(list, err);
    free(text);
    if (rc != 0)
        noise_release(list);
    return rc;
}

void noise_release(NoiseList *list)
{
    name_list_release(&list->names);
    free(list->tail);
    *list = (NoiseList){0};
}

bool noise_has(const NoiseList *list, const EmbeddingRows *rows, int64_t row)
{
    if (list->names.n == 0)
        return false;
    int length;
    const char *key = embedding_key(rows, row, &length);
    LookupName tail = lookup_tail(key, length, list->components);
    return bsearch(&tail, list->tail, (size_t)list->names.n, sizeof tail, compare) != NULL;
}
