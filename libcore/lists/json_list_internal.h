/* MegaFace's lists of photographs: {"path": ["a/b.jpg", ...], "id": ["a", ...]}, the second only
 * where it is known who they show. */
#ifndef LISTS_JSON_LIST_INTERNAL_H
#define LISTS_JSON_LIST_INTERNAL_H

#include <stdbool.h>

#include "lists/table_internal.h"

/* Whether a text can be nothing else. */
bool json_list_is(const char *text, size_t size);

/* Adds paths to an empty table of one column, the label: people are numbered in the order in which
 * they occur, and -1 stands for nobody known. What messages call a line is here the place among
 * the paths, from 1. */
int json_list_add(Table *table, const char *text, size_t size, Err *err);

#endif
