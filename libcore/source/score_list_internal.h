/* Scores that other programs made: a label, 1 for two faces of one person or 0, and a score a pair,
 * as text, CSV, TSV or .npy.
 *
 * A heading names the columns: `label` and `score`, wherever they stand. Without one a line has the
 * two, or two keys before them. An .npy has two columns. Labels may also be -1 for 0, or words
 * (true, false, genuine, impostor, target, nontarget, mated, nonmated). Higher scores are of one
 * person. */
#ifndef SOURCE_SCORE_LIST_INTERNAL_H
#define SOURCE_SCORE_LIST_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

typedef struct ScoreList {
    int64_t n;
    float *score; /* [n] rounded to float */
    bool *same;   /* [n] */
    int64_t tied; /* scores that are one with another only because they were rounded */
} ScoreList;

/* "-" is standard input. Messages name the file, and the line or row. */
int score_list_read(ScoreList *list, const char *path, Err *err);
void score_list_release(ScoreList *list); /* safe on a zeroed one */

#endif
