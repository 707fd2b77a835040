#include "identify/template_list_internal.h"

#include <stdlib.h>

#include "lists/fields_internal.h"

static int read_line(TemplateList *members, bool *seen, int64_t *subject, const Fields *f,
                     const TemplateImages *images, const bool *present, Err *err)
{
    int64_t template, of;
    if (fields_number(&template, f, 0, 0, err) != 0 || fields_number(&of, f, 1, 0, err) != 0)
        return -1;
    int64_t at = templates_find(images, template);
    if (at < 0)
        return err_set(err, "%s: line %lld: no image of template %lld", f->path, (long long)f->line,
                       (long long)template);
    if (subject[at] >= 0 && subject[at] != of)
        return err_set(err, "%s: line %lld: template %lld has two subjects", f->path,
                       (long long)f->line, (long long)template);
    subject[at] = of;
    if (!seen[at] && present[at])
        members->place[members->n++] = at;
    seen[at] = true;
    return 0;
}

int template_list_read(TemplateList *members, int64_t *subject, const char *path,
                       const TemplateImages *images, const bool *present, Err *err)
{
    Fields f;
    size_t n = (size_t)images->templates;
    *members = (TemplateList){.place = malloc(n * sizeof(int64_t))};
    bool *seen = calloc(n, sizeof *seen);
    int rc = 0;
    if (members->place == NULL || seen == NULL)
        rc = err_memory(err, "a list of templates", n * 9);
    if (rc == 0)
        rc = fields_open(&f, path, err);
    if (rc == 0) {
        fields_next(&f);
        while (rc == 0 && fields_next(&f))
            rc = read_line(members, seen, subject, &f, images, present, err);
        fields_close(&f);
    }
    if (rc == 0 && members->n == 0)
        rc = err_set(err, "%s: no templates to compare", path);
    free(seen);
    if (rc != 0)
        template_list_release(members);
    return rc;
}

void template_list_release(TemplateList *members)
{
    free(members->place);
    *members = (TemplateList){0};
}
