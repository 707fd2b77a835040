/* When a training diverges: its loss is far above what it was lately.
 *
 * A step is suspect when its loss is above 3 times the median of the last DIVERGENCE_WINDOW steps
 * that were not, and above 1: below that the own centre has a probability of more than a third,
 * and a loss near 0 may well triple from batch to batch. DIVERGENCE_STEPS suspect steps in a row
 * are a divergence; a single bad batch is none. The window is long enough that its median is no
 * matter of a few batches, and short enough that the slow fall of a loss does not leave it behind.
 *
 * A margin that grows, as it warms up or with a loss's own state, raises the loss too, but not by
 * more than is known: a margin of d, on the cosine or the angle, takes at most d from the cosine of
 * the positive, and scale times that is the most it adds to the loss. So much above the median is
 * allowed: scale times what the margin is above the least in the window. */
#ifndef TRAIN_DIVERGENCE_INTERNAL_H
#define TRAIN_DIVERGENCE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

enum { DIVERGENCE_WINDOW = 101, DIVERGENCE_LEAST = 21, DIVERGENCE_STEPS = 3 };

#define DIVERGENCE_FACTOR 3.0

/* Zeroed at the start. All of it are doubles, so that a checkpoint can hold it. */
typedef struct Divergence {
    double seen;    /* steps that entered the window */
    double suspect; /* in a row, up to now */
    double loss[DIVERGENCE_WINDOW], margin[DIVERGENCE_WINDOW];
} Divergence;

/* Takes the loss and mean margin of a step. *bound = what the loss must not exceed, infinite while
 * the window has fewer than DIVERGENCE_LEAST steps. */
bool divergence_sees(Divergence *divergence, double loss, double margin, double scale,
                     double *bound);

#endif
