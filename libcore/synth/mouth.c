#include "base/real_internal.h"
#include "synth/express_internal.h"
#include "synth/paint_internal.h"
#include "synth/shape_internal.h"

typedef struct Mouth {
    float y, width, corner, skew; /* corner: height of the corners against the middle */
    float upper, lower, bow, open, teeth, edge;
} Mouth;

/* Lips, their parting, teeth and the dark behind them, over one row of texels. */
CLONES static void mouth_row(float *restrict red, float *restrict green, float *restrict blue,
                             float *restrict gloss, float *restrict radius, const float *restrict u,
                             int n, float y, const Mouth *shape, const Color *lip)
{
    const Mouth m = *shape;
    const float soft = 1 / (2.2f * m.edge), crisp = 1 / m.edge;
    for (int c = 0; c < n; c++) {
        float x = u[c] / m.width, x2 = shape_min(x * x, 1.44f), arch = shape_max(1 - x2, 0);
        float seam = m.y + (m.corner - m.y) * x2 + m.skew * x;
        float bow = m.bow * .03f *
                    (shape_bump((x - .28f) * (x - .28f) * 9) +
                     shape_bump((x + .28f) * (x + .28f) * 9) - shape_bump(x2 * 30));
        float gap = m.open * arch;
        float top = seam - (m.upper + bow) * sqrtf(arch) - .15f * gap, bottom = seam + gap;
        float end = bottom + m.lower * arch * (1.25f - .25f * arch);
        float lips = shape_clamp(shape_min(y - top, end - y) * soft + .5f, 0, 1) *
                     shape_clamp(arch * 8, 0, 1);
        float hole = shape_clamp(shape_min(y - seam, bottom - y) * crisp + .35f, 0, 1) *
                     shape_clamp(gap * 60, 0, 1);
        float tooth = shape_clamp((seam + m.teeth * arch - y) * crisp, 0, 1) * .55f *
                      shape_ramp(x2, .8f, .3f);
        float line = (y - seam) * (y - seam) * 3500;
        float parting = .75f * shape_bump(line) * shape_ramp(x2, 1.3f, .8f) * (1 - .6f * hole);
        float crease = .25f * shape_bump((y - end - .03f) * (y - end - .03f) * 700) * arch;
        float light = (y < seam ? .82f : 1.05f) * (1 - parting);
        float r = shape_mix(red[c] * (1 - crease), lip->c[0] * light, lips * .9f);
        float g = shape_mix(green[c] * (1 - crease), lip->c[1] * light, lips * .9f);
        float b = shape_mix(blue[c] * (1 - crease), lip->c[2] * light, lips * .9f);
        float dim = 1 - .6f * parting;
        red[c] = shape_mix(r * dim, .05f + tooth, hole);
        green[c] = shape_mix(g * dim, .015f + .96f * tooth, hole);
        blue[c] = shape_mix(b * dim, .012f + .88f * tooth, hole);
        gloss[c] = shape_mix(gloss[c], .28f, lips);
        float upper = (y - top) * (seam - y), lower = (y - bottom) * (end - y);
        float full = shape_max(shape_max(upper, lower), 0) * 22;
        radius[c] += shape_min(full, .06f) - .05f * hole - .015f * parting;
    }
}

void express_mouth(Atlas *face, const Identity *id, const View *view)
{
    const Grid *grid = face->grid;
    Mouth mouth = {.y = id->mouth_y + .06f * view->jaw,
                   .width = express_mouth_width(id, view),
                   .corner = express_corner_y(id, view),
                   .skew = id->mouth_skew,
                   .upper = shape_max(id->lip_upper, .02f) * (1 - .25f * view->smile),
                   .lower = shape_max(id->lip_lower, .03f) * (1 - .2f * view->smile),
                   .bow = shape_clamp(id->lip_bow, 0, 1),
                   .open = .85f * view->jaw + .10f * shape_max(view->smile - .45f, 0),
                   .teeth = .02f + .09f * shape_max(view->smile, 0),
                   .edge = 1 / grid->down};
    Color lip = id->lip, paint = {{.42f, .02f, .035f}};
    for (int k = 0; k < 3; k++)
        lip.c[k] = shape_mix(lip.c[k], paint.c[k], .7f * view->lipstick);
    Box box = paint_box(grid, 0, mouth.y + .5f * mouth.open, 1.2f * mouth.width,
                        .5f * mouth.open + mouth.upper + mouth.lower + .15f);
    for (int r = box.top; r < box.bottom; r++) {
        int i = r * grid->width + box.left;
        mouth_row(face->color[0] + i, face->color[1] + i, face->color[2] + i, face->gloss + i,
                  face->radius + i, grid->u + box.left, box.right - box.left, grid_y(grid, r),
                  &mouth, &lip);
    }
}
