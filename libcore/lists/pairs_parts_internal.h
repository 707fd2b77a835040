/* What reading a list of pairs and finding its rows share; not for others. */
#ifndef LISTS_PAIRS_PARTS_INTERNAL_H
#define LISTS_PAIRS_PARTS_INTERNAL_H

#include "lists/pairs_internal.h"

/* Turns an image for each mention into each image once, sorted. */
int pairs_unite_images(PairList *list, Err *err);

#endif
