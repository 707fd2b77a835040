#include "nn/select.h"

#include <stdlib.h>

bool selection_fits(const Selection *s, int o, int c)
{
    if (s->run < 1)
        return false;
    for (int j = 0; j < o; j++)
        if (selected(s, j) < 0 || selected(s, j) >= c)
            return false;
    return true;
}

bool selection_of(Selection *s, const int64_t *index, int n)
{
    for (int i = 0; i < n; i++)
        if (index[i] < 0 || index[i] > INT32_MAX)
            return false;
    int step = n > 1 ? (int)(index[1] - index[0]) : 1, run = 1;
    while (run < n && index[run] - index[run - 1] == step)
        run++;
    *s = (Selection){(int)index[0], run, step, run < n ? (int)(index[run] - index[0]) : 0};
    for (int i = 0; i < n; i++)
        if (selected(s, i) != index[i])
            return false;
    return true;
}

void select_forward(real *y, const real *x, int64_t rows, int o, int c, const Selection *s)
{
    for (int64_t r = 0; r < rows; r++, x += c)
        for (int first = 0; first < o; first += s->run) {
            const real *from = x + selected(s, first);
            int n = o - first < s->run ? o - first : s->run;
            for (int j = 0; j < n; j++)
                *y++ = from[(int64_t)j * s->step];
        }
}

void select_backward(real *dx, const real *dy, int64_t rows, int o, int c, const Selection *s)
{
    for (int64_t r = 0; r < rows; r++, dx += c)
        for (int j = 0; j < o; j++)
            dx[selected(s, j)] += *dy++;
}
