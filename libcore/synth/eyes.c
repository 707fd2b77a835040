#include "base/real_internal.h"
#include "synth/express_internal.h"
#include "synth/paint_internal.h"
#include "synth/shape_internal.h"

/* One eye in its own coordinates: x from -1 at the inner corner to 1 at the outer one. */
typedef struct Eye {
    float u, y, side; /* centre; -1 image left, 1 right */
    float width, upper, lower, tilt, crease, lash;
    float iris_u, iris_y, iris_size, edge; /* edge: a texel */
} Eye;

static Eye eye_open(const Identity *id, const View *view, float side, float edge)
{
    float open = view->lids * (1 - .28f * shape_max(view->smile, 0)) * (1 + .12f * view->raise);
    Eye eye = {.u = side * id->eye_u,
               .y = id->eye_y,
               .side = side,
               .width = id->eye_width,
               .upper = shape_max(id->eye_height * open, .004f),
               .lower = .62f * id->eye_height * (.5f + .5f * shape_min(open, 1)),
               .tilt = id->eye_tilt,
               .crease = id->crease + .03f,
               .lash = shape_clamp(id->lash, .1f, 1),
               .iris_u = side * id->eye_u + view->gaze_u,
               .iris_y = id->eye_y - .012f + view->gaze_y,
               .iris_size = id->iris_size,
               .edge = edge};
    return eye;
}

INLINE float cover(float distance, float edge)
{
    return shape_clamp(distance / edge + .5f, 0, 1);
}

/* Lid crease, lashes, white, iris and pupil over the skin of one row of texels. */
CLONES static void eye_row(float *restrict red, float *restrict green, float *restrict blue,
                           float *restrict gloss, const float *restrict u, int n, float y,
                           const Eye *shape, const Color *iris)
{
    const Eye e = *shape;
    const float ring = .45f, ink = .012f;
    for (int c = 0; c < n; c++) {
        float x = (u[c] - e.u) * e.side / e.width, line = e.y + e.tilt * x;
        float arch = shape_max(1 - x * x, 0);
        float up = line - e.upper * sqrtf(arch) * (1 - .12f * x), low = line + e.lower * arch;
        float inside = cover(shape_min(y - up, low - y) - .2f * e.edge, e.edge);
        float du = u[c] - e.iris_u, dy = y - e.iris_y, d = sqrtf(du * du + dy * dy);
        float in_iris = cover(e.iris_size - d, e.edge);
        float pupil = cover(.40f * e.iris_size - d, e.edge);
        float rim = shape_ramp(d, .62f * e.iris_size, e.iris_size) * ring;
        float lid = .55f + .45f * shape_clamp((y - up) * 14, 0, 1); /* shadow of the lid */
        float white = (.62f - .12f * x * x) * lid;
        float glint = shape_bump(((du + .03f) * (du + .03f) + (dy + .035f) * (dy + .035f)) * 1800);
        float span = shape_ramp(x, -1.2f, -.85f) * shape_ramp(x, 1.3f, 1.f);
        float above = y - up + .02f * e.lash;
        float lash =
            shape_bump(above * above / ((.013f + .028f * e.lash) * (.013f + .028f * e.lash)));
        float fold = y - up + e.crease;
        float crease = .55f * shape_bump(fold * fold * 1600) * span;
        float under = y - low - .01f;
        float lower = .45f * shape_bump(under * under * 1800) * span;
        float dark = 1 - shape_max(crease, lower);
        float shade = lid * (1 - rim) * (1 - .95f * pupil);
        float lashes = (.35f + .6f * e.lash) * lash * span;
        float r = shape_mix(white, iris->c[0] * 1.3f * shade, in_iris) + glint * .8f;
        float g = shape_mix(white * .93f, iris->c[1] * 1.3f * shade, in_iris) + glint * .8f;
        float b = shape_mix(white * .90f, iris->c[2] * 1.3f * shade, in_iris) + glint * .8f;
        red[c] = shape_mix(shape_mix(red[c] * dark, r, inside), ink, lashes);
        green[c] = shape_mix(shape_mix(green[c] * dark, g, inside), ink * .8f, lashes);
        blue[c] = shape_mix(shape_mix(blue[c] * dark, b, inside), ink * .7f, lashes);
        gloss[c] = shape_mix(gloss[c], .35f, inside);
    }
}

static void eye_paint(Atlas *face, const Identity *id, const View *view, float side)
{
    const Grid *grid = face->grid;
    Eye eye = eye_open(id, view, side, 1 / grid->down);
    Box box = paint_box(grid, eye.u, eye.y, 1.35f * eye.width, eye.upper + eye.crease + .14f);
    for (int r = box.top; r < box.bottom; r++) {
        int i = r * grid->width + box.left;
        eye_row(face->color[0] + i, face->color[1] + i, face->color[2] + i, face->gloss + i,
                grid->u + box.left, box.right - box.left, grid_y(grid, r), &eye, &id->iris);
    }
}

static void brow_paint(Atlas *face, const Identity *id, const View *view, float side)
{
    float y = id->brow_y - .06f * view->raise, arch = id->brow_arch + .02f * view->raise;
    float inner = side * (id->brow_gap - .03f * view->frown);
    float outer = side * (id->brow_gap + id->brow_length), top = shape_mix(inner, outer, .62f);
    float width = shape_max(id->brow_width, .016f);
    Stroke brow = {.u0 = inner,
                   .y0 = y + .06f * view->frown,
                   .u1 = top,
                   .y1 = y - arch + .5f * id->brow_tilt,
                   .start = width,
                   .end = .85f * width,
                   .relief = .012f,
                   .rough = .55f,
                   .strength = shape_clamp(id->brow_density, .25f, 1),
                   .grain = id->grain + 60};
    for (int k = 0; k < 3; k++)
        brow.color.c[k] = .55f * id->hair.c[k];
    paint_stroke(face, &brow);
    brow.u0 = top, brow.y0 = brow.y1, brow.start = brow.end;
    brow.u1 = outer, brow.y1 = y + .05f + id->brow_tilt, brow.end = .25f * width;
    paint_stroke(face, &brow);
}

void express_eyes(Atlas *face, const Identity *id, const View *view)
{
    for (float side = -1; side <= 1; side += 2) {
        eye_paint(face, id, view, side);
        brow_paint(face, id, view, side);
    }
    if (view->frown > .2f) {
        Stroke line = {.y0 = id->brow_y + .02f,
                       .y1 = id->brow_y - .14f,
                       .start = .012f,
                       .end = .008f,
                       .color = id->skin,
                       .strength = .5f * view->frown,
                       .relief = -.02f};
        for (int k = 0; k < 3; k++)
            line.color.c[k] *= .5f;
        line.u0 = line.u1 = .06f;
        paint_stroke(face, &line);
        line.u0 = line.u1 = -.06f;
        paint_stroke(face, &line);
    }
}
