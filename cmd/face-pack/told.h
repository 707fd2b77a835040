/* What face-pack says of the faces it packed, apart from those it skipped. */
#ifndef CMD_FACE_PACK_TOLD_H
#define CMD_FACE_PACK_TOLD_H

#include "source/photos_internal.h"

typedef struct Told {
    const char *landmarks; /* the list, or NULL */
    bool numbered;         /* labels were given, and mean what they say over all operands */
    Keys people;           /* the labels, as text */
    int64_t faces, mixed;  /* mixed: labels that pictures of several operands have */
    bool own;              /* at least one of them came from a source itself */
    char first[800];       /* of them, for the message */
    int64_t doubts[LANDMARKS_DOUBTS];
} Told;

/* Takes a photograph of which there is a face, in order. */
int told_take(Told *told, const Photo *photo, const char *path, Err *err);

/* Reports what is known only at the end. */
void told_finish(const Told *told, int64_t unnamed);
void told_release(Told *told);

#endif
