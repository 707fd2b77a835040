/* The command line of face-pack. */
#ifndef CMD_FACE_PACK_OPTIONS_H
#define CMD_FACE_PACK_OPTIONS_H

#include "cli/cli.h"
#include "source/braces_internal.h"
#include "source/labels_internal.h"
#include "source/photos_internal.h"

enum { STORE_RAW, STORE_JPEG };

typedef struct Options {
    BracedNames operands; /* those of `source` */
    SourceOptions source;
    const char *output;
    const char *write_classes, *landmarks, *pairs_out; /* files, or NULL */
    LabelOptions labels;
    FaceForm form;
    DecodeRules rules;
    double landmark_scale;
    int64_t rows, threads;
    int64_t part, parts; /* which, from 0, of how many; 0 of 0: all */
    int store;           /* STORE_ */
    bool skip_bad, reindex, check;
} Options;

/* Parses the command line and checks what needs no file; exits where it is misused. There is one of
 * them, which lasts until it is released. */
const Options *pack_options(int argc, char **argv);
void pack_options_release(void);

#endif
