#include "layers/pixels.h"

#include <stdio.h>
#include <string.h>

#include "base/num_internal.h"
#include "layers/layer_internal.h"

static bool alike(const double number[COLOURS])
{
    return number[1] == number[0] && number[2] == number[0];
}

bool pixels_same(const Pixels *a, const Pixels *b)
{
    bool same = a->bgr == b->bgr;
    for (int k = 0; k < COLOURS; k++)
        same = same && a->mean[k] == b->mean[k] && a->scale[k] == b->scale[k];
    return same;
}

void pixels_print(char text[PIXELS_TEXT], const double number[COLOURS], int digits)
{
    if (alike(number))
        snprintf(text, PIXELS_TEXT, "%.*g", digits, number[0]);
    else
        snprintf(text, PIXELS_TEXT, "%.*g,%.*g,%.*g", digits, number[0], digits, number[1], digits,
                 number[2]);
}

bool pixels_parse(double number[COLOURS], const char *text)
{
    int n = 0;
    for (const char *at = text;; at++) {
        char one[40];
        size_t length = strcspn(at, ",");
        if (n == COLOURS || length >= sizeof one)
            return false;
        memcpy(one, at, length);
        one[length] = '\0';
        if (!num_double(one, -1e6, 1e6, &number[n++]))
            return false;
        at += length;
        if (*at == '\0')
            break;
    }
    if (n == 1)
        number[1] = number[2] = number[0];
    return n == 1 || n == COLOURS;
}

void pixels_forward(real *y, const uint8_t *rgb, int n, int h, int w, const Pixels *pixels,
                    bool mirror)
{
    real value[COLOURS][256];
    for (int k = 0; k < COLOURS; k++)
        for (int i = 0; i < 256; i++)
            value[k][i] = (real)((i - pixels->mean[k]) * pixels->scale[k]);
    int red = pixels->bgr ? 2 : 0, blue = 2 - red, step = mirror ? -3 : 3;
    for (int64_t row = 0; row < (int64_t)n * h; row++) {
        const uint8_t *p = rgb + row * w * 3 + (mirror ? (w - 1) * 3 : 0);
        for (int x = 0; x < w; x++, p += step, y += 3) {
            y[red] = value[0][p[0]];
            y[1] = value[1][p[1]];
            y[blue] = value[2][p[2]];
        }
    }
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static void forward(const LayerRun *run)
{
    const Shape *s = &run->node->shape;
    pixels_forward(run->y, run->rgb, run->n, s->oh, s->ow, run->pixels, run->mirror);
}

const Layer layer_input = {.name = "input", .forward = forward};
