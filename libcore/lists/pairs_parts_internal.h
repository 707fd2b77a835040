/* What reading a list of pairs and finding its rows share; not for others. */
#ifndef LISTS_PAIRS_PARTS_INTERNAL_H
#define LISTS_PAIRS_PARTS_INTERNAL_H

#include "lists/pairs_internal.h"

/* From an image for each mention to each image once, sorted. */
int pairs_unite_images(PairList *list, Err *err);

#endif
