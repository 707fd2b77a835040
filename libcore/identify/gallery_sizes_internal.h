/* Identification against the size of the gallery: the same probes searched among more and more
 * people, as reports of large evaluations tabulate FNIR against N. */
#ifndef IDENTIFY_GALLERY_SIZES_INTERNAL_H
#define IDENTIFY_GALLERY_SIZES_INTERNAL_H

#include "identify/identification_internal.h"

enum { GALLERY_SIZES_MAX = 60 };

typedef struct GallerySize {
    int64_t people; /* in the gallery, all their faces */
    Identification found;
} GallerySize;

/* size[GALLERY_SIZES_MAX]: of 1, 2 and 5 times the powers of ten people from 10 on, and of all.
 * People are enrolled in an order drawn by the seed, so that a larger gallery holds the smaller
 * ones. Mated are the probes of those who are enrolled, unmated those of people whom the whole
 * gallery does not have; probes of people who are not enrolled yet are left out. Returns how many,
 * or -1. */
int gallery_sizes_measure(GallerySize *size, const IdentificationAsk *ask, const Subjects *subjects,
                          RowSpan gallery, RowSpan probes, uint64_t seed, Pool *pool, Err *err);

#endif
