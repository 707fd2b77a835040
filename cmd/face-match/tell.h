/* How a verdict is printed. */
#ifndef CMD_FACE_MATCH_TELL_H
#define CMD_FACE_MATCH_TELL_H

#include <stdbool.h>

#include "verify/threshold_internal.h"

typedef struct Verdict {
    const char *is; /* "same", "different", a name, "unknown" */
    bool known;     /* it is a name */
    double score;
    const Threshold *threshold;
    const char *key[2]; /* of the faces: of two photographs, or of the probe and of the gallery */
    int key_length[2];
} Verdict;

void tell_pair(const Verdict *verdict, bool json);
void tell_person(const Verdict *verdict, bool json);

#endif
