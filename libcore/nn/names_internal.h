/* Names of tensors in model files beside those of the net's parameters. */
#ifndef NN_NAMES_INTERNAL_H
#define NN_NAMES_INTERNAL_H

#include <stdbool.h>
#include <string.h>

static inline bool name_starts(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Is it a tensor that training adds: of the head, the optimiser, the training itself? */
static inline bool name_is_of_training(const char *name)
{
    return name_starts(name, "head.") || name_starts(name, "momentum.") ||
           name_starts(name, "training.");
}

#endif
