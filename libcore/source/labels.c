#include "source/labels_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/path_internal.h"
#include "lists/classes_internal.h"
#include "lists/label_list_internal.h"

static int read_list(Labels *labels, Err *err)
{
    Table *list = &labels->list;
    if (label_list_read(list, labels->options.list, &labels->list_form, err) != 0)
        return -1;
    double max = labels->fixed ? (double)labels->classes.n - 1 : INT32_MAX;
    for (int64_t i = 0; i < list->paths.n; i++) {
        double label = *table_row(list, i);
        if (label < -1 || label > max || label != (double)(int64_t)label)
            return err_set(err, "%s: line %lld: the label %.17g is not an integer in -1 .. %.0f",
                           list->file, (long long)list->line[i], label, max);
    }
    labels->met = calloc((size_t)list->paths.n, sizeof *labels->met);
    return labels->met != NULL ? 0 : err_memory(err, "a list", (size_t)list->paths.n);
}

static void take_own(Labels *labels, int64_t label)
{
    labels->own = true;
    labels->most = label > labels->most ? label : labels->most;
}

static int list_classes(Labels *labels, const SourceOptions *options, Err *err)
{
    SourceOptions names_only = *options;
    names_only.names_only = true;
    Source *source = source_open(&names_only, err);
    Item item;
    int rc = source != NULL ? 1 : -1;
    while (rc > 0 && (rc = source_next(source, &item, err)) > 0) {
        size_t size;
        if (item.labelled) {
            take_own(labels, item.label);
            continue;
        }
        const char *name = path_folder(item.path, labels->options.level, &size);
        if (name != NULL && names_add(&labels->classes, name, size, err) < 0)
            rc = -1;
    }
    source_close(source);
    return rc == 0 ? names_sort(&labels->classes, err) : -1;
}

int labels_init(Labels *labels, const LabelOptions *options, const SourceOptions *source, Err *err)
{
    *labels = (Labels){.options = *options, .most = -1};
    int rc = 0;
    if (options->classes != NULL) {
        labels->fixed = true;
        rc = classes_read(&labels->classes, options->classes, err);
    }
    if (rc == 0 && options->list != NULL) {
        rc = read_list(labels, err);
    } else if (rc == 0 && !labels->fixed && source_rereadable(source)) {
        labels->fixed = true;
        rc = list_classes(labels, source, err);
    }
    if (rc != 0)
        labels_release(labels);
    return rc;
}

void labels_release(Labels *labels)
{
    table_release(&labels->list);
    names_release(&labels->classes);
    free(labels->met);
    *labels = (Labels){0};
}

bool labels_want(Labels *labels, const char *path, int64_t *row)
{
    *row = -1;
    if (labels->options.list == NULL)
        return true;
    *row = table_find(&labels->list, path);
    if (*row >= 0)
        labels->met[*row] = true;
    return *row >= 0;
}

int labels_of(Labels *labels, const char *path, int64_t row, const int64_t *own, int64_t *label,
              Err *err)
{
    if (labels->options.list != NULL) {
        *label = (int64_t)*table_row(&labels->list, row);
        return 0;
    }
    if (own != NULL)
        take_own(labels, *own);
    size_t size;
    const char *name = path_folder(path, labels->options.level, &size);
    *label = own != NULL ? *own : -1;
    if (labels->own || name == NULL)
        return 0;
    *label = labels->fixed ? names_find(&labels->classes, name, size)
                           : names_add(&labels->classes, name, size, err);
    if (*label >= 0 || !labels->fixed)
        return *label >= 0 ? 0 : -1;
    return err_set(err, "the class %.*s is not in %s", (int)(size < 200 ? size : 200), name,
                   labels->options.classes != NULL ? labels->options.classes
                                                   : "what was listed before");
}

int64_t labels_bound(const Labels *labels)
{
    if (labels->options.list == NULL && labels->own)
        return labels->fixed ? labels->most + 1 : 0;
    if (labels->options.list == NULL)
        return labels->fixed ? labels->classes.n : 0;
    double most = labels->fixed ? (double)labels->classes.n - 1 : -1;
    for (int64_t i = 0; i < labels->list.paths.n; i++)
        most = *table_row(&labels->list, i) > most ? *table_row(&labels->list, i) : most;
    return (int64_t)most + 1;
}

/* Numbers are not names: the person 17 of one set is not that of another. */
static bool is_number(const char *name)
{
    return name[strspn(name, "0123456789")] == '\0';
}

const char *labels_name(const Labels *labels, int64_t label)
{
    bool classed = labels->options.list != NULL || !labels->own;
    if (!classed || label < 0 || label >= labels->classes.n)
        return "";
    const char *name = names_at(&labels->classes, label);
    return is_number(name) ? "" : name;
}

bool labels_named(const Labels *labels)
{
    for (int64_t i = 0; i < labels->classes.n; i++)
        if (labels_name(labels, i)[0] != '\0')
            return true;
    return false;
}

int64_t labels_unmet(const Labels *labels, Err *err)
{
    int64_t count = 0;
    const Table *list = &labels->list;
    for (int64_t i = 0; labels->met != NULL && i < list->paths.n; i++)
        if (!labels->met[i] && count++ == 0)
            err_set(err, "%s: line %lld: no image %s", list->file, (long long)list->line[i],
                    names_at(&list->paths, i));
    return count;
}
