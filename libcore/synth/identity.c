#include "synth/identity_internal.h"

#include <math.h>
#include <stddef.h>

#include "base/rng_internal.h"
#include "synth/shape_internal.h"

#define FAMILY 4 /* people in a row that resemble each other */

/* A trait's mean and deviation in the population, and what masculinity and age add to it. */
typedef struct Trait {
    size_t offset;
    float mean, deviation, masculine, age;
} Trait;

#define TRAIT(name, ...)                                                                           \
    {                                                                                              \
        offsetof(Identity, name), __VA_ARGS__                                                      \
    }

static const Trait traits[] = {
    TRAIT(temple, .93f, .035f, .01f, -.02f),
    TRAIT(cheek, 1.f, .035f, .01f, .01f),
    TRAIT(jaw, .81f, .06f, .05f, .03f),
    TRAIT(chin, .47f, .06f, .05f, .03f),
    TRAIT(chin_y, 1.70f, .09f, .05f, .02f),
    TRAIT(square, .05f, .03f, .015f, 0),
    TRAIT(depth, 1.12f, .04f, 0, 0),
    TRAIT(ridge, .05f, .025f, .025f, .01f),
    TRAIT(cheek_bone, .05f, .03f, -.005f, -.02f),
    TRAIT(cheek_fat, .03f, .04f, -.005f, -.01f),
    TRAIT(chin_out, .08f, .04f, .02f, 0),
    TRAIT(cleft, -.02f, .03f, .01f, 0),
    TRAIT(eye_u, .475f, .035f, 0, 0),
    TRAIT(eye_y, 0, .03f, 0, 0),
    TRAIT(eye_width, .215f, .022f, -.005f, -.01f),
    TRAIT(eye_height, .092f, .02f, -.008f, -.012f),
    TRAIT(eye_tilt, -.02f, .05f, .01f, .03f),
    TRAIT(eye_depth, .075f, .03f, .01f, .02f),
    TRAIT(crease, .07f, .04f, 0, -.01f),
    TRAIT(lash, .5f, .2f, -.2f, -.1f),
    TRAIT(bag, .1f, .15f, .02f, .5f),
    TRAIT(iris_size, .088f, .006f, 0, 0),
    TRAIT(brow_y, -.29f, .045f, .035f, .02f),
    TRAIT(brow_gap, .20f, .045f, -.02f, 0),
    TRAIT(brow_length, .53f, .05f, 0, -.02f),
    TRAIT(brow_width, .042f, .013f, .009f, 0),
    TRAIT(brow_arch, .06f, .035f, -.02f, 0),
    TRAIT(brow_tilt, -.02f, .05f, .02f, .02f),
    TRAIT(brow_density, .75f, .2f, .1f, -.15f),
    TRAIT(nose_y, .52f, .055f, .01f, .03f),
    TRAIT(nose_width, .145f, .025f, .012f, .01f),
    TRAIT(nose_out, .27f, .055f, .02f, .02f),
    TRAIT(nose_tip, .06f, .025f, .005f, .02f),
    TRAIT(nose_wing, .205f, .035f, .012f, .01f),
    TRAIT(nose_hump, .01f, .03f, .01f, .01f),
    TRAIT(nose_bend, 0, .012f, 0, 0),
    TRAIT(nose_turn, .02f, .035f, -.01f, -.02f),
    TRAIT(mouth_y, 1.02f, .055f, .02f, .02f),
    TRAIT(mouth_width, .37f, .04f, .012f, 0),
    TRAIT(lip_upper, .075f, .026f, -.012f, -.03f),
    TRAIT(lip_lower, .105f, .028f, -.01f, -.03f),
    TRAIT(lip_bow, .3f, .2f, 0, -.1f),
    TRAIT(lip_curve, 0, .03f, -.005f, -.02f),
    TRAIT(lip_red, .55f, .2f, -.25f, -.15f),
    TRAIT(mouth_skew, 0, .015f, 0, 0),
    TRAIT(ear_size, .29f, .035f, .015f, .04f),
    TRAIT(ear_out, .10f, .045f, .01f, .01f),
    TRAIT(hairline, .85f, .10f, 0, .08f),
    TRAIT(recede, .05f, .10f, .06f, .15f),
    TRAIT(peak, .02f, .06f, .02f, 0),
    TRAIT(fringe, -.08f, .25f, -.08f, -.1f),
    TRAIT(sweep, 0, .5f, 0, 0),
    TRAIT(side_y, .70f, .7f, -.85f, -.15f),
    TRAIT(volume, .13f, .06f, -.03f, -.03f),
    TRAIT(curl, .3f, .35f, 0, 0),
    TRAIT(moustache, -.75f, .6f, .75f, .1f),
    TRAIT(goatee, -.8f, .6f, .75f, .1f),
    TRAIT(beard, -.95f, .6f, .75f, .1f),
    TRAIT(flush, .3f, .2f, .05f, .1f),
    TRAIT(mottle, .3f, .15f, .1f, .25f),
    TRAIT(freckle, -.25f, .55f, -.05f, 0),
    TRAIT(wrinkle, -.15f, .15f, .05f, 1.1f),
};

