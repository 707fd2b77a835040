/* Scores counted by cells: the line of all floats cut into CELLS pieces, in their order.
 *
 * Where cosines are, from 2^-5 to 1 either way, a cell is 2^-16 wide; elsewhere it holds 4096
 * neighbouring floats. No cell holds more than that, so a table of a place a float is enough to
 * count within one exactly; and the counts of the cells in use stay in a core's cache. */
#ifndef EVAL_CELL_H
#define EVAL_CELL_H

#include <stdint.h>
#include <string.h>

#include "eval/key.h"

/* Bits of floats that cells are cut by, and cells of one sign between them: 4096 floats each below
 * CELL_EVEN = 2^-5; even ones from there to 1; 4096 floats each from 1 to infinity. */
enum {
    CELL_FLOATS = 12,
    CELL_EVEN = 0x3d000000,
    CELL_ONE = 0x3f800000,
    CELL_TINY = CELL_EVEN >> CELL_FLOATS,
    CELL_STEPS = 1 << 16,
    CELL_SHIFT = CELL_TINY - CELL_STEPS / 32, /* added to a number of even steps */
    CELL_HALF = CELL_SHIFT + CELL_STEPS + ((0x7f800000 - CELL_ONE) >> CELL_FLOATS) + 1,
    CELLS = 2 * CELL_HALF
};

/* The cell of a score, 0 .. CELLS - 1; not for NaN. */
static inline int32_t cell_of(float score)
{
    int32_t bits, cell;
    score += 0.0f; /* no -0 */
    memcpy(&bits, &score, sizeof bits);
    int32_t size = bits & 0x7fffffff, sign = bits >> 31;
    float length = size < CELL_ONE ? (score < 0 ? -score : score) : 0;
    cell = (int32_t)(length * CELL_STEPS) + CELL_SHIFT;
    cell = size < CELL_EVEN ? size >> CELL_FLOATS : cell;
    cell = size >= CELL_ONE ? ((size - CELL_ONE) >> CELL_FLOATS) + CELL_SHIFT + CELL_STEPS : cell;
    return CELL_HALF + (cell ^ sign);
}

/* The first key of a cell, 0 <= cell <= CELLS; that of the last is 2^32. */
uint64_t cell_key(int32_t cell);

#endif
