/* What reading a list of pairs and finding its rows share; not for others. */
#ifndef EVAL_PAIRS_PARTS_H
#define EVAL_PAIRS_PARTS_H

#include "eval/pairs.h"

/* From an image for each mention to each image once, sorted. */
int pairs_unite_images(PairList *list, Err *err);

#endif
