#include "layers/panel_internal.h"

#include <stdbool.h>

#include "base/cpu_internal.h"

/* Rows of y whose sums are kept in registers at a time. */
enum { ROWS = 6 };

/* Where the factor of row r and inner index k = panel * count + i stands in a:
 * panel * next + i * step + r * row. */
typedef struct Left {
    size_t row, step, next;
    int panels, count;
} Left;

/* y[rows, vectors x a vector's numbers] = a . b, both with PANEL numbers from row to row; rows and
 * vectors are constants where this is inlined. */
typedef void Block(real *y, const real *a, const real *b, Left at, int rows, int vectors);

#define BLOCK(name, Vector)                                                                        \
    INLINE void name(real *y, const real *a, const real *b, Left at, int rows, int vectors)        \
    {                                                                                              \
        Vector sum[ROWS][4] = {0};                                                                 \
        for (int p = 0; p < at.panels; p++) {                                                      \
            const real *from = a + p * at.next;                                                    \
            for (int i = 0; i < at.count; i++, from += at.step, b += PANEL) {                      \
                Vector right[4];                                                                   \
                _Pragma("GCC unroll 4") for (int v = 0; v < vectors; v++) right[v] =               \
                    ((const Vector *)b)[v];                                                        \
                _Pragma("GCC unroll 6") for (int r = 0; r < rows; r++)                             \
                    _Pragma("GCC unroll 4") for (int v = 0; v < vectors; v++) sum[r][v] +=         \
                    from[r * at.row] * right[v];                                                   \
            }                                                                                      \
        }                                                                                          \
        _Pragma("GCC unroll 6") for (int r = 0; r < rows; r++)                                     \
            _Pragma("GCC unroll 4") for (int v = 0; v < vectors;                                   \
                                         v++)((Vector *)(y + r * PANEL))[v] = sum[r][v];           \
    }

BLOCK(block_wide, Lanes)
BLOCK(block_narrow, Half)

/* A panel of y: `rows` rows, `vectors` of so many numbers at a time. */
INLINE void panel(real *y, const real *a, const real *b, Left at, int rows, Block *block,
                  int vectors, int numbers)
{
    for (int r = 0; r < rows; r += ROWS, y += ROWS * PANEL, a += ROWS * at.row)
        for (int v = 0; v < PANEL; v += vectors * numbers)
            switch (rows - r) {
            case 1:
                block(y + v, a, b + v, at, 1, vectors);
                break;
            case 2:
                block(y + v, a, b + v, at, 2, vectors);
                break;
            case 3:
                block(y + v, a, b + v, at, 3, vectors);
                break;
            case 4:
                block(y + v, a, b + v, at, 4, vectors);
                break;
            case 5:
                block(y + v, a, b + v, at, 5, vectors);
                break;
            default:
                block(y + v, a, b + v, at, ROWS, vectors);
            }
}

/* Thirty-two registers hold the sums of ROWS whole rows of a panel, sixteen those of a quarter. */
#if defined(__x86_64__) && !defined(NO_CLONES)
__attribute__((target("arch=x86-64-v4"))) static void panel_wide(real *y, const real *a,
                                                                 const real *b, Left at, int rows)
{
    panel(y, a, b, at, rows, block_wide, 4, LANES);
}

static bool has_wide(void)
{
    return cpu_has_avx512();
}
#else
static void panel_wide(real *y, const real *a, const real *b, Left at, int rows)
{
    panel(y, a, b, at, rows, block_wide, 4, LANES);
}

static bool has_wide(void)
{
#ifdef __aarch64__
    return false; /* thirty-two, but of a quarter of Lanes */
#else
    return true;
#endif
}
#endif

CLONES static void panel_narrow(real *y, const real *a, const real *b, Left at, int rows)
{
    panel(y, a, b, at, rows, block_narrow, 2, HALF);
}

void panel_multiply(real *y, const real *a, const real *b, int rows, int inner, int outer)
{
    Left at = {PANEL, 1, (size_t)rows * PANEL, inner / PANEL, PANEL};
    bool wide = has_wide();
    for (int j = 0; j < outer; j += PANEL, y += (size_t)rows * PANEL, b += (size_t)inner * PANEL) {
        if (wide)
            panel_wide(y, a, b, at, rows);
        else
            panel_narrow(y, a, b, at, rows);
    }
}

void panel_multiply_transposed(real *y, const real *a, const real *b, int rows)
{
    Left at = {1, PANEL, 0, 1, rows};
    if (has_wide())
        panel_wide(y, a, b, at, PANEL);
    else
        panel_narrow(y, a, b, at, PANEL);
}
