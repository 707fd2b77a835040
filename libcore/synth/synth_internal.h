/* Rendered faces: the data set that ships inside.
 *
 * A person is a number: the shape and texture of a head are drawn from (seed, person). A picture
 * of the person is another number: pose, light, expression, what is worn or held, camera, noise
 * are drawn from (seed, person, picture). So any face can be rendered alone, and has the same
 * bytes whoever renders it and in what order. The head is a radius around an axis with colours
 * (grid.h), lit on its surface and then seen along rays, so that turning it shows its sides.
 *
 * hardness in [0, 1] is how far pictures of one person may differ, and how near people come to
 * each other: at 0 plain frontal pictures of very different people, at 1 the opposite. */
#ifndef SYNTH_SYNTH_INTERNAL_H
#define SYNTH_SYNTH_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define SYNTH_SMALLEST 16
#define SYNTH_LARGEST  512

typedef struct SynthConfig {
    uint64_t seed;
    double hardness;
    int size;   /* pixels a side, SYNTH_SMALLEST .. SYNTH_LARGEST */
    bool photo; /* a photograph to be aligned, instead of an aligned face */
} SynthConfig;

typedef struct Synth Synth; /* for one thread at a time */

Synth *synth_new(const SynthConfig *config, Err *err);
void synth_free(Synth *synth); /* NULL is fine */

/* image[size,size,3] RGB; landmarks x1 y1 ... x5 y5 in pixels: eyes, nose tip, mouth corners,
 * image left first; of a photograph with the error of whoever found them. Several pictures of a
 * person in a row are faster than people in turn. */
void synth_face(Synth *synth, uint8_t *image, float landmarks[10], int64_t person, int64_t picture);

#endif
