#include "synth/picture_internal.h"

#include <string.h>

#include "base/real_internal.h"
#include "synth/shape_internal.h"

CLONES void picture_back(float *restrict red, float *restrict green, float *restrict blue, int from,
                         int to, int y, const Camera *camera, const View *view)
{
    float sx0, sy0, step;
    camera_screen(camera, 0, (float)y, &sx0, &sy0, &step);
    const float ax = camera->a * step * step, ay = -camera->b * step * step;
    const float grain = 1.1f * (float)(view->grain >> 24) / 256 + .3f;
    const uint32_t seed = view->grain;
    const Color one = view->wall[0], two = view->wall[1], cloth = view->cloth, sky = view->ambient;
    for (int i = from; i < to; i++) {
        float sx = sx0 + ax * (float)i, sy = sy0 + ay * (float)i;
        float large = shape_noise(sx * grain, sy * grain * .7f, seed);
        float small = shape_noise(sx * grain * 3 + 40, sy * grain * 2.1f, seed);
        float t = shape_clamp(.5f + .9f * large + .2f * small, 0, 1), light = 1 + .25f * small;
        float side = sx < 0 ? -sx : sx;
        float shoulder = sy - 1.62f - .10f * side * side - .5f * shape_ramp(side, 1.6f, 2.3f);
        float cover = shape_clamp(shoulder * 25, 0, 1), folds = .7f + .15f * large;
        red[i] = shape_mix(shape_mix(one.c[0], two.c[0], t) * light, cloth.c[0] * folds, cover);
        green[i] = shape_mix(shape_mix(one.c[1], two.c[1], t) * light, cloth.c[1] * folds, cover);
        blue[i] = shape_mix(shape_mix(one.c[2], two.c[2], t) * light, cloth.c[2] * folds, cover);
        red[i] *= .4f + .6f * sky.c[0];
        green[i] *= .4f + .6f * sky.c[1];
        blue[i] *= .4f + .6f * sky.c[2];
    }
}

CLONES void picture_bar(float *restrict red, float *restrict green, float *restrict blue, int n,
                        int y, const View *view)
{
    const float nx = -sinf(view->bar_angle), ny = cosf(view->bar_angle), size = (float)n;
    const float half = view->bar_width * size;
    const float start = (ny * ((float)y - view->bar_y * size) - nx * view->bar_x * size);
    const Color cloth = view->cloth, sky = view->ambient;
    for (int i = 0; i < n; i++) {
        float d = start + nx * (float)i, depth = d < 0 ? half + d : half - d;
        float cover = shape_clamp(depth, 0, 1);
        float light = (.6f + .5f * shape_clamp(depth / half, 0, 1)) *
                      (1 + .12f * shape_noise((float)i * .12f, (float)y * .12f, view->grain));
        red[i] = shape_mix(red[i], cloth.c[0] * light * sky.c[0], cover);
        green[i] = shape_mix(green[i], cloth.c[1] * light * sky.c[1], cover);
        blue[i] = shape_mix(blue[i], cloth.c[2] * light * sky.c[2], cover);
    }
}

/* One pass of weights (w, 1 - 2 w, w) each way adds 2 w to the variance. The picture's border is
 * repeated beyond it. */
CLONES static void blur_pass(float *restrict plane, float *restrict row, int size, float w)
{
    const size_t bytes = (size_t)size * sizeof *plane;
    float *above = row + size + 2;
    memcpy(above, plane, bytes);
    for (int y = 0; y < size; y++) {
        float *here = plane + y * size;
        const float *below = y < size - 1 ? here + size : here;
        memcpy(row + 1, here, bytes);
        for (int x = 0; x < size; x++)
            here[x] += w * (above[x] + below[x] - 2 * here[x]);
        memcpy(above, row + 1, bytes);
        memcpy(row + 1, here, bytes);
        row[0] = here[0];
        row[size + 1] = here[size - 1];
        for (int x = 0; x < size; x++)
            here[x] += w * (row[x] + row[x + 2] - 2 * here[x]);
    }
}

void picture_blur(float *restrict plane, float *restrict row, int size, float sigma)
{
    float variance = sigma * sigma;
    int passes = (int)(2 * variance) + 1;
    if (variance < .02f)
        return;
    for (int i = 0; i < passes; i++)
        blur_pass(plane, row, size, .5f * variance / (float)passes);
}

/* About normal, deviation 1: the sum of four uniform bytes. */
INLINE float grain_of(uint32_t bits)
{
    int sum = (int)((bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24));
    return (float)(sum - 510) * (1 / 147.8f);
}

/* Linear light to a display value: about the square root, bent by gamma, its highlights rolled
 * off, its contrast around the middle. */
INLINE float tone(float light, float bend, float contrast)
{
    float v = sqrtf(shape_max(light, 0));
    v *= 1 - bend * (1 - v);
    v = v - .16f * shape_max(v - .55f, 0);
    return .5f + (v - .5f) * contrast;
}

CLONES void picture_develop(uint8_t *restrict out, const float *restrict red,
                            const float *restrict green, const float *restrict blue, int n, int y,
                            const View *view)
{
    const float gain[3] = {view->exposure * view->balance.c[0], view->exposure * view->balance.c[1],
                           view->exposure * view->balance.c[2]};
    const float bend = shape_clamp(view->gamma - 1, -.3f, .3f), contrast = view->contrast;
    const float saturation = view->saturation, noise = view->noise, coarse = view->coarse;
    const uint32_t seed = view->grain;
    uint32_t packed[PICTURE_WIDEST];
    for (int i = 0; i < n; i++) {
        float r = tone(red[i] * gain[0], bend, contrast);
        float g = tone(green[i] * gain[1], bend, contrast);
        float b = tone(blue[i] * gain[2], bend, contrast);
        uint32_t bits = shape_hash((uint32_t)i, (uint32_t)y, seed);
        float common = noise * grain_of(bits), apart = .7f * noise * grain_of(bits * 0x9e3779b1u);
        uint32_t block = shape_hash((uint32_t)i >> 3, (uint32_t)y >> 3, ~seed);
        float u = coarse * grain_of(block), v = coarse * grain_of(block * 0x9e3779b1u);
        float luma = .3f * r + .59f * g + .11f * b + common;
        r = luma + (r - luma) * saturation + apart + v;
        g = luma + (g - luma) * saturation + common - .4f * u - .5f * v;
        b = luma + (b - luma) * saturation - apart + u;
        uint32_t low = (uint32_t)(int)shape_clamp(r * 255 + .5f, 0, 255);
        uint32_t middle = (uint32_t)(int)shape_clamp(g * 255 + .5f, 0, 255);
        uint32_t high = (uint32_t)(int)shape_clamp(b * 255 + .5f, 0, 255);
        packed[i] = low | middle << 8 | high << 16;
    }
    /* Four bytes a store; the fourth is the next pixel's, which follows. */
    for (int i = 0; i < n - 1; i++)
        memcpy(out + 3 * i, packed + i, 4);
    memcpy(out + 3 * (n - 1), packed + n - 1, 3);
}
