#include "synth/paint_internal.h"

#include "base/real_internal.h"
#include "synth/shape_internal.h"

Box paint_box(const Grid *grid, float u, float y, float half_width, float half_height)
{
    float width = (float)grid->width, height = (float)grid->height;
    return (Box){.left = (int)shape_clamp(grid_column(grid, u - half_width), 0, width),
                 .right = (int)shape_clamp(grid_column(grid, u + half_width) + 2, 0, width),
                 .top = (int)shape_clamp(grid_row(grid, y - half_height), 0, height),
                 .bottom = (int)shape_clamp(grid_row(grid, y + half_height) + 2, 0, height)};
}

Box paint_whole(const Grid *grid, Box box)
{
    int right = (box.right + 15) / 16 * 16;
    box.left = box.left / 16 * 16;
    box.right = right < grid->width ? right : grid->width;
    return box;
}

CLONES void paint_bump(Atlas *atlas, float u, float y, float half_width, float half_height,
                       float height)
{
    const Grid *grid = atlas->grid;
    Box box = paint_whole(grid, paint_box(grid, u, y, half_width, half_height));
    for (int r = box.top; r < box.bottom; r++) {
        float *radius = atlas->radius + r * grid->width;
        float b = (grid_y(grid, r) - y) / half_height;
        for (int c = box.left; c < box.right; c++) {
            float a = (grid->u[c] - u) / half_width;
            radius[c] += height * shape_bump(a * a + b * b);
        }
    }
}

CLONES void paint_blot(Atlas *atlas, float u, float y, float half_width, float half_height,
                       const Color *color, float strength)
{
    const Grid *grid = atlas->grid;
    Box box = paint_whole(grid, paint_box(grid, u, y, half_width, half_height));
    for (int k = 0; k < 3; k++) {
        float ink = color->c[k];
        for (int r = box.top; r < box.bottom; r++) {
            float *plane = atlas->color[k] + r * grid->width;
            float b = (grid_y(grid, r) - y) / half_height;
            for (int c = box.left; c < box.right; c++) {
                float a = (grid->u[c] - u) / half_width;
                plane[c] = shape_mix(plane[c], ink, strength * shape_bump(a * a + b * b));
            }
        }
    }
}

void paint_bumps(Atlas *atlas, float u, float y, float half_width, float half_height, float height)
{
    paint_bump(atlas, -u, y, half_width, half_height, height);
    paint_bump(atlas, u, y, half_width, half_height, height);
}

void paint_blots(Atlas *atlas, float u, float y, float half_width, float half_height,
                 const Color *color, float strength)
{
    paint_blot(atlas, -u, y, half_width, half_height, color, strength);
    paint_blot(atlas, u, y, half_width, half_height, color, strength);
}

CLONES void paint_stroke(Atlas *atlas, const Stroke *stroke)
{
    const Grid *grid = atlas->grid;
    const Stroke s = *stroke;
    float *restrict radius = atlas->radius, *restrict red = atlas->color[0];
    float *restrict green = atlas->color[1], *restrict blue = atlas->color[2];
    float du = s.u1 - s.u0, dy = s.y1 - s.y0, soft = 1 / grid->down;
    float scale = 1 / (du * du + dy * dy + 1e-9f), reach = shape_max(s.start, s.end) + soft;
    Box box = paint_box(grid, .5f * (s.u0 + s.u1), .5f * (s.y0 + s.y1),
                        .5f * (du < 0 ? -du : du) + reach, .5f * (dy < 0 ? -dy : dy) + reach);
    box = paint_whole(grid, box);
    for (int r = box.top; r < box.bottom; r++) {
        float b = grid_y(grid, r) - s.y0;
        int row = r * grid->width;
        for (int c = box.left; c < box.right; c++) {
            float a = grid->u[c] - s.u0;
            float t = shape_clamp((a * du + b * dy) * scale, 0, 1);
            float x = a - t * du, y = b - t * dy;
            float half = shape_mix(s.start, s.end, t);
            float d = shape_clamp((half - sqrtf(x * x + y * y)) / (soft + half) + .5f, 0, 1);
            float hairs = shape_noise(a * 30 - b * 12, b * 16 + a * 5, s.grain);
            float cover = d * s.strength * (1 - s.rough * (.5f + .5f * hairs));
            radius[row + c] += s.relief * d;
            red[row + c] = shape_mix(red[row + c], s.color.c[0], cover);
            green[row + c] = shape_mix(green[row + c], s.color.c[1], cover);
            blue[row + c] = shape_mix(blue[row + c], s.color.c[2], cover);
        }
    }
}

CLONES void paint_row(float *restrict plane, const float *restrict cover,
                      const float *restrict tone, int n, float ink)
{
    for (int i = 0; i < n; i++)
        plane[i] = shape_mix(plane[i], ink * tone[i], cover[i]);
}
