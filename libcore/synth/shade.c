#include "synth/shade_internal.h"

#include <string.h>

#include "base/real_internal.h"
#include "synth/shape_internal.h"

#define SHADOWS 4
#define HOLLOW  4 /* texels to the neighbours a hollow is judged by */

/* A lamp in head axes. */
typedef struct Lamp {
    float x, y, z;
    Color color;
} Lamp;

typedef struct Shadow {
    int columns, rows; /* texels towards the lamp */
    float length;
} Shadow;

typedef struct Scene {
    const Grid *grid;
    int left, right; /* columns to be lit */
    Lamp key, fill;
    Color sky;
    float half[3]; /* unit vector between lamp and camera */
    Shadow shadow[SHADOWS];
} Scene;

/* Row r of the radius, whose ends go on beside it; above and below, the outermost rows. */
INLINE const float *radius_row(const Atlas *face, int r)
{
    int last = face->grid->height - 1;
    return face->edged + grid_stride(face->grid) * (r < 0 ? 0 : r > last ? last : r) + GRID_EDGE;
}

/* Copies the radius, the ends of each row repeated beyond them. */
static void extend_rows(Atlas *face)
{
    const int width = face->grid->width, stride = grid_stride(face->grid);
    for (int r = 0; r < face->grid->height; r++) {
        const float *from = face->radius + r * width;
        float *to = face->edged + r * stride;
        memcpy(to + GRID_EDGE, from, (size_t)width * sizeof *from);
        for (int i = 0; i < GRID_EDGE; i++) {
            to[i] = from[0];
            to[GRID_EDGE + width + i] = from[width - 1];
        }
    }
}

static Lamp lamp_turn(const Light *light, const float turn[9])
{
    float axis[3];
    for (int k = 0; k < 3; k++)
        axis[k] =
            turn[k] * light->from[0] + turn[3 + k] * light->from[1] + turn[6 + k] * light->from[2];
    return (Lamp){axis[0], axis[1], axis[2], light->color};
}

/* How much of the lamp each texel of a row sees: 1 all. */
CLONES static void shadow_row(float *restrict seen, const float *restrict here,
                              const float *restrict there, const Scene *scene, float length)
{
    const Grid *grid = scene->grid;
    const float x = length * scene->key.x, z = length * scene->key.z;
    for (int c = scene->left; c < scene->right; c++) {
        float rise = x * grid->sine[c] + z * grid->cosine[c];
        float above = there[c] - here[c] - rise;
        seen[c] = shape_min(seen[c], 1 - shape_clamp(above * 9, 0, .75f));
    }
}

typedef struct Slope {
    float across[GRID_WIDEST], down[GRID_WIDEST]; /* of the surface, per unit of length */
    float open[GRID_WIDEST];                      /* 1 in the open, less in a hollow */
} Slope;

CLONES static void slope_row(Slope *restrict slope, const Atlas *face, int r, const Scene *scene)
{
    const Grid *grid = scene->grid;
    const float *a = radius_row(face, r);
    const float *up = radius_row(face, r - 1), *down = radius_row(face, r + 1);
    const float *high = radius_row(face, r - HOLLOW), *low = radius_row(face, r + HOLLOW);
    for (int c = scene->left; c < scene->right; c++) {
        float step = a[c] * 2 * grid->angle[c];
        slope->across[c] = shape_clamp((a[c + 1] - a[c - 1]) / step, -2.5f, 2.5f);
        slope->down[c] = shape_clamp((down[c] - up[c]) * .5f * grid->down, -2.5f, 2.5f);
        float around = .25f * (a[c + HOLLOW] + a[c - HOLLOW] + high[c] + low[c]) - a[c];
        slope->open[c] = shape_clamp(1 - 5 * around, .55f, 1.1f);
    }
}

typedef struct Lit {
    float red[GRID_WIDEST], green[GRID_WIDEST], blue[GRID_WIDEST];
} Lit;

