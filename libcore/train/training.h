/* A training: a net, a head and an optimiser, and what one step of them is.
 *
 * A step is  embeddings = net(images);  loss, d = head(embeddings, labels), which updates its
 * centres;  gradients = net backward(d);  clip;  the optimiser.
 *
 * With `accumulate` the net works through the batch in parts, and its memory is that of a part. The
 * head sees the whole batch: all parts go forward, the head steps on all embeddings, then each part
 * goes forward once more (but for the last one, whose activations are still there) and backward,
 * and the gradients add up (as GradCache does it, arXiv 2101.06983). Because L is a function of all
 * embeddings and each is a function of its part, the gradient is the sum over the parts of
 * (dL/dx_part)(dx_part/dw): nothing differs from one large batch but batch norm, whose statistics
 * are those of a part. */
#ifndef TRAIN_TRAINING_H
#define TRAIN_TRAINING_H

#include <stdio.h>

#include "base/api.h"
#include "head/head.h"
#include "nn/descent.h"
#include "nn/graph.h"
#include "product/kernels.h"

API_BEGIN

typedef enum DistilKind { DISTIL_COS, DISTIL_MSE, DISTIL_RKD } DistilKind;

/* A term of the loss beside the head's, which draws the embeddings to a teacher's. */
typedef struct TrainingDistil {
    DistilKind kind;
    double weight;
    int dim; /* of the teacher's embeddings; 0: there is none */
} TrainingDistil;

typedef struct TrainingConfig {
    char arch[64];
    const Graph *net;    /* for arch "imported": the net to be one like, else NULL; borrowed by
                          * training_memory() and training_new() */
    int embedding, size; /* numbers of an embedding; side of the square image */
    Pixels pixels;
    HeadOptions head;
    int64_t identities;
    uint64_t seed;          /* of the initial weights and centres, and of dropout */
    double dropout;         /* where the architecture has it, else of no meaning */
    bool rough;             /* HeadConfig.rough */
    size_t head_memory;     /* HeadConfig.max_memory */
    double sample_rate;     /* HeadConfig.sample_rate; 1: all identities */
    int64_t margin_warmup;  /* HeadConfig.margin_warmup */
    int batch;              /* the most rows of a step */
    double label_smoothing; /* HeadConfig.label_smoothing */
    double ema; /* the decay of an average of weights and running statistics over the steps; 0:
                   there is none */
    OptimiserKind optimiser;
    TrainingDistil distil;
    bool
        freeze_norms; /* batch norm goes by its running statistics; these and its parameters stay */
    int accumulate;   /* parts the net computes a batch in; 0 or 1: whole */
    int slices; /* of the tree in which sums over a batch are added: a power of two from the number
                   of processes to 256; 0: 16. These decide the bytes, comm does not */
    int norm_group; /* images over which batch norm takes its statistics, a run of slices; 0: all */
    struct Comm *comm; /* the processes that train together, each with a share of a batch and of the
                          centres; NULL: this one alone. Borrowed */
} TrainingConfig;

typedef struct TrainingStats {
    HeadStats head;
    double gradient; /* L2 norm of the net's gradient before clipping */
    double norm[3];  /* of the embeddings: quantiles .05, .5 and .95 of their lengths */
    double distil;   /* the term of the teacher, without its weight; 0 where there is none */
    bool diverged; /* the step failed because numbers are not finite; running statistics, at least,
                      have changed */
} TrainingStats;

typedef struct Training Training;

/* A new net and head with initial weights. Pool and kernels (NULL: OpenBLAS) are borrowed. NULL on
 * failure. */
Training *training_new(const TrainingConfig *config, Pool *pool, Kernels *kernels, Err *err);
void training_free(Training *training); /* NULL is fine */

/* Of the rows of a batch of n those that this process computes, for which alone images need to be
 * there: used[n] is set. */
void training_rows(bool *used, const TrainingConfig *config, int n);

/* One step on images[n,h,w,3] RGB with labels label[n], 1 <= n <= config->batch. clip bounds the
 * L2 norm of the net's gradient, 0 for no bound. The centres follow the same optimiser, whose kind
 * is that of the configuration.
 *
 * Errors are: a label out of range or a loss that is not finite, where no weight has changed yet; a
 * gradient that is not finite, where only the centres have; a net that is not finite after the
 * step. */
int training_step(Training *training, const uint8_t *images, const int64_t *label, int n,
                  const Descent *descent, double clip, TrainingStats *stats, Err *err);

/* The teacher's embeddings target[n, config->distil.dim] of the faces of the next steps, none of
 * length 0; borrowed. */
void training_set_target(Training *training, const float *target);

/* Fine-tuning. Multiplies the learning rate of the parameters whose names match the pattern (a
 * glob); at 0 they stay what they are, and their gradient does not count in the norm. A pattern
 * that matches none is an error. */
int training_set_rate(Training *training, const char *pattern, double rate, Err *err);

/* The centre, or the first of several, of every identity among these labelled faces becomes the
 * mean of their embeddings, each of length 1, in the length it was drawn with; others stay. A head
 * without centres is refused. */
int training_centre_means(Training *training, const char *faces, Err *err);

/* From now on training_save() keeps the losses that training_diverges() has seen, so that a
 * training that is resumed sees what one that never stopped does. */
void training_watch(Training *training);

/* After a step, to be asked after each: has the loss been far above its running median for several
 * steps? (divergence_internal.h says how far.) *bound = what it should not exceed. */
bool training_diverges(Training *training, const TrainingStats *stats, double *bound);

/* Counts a step that changes nothing, for a batch that cannot be trained on. */
void training_skip(Training *training);

/* Does the net train batch norm, which has no variance in a batch of one? Has it dropout? */
bool training_has_norms(const Training *training);
bool training_has_dropout(const Training *training);

int64_t training_steps(const Training *training); /* done, those before a resume included */

/* From now on measures where the time of a step goes; training_write_profile() prints it. */
int training_profile(Training *training, Err *err);
void training_write_profile(FILE *out, const Training *training);

/* What several processes cost a step: bytes of gradients that each sends beside the backward pass,
 * other bytes, and short messages that it waits for, one after the other. 0 of a process alone. */
typedef struct TrainingTraffic {
    double gradients, bytes, messages;
} TrainingTraffic;

TrainingTraffic training_traffic(const Training *training);

/* Gives a new training the weights and running statistics of a net of its architecture and
 * sizes. */
int training_start_from(Training *training, const Graph *net, Err *err);

/* What training_new() and its first step take, in bytes. */
typedef struct TrainingMemory {
    HeadMemory head;
    size_t net;         /* weights, momentum, gradients */
    size_t activations; /* of `images` images, which are at work at a time */
    int images;
} TrainingMemory;

int training_memory(TrainingMemory *memory, const TrainingConfig *config, int threads,
                    Kernels *kernels, Err *err);

API_END

#endif
