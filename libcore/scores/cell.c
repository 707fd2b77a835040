#include "scores/cell_internal.h"

/* The bits of the least float of a cell of positive ones, 0 <= cell <= CELL_HALF */
static uint32_t first_bits(int32_t cell)
{
    if (cell < CELLS_FINE)
        return (uint32_t)cell << CELL_MANY;
    if (cell < CELLS_EVEN)
        return CELL_FINE + ((uint32_t)(cell - CELLS_FINE) << CELL_FLOATS);
    if (cell >= CELLS_TWO)
        return CELL_TWO + ((uint32_t)(cell - CELLS_TWO) << CELL_MANY);
    if (cell >= CELLS_ONE)
        return CELL_ONE + ((uint32_t)(cell - CELLS_ONE) << CELL_FLOATS);
    float length = (float)(cell - CELL_SHIFT) / (float)CELL_STEPS;
    uint32_t bits;
    memcpy(&bits, &length, sizeof bits);
    return bits;
}

uint64_t cell_key(int32_t cell)
{
    if (cell <= 0)
        return 0;
    if (cell >= CELLS)
        return (uint64_t)1 << 32;
    /* below zero a larger float comes first: that of the next cell's least, less one */
    return cell >= CELL_HALF ? 0x80000000u + first_bits(cell - CELL_HALF)
                             : 0x80000000u - first_bits(CELL_HALF - cell);
}
