/* Picks rows of tables: by lists of keys, labels or names, by how many images an identity has, by
 * chance; and gives them other labels.
 *
 * The conditions apply in the order of PickOptions, each to the rows that the ones before it leave.
 * What depends on all rows needs to see them first: pick_look() for each table, then pick_settle(),
 * then pick_take() for each again, in the same order. The same rows and the same seed pick the
 * same. */
#ifndef LISTS_PICK_INTERNAL_H
#define LISTS_PICK_INTERNAL_H

#include "stream/rows.h"

/* What the names of a list are. PICK_ANY: as its heading says, else labels where all of them are
 * whole numbers, else keys. */
typedef enum PickBy { PICK_ANY, PICK_KEY, PICK_LABEL, PICK_NAME } PickBy;

typedef struct PickOptions {
    const char *keep, *drop; /* files, or NULL: a name a line, perhaps a tab and a new label */
    PickBy by;
    int64_t min_images; /* of an identity; 0: any number. Rows of no known identity have one each */
    double split;       /* the share of the identities to pick; 0: all */
    int64_t sample;     /* so many rows at most; -1: all */
    bool relabel;       /* identities are numbered from 0, in the order of their first rows */
    uint64_t seed;
} PickOptions;

typedef struct Pick Pick;

/* Reads the lists. NULL on failure. */
Pick *pick_new(const PickOptions *options, Err *err);
void pick_free(Pick *pick); /* NULL is fine */

/* Does it need to see all rows before the first can be picked? */
bool pick_needs_look(const Pick *pick);

/* A table's rows; tables of different files number their labels differently for `relabel`, unless
 * their rows have names. */
int pick_look(Pick *pick, const Frame *frame, int file, Err *err);
int pick_settle(Pick *pick, Err *err);

/* Moves the picked rows of the frame to `picked` and the others to `rest`, each without tensors
 * where there are none. The frame is released. */
int pick_take(Pick *pick, Frame *frame, int file, Frame *picked, Frame *rest, Err *err);

/* How many names of the lists no row had, and the first of them. */
int64_t pick_missing(const Pick *pick, const char **first);

#endif
