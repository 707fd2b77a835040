/* Lists of images and labels in the usual forms, told apart by their columns.
 *
 *     path label                          FaceX-Zoo, Paddle; by any white space
 *     path 0 label 0                      MagFace
 *     number, label ..., path             im2rec's .lst, by tabs
 *     0 or 1, path, label, numbers ...    InsightFace's face2rec2, by tabs
 *     {"path": [...], "id": [...]}        MegaFace's, in JSON: see lists/json_list_internal.h
 *
 * A list has the first of the other forms that all its lines have, or else that of path and label,
 * where the path may hold spaces. */
#ifndef LISTS_LABEL_LIST_INTERNAL_H
#define LISTS_LABEL_LIST_INTERNAL_H

#include "lists/table_internal.h"

/* Reads a list into a table of one column, the label. *form: what it was taken for if not for path
 * and label, or NULL. The message names file and line. */
int label_list_read(Table *table, const char *file, const char **form, Err *err);

#endif
