/* face-pack --check: reads and decodes everything, and reports what is there. */
#ifndef CMD_FACE_PACK_CHECK_H
#define CMD_FACE_PACK_CHECK_H

#include "image/decode.h"
#include "source/labels_internal.h"

/* Writes the report to `output`. Fails, with the report written, when something is broken. */
int check_run(const SourceOptions *source, const LabelOptions *labels, const DecodeRules *rules,
              int threads, const char *output, Err *err);

#endif
