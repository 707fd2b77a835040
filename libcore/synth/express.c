#include "synth/express_internal.h"

#include <string.h>

#include "base/real_internal.h"
#include "synth/paint_internal.h"
#include "synth/shape_internal.h"

float express_mouth_width(const Identity *id, const View *view)
{
    return id->mouth_width * (1 + .22f * view->smile - view->pucker - .25f * view->jaw);
}

float express_corner_y(const Identity *id, const View *view)
{
    return id->mouth_y - .075f * view->smile + .35f * view->jaw - id->lip_curve;
}

void express_landmarks(float points[5][2], const Identity *id, const View *view)
{
    for (int side = 0; side < 2; side++) {
        float sign = side == 0 ? -1 : 1;
        points[side][0] = sign * id->eye_u;
        points[side][1] = id->eye_y;
        points[3 + side][0] = sign * express_mouth_width(id, view);
        points[3 + side][1] = express_corner_y(id, view) + sign * id->mouth_skew;
    }
    points[2][0] = id->nose_bend;
    points[2][1] = id->nose_y - .5f * id->nose_turn;
}

/* Rows below the mouth come from higher up: the chin sinks by view->jaw. */
CLONES static void drop_jaw(float *restrict out, const float *restrict in, const Grid *grid,
                            float mouth, float chin, float drop)
{
    const int width = grid->width, still = (int)grid_row(grid, mouth - .1f);
    memcpy(out, in, (size_t)(still * width) * sizeof *out);
    for (int r = still; r < grid->height; r++) {
        float y = grid_y(grid, r);
        float from = grid_row(grid, y - drop * shape_ramp(y, mouth - .1f, chin));
        int row = (int)shape_clamp(from, 0, (float)(grid->height - 2));
        float t = shape_clamp(from - (float)row, 0, 1);
        const float *above = in + row * width, *below = above + width;
        for (int c = 0; c < width; c++)
            out[r * width + c] = shape_mix(above[c], below[c], t);
    }
}

void express_face(Atlas *face, const Atlas *rest, const Identity *id, const View *view)
{
    const Grid *grid = face->grid;
    float mouth = id->mouth_y, chin = id->chin_y - .1f;
    drop_jaw(face->radius, rest->radius, grid, mouth, chin, view->jaw);
    drop_jaw(face->gloss, rest->gloss, grid, mouth, chin, view->jaw);
    for (int k = 0; k < 3; k++)
        drop_jaw(face->color[k], rest->color[k], grid, mouth, chin, view->jaw);
    float smile = shape_max(view->smile, 0), width = express_mouth_width(id, view);
    paint_bumps(face, .62f, .55f, .30f, .26f, .06f * smile);
    Stroke fold = {.start = .012f, .end = .022f, .color = id->skin};
    fold.strength = shape_clamp(.25f + .35f * smile + .5f * id->wrinkle, 0, .8f);
    fold.relief = -.03f * fold.strength;
    for (int k = 0; k < 3; k++)
        fold.color.c[k] *= .55f;
    for (int side = -1; side <= 1; side += 2) {
        fold.u0 = (float)side * (id->nose_wing + .05f);
        fold.y0 = id->nose_y + .04f;
        fold.u1 = (float)side * (width + .11f);
        fold.y1 = express_corner_y(id, view) - .04f;
        paint_stroke(face, &fold);
    }
}
