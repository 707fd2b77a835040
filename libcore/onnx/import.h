/* ONNX models become graphs of ours.
 *
 * Read are opset 7 to 25 of ONNX's own operators as nets for faces use them (operators.c has the
 * list); shape arithmetic is done while reading; the batch may be fixed or free. The input is one
 * image of three channels, N,C,H,W or N,H,W,C. How bytes become its numbers is in the file's
 * metadata (pixel_mean, pixel_scale, pixel_order, as this library writes them); without it, it is
 * taken to be byte by byte as they are where the net begins with a scale and a shift, and
 * (byte - 127.5) / 127.5 where it does not, with red first.
 *
 * (Open Neural Network Exchange, onnx/onnx's onnx.proto and docs/Operators.md.) */
#ifndef ONNX_IMPORT_H
#define ONNX_IMPORT_H

#include "base/api.h"
#include "nn/graph.h"

API_BEGIN

typedef struct ImportOptions {
    int h, w;                   /* of images, 0: the model's own, 112 x 112 if that is free */
    bool own_size;              /* where the model fixes its size it is taken, whatever h and w */
    bool all;                   /* all outputs; otherwise one, which must be an embedding: */
    const char *output;         /* the one of this name; NULL: the one that can be an embedding */
    const double *mean, *scale; /* what to take for pixels instead, [COLOURS], or NULL */
    const bool *bgr;
} ImportOptions;

/* What the options say about pixels takes the place of what a model says. */
static inline void import_pixels(Pixels *pixels, const ImportOptions *options)
{
    for (int k = 0; k < COLOURS; k++) {
        pixels->mean[k] = options->mean != NULL ? options->mean[k] : pixels->mean[k];
        pixels->scale[k] = options->scale != NULL ? options->scale[k] : pixels->scale[k];
    }
    pixels->bgr = options->bgr != NULL ? *options->bgr : pixels->bgr;
}

/* A graph whose arch is "imported"; NULL on failure. An operator that is not there is named with
 * its node. `folder`: where the files are that the model names for its numbers. */
Graph *onnx_import(const uint8_t *bytes, size_t size, const char *folder,
                   const ImportOptions *options, Err *err);

API_END

#endif
