#include "synth/view_internal.h"

#include <math.h>

#include "base/rng_internal.h"
#include "synth/shape_internal.h"

#define DEGREE .01745329f

typedef struct Draw {
    Rng rng;
    float vary; /* 0.1 .. 1.6: how far from plain a picture may be */
} Draw;

static float normal(Draw *draw, float deviation, float limit)
{
    float z = (float)rng_normal(&draw->rng) * deviation * draw->vary;
    return shape_clamp(z, -limit, limit);
}

static float unit(Draw *draw)
{
    return (float)rng_unit(&draw->rng);
}

static bool chance(Draw *draw, float probability)
{
    return unit(draw) < probability * draw->vary;
}

static Color any_color(Draw *draw, float low, float high)
{
    Color color;
    float light = low + (high - low) * unit(draw);
    for (int k = 0; k < 3; k++)
        color.c[k] = light * (.45f + .9f * unit(draw));
    return color;
}

static void draw_pose(View *view, Draw *draw)
{
    float far = chance(draw, .25f) ? 2.1f : 1;
    view->yaw = normal(draw, 13 * DEGREE * far, 52 * DEGREE);
    view->pitch = normal(draw, 8 * DEGREE, 24 * DEGREE);
    view->roll = normal(draw, 5 * DEGREE, 25 * DEGREE);
    view->perspective = .06f + .16f * unit(draw);
    for (int i = 0; i < 10; i++)
        view->landmark_error[i] = normal(draw, .025f, .1f);
    view->scale = .85f + .3f * unit(draw);
    view->turn = normal(draw, 9 * DEGREE, 30 * DEGREE);
    view->shift_x = .08f * (unit(draw) - .5f);
    view->shift_y = .08f * (unit(draw) - .5f);
}

static void draw_expression(View *view, Draw *draw)
{
    view->smile = shape_clamp(.15f + normal(draw, .4f, 1), -.4f, 1);
    view->jaw = shape_max(0, normal(draw, .11f, .38f) - .02f);
    view->pucker = normal(draw, .08f, .2f);
    view->raise = normal(draw, .35f, 1);
    view->frown = shape_max(0, normal(draw, .4f, 1));
    view->lids = chance(draw, .05f) ? .12f : shape_clamp(1 + normal(draw, .17f, .4f), .5f, 1.3f);
    view->gaze_u = normal(draw, .035f, .07f);
    view->gaze_y = normal(draw, .012f, .03f);
    view->lipstick = chance(draw, .2f) ? unit(draw) : 0;
    view->tan = normal(draw, .10f, .3f);
}

/* Daylight to lamp light: blue against red, a little green. */
static Color warmth(Draw *draw, float strength)
{
    float t = normal(draw, .22f, .5f), g = normal(draw, .05f, .12f);
    return (Color){{strength * (1 + t), strength * (1 + g), strength * (1 - t)}};
}

static Light light_from(float azimuth, float elevation, Color color)
{
    Light light = {
        {sinf(azimuth) * cosf(elevation), -sinf(elevation), cosf(azimuth) * cosf(elevation)},
        color};
    return light;
}

static void draw_light(View *view, Draw *draw)
{
    float soft = shape_clamp(.5f + normal(draw, .22f, .4f), .15f, .85f);
    view->key = light_from(normal(draw, 42 * DEGREE, 100 * DEGREE),
                           (25 + 15 * unit(draw)) * DEGREE + normal(draw, 18 * DEGREE, 60 * DEGREE),
                           warmth(draw, 1.25f * (1 - soft) + .1f));
    view->ambient = warmth(draw, .15f + .75f * soft);
    view->fill = light_from((unit(draw) - .5f) * 4, normal(draw, 30 * DEGREE, 60 * DEGREE),
                            warmth(draw, chance(draw, .4f) ? .8f * unit(draw) : .1f));
}

static void draw_occlusion(View *view, Draw *draw)
{
    view->sunglasses = chance(draw, .05f);
    view->glasses = !view->sunglasses && chance(draw, .14f);
    view->mask = chance(draw, .045f);
    view->cap = chance(draw, .07f);
    view->bar = chance(draw, .06f);
    view->frame = unit(draw) < .6f ? (Color){{.01f, .01f, .012f}} : any_color(draw, .02f, .35f);
    view->cloth = any_color(draw, .03f, .8f);
    view->lens_width = .30f + .07f * unit(draw);
    view->lens_height = .19f + .09f * unit(draw);
    view->lens_square = unit(draw);
    view->bar_x = unit(draw);
    view->bar_y = unit(draw) < .7f ? .75f + .3f * unit(draw) : .05f + .2f * unit(draw);
    view->bar_angle = 3 * unit(draw);
    view->bar_width = .07f + .07f * unit(draw);
}

static void draw_camera(View *view, Draw *draw)
{
    for (int i = 0; i < 2; i++)
        view->wall[i] = any_color(draw, .02f, .75f);
    view->exposure = 1.05f * expf(normal(draw, .28f, .8f));
    view->gamma = 1 + normal(draw, .08f, .25f);
    view->contrast = 1 + normal(draw, .10f, .3f);
    view->saturation = chance(draw, .05f) ? 0 : 1 + normal(draw, .18f, .6f);
    view->blur = shape_max(0, normal(draw, .55f, 1.7f) - .1f);
    view->noise = .006f + shape_max(0, normal(draw, .018f, .06f));
    view->coarse = shape_max(0, normal(draw, .012f, .04f));
    view->balance = warmth(draw, 1);
}

void view_draw(View *view, uint64_t seed, int64_t number, int64_t image, double hardness)
{
    Draw draw = {rng_at(seed, 3, (uint64_t)number, (uint64_t)image),
                 (float)(.1 + .6 * hardness + .9 * hardness * hardness)};
    *view = (View){0};
    draw_pose(view, &draw);
    draw_expression(view, &draw);
    draw_light(view, &draw);
    draw_occlusion(view, &draw);
    draw_camera(view, &draw);
    view->grain = (uint32_t)rng_u64(&draw.rng);
}
