/* --hardest: what is decided wrongly, as a list of pairs. */
#ifndef CMD_EVAL_ROC_HARD_H
#define CMD_EVAL_ROC_HARD_H

#include "eval-roc/compared.h"

/* Writes the n false accepts and the n false rejects farthest from the threshold of this reading,
 * and as many nearest to it, the highest score first: both keys, 1 for one person or 0, the score,
 * false-accept or false-reject, far or near, apart by tabs. face-sheet takes it as a list. */
int hard_write(const char *path, const Compared *compared, const RocReading *at, int64_t n,
               Pool *pool, Err *err);

#endif
