/* Scores counted by cells: the line of all floats cut into CELLS pieces, in their order.
 *
 * Where cosines are, from 2^-5 to 1 either way, a cell is 2^-15 wide. From there down to 2^-24, and
 * from 1 to 2, it holds 8192 neighbouring floats, elsewhere 2^20. No cell holds more than that, so
 * that a place a float is enough to count within one exactly; and they are so few that the counts
 * of those in use stay in a core's cache.
 *
 * Why these: cells of one number of floats each would be most around 0, where floats are dense and
 * scores are not denser than elsewhere, so cells are of one width, down to where that width holds
 * as many floats as a table of exact counts should have places: 8192 of 8 bytes are 64 KiB. Floats
 * from 2^e to 2^(e+1) are 2^(e-23) apart, so 2^13 of them are 2^-15 wide at e = -5: there the two
 * meet. 2^-15 makes 2 * 31 * 2^10 cells between 2^-5 and 1 either way, 248 KiB of 4-byte counts,
 * which a second-level cache of 512 KiB or more holds beside the scores. Below 2^-24, the last bit
 * of a cosine near 1, and above 2 there are only strays: cells of 2^20 floats keep CELLS at
 * 108,130, and their tables, if a threshold ever lies there, at 8 MiB. */
#ifndef SCORES_CELL_INTERNAL_H
#define SCORES_CELL_INTERNAL_H

#include <stdint.h>
#include <string.h>

#include "scores/score_key_internal.h"

/* Bits of floats that cells are cut by, and the cells of one sign before each of them. */
enum {
    CELL_FLOATS = 13,       /* the logarithm of the number of floats in a cell */
    CELL_MANY = 20,         /* the same far from where cosines are */
    CELL_FINE = 0x33800000, /* the bits of 2^-24 */
    CELL_EVEN = 0x3d000000, /* of 2^-5 */
    CELL_ONE = 0x3f800000,  /* of 1 */
    CELL_TWO = 0x40000000,  /* of 2 */
    CELL_STEPS = 1 << 15,   /* cells of even width in a length of 1 */
    CELLS_FINE = CELL_FINE >> CELL_MANY,
    CELLS_EVEN = CELLS_FINE + ((CELL_EVEN - CELL_FINE) >> CELL_FLOATS),
    /* added to a number of even steps, of which CELL_STEPS / 32 are below 2^-5 */
    CELL_SHIFT = CELLS_EVEN - CELL_STEPS / 32,
    CELLS_ONE = CELL_SHIFT + CELL_STEPS,
    CELLS_TWO = CELLS_ONE + ((CELL_TWO - CELL_ONE) >> CELL_FLOATS),
    CELL_HALF = CELLS_TWO + ((0x7f800000 - CELL_TWO) >> CELL_MANY) + 1,
    CELLS = 2 * CELL_HALF
};

/* Without a branch, so that loops vectorise. */
static inline int32_t cell_if(int32_t below, int32_t limit, int32_t yes, int32_t no)
{
    int32_t mask = (below - limit) >> 31; /* neither is negative */
    return (yes & mask) | (no & ~mask);
}

/* The cell of a score, 0 .. CELLS - 1; not for NaN. */
static inline int32_t cell_of(float score)
{
    int32_t bits, length;
    score += 0.0f; /* no -0 */
    memcpy(&bits, &score, sizeof bits);
    int32_t size = bits & 0x7fffffff, sign = bits >> 31;
    int32_t shorter = cell_if(size, CELL_ONE, size, 0);
    float steps;
    memcpy(&steps, &shorter, sizeof steps);
    length = (int32_t)(steps * (float)CELL_STEPS);
    /* each as if the float were in its piece */
    int32_t tiny = size >> CELL_MANY, even = length + CELL_SHIFT;
    int32_t fine = ((size - CELL_FINE) >> CELL_FLOATS) + CELLS_FINE;
    int32_t one = ((size - CELL_ONE) >> CELL_FLOATS) + CELLS_ONE;
    int32_t more = ((size - CELL_TWO) >> CELL_MANY) + CELLS_TWO;
    int32_t low = cell_if(size, CELL_FINE, tiny, cell_if(size, CELL_EVEN, fine, even));
    int32_t high = cell_if(size, CELL_TWO, one, more);
    return CELL_HALF + (cell_if(size, CELL_ONE, low, high) ^ sign);
}

/* The first key of a cell, 0 <= cell <= CELLS; that of the last is 2^32. */
uint64_t cell_key(int32_t cell);

#endif
