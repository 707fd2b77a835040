/* The teacher of a run (--teacher): embeddings that another model made of the same faces. */
#ifndef CMD_NPC_TRAIN_TEACH_H
#define CMD_NPC_TRAIN_TEACH_H

#include "state.h"

/* Opens it, if there is one, before the training is made. Checks that every face of a pack has an
 * embedding, and that it is the teacher a resumed model was trained with. */
int teach_open(Run *run, Err *err);
void teach_close(Run *run);

size_t teach_bytes(const Run *run); /* held in memory */

/* Gives the training the embeddings of the faces of the current batch. */
int teach_batch(Run *run, Err *err);

#endif
