/* The command line of stream-cat. */
#ifndef CMD_STREAM_CAT_OPTIONS_H
#define CMD_STREAM_CAT_OPTIONS_H

#include "cli/cli.h"
#include "lists/pick_internal.h"
#include "sink/sink_internal.h"

typedef struct Options {
    char **operand; /* the files; none stands for standard input */
    int operands;
    const char *output;
    const char *select; /* columns, or NULL: all */
    int64_t first;      /* rows, or -1: all */
    bool merge;
    PickOptions pick;
    const char *rest;   /* or NULL */
    int from;           /* 0: streams, else 1 + a VectorFormat */
    const char *list;   /* of the rows of such a format, or NULL */
    const char *labels; /* a file of their labels, or NULL */
    int to;             /* 0: a stream, else 1 + a SinkFormat */
    SinkOptions sink;
} Options;

/* Parses the command line and checks what needs no input; exits where it is misused. There is one
 * of them, which lasts as long as the process. */
const Options *cat_options(int argc, char **argv);

#endif
