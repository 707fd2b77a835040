/* A net, a head and an optimiser: what one training step needs, and its saving and loading.
 *
 * A step is  embeddings = net(images);  loss, d = head(embeddings, labels), which updates its
 * centres;  gradients = net backward(d);  clip;  SGD. The model file holds all that is needed to go
 * on exactly: weights, momentum, the head's tensors and the number of steps; metadata names the
 * architecture, the head with every constant, and how pixels become numbers. */
#ifndef TRAIN_TRAINING_H
#define TRAIN_TRAINING_H

#include "head/head.h"
#include "nn/graph.h"
#include "nn/profile.h"
#include "nn/sgd.h"

typedef struct TrainingConfig {
    char arch[64];
    int embedding, size; /* numbers of an embedding; side of the square image */
    Pixels pixels;
    HeadOptions head;
    int64_t identities;
    uint64_t seed;      /* of the initial weights and centres */
    size_t head_memory; /* HeadConfig.max_memory */
    int batch;          /* the most rows of a step */
} TrainingConfig;

typedef struct TrainingStats {
    HeadStats head;
    double gradient; /* L2 norm of the net's gradient before clipping */
} TrainingStats;

typedef struct Training Training;

/* A new net and head with initial weights. The pool is borrowed. NULL on failure. */
Training *training_new(const TrainingConfig *config, Pool *pool, Err *err);
void training_free(Training *training); /* NULL is fine */

/* One step on images[n,h,w,3] RGB with labels label[n], 1 <= n <= config->batch. clip bounds the
 * L2 norm of the net's gradient, 0 for no bound. The centres get lr, momentum and decay of sgd
 * too. A label out of range, or a loss that is not finite, is an error before any weight has
 * changed; a gradient that is not finite is one before the net's have. */
int training_step(Training *training, const uint8_t *images, const int64_t *label, int n,
                  const Sgd *sgd, double clip, TrainingStats *stats, Err *err);

int64_t training_steps(const Training *training); /* done, those before a resume included */

/* From now on measures where the time of a step goes; training_write_profile tells. */
int training_profile(Training *training, Err *err);
void training_write_profile(FILE *out, const Training *training);

/* Writes the model with its training state; recipe is metadata for people to read. */
int training_save(Training *training, const char *path, const char *by, const char *recipe,
                  Err *err);

/* Puts the state of a model file into a new training of the same configuration; what differs is an
 * error that names it. */
int training_load(Training *training, const char *path, Err *err);

/* What a model file was trained with: its part of the configuration (all but seed, head_memory
 * and batch), and its steps. */
int training_config_of(TrainingConfig *config, int64_t *steps, const char *path, Err *err);

#endif
