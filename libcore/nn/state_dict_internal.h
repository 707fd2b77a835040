/* Nets as PyTorch saves them: a state_dict's names and shapes tell which architecture it is.
 *
 * Known are those of nn/arch.h, with the names their authors gave the parameters: FaceX-Zoo's
 * MobileFaceNet, InsightFace's IResNets and so on. Names may have the prefixes that wrappers put
 * before them, whatever they are called: what all names of a net have in common is taken off. What
 * lies beside such a net is left out, as are the centres of the training (head.*). */
#ifndef NN_STATE_DICT_INTERNAL_H
#define NN_STATE_DICT_INTERNAL_H

#include "nn/graph.h"
#include "stream/frame.h"

/* What was made of the names, to be told. */
typedef struct StateDictNames {
    char prefix[96]; /* that was taken off */
    char left[96];   /* the first tensor that was left out, beside head.*, or "" */
    int lefts;       /* and how many were */
} StateDictNames;

/* Whether the names are those of an architecture, or of `arch` if that is not NULL; the message
 * says what is missing or too much. Needs no data. */
int state_dict_check(const Frame *frame, const char *arch, Err *err);

/* A new graph with the parameters of a state_dict, read by format/safetensors_internal.h or
 * format/torch_internal.h. arch: the name of one in arch_table, or NULL to recognise it. The size
 * of the image and of the embedding follow from the shapes; pixels are what the net's authors feed
 * it. num_batches_tracked may be missing. NULL on failure: what is missing, too much or of another
 * shape is named. */
Graph *state_dict_graph(const Frame *frame, const char *arch, StateDictNames *names, Err *err);

#endif
