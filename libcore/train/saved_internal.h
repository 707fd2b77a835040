/* Trainings in model files, to resume from.
 *
 * The model file holds all that is needed to resume exactly: weights, momentum and squares, the
 * head's tensors and the number of steps; metadata names the architecture, the head with every
 * constant, and how pixels become numbers. It is read once: first what it was trained with, then,
 * into a training that was made accordingly, the rest. */
#ifndef TRAIN_SAVED_INTERNAL_H
#define TRAIN_SAVED_INTERNAL_H

#include "stream/frame.h"
#include "train/training.h"

/* Of several processes all call these, and the first one writes.
 *
 * Writes the model with its training state; recipe is metadata for people to read. */
int training_save(Training *training, const char *path, const char *by, const char *recipe,
                  Err *err);

/* The same with the average in place of the net, where there is one: a file to use, not to resume
 * from. */
int training_save_net(Training *training, const char *path, const char *by, const char *recipe,
                      Err *err);

typedef struct SavedTraining {
    const char *path;      /* borrowed */
    TrainingConfig config; /* what the file says besides its recipe */
    int64_t steps;
    const char *recipe, *by; /* "" where there is none; of the frame */
    const char *kernels;     /* the same: those that computed its steps, the last ones last */
    Graph *graph;            /* the net with its weights */
    Frame frame;
} SavedTraining;

/* Reads the file; *saved is to be released. */
int saved_open(SavedTraining *saved, const char *path, Err *err);
void saved_release(SavedTraining *saved);       /* safe on a zeroed one */
size_t saved_bytes(const SavedTraining *saved); /* held in memory */

/* Whether a training of that configuration can go on from it: what differs is an error that names
 * it. An unknown size or number of identities (0) differs from nothing. */
int saved_check(const SavedTraining *saved, const TrainingConfig *want, Err *err);

/* The name of the kernels that computed the last steps. */
const char *saved_kernels_last(const char *kernels);

/* Puts the state into a new training of the same configuration. */
int saved_restore(const SavedTraining *saved, Training *training, Err *err);

#endif
