/* Where images come from: archives, folders, single files, WebDataset's shards, NumPy's arrays and
 * InsightFace's records and verification sets, read once from front to back.
 *
 * Operands are archives (tar, zip, 7z, cpio, compressed by gzip, bzip2, xz, zstd, lz4 or not), read
 * through libarchive and never unpacked to disk; folders, in the order of their names, links
 * followed; image files; and "-", an archive on standard input. Memory holds one member at a time,
 * of at most WALK_MAX_MEMBER bytes (walk.h).
 *
 * An item's path is the member's path without "/", "./" and "../" in front; of a file in a folder
 * it begins with the folder's own name, as in an archive made of it. Folders, hidden files and
 * __MACOSX/ are not items. What is not a regular file is an item with a problem. */
#ifndef SOURCE_SOURCE_INTERNAL_H
#define SOURCE_SOURCE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* What the operands are. SOURCE_AUTO: told by their content; standard input is then an archive. */
typedef enum SourceForm {
    SOURCE_AUTO,
    SOURCE_PHOTOS, /* archives, folders and images */
    SOURCE_WDS,
    SOURCE_NPY,
    SOURCE_NPZ,
    SOURCE_REC,
    SOURCE_BIN,
} SourceForm;

typedef struct SourceOptions {
    const char *const *operand;
    int operands;
    const char *const *exclude; /* shell patterns of paths or file names that are passed over */
    int excludes;
    const char *exclude_list; /* a list of keys that are passed over, lists/pick_list_internal.h */
    SourceForm from;
    bool names_only; /* items come without bytes */
} SourceOptions;

typedef struct Item {
    const char *operand;  /* as given */
    const char *form;     /* what the operand was taken for if not for photographs, or NULL */
    const char *path;     /* this and the rest stay until the next call */
    const uint8_t *bytes; /* NULL when there is a problem, and for names_only */
    size_t size;
    bool labelled;       /* the operand itself says who it is */
    int64_t label;       /* then its label, -1 unknown */
    int64_t at;          /* the byte of the operand where it begins, -1: not told */
    const char *problem; /* why this item cannot be read while the next may, or NULL */
} Item;

typedef struct Source Source;

/* The options must outlive the source. NULL on failure. */
Source *source_open(const SourceOptions *options, Err *err);
void source_close(Source *source); /* NULL is fine */

/* 1: an item, 0: the end, -1: a failure after which nothing more can be read. */
int source_next(Source *source, Item *item, Err *err);

/* How many records so far only described others and were not items */
int64_t source_meta(const Source *source);

/* How many records so far were passed over because the index beside them does not name them */
int64_t source_unnamed(const Source *source);

/* Whether all operands are files and folders, which can be read a second time. */
bool source_rereadable(const SourceOptions *options);

#endif
