/* Nets as PyTorch saves them: a state_dict's names and shapes tell which architecture it is.
 *
 * Known are those of nn/arch.h, with the names their authors gave the parameters: FaceX-Zoo's
 * MobileFaceNet, InsightFace's IResNets and so on. Names may have the prefixes that wrappers put
 * before them (backbone., module.); the centres of the training (head.*) are left out. */
#ifndef NN_TORCH_H
#define NN_TORCH_H

#include "nn/graph.h"
#include "stream/frame.h"

/* A new graph with the parameters of a state_dict, read by format/safetensors.h. arch: the name of
 * one in arch_table, or NULL to recognise it. The size of the image and of the embedding follow
 * from the shapes; pixels are what the net's authors feed it. num_batches_tracked may be missing.
 * NULL on failure: what is missing, too much or of another shape is named. */
Graph *torch_graph(const Frame *frame, const char *arch, Err *err);

#endif
