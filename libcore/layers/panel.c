#include "layers/panel_internal.h"

/* Sums that are kept in registers at a time: thirty-two registers hold those of ROWS whole rows of
 * a panel, sixteen those of a quarter. */
enum { ROWS = 6, VECTORS = LANE_BYTES == 64 ? 4 : 2, NUMBERS = VECTORS * LANES };

/* Where the factor of row r and inner index k = panel * count + i stands in a:
 * panel * next + i * step + r * row. */
typedef struct Left {
    size_t row, step, next;
    int panels, count;
} Left;

/* y[rows,NUMBERS] = a . b, both with PANEL numbers from row to row; rows is a constant where this
 * is inlined. */
INLINE void block(real *y, const real *a, const real *b, Left at, int rows)
{
    Lanes sum[ROWS][VECTORS] = {0};
    for (int p = 0; p < at.panels; p++) {
        const real *from = a + p * at.next;
        for (int i = 0; i < at.count; i++, from += at.step, b += PANEL) {
            Lanes right[VECTORS];
            for (int v = 0; v < VECTORS; v++)
                right[v] = ((const Lanes *)b)[v];
#pragma GCC unroll 6
            for (int r = 0; r < rows; r++)
                for (int v = 0; v < VECTORS; v++)
                    sum[r][v] += from[r * at.row] * right[v];
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < VECTORS; v++)
            ((Lanes *)(y + r * PANEL))[v] = sum[r][v];
}

/* A panel of y */
FOR_WIDTH static void panel(real *y, const real *a, const real *b, Left at, int rows)
{
    for (int r = 0; r < rows; r += ROWS, y += ROWS * PANEL, a += ROWS * at.row)
        for (int v = 0; v < PANEL; v += NUMBERS)
            switch (rows - r) {
            case 1:
                block(y + v, a, b + v, at, 1);
                break;
            case 2:
                block(y + v, a, b + v, at, 2);
                break;
            case 3:
                block(y + v, a, b + v, at, 3);
                break;
            case 4:
                block(y + v, a, b + v, at, 4);
                break;
            case 5:
                block(y + v, a, b + v, at, 5);
                break;
            default:
                block(y + v, a, b + v, at, ROWS);
            }
}

void panel_multiply(real *y, const real *a, const real *b, int rows, int inner, int outer)
{
    Left at = {PANEL, 1, (size_t)rows * PANEL, inner / PANEL, PANEL};
    for (int j = 0; j < outer; j += PANEL, y += (size_t)rows * PANEL, b += (size_t)inner * PANEL)
        panel(y, a, b, at, rows);
}

void panel_multiply_transposed(real *y, const real *a, const real *b, int rows)
{
    panel(y, a, b, (Left){1, PANEL, 0, 1, rows}, PANEL);
}
