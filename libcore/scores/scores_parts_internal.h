/* What scores are made of, for the files that make them, walk over them and sample them. */
#ifndef SCORES_SCORES_PARTS_INTERNAL_H
#define SCORES_SCORES_PARTS_INTERNAL_H

#include "scores/kept_internal.h"
#include "scores/scores_internal.h"

/* Rows and columns of a tile of scores: 1 MiB, stays in a core's cache. */
enum { SCORES_TILE = 512 };

struct Scores {
    int64_t genuine, impostor;
    float *listed; /* the genuine scores, then the impostors; NULL for all pairs */
    /* all pairs: the rows sorted by label */
    int64_t n, d, tiles;
    float *unit;    /* [n + SCORES_TILE, d], the last SCORES_TILE rows zero */
    int64_t *start; /* [tiles + 1], the first row of a tile, which has SCORES_TILE rows at most */
    int64_t *group_end; /* [n], where the rows of the same label end */
    int64_t *row;       /* [n], whose rows they are */
    int64_t keep_rank;  /* see scores_keep() */
    Kept *kept;         /* filled by walks; NULL unless some are to be kept */
    Comm *comm;         /* or NULL */
};

#endif
