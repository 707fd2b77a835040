/* A gallery or the probes of IJB's 1:N: templates and whose they are. */
#ifndef EVAL_MEMBERS_H
#define EVAL_MEMBERS_H

#include "eval/templates.h"

typedef struct Members {
    int64_t *place; /* [n], of templates, each once */
    int64_t n;
} Members;

/* Reads lines "template,subject,..." behind a header, a line an image, and leaves out templates
 * that are not present. subject[templates] is filled in, -1 before; a template of two subjects, or
 * one that the list of images does not have, is an error. */
int members_read(Members *members, int64_t *subject, const char *path, const TemplateImages *images,
                 const bool *present, Err *err);
void members_free(Members *members); /* safe on a zeroed one */

#endif
