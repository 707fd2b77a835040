#include "nn/pixels.h"

void pixels_forward(real *y, const uint8_t *rgb, int n, int h, int w, const Pixels *pixels,
                    bool mirror)
{
    real value[256];
    for (int i = 0; i < 256; i++)
        value[i] = (real)((i - pixels->mean) * pixels->scale);
    int red = pixels->bgr ? 2 : 0, blue = 2 - red, step = mirror ? -3 : 3;
    for (int64_t row = 0; row < (int64_t)n * h; row++) {
        const uint8_t *p = rgb + row * w * 3 + (mirror ? (w - 1) * 3 : 0);
        for (int x = 0; x < w; x++, p += step, y += 3) {
            y[red] = value[p[0]];
            y[1] = value[p[1]];
            y[blue] = value[p[2]];
        }
    }
}
