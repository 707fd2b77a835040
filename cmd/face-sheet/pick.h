/* Which faces of a stream go on the sheet. For face-sheet.c. */
#ifndef CMD_FACE_SHEET_PICK_H
#define CMD_FACE_SHEET_PICK_H

#include "cli/cli.h"
#include "lists/pairs_internal.h"
#include "stream/faces.h"

typedef struct Pick {
    int64_t row, label; /* counted over the whole stream */
    uint64_t order;     /* --random: those that are least in this stay */
    char *key;
    uint8_t *bytes; /* pixels[h,w,3], or with h = 0 an image file */
    size_t size;
    int h, w;
} Pick;

typedef struct PickOptions {
    CliList key;    /* shell patterns of keys or of their last parts; none: all */
    int64_t *label; /* [labels]; none: all */
    int labels;
    int64_t random; /* how many of them, -1 for all */
    uint64_t seed;
} PickOptions;

typedef struct Picks {
    Pick *pick;
    int64_t n, room;
    uint64_t pixels; /* of all of them */
    int64_t rows;    /* that were seen */
} Picks;

/* Takes the faces of a frame that the options ask for; with `random`, those that are no longer
 * among the least are dropped again. More than fit on any sheet is an error. */
int picks_take(Picks *picks, const PickOptions *options, const Faces *faces, Err *err);

/* In the order of rows, or of labels first. */
void picks_sort(Picks *picks, bool by_label);
void picks_release(Picks *picks);

/* The pairs of a list that go on the sheet, and the faces in them, as found in the stream. */
typedef struct PickPairs {
    PairList list;
    int64_t *pair; /* [n] of the list, in its order */
    int64_t n;
    bool *wanted;   /* [list.images] */
    int64_t *image; /* [list.images] the pick, or -1 */
    bool begun;
} PickPairs;

/* Reads the list and chooses among its pairs. */
int pickpairs_init(PickPairs *pairs, const char *path, const PickOptions *options, Err *err);
int pickpairs_take(PickPairs *pairs, Picks *picks, const Faces *faces, Err *err);

/* Every image must have been found. */
int pickpairs_check(const PickPairs *pairs, Err *err);
void pickpairs_release(PickPairs *pairs);

#endif
