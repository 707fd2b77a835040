/* Files of class names: one a line, the first is label 0. */
#ifndef LISTS_CLASSES_INTERNAL_H
#define LISTS_CLASSES_INTERNAL_H

#include "lists/names_internal.h"

/* Adds the names of the file to an empty set. An empty line or a name that comes twice is an error
 * that names the line. */
int classes_read(Names *names, const char *file, Err *err);
int classes_write(const Names *names, const char *file, Err *err);

#endif