/* Numbers of a person, partly shared with the family. */
typedef struct Source {
    Rng own, family;
    double shared; /* of the variance */
    double spread;
} Source;

static float draw(Source *source)
{
    double common = rng_normal(&source->family), own = rng_normal(&source->own);
    double z = sqrt(source->shared) * common + sqrt(1 - source->shared) * own;
    return (float)fmax(-2.3, fmin(2.3, z));
}

/* Uniform in [0, 1] rather than normal; not narrowed. */
static float draw_unit(Source *source)
{
    return (float)(0.5 * erfc(-(double)draw(source) / sqrt(2)));
}

static Color color_mix(Color a, Color b, float t)
{
    for (int k = 0; k < 3; k++)
        a.c[k] = shape_mix(a.c[k], b.c[k], t);
    return a;
}

static void draw_colors(Identity *id, Source *source)
{
    static const Color fair = {{.72f, .47f, .36f}}, tan_ = {{.42f, .22f, .13f}};
    static const Color deep = {{.11f, .050f, .030f}};
    static const Color black = {{.012f, .010f, .009f}}, brown = {{.075f, .035f, .016f}};
    static const Color blond = {{.42f, .27f, .11f}}, red = {{.28f, .085f, .025f}};
    static const Color grey = {{.40f, .39f, .38f}};
    static const Color dark_eye = {{.035f, .015f, .007f}}, hazel = {{.14f, .085f, .03f}};
    static const Color blue = {{.13f, .23f, .36f}}, green = {{.13f, .20f, .11f}};
    float m = id->melanin;
    id->skin = m < .5f ? color_mix(fair, tan_, 2 * m) : color_mix(tan_, deep, 2 * m - 1);
    for (int k = 0; k < 3; k++)
        id->skin.c[k] *= 1 + .05f * draw(source);
    float light = shape_clamp(draw_unit(source) * 1.3f - 1.6f * m, 0, 1);
    id->hair = light < .4f ? color_mix(black, brown, light / .4f)
                           : color_mix(brown, draw(source) > 1 ? red : blond, (light - .4f) / .6f);
    float silver = shape_clamp(2.2f * id->age - 1.1f + .4f * draw(source), 0, 1);
    id->hair = color_mix(id->hair, grey, silver);
    float pale = shape_clamp(draw_unit(source) * 1.4f - 1.8f * m, 0, 1);
    id->iris = pale < .5f ? color_mix(dark_eye, hazel, 2 * pale)
                          : color_mix(hazel, draw(source) > .6f ? green : blue, 2 * pale - 1);
    static const Color rose = {{.50f, .115f, .105f}}, plum = {{.16f, .050f, .050f}};
    id->lip = color_mix(id->skin, color_mix(rose, plum, m), shape_clamp(id->lip_red, .2f, .95f));
}

static void draw_moles(Identity *id, Source *source)
{
    for (int i = 0; i < IDENTITY_MOLES; i++) {
        Spot *spot = &id->mole[i];
        spot->u = 1.9f * (draw_unit(source) - .5f);
        spot->y = -.85f + 2.3f * draw_unit(source);
        spot->size = .022f + .022f * draw_unit(source);
        spot->depth = draw_unit(source) < .45f ? .8f : 0;
    }
}

void identity_draw(Identity *id, uint64_t seed, int64_t number, double hardness)
{
    uint64_t n = (uint64_t)number;
    Source source = {rng_at(seed, 1, n, 0), rng_at(seed, 2, n / FAMILY, 0),
                     .7 * hardness * hardness, 1.25 - .5 * hardness};
    *id = (Identity){0};
    id->masculine = shape_clamp(2.4f * (draw_unit(&source) - .5f), -1, 1);
    id->age = draw_unit(&source);
    id->age *= id->age;
    id->melanin = draw_unit(&source);
    for (size_t i = 0; i < sizeof traits / sizeof traits[0]; i++) {
        const Trait *trait = &traits[i];
        float *value = (void *)((char *)id + trait->offset);
        *value = trait->mean + trait->deviation * (float)source.spread * draw(&source) +
                 trait->masculine * id->masculine + trait->age * id->age;
    }
    if (draw_unit(&source) < .10f * (1 + id->masculine)) /* bald */
        id->hairline = 1.9f, id->fringe = 0, id->side_y = -.3f, id->volume = .02f;
    if (id->side_y > .55f) /* hair that passes the ears hangs to the shoulders */
        id->side_y += 1;
    draw_colors(id, &source);
    draw_moles(id, &source);
    id->grain = (uint32_t)rng_u64(&source.own);
}
