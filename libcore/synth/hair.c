#include <stdbool.h>

#include "base/real_internal.h"
#include "synth/paint_internal.h"
#include "synth/shape_internal.h"
#include "synth/skin_internal.h"

/* A row of hair: how much it covers, how light its strands are. */
typedef struct Hair {
    float cover[GRID_WIDEST], tone[GRID_WIDEST];
} Hair;

/* What the rows of a head of hair need, in head units. */
typedef struct Style {
    float hairline, peak, recede, fringe, sweep, low; /* low: where the hair of the sides ends */
    float volume, curl, along, across;                /* across, along: strands a unit */
    float ears;                                       /* 0 when they are free, large if hidden */
    uint32_t grain;
} Style;

/* How far (u, y) lies inside the hair; negative outside. */
INLINE float hair_inside(const Style *style, float u, float y)
{
    float side = u < 0 ? -u : u;
    float line = -style->hairline + style->peak * shape_bump(u * u * 10);
    line -= style->recede * shape_bump((side - .62f) * (side - .62f) * 9);
    line += style->fringe * (.9f + style->sweep * u) * shape_bump(u * u * .35f);
    line += .25f * shape_ramp(side, .75f, 1.25f);
    float temple = side - 1.14f - .16f * shape_ramp(y, -.45f, .1f);
    float inside = shape_max(line - y, shape_min(temple, style->low - y));
    float a = (side - 1.83f) * 3.6f, b = (y - .22f) * 2.7f, ear = 1 - a * a - b * b;
    return shape_min(inside, style->ears - .3f * ear);
}

CLONES static void hair_row(Hair *restrict hair, float *restrict radius, float *restrict gloss,
                            const Grid *grid, float y, const Style *shape)
{
    const Style style = *shape;
    const float hanging = style.low > 1 ? shape_ramp(y, -.3f, .4f) * (1 + .5f * style.volume) : 0;
    const float crown = shape_ramp(y, GRID_TOP, -1.4f); /* the axis itself stays bare */
    for (int c = 0; c < grid->width; c++) {
        float u = grid->u[c];
        float strand =
            shape_noise(u * style.across + y * style.sweep, y * style.along, style.grain);
        float lock = shape_noise(u * 4.5f, y * (2 + 2 * style.curl), style.grain + 1);
        float inside = hair_inside(&style, u, y) + .025f * strand + .05f * lock;
        float cover = shape_clamp(inside * 22 + .4f, 0, 1);
        float thick = style.volume * shape_ramp(inside, 0, .45f) + .02f * cover;
        float lift = thick * (1 + .35f * lock) + (.012f + .02f * style.curl) * strand;
        float full = radius[c] + crown * lift;
        full = shape_max(full, hanging + .02f * lock);
        radius[c] = shape_mix(radius[c], full, shape_clamp(inside * 6, 0, 1));
        gloss[c] = shape_mix(gloss[c], .06f + .05f * strand, cover);
        hair->cover[c] = cover;
        hair->tone[c] = 1 + .38f * strand + .22f * lock;
    }
}

static void hair_head(Atlas *atlas, const Identity *id)
{
    const Grid *grid = atlas->grid;
    const float curl = shape_clamp(id->curl, 0, 1);
    const Style style = {id->hairline,
                         id->peak,
                         shape_max(id->recede, 0),
                         shape_max(id->fringe, 0),
                         id->sweep,
                         id->side_y,
                         shape_clamp(id->volume, .01f, .3f),
                         curl,
                         5 + 7 * curl,
                         20 - 10 * curl,
                         id->side_y > 1 ? 9 : 0,
                         id->grain + 40};
    Hair hair;
    for (int r = 0; r < grid->height; r++) {
        int row = r * grid->width;
        hair_row(&hair, atlas->radius + row, atlas->gloss + row, grid, grid_y(grid, r), &style);
        for (int k = 0; k < 3; k++)
            paint_row(atlas->color[k] + row, hair.cover, hair.tone, grid->width, id->hair.c[k]);
    }
}

/* Moustache, chin and jaw, each by its own amount, at this height over mouth and chin's end. */
typedef struct Beard {
    float lip, chin, jaw;
    uint32_t grain;
} Beard;

CLONES static void beard_row(Hair *restrict hair, float *restrict radius, const Grid *grid, float y,
                             float mouth, float end, const Beard *shape)
{
    const Beard beard = *shape;
    for (int c = 0; c < grid->width; c++) {
        float u = grid->u[c], side = u < 0 ? -u : u, over = mouth + .20f + .25f * u * u;
        float tash = shape_bump(u * u * 4.2f + over * over * 55);
        float tuft = shape_bump(u * u * 7 + (end + .20f) * (end + .20f) * 9);
        float cheek = shape_ramp(mouth + .55f * (.95f - side), -.12f, .12f) *
                      shape_ramp(side, 1.75f, 1.35f) * shape_ramp(end, .30f, .05f) *
                      shape_ramp(u * u * 6 + mouth * mouth * 28, .6f, 1.2f);
        float amount = shape_max(beard.chin * shape_ramp(tuft, 0, .4f), beard.jaw * cheek);
        amount = shape_max(beard.lip * shape_ramp(tash, 0, .35f), amount);
        float hairs = shape_noise(u * 26, y * 17, beard.grain);
        radius[c] += .05f * amount * (1 + .5f * hairs);
        hair->cover[c] = shape_clamp(amount * (1.15f + .6f * hairs), 0, .93f);
        hair->tone[c] = 1 + .3f * hairs;
    }
}

static void hair_beard(Atlas *atlas, const Identity *id)
{
    const Grid *grid = atlas->grid;
    const Beard beard = {shape_clamp(id->moustache, 0, .9f), shape_clamp(id->goatee, 0, .9f),
                         shape_clamp(id->beard, 0, .9f), id->grain + 50};
    bool shaven = beard.lip + beard.chin + beard.jaw <= 0;
    Hair hair;
    for (int r = (int)grid_row(grid, 0); r < grid->height && !shaven; r++) {
        float y = grid_y(grid, r);
        int row = r * grid->width;
        beard_row(&hair, atlas->radius + row, grid, y, y - id->mouth_y, y - id->chin_y, &beard);
        for (int k = 0; k < 3; k++)
            paint_row(atlas->color[k] + row, hair.cover, hair.tone, grid->width, id->hair.c[k]);
    }
}

void hair_paint(Atlas *atlas, const Identity *id)
{
    hair_beard(atlas, id);
    hair_head(atlas, id);
}
