#include "synth/grid_internal.h"

#include <math.h>
#include <stdlib.h>

#include "synth/shape_internal.h"

int grid_init(Grid *grid, float texels, Err *err)
{
    *grid = (Grid){0};
    grid->height = (int)((GRID_BOTTOM - GRID_TOP) * texels);
    grid->width = ((int)(2 * GRID_SIDE * GRID_SKIN * texels) + 15) / 16 * 16;
    grid->down = (float)grid->height / (GRID_BOTTOM - GRID_TOP);
    grid->across = (float)grid->width / (2 * GRID_SIDE);
    size_t width = (size_t)grid->width;
    float *tables = calloc(4 * width, sizeof *tables);
    if (tables == NULL)
        return err_memory(err, "the grid of a head", 4 * width * sizeof *tables);
    grid->u = tables;
    grid->sine = tables + width;
    grid->cosine = tables + 2 * width;
    grid->angle = tables + 3 * width;
    for (int c = 0; c < grid->width; c++) {
        double s = (c + 0.5) / grid->across - GRID_SIDE;
        double root = sqrt(1 - 0.8 * s * s);
        double t = 2 * s / (1 + root); /* the smaller root of s t^2 / 5 - t + s = 0 */
        double slope = (1 + t * t / 5) * (1 + t * t / 5) / (1 - t * t / 5); /* dt / ds */
        grid->u[c] = (float)(GRID_SKIN * s);
        grid->sine[c] = (float)(2 * t / (1 + t * t));
        grid->cosine[c] = (float)((1 - t * t) / (1 + t * t));
        grid->angle[c] = (float)(2 / (1 + t * t) * slope / grid->across);
    }
    return 0;
}

void grid_release(Grid *grid)
{
    free(grid->u);
    *grid = (Grid){0};
}

int atlas_init(Atlas *atlas, const Grid *grid, Err *err)
{
    size_t texels = (size_t)grid->width * (size_t)grid->height;
    size_t floats = 5 * texels + (size_t)grid_stride(grid) * (size_t)grid->height;
    float *planes = calloc(floats, sizeof *planes);
    *atlas = (Atlas){.grid = grid, .radius = planes, .lit = calloc(texels, sizeof *atlas->lit)};
    if (planes == NULL || atlas->lit == NULL) {
        atlas_release(atlas);
        return err_memory(err, "the surface of a head", (floats + 4 * texels) * sizeof *planes);
    }
    for (int k = 0; k < 3; k++)
        atlas->color[k] = planes + (size_t)(k + 1) * texels;
    atlas->gloss = planes + 4 * texels;
    atlas->edged = planes + 5 * texels;
    return 0;
}

void atlas_release(Atlas *atlas)
{
    free(atlas->radius);
    free(atlas->lit);
    *atlas = (Atlas){0};
}

void atlas_point(float point[3], const Atlas *atlas, float u, float y)
{
    const Grid *grid = atlas->grid;
    float s = shape_clamp(u / GRID_SKIN, -GRID_SIDE, GRID_SIDE);
    float t = 2 * s / (1 + sqrtf(1 - 0.8f * s * s));
    int row = (int)shape_clamp(grid_row(grid, y) + 0.5f, 0, (float)(grid->height - 1));
    int column = (int)shape_clamp(grid_column(grid, u) + 0.5f, 0, (float)(grid->width - 1));
    float radius = atlas->radius[row * grid->width + column];
    point[0] = radius * 2 * t / (1 + t * t);
    point[1] = y;
    point[2] = radius * (1 - t * t) / (1 + t * t);
}
