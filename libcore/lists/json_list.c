#include "lists/json_list_internal.h"

#include <ctype.h>
#include <string.h>

#include "base/jansson_internal.h"

bool json_list_is(const char *text, size_t size)
{
    size_t i = 0;
    while (i < size && isspace((unsigned char)text[i]))
        i++;
    return i < size && text[i] == '{';
}

/* The label of a photograph, by the identity's name or number. */
static int take_label(double *label, Names *people, const json_t *id, int64_t place,
                      const char *file, Err *err)
{
    char digits[24];
    const char *name = json_string_value(id);
    if (json_is_integer(id)) {
        snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(id));
        name = digits;
    }
    if (name == NULL)
        return err_set(err, "%s: identity %lld is neither a name nor a number", file,
                       (long long)place);
    int64_t number = names_add(people, name, strlen(name), err);
    *label = (double)number;
    return number >= 0 ? 0 : -1;
}

static int add_all(Table *table, Names *people, const json_t *paths, const json_t *ids, Err *err)
{
    size_t n = json_array_size(paths);
    for (size_t i = 0; i < n; i++) {
        const json_t *path = json_array_get(paths, i);
        const int64_t place = (int64_t)i + 1;
        double label = -1;
        if (!json_is_string(path) || json_string_length(path) == 0)
            return err_set(err, "%s: path %lld is no text", table->file, (long long)place);
        if (ids != NULL &&
            take_label(&label, people, json_array_get(ids, i), place, table->file, err) != 0)
            return -1;
        if (table_add(table, json_string_value(path), json_string_length(path), &label, place,
                      err) != 0)
            return -1;
    }
    return n > 0 ? 0 : err_set(err, "%s: empty", table->file);
}

int json_list_add(Table *table, const char *text, size_t size, Err *err)
{
    json_error_t reason;
    json_t *root = jansson_load(text, size, table->file, &reason, err);
    if (root == NULL)
        return err_set(err, "%s: not a list in JSON: line %d: %s", table->file, reason.line,
                       reason.text);
    const json_t *paths = json_object_get(root, "path"), *ids = json_object_get(root, "id");
    Names people = {0};
    int rc;
    if (!json_is_array(paths))
        rc = err_set(err, "%s: no array 'path', as MegaFace's lists have", table->file);
    else if (ids != NULL && (!json_is_array(ids) || json_array_size(ids) != json_array_size(paths)))
        rc = err_set(err, "%s: 'id' is no array with an identity for each of %zu paths",
                     table->file, json_array_size(paths));
    else
        rc = add_all(table, &people, paths, ids, err);
    names_release(&people);
    json_decref(root);
    return rc;
}
