/* Many small files: into a folder, which appears when all are there, or into a tar. */
#ifndef SINK_TREE_INTERNAL_H
#define SINK_TREE_INTERNAL_H

#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

typedef struct Tree Tree;

/* The folder must not exist yet, or be empty. NULL on failure. */
Tree *tree_folder(const char *path, Err *err);

/* A POSIX tar: USTAR headers, pax ones where a name needs it; "-" is standard output. */
Tree *tree_tar(const char *path, Err *err);

/* Adds a file. `path` has been checked by row_path(). A path may be added once. */
int tree_put(Tree *tree, const char *path, const void *bytes, size_t size, Err *err);

/* A new file of a folder, for the caller to write and close. NULL on failure. */
FILE *tree_create(Tree *tree, const char *path, Err *err);

int tree_close(Tree *tree, Err *err); /* releases it in any case */
void tree_abort(Tree *tree);          /* NULL is fine */

#endif
