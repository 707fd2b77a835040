#include "base/real_internal.h"
#include "synth/express_internal.h"
#include "synth/paint_internal.h"
#include "synth/shape_internal.h"

/* A row of something worn: how much it covers, how light it is there. */
typedef struct Worn {
    float cover[GRID_WIDEST], tone[GRID_WIDEST];
} Worn;

typedef struct Glasses {
    float centre, width, height, square, tint;
} Glasses;

/* Frames (rim) and lenses; y from the middle of the lenses. */
CLONES static void glasses_row(Worn *restrict rim, Worn *restrict lens, float *restrict radius,
                               float *restrict gloss, const Grid *grid, float y,
                               const Glasses *shape)
{
    const Glasses g = *shape;
    const float crisp = grid->down, half = .018f, b = (y / g.height) * (y / g.height);
    const float bar = shape_clamp((half - fabsf(y + .3f * g.height)) * crisp + .5f, 0, 1);
    for (int c = 0; c < grid->width; c++) {
        float side = fabsf(grid->u[c]), a = (side - g.centre) / g.width, a2 = a * a;
        float shape_of = shape_mix(sqrtf(a2 + b), sqrtf(sqrtf(a2 * a2 + b * b)), g.square);
        float d = (1 - shape_of) * g.height;
        float beside = fabsf(side - g.centre) - g.width; /* bridge and arms */
        float bridge =
            bar * shape_clamp(beside * crisp, 0, 1) * shape_clamp((1.75f - side) * crisp, 0, 1);
        float edge = shape_max(shape_clamp((half - fabsf(d)) * crisp + .5f, 0, 1), bridge);
        float glass = shape_clamp(d * crisp, 0, 1) * g.tint;
        rim->cover[c] = edge;
        lens->cover[c] = glass;
        rim->tone[c] = lens->tone[c] = 1;
        radius[c] += .035f * edge;
        gloss[c] = shape_max(gloss[c], .5f * shape_max(edge, glass));
    }
}

/* Cloth from the bridge of the nose down to the chin, strings to the ears. */
CLONES static void mask_row(Worn *restrict worn, float *restrict radius, float *restrict gloss,
                            const Grid *grid, float y, float top, float end, uint32_t grain)
{
    for (int c = 0; c < grid->width; c++) {
        float u = grid->u[c], side = fabsf(u);
        float edge = top + .30f * shape_ramp(side, 0, 1.2f);
        float inside = shape_min(shape_min(y - edge, end - y), 1.45f - side);
        float string = shape_min(.02f - fabsf(y - .55f), side - 1.3f);
        float cover = shape_clamp(shape_max(inside, string) * 30 + .5f, 0, 1);
        float pleat = .10f * shape_noise(0, y * 7, 3) + .07f * shape_noise(u * 6, y * 9, grain);
        worn->cover[c] = cover;
        worn->tone[c] = 1 + pleat;
        radius[c] += .05f * cover * (1 + pleat);
        gloss[c] *= 1 - cover;
    }
}

CLONES static void cap_row(Worn *restrict worn, float *restrict radius, float *restrict gloss,
                           const Grid *grid, float y, uint32_t grain)
{
    for (int c = 0; c < grid->width; c++) {
        float u = grid->u[c], edge = -.62f + .05f * u * u - y;
        float cover = shape_clamp(edge * 30 + .5f, 0, 1);
        float seam = 1 - .4f * shape_bump((edge - .22f) * (edge - .22f) * 4000);
        worn->cover[c] = cover;
        worn->tone[c] = seam * (1 + .12f * shape_noise(u * 18, y * 18, grain));
        radius[c] += cover * (.06f + .06f * shape_ramp(edge, 0, .2f));
        gloss[c] *= 1 - cover;
    }
}

static void wear_row(Atlas *face, int r, const Worn *worn, const Color *color)
{
    int width = face->grid->width;
    for (int k = 0; k < 3; k++)
        paint_row(face->color[k] + r * width, worn->cover, worn->tone, width, color->c[k]);
}

static void wear_glasses(Atlas *face, const Identity *id, const View *view)
{
    static const Color dark = {{.012f, .012f, .014f}};
    const Grid *grid = face->grid;
    const Glasses glasses = {id->eye_u + .01f, view->lens_width, view->lens_height,
                             view->lens_square, view->sunglasses ? .95f : .06f};
    float y = id->eye_y + .03f;
    Box box = paint_box(grid, 0, y, 1, view->lens_height + .05f);
    Worn rim, lens;
    for (int r = box.top; r < box.bottom; r++) {
        int row = r * grid->width;
        glasses_row(&rim, &lens, face->radius + row, face->gloss + row, grid, grid_y(grid, r) - y,
                    &glasses);
        wear_row(face, r, &lens, &dark);
        wear_row(face, r, &rim, &view->frame);
    }
}

void express_wear(Atlas *face, const Identity *id, const View *view)
{
    const Grid *grid = face->grid;
    float top = .55f * id->nose_y, end = id->chin_y + .05f + view->jaw;
    Worn worn;
    for (int r = 0; r < grid->height; r++) {
        float y = grid_y(grid, r);
        float *radius = face->radius + r * grid->width, *gloss = face->gloss + r * grid->width;
        if (view->cap && y < -.4f)
            cap_row(&worn, radius, gloss, grid, y, view->grain);
        else if (view->mask && y > .1f)
            mask_row(&worn, radius, gloss, grid, y, top, end, view->grain);
        else
            continue;
        wear_row(face, r, &worn, &view->cloth);
    }
    if (view->glasses || view->sunglasses)
        wear_glasses(face, id, view);
}
