/* What the outputs of a detector's net are: told by their number and shapes, for files name and
 * order them as they like.
 *
 *   YuNet  of each level one face a cell: class [1], object [1], box [4] and points [10], all
 * levels of each in turn SCRFD  of each level some faces a cell, its anchors (Guo, Deng, Lattas and
 * Zafeiriou, "Sample and Computation Redistribution for Efficient Face Detection", ICLR 2022;
 * InsightFace): score [anchors], box [4 anchors] and points [10 anchors], in any order */
#ifndef DETECT_OUTPUTS_INTERNAL_H
#define DETECT_OUTPUTS_INTERNAL_H

#include "base/err.h"
#include "nn/graph_internal.h"

enum { DETECTOR_LEVELS = 3 }; /* of cells: 8, 16 and 32 pixels */

typedef enum DetectorKind { DETECTOR_UNKNOWN, DETECTOR_YUNET, DETECTOR_SCRFD } DetectorKind;

/* Which output each is, of each level. */
typedef struct DetectorOutputs {
    DetectorKind kind;
    int anchors;                 /* faces a cell may tell of */
    int score[DETECTOR_LEVELS];  /* YuNet: of the class */
    int object[DETECTOR_LEVELS]; /* YuNet only */
    int box[DETECTOR_LEVELS];    /* four numbers a face */
    int points[DETECTOR_LEVELS]; /* ten */
} DetectorOutputs;

/* Of a net for pictures of h x w pixels; a net that is no detector is an error. */
int detector_outputs(DetectorOutputs *outputs, const Graph *graph, int h, int w, Err *err);

#endif