CLONES static void light_row(Lit *restrict lit, const float *restrict red,
                             const float *restrict green, const float *restrict blue,
                             const float *restrict gloss, const float *restrict seen,
                             const Slope *restrict slope, const Scene *scene)
{
    const Grid *grid = scene->grid;
    const Lamp key = scene->key, fill = scene->fill;
    const Color sky = scene->sky;
    const float hx = scene->half[0], hy = scene->half[1], hz = scene->half[2];
    for (int c = scene->left; c < scene->right; c++) {
        float sine = grid->sine[c], cosine = grid->cosine[c];
        float p = slope->across[c], q = slope->down[c];
        float norm = 1 / sqrtf(1 + p * p + q * q);
        float nx = (sine - p * cosine) * norm, nz = (cosine + p * sine) * norm, ny = -q * norm;
        float k = nx * key.x + ny * key.y + nz * key.z;
        float f = nx * fill.x + ny * fill.y + nz * fill.z;
        float open = slope->open[c], see = seen[c];
        k = shape_max(k + .25f, 0) * (1 / 1.25f) * see;
        f = shape_max(f + .25f, 0) * (1 / 1.25f) * open;
        float a = (.85f - .15f * ny) * open;
        float h = shape_max(nx * hx + ny * hy + nz * hz, 0);
        float h2 = h * h, h4 = h2 * h2, h8 = h4 * h4;
        float shine = gloss[c] * h8 * h8 * h4 * see * 2;
        lit->red[c] = red[c] * (k * key.color.c[0] + f * fill.color.c[0] + a * sky.c[0]) +
                      shine * key.color.c[0];
        lit->green[c] = green[c] * (k * key.color.c[1] + f * fill.color.c[1] + a * sky.c[1]) +
                        shine * key.color.c[1];
        lit->blue[c] = blue[c] * (k * key.color.c[2] + f * fill.color.c[2] + a * sky.c[2]) +
                       shine * key.color.c[2];
    }
}

CLONES static void pack_row(Texel *restrict texel, const Lit *restrict lit, int from, int to)
{
    for (int c = from; c < to; c++)
        texel[c] = (Texel){lit->red[c], lit->green[c], lit->blue[c], 0};
}

static Scene scene_of(const Grid *grid, Box box, const View *view, const float turn[9])
{
    static const float lengths[SHADOWS] = {.06f, .13f, .22f, .34f};
    Scene scene = {.grid = grid,
                   .left = box.left,
                   .right = box.right,
                   .key = lamp_turn(&view->key, turn),
                   .fill = lamp_turn(&view->fill, turn),
                   .sky = view->ambient};
    float x = scene.key.x + turn[6], y = scene.key.y + turn[7], z = scene.key.z + turn[8];
    float norm = sqrtf(x * x + y * y + z * z) + 1e-6f;
    scene.half[0] = x / norm;
    scene.half[1] = y / norm;
    scene.half[2] = z / norm;
    for (int i = 0; i < SHADOWS; i++) {
        float texels = lengths[i] * grid->down;
        scene.shadow[i].columns = (int)shape_clamp(texels * scene.key.x, -GRID_EDGE, GRID_EDGE);
        scene.shadow[i].rows = (int)(texels * scene.key.y);
        scene.shadow[i].length = lengths[i];
    }
    return scene;
}

static void shade_row(Atlas *face, int r, const Scene *scene)
{
    Slope slope;
    float seen[GRID_WIDEST];
    slope_row(&slope, face, r, scene);
    for (int c = scene->left; c < scene->right; c++)
        seen[c] = 1;
    for (int i = 0; i < SHADOWS; i++) {
        const Shadow *shadow = &scene->shadow[i];
        const float *there = radius_row(face, r + shadow->rows) + shadow->columns;
        shadow_row(seen, radius_row(face, r), there, scene, shadow->length);
    }
    int at = r * scene->grid->width;
    Lit lit;
    light_row(&lit, face->color[0] + at, face->color[1] + at, face->color[2] + at, face->gloss + at,
              seen, &slope, scene);
    pack_row(face->lit + at, &lit, scene->left, scene->right);
}

void shade_head(Atlas *face, Box box, const View *view, const float turn[9])
{
    Scene scene = scene_of(face->grid, paint_whole(face->grid, box), view, turn);
    extend_rows(face);
    for (int r = box.top; r < box.bottom; r++)
        shade_row(face, r, &scene);
}
