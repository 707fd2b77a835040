#include "synth/skull_internal.h"

#include "base/real_internal.h"
#include "synth/paint_internal.h"
#include "synth/shape_internal.h"

typedef struct Knot {
    float y, value;
} Knot;

/* A smooth curve through knots of increasing y (cubic Hermite, Catmull-Rom slopes). */
static float curve(const Knot *knot, int n, float y)
{
    int i = 0;
    while (i < n - 2 && y > knot[i + 1].y)
        i++;
    const Knot *a = &knot[i], *b = &knot[i + 1];
    const Knot *before = i > 0 ? a - 1 : a, *after = i < n - 2 ? b + 1 : b;
    float length = b->y - a->y, t = shape_clamp((y - a->y) / length, 0, 1);
    float m0 = (b->value - before->value) / (b->y - before->y) * length;
    float m1 = (after->value - a->value) / (after->y - a->y) * length;
    float t2 = t * t, t3 = t2 * t;
    return (2 * t3 - 3 * t2 + 1) * a->value + (t3 - 2 * t2 + t) * m0 +
           (3 * t2 - 2 * t3) * b->value + (t3 - t2) * m1;
}

/* One height of the head: an ellipse with these half axes for the face, another for the neck. */
typedef struct Section {
    float side, front, back, neck, square;
} Section;

static Section section_at(const Identity *id, float y)
{
    const float end = id->chin_y, drop = end - 1.7f;
    const Knot side[] = {{-1.85f, .05f},
                         {-1.72f, .36f},
                         {-1.40f, .72f},
                         {-.90f, .5f * id->temple + .46f},
                         {-.35f, id->temple + .02f},
                         {.15f, id->cheek},
                         {.60f, .65f * id->cheek + .35f * id->jaw - .02f},
                         {1.05f + .5f * drop, id->jaw},
                         {end - .28f, .5f * (id->chin + id->jaw) - .05f},
                         {end - .08f, id->chin - .06f},
                         {end + .10f, .10f}};
    const Knot front[] = {{-1.85f, .05f},
                          {-1.70f, .45f},
                          {-1.35f, .85f},
                          {-.80f, id->depth - .03f},
                          {-.25f, id->depth + .02f},
                          {.15f, id->depth},
                          {.60f, id->depth},
                          {1.0f, id->depth + .02f},
                          {end - .2f, id->depth - .02f},
                          {end - .03f, id->depth - .16f},
                          {end + .14f, .10f}};
    Section s = {.side = shape_max(curve(side, 11, y), .05f),
                 .front = shape_max(curve(front, 11, y), .05f),
                 .neck = (.53f + .05f * id->masculine) * shape_ramp(y, .4f, 1.1f) + .02f +
                         .5f * shape_ramp(y, 1.95f, 2.5f),
                 .square = id->square * shape_ramp(y, -1.2f, -.4f)};
    s.back = 1.15f * s.side;
    return s;
}

CLONES static void skull_sections(Atlas *atlas, const Identity *id)
{
    const Grid *grid = atlas->grid;
    for (int r = 0; r < grid->height; r++) {
        const Section s = section_at(id, grid_y(grid, r));
        float side = 1 / (s.side * s.side), front = 1 / (s.front * s.front);
        float back = 1 / (s.back * s.back), neck = s.neck;
        float *radius = atlas->radius + r * grid->width;
        for (int c = 0; c < grid->width; c++) {
            float sine = grid->sine[c] * grid->sine[c], cosine = grid->cosine[c] * grid->cosine[c];
            float face = 1 / sqrtf(sine * side + cosine * (grid->cosine[c] > 0 ? front : back));
            face *= 1 + 4 * s.square * sine * cosine;
            radius[c] = shape_union(face, neck, .12f);
        }
    }
}

/* The nose: a ridge from between the eyes to the tip, rounded off under it. */
CLONES static void skull_nose(Atlas *atlas, const Identity *id)
{
    const Grid *grid = atlas->grid;
    float tip = id->nose_y - .6f * id->nose_turn, base = id->nose_y + .19f, root = -.16f;
    Box box = paint_box(grid, 0, .5f * (root + base), .6f, .5f * (base - root));
    for (int r = box.top; r < box.bottom; r++) {
        float y = grid_y(grid, r), t = shape_clamp((y - root) / (tip - root), 0, 1);
        float under = 1 - shape_ramp(y, tip - .05f, base);
        float height = id->nose_out * (t * (.42f + .58f * t)) * under * shape_ramp(y, root, .2f);
        height += id->nose_hump * shape_bump((t - .5f) * (t - .5f) * 12);
        float half = id->nose_width * (.75f + .65f * t * t), bend = id->nose_bend * 4 * t * (1 - t);
        float *radius = atlas->radius + r * grid->width;
        for (int c = box.left; c < box.right; c++) {
            float x = (grid->u[c] - bend) / half;
            radius[c] += height / (1 + x * x * x * x * .9f + x * x * .25f) * shape_bump(x * x / 9);
        }
    }
    paint_bump(atlas, id->nose_bend, tip, .15f, .15f, id->nose_tip);
    paint_bumps(atlas, .78f * id->nose_wing, id->nose_y + .03f, .115f, .115f, .11f);
}

static void skull_ears(Atlas *atlas, const Identity *id)
{
    float u = 1.80f, y = .24f;
    paint_bumps(atlas, u, y, .15f, id->ear_size, id->ear_out + .06f);
    paint_bumps(atlas, u + .10f, y - .3f * id->ear_size, .13f, .6f * id->ear_size, id->ear_out);
    paint_bumps(atlas, u, y + .02f, .07f, .55f * id->ear_size, -.10f);
}

void skull_shape(Atlas *atlas, const Identity *id)
{
    skull_sections(atlas, id);
    float eye_u = id->eye_u, eye_y = id->eye_y;
    paint_bumps(atlas, eye_u - .04f, eye_y + .02f, .36f, .26f, -id->eye_depth - .05f);
    paint_bumps(atlas, eye_u, eye_y, .22f, .17f, .075f);
    paint_bumps(atlas, eye_u - .05f, id->brow_y + .02f, .40f, .16f, id->ridge + .02f);
    paint_bump(atlas, 0, -.25f, .30f, .25f, .5f * id->ridge);
    paint_bumps(atlas, .80f, .40f, .35f, .30f, id->cheek_bone + .03f);
    paint_bumps(atlas, .68f, .85f, .35f, .42f, id->cheek_fat);
    paint_bump(atlas, 0, id->mouth_y, .60f, .36f, .05f);
    paint_bump(atlas, 0, id->mouth_y + .27f, .26f, .09f, -.045f);
    paint_bump(atlas, 0, id->chin_y - .2f, .30f, .24f, id->chin_out);
    paint_bump(atlas, 0, id->chin_y - .14f, .05f, .12f, shape_min(-id->cleft, 0));
    paint_bump(atlas, 0, .5f * (id->nose_y + id->mouth_y) + .03f, .045f, .13f, -.03f);
    skull_nose(atlas, id);
    if (id->side_y < 1) /* otherwise under the hair */
        skull_ears(atlas, id);
}
