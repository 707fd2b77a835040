/* A gallery or the probes of IJB's 1:N: templates and whose they are. */
#ifndef IDENTIFY_TEMPLATE_LIST_INTERNAL_H
#define IDENTIFY_TEMPLATE_LIST_INTERNAL_H

#include "identify/templates_internal.h"

typedef struct TemplateList {
    int64_t *place; /* [n], of templates, each once */
    int64_t n;
} TemplateList;

/* Reads lines "template,subject,..." behind a header, a line an image, and leaves out templates
 * that are not present. subject[templates] is filled in, -1 before; a template of two subjects, or
 * one that the list of images does not have, is an error. */
int template_list_read(TemplateList *members, int64_t *subject, const char *path,
                       const TemplateImages *images, const bool *present, Err *err);
void template_list_release(TemplateList *members); /* safe on a zeroed one */

#endif
