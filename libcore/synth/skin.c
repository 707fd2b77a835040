#include "synth/skin_internal.h"

#include "base/real_internal.h"
#include "synth/paint_internal.h"
#include "synth/shape_internal.h"

/* Freckles: a dot of random size in some cells of a lattice, thickest over nose and cheeks. */
INLINE float freckles(float u, float y, float amount, uint32_t grain)
{
    float x = u * 15 + 1000, z = y * 15 + 1000;
    int i = (int)x, j = (int)z;
    float a = x - (float)i - .5f - .3f * shape_lattice(i, j, grain + 1);
    float b = z - (float)j - .5f - .3f * shape_lattice(i, j, grain + 2);
    float size = .25f + .22f * shape_lattice(i, j, grain + 3);
    float where = shape_bump(u * u * .7f + (y - .35f) * (y - .35f) * 1.6f);
    return shape_clamp((size * size - a * a - b * b) * 8, 0, 1) * amount * where;
}

CLONES static void skin_ground(Atlas *atlas, const Identity *id)
{
    const Grid *grid = atlas->grid;
    const uint32_t grain = id->grain;
    const float amount = shape_clamp(id->freckle, 0, .8f), mottle = shape_clamp(id->mottle, 0, 1);
    const Color skin = id->skin;
    for (int r = 0; r < grid->height; r++) {
        float y = grid_y(grid, r);
        int row = r * grid->width;
        float *red = atlas->color[0] + row, *green = atlas->color[1] + row;
        float *blue = atlas->color[2] + row, *gloss = atlas->gloss + row;
        for (int c = 0; c < grid->width; c++) {
            float u = grid->u[c];
            float coarse = shape_noise(u * 2.5f, y * 2.5f, grain);
            float fine = shape_noise(u * 11, y * 11, grain + 5);
            float pores = shape_noise(u * 24, y * 24, grain + 6);
            float light = 1 + mottle * (.10f * coarse + .09f * fine + .08f * pores);
            float blood = mottle * (.05f * coarse - .07f * fine);
            float spot = freckles(u, y, amount, grain + 8);
            red[c] = skin.c[0] * light * (1 + .3f * blood) * (1 - .35f * spot);
            green[c] = skin.c[1] * light * (1 - blood) * (1 - .55f * spot);
            blue[c] = skin.c[2] * light * (1 - blood) * (1 - .65f * spot);
            gloss[c] = .10f * (1 + .5f * fine);
        }
    }
}

static void skin_marks(Atlas *atlas, const Identity *id)
{
    Color blush = id->skin, shade = id->skin, mole = id->skin;
    for (int k = 0; k < 3; k++) {
        blush.c[k] *= k == 0 ? .95f : .62f;
        shade.c[k] *= k == 2 ? .62f : .55f;
        mole.c[k] *= .25f;
    }
    float flush = shape_clamp(id->flush, 0, 1);
    paint_blots(atlas, .72f, .48f, .45f, .36f, &blush, .8f * flush);
    paint_blot(atlas, 0, id->nose_y, .26f, .26f, &blush, .9f * flush);
    paint_blots(atlas, 1.82f, .24f, .3f, .36f, &blush, .8f);
    paint_blots(atlas, id->eye_u, id->eye_y + .04f, .34f, .24f, &shade,
                .15f + shape_clamp(id->bag, 0, .6f));
    for (int i = 0; i < IDENTITY_MOLES; i++) {
        const Spot *spot = &id->mole[i];
        paint_blot(atlas, spot->u, spot->y, spot->size + .02f, spot->size + .02f, &mole,
                   spot->depth);
    }
}

/* Lines of age: across the forehead, at the eyes' corners, from the nose to the mouth. */
static void skin_wrinkles(Atlas *atlas, const Identity *id)
{
    float depth = shape_clamp(id->wrinkle, 0, 1);
    Stroke line = {.start = .012f, .end = .012f, .color = id->skin, .strength = .7f * depth};
    for (int k = 0; k < 3; k++)
        line.color.c[k] *= .5f;
    line.relief = -.02f * depth;
    for (int i = 0; i < 3; i++) {
        float y = id->brow_y - .2f - .13f * (float)i, bow = .05f * shape_lattice(i, 7, id->grain);
        float half = .45f + .12f * shape_lattice(i, 8, id->grain);
        for (int side = -1; side <= 1; side += 2) {
            line.u0 = 0, line.y0 = y, line.u1 = (float)side * half, line.y1 = y + bow;
            paint_stroke(atlas, &line);
            line.u0 = (float)side * (id->eye_u + id->eye_width + .06f);
            line.u1 = line.u0 + (float)side * .13f;
            line.y0 = id->eye_y + .05f * (float)(i - 1);
            line.y1 = line.y0 + .06f * (float)(i - 1);
            paint_stroke(atlas, &line);
        }
    }
}

/* Nostrils, and the creases beside the wings of the nose. */
static void skin_nose(Atlas *atlas, const Identity *id)
{
    static const Color dark = {{.03f, .012f, .008f}};
    float wing = id->nose_wing, y = id->nose_y + .10f - .3f * id->nose_turn;
    paint_blots(atlas, .45f * wing, y, .32f * wing, .042f + .3f * shape_max(id->nose_turn, 0),
                &dark, .85f);
    Stroke crease = {.start = .010f, .end = .022f, .color = id->skin, .strength = .55f};
    crease.relief = -.02f;
    for (int k = 0; k < 3; k++)
        crease.color.c[k] *= .4f;
    for (int side = -1; side <= 1; side += 2) {
        crease.u0 = (float)side * (wing - .01f), crease.y0 = id->nose_y - .07f;
        crease.u1 = (float)side * (wing + .025f), crease.y1 = id->nose_y + .09f;
        paint_stroke(atlas, &crease);
    }
}

void skin_paint(Atlas *atlas, const Identity *id)
{
    skin_ground(atlas, id);
    skin_marks(atlas, id);
    skin_wrinkles(atlas, id);
    skin_nose(atlas, id);
}
