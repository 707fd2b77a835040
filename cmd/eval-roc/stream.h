/* A stream of embeddings as eval-roc reads and measures it. */
#ifndef CMD_EVAL_ROC_STREAM_H
#define CMD_EVAL_ROC_STREAM_H

#include "eval-roc/options.h"
#include "verify/evaluation_internal.h"

/* A stream of embeddings, compared and measured. */
typedef struct Stream {
    Comparison comparison;
    Evaluation evaluation;
} Stream;

/* What is read off the curve besides --far, where it is asked for: see evaluation_more(). */
enum { MORE_HARDEST, MORE_AT, MORE_DEEPER };

/* The pairs of the list, or all of them where it is NULL. */
int stream_load(Comparison *comparison, const char *input, const char *pairs, const Options *o,
                Err *err);
int stream_measure(Stream *stream, const char *input, const char *pairs, const Options *o,
                   Pool *pool, Err *err);
void stream_release(Stream *stream); /* safe on a zeroed one */

#endif
