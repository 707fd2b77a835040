/* Faces on a picture, by a YuNet or an SCRFD in an ONNX file.
 *
 * YuNet (Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023; libfacedetection)
 * looks at a picture in cells of 8, 16 and 32 pixels. For each cell it gives two probabilities,
 * whose geometric mean is the score, a box and five points; see decode() in detect.c. So does
 * SCRFD, for two faces a cell or another number; see outputs_internal.h. Where boxes overlap the
 * best one stays. A Detector serves one thread at a time. */
#ifndef DETECT_DETECT_INTERNAL_H
#define DETECT_DETECT_INTERNAL_H

#include "base/err.h"
#include "image/align.h"
#include "model/file_internal.h"

typedef struct Detection {
    double score;                  /* in (0, 1] */
    double x, y, w, h;             /* the box, its corner at the top left first */
    double points[FACE_POINTS][2]; /* as image/align.h has them */
} Detection;

typedef struct DetectOptions {
    double score; /* the least */
    int min_size; /* boxes with a shorter side, in pixels of the picture, are passed over */
    int side;     /* pictures whose longer side is larger are searched at this size */
} DetectOptions;

typedef struct Detector Detector;

/* The file must outlive the detector, which takes the net from it anew for each size of picture. If
 * it is of a fixed size pictures are brought to that. NULL on failure; whether the file is a
 * detector is known here. */
Detector *detector_new(const ModelFile *model, const DetectOptions *options, Err *err);
void detector_free(Detector *detector); /* NULL is fine */

/* The faces of a picture, the largest first, in pixels of it: how many, or -1. They belong to the
 * detector and stay until its next call. The picture is not changed. */
int detector_find(Detector *detector, const Detection **found, Image picture, Err *err);

#endif
