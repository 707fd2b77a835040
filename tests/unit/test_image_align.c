/* image/: alignment, crops, resampling */
#include "base/rng_internal.h"
#include "image/align.h"
#include "image/warp_internal.h"
#include "unit.h"

enum { H = 31, W = 45 };

static void test_vector(void)
{
    /* the landmarks and the matrix of insightface issue 481 */
    static const double points[5][2] = {{35.916126, 43.42934},
                                        {86.2129, 49.016266},
                                        {55.2765, 71.023384},
                                        {32.937046, 87.26657},
                                        {72.59505, 91.47491}};
    double place[5][2];
    Similarity m;
    align_template(place, 112, 96);
    CHECK(similarity_fit(&m, points, place, 5), "five points give a similarity");
    CHECK(fabs(m.a - 0.80088554) < 1e-7 && fabs(m.b + 0.12822715) < 1e-7 &&
              fabs(m.tx + 6.07010466) < 1e-5 && fabs(m.ty - 24.34255374) < 1e-5,
          "112 x 96: %.8f %.8f %.8f %.8f", m.a, m.b, m.tx, m.ty);
    align_template(place, 112, 112);
    similarity_fit(&m, points, place, 5);
    CHECK(fabs(m.tx - 1.92989341) < 1e-5, "112 x 112: tx %.8f", m.tx);
    static const double same[5][2] = {{3, 4}, {3, 4}, {3, 4}, {3, 4}, {3, 4}};
    CHECK(!similarity_fit(&m, same, place, 5), "points in one place are refused");
    CHECK(!similarity_fit(&m, place, same, 5), "and so is a face of no size");
}

static void test_template(void)
{
    double p[5][2];
    align_template(p, 224, 224);
    CHECK_CLOSE(p[0][0], 2 * 38.2946, 1e-12, "224: twice");
    align_template(p, 128, 128);
    CHECK_CLOSE(p[0][0], 38.2946 + 8, 1e-12, "128: 8 to the right");
    CHECK_CLOSE(p[0][1], 51.6963, 1e-12, "128: nothing down");
    align_template(p, 256, 256);
    CHECK_CLOSE(p[4][0], 2 * (70.7299 + 8), 1e-12, "256: twice that");
}

/* Points that were moved by a similarity are brought back by the fit. */
static void test_fit(void)
{
    Rng rng = rng_at(1, 0, 0, 0);
    double worst = 0;
    for (int round = 0; round < 100; round++) {
        double from[5][2], to[5][2];
        Similarity s = {rng_normal(&rng), rng_normal(&rng), 50 * rng_normal(&rng),
                        50 * rng_normal(&rng)},
                   m;
        for (int i = 0; i < 5; i++) {
            double x = from[i][0] = 100 * rng_unit(&rng), y = from[i][1] = 100 * rng_unit(&rng);
            to[i][0] = s.a * x - s.b * y + s.tx;
            to[i][1] = s.b * x + s.a * y + s.ty;
        }
        if (!similarity_fit(&m, from, to, 5))
            worst = INFINITY;
        worst = fmax(worst, fabs(m.a - s.a) + fabs(m.b - s.b) + fabs(m.tx - s.tx) / 100 +
                                fabs(m.ty - s.ty) / 100);
    }
    CHECK(worst < 1e-12, "a similarity is found again, to %g", worst);
}

/* The definition, in double, one sample at a time. */
static double sample(Image in, double x, double y, int k, Edge edge)
{
    double sum = 0;
    int x0 = (int)floor(x), y0 = (int)floor(y);
    for (int dy = 0; dy < 2; dy++)
        for (int dx = 0; dx < 2; dx++) {
            int u = x0 + dx, v = y0 + dy;
            double weight = fabs(1 - dx - (x - x0)) * fabs(1 - dy - (y - y0));
            if (edge == EDGE_REPEAT) {
                u = u < 0 ? 0 : u < in.w ? u : in.w - 1;
                v = v < 0 ? 0 : v < in.h ? v : in.h - 1;
            } else if (u < 0 || v < 0 || u >= in.w || v >= in.h) {
                continue;
            }
            sum += weight * in.pixels[(v * in.w + u) * 3 + k];
        }
    return sum;
}

static void test_warp(Image in)
{
    static uint8_t out[200 * 150 * 3];
    image_warp(out, H, W, in, (Similarity){1, 0, 0, 0}, EDGE_BLACK);
    CHECK(memcmp(out, in.pixels, H * W * 3) == 0, "the identity changes nothing");
    image_warp(out, H, W, in, (Similarity){1, 0, 3, -2}, EDGE_BLACK);
    CHECK(memcmp(out + 3 * 3, in.pixels + 2 * W * 3, 3 * (W - 3)) == 0 && out[0] == 0 &&
              out[3 * 3 - 1] == 0 && out[3 * H * W - 1] == 0,
          "3 to the right, 2 up, black where nothing was");

    Rng rng = rng_at(2, 0, 0, 0);
    double worst = 0;
    for (int round = 0; round < 40; round++) {
        int h = 1 + (int)rng_below(&rng, 150), w = 1 + (int)rng_below(&rng, 200);
        Edge edge = round % 2 ? EDGE_REPEAT : EDGE_BLACK;
        Similarity s = {rng_normal(&rng), rng_normal(&rng), 20 * rng_normal(&rng),
                        20 * rng_normal(&rng)};
        double square = s.a * s.a + s.b * s.b;
        image_warp(out, h, w, in, s, edge);
        for (int v = 0; v < h; v++)
            for (int u = 0; u < w; u++)
                for (int k = 0; k < 3; k++) {
                    double du = u - s.tx, dv = v - s.ty;
                    double x = (s.a * du + s.b * dv) / square, y = (s.a * dv - s.b * du) / square;
                    double want = sample(in, x, y, k, edge);
                    worst = fmax(worst, fabs(out[(v * w + u) * 3 + k] - want));
                }
    }
    CHECK(worst < 0.5 + 0.02, "within rounding of the definition: %g", worst);
}

/* Nothing outside the box that is told makes a difference. */
static void test_box(Image in)
{
    static uint8_t want[60 * 70 * 3], out[60 * 70 * 3], part[H * W * 3];
    Rng rng = rng_at(3, 0, 0, 0);
    int same = 0, small = 0, rounds = 300;
    for (int round = 0; round < rounds; round++) {
        int h = 1 + (int)rng_below(&rng, 60), w = 1 + (int)rng_below(&rng, 70);
        Edge edge = round % 2 ? EDGE_REPEAT : EDGE_BLACK;
        Similarity s = {3 * rng_normal(&rng), 3 * rng_normal(&rng), 60 * rng_normal(&rng),
                        60 * rng_normal(&rng)};
        Box box = image_warp_box(h, w, in.h, in.w, s);
        size_t row = (size_t)(box.right - box.left) * 3;
        for (int i = 0; i < H * W * 3; i++)
            part[i] = (uint8_t)(255 - in.pixels[i]);
        for (int y = box.top; y < box.bottom; y++) {
            size_t at = (size_t)(y * W + box.left) * 3;
            memcpy(part + at, in.pixels + at, row);
        }
        image_warp(want, h, w, in, s, edge);
        image_warp(out, h, w, (Image){part, H, W}, s, edge);
        same += memcmp(want, out, image_bytes(h, w)) == 0;
        small += (box.right - box.left) * (box.bottom - box.top) < H * W / 2;
    }
    CHECK(same == rounds && small > rounds / 4, "the box is enough: %d of %d, %d of them small",
          same, rounds, small);
}

/* Extreme and broken similarities read nothing outside the image (ASan watches). */
static void test_wild(Image in)
{
    static uint8_t out[40 * 40 * 3];
    static const Similarity wild[] = {{1e-30, 0, 0, 0}, {1e30, 0, 1e30, 0},    {0, 0, 0, 0},
                                      {NAN, 1, NAN, 2}, {1, 0, 1e300, -1e300}, {1e-9, 1e-9, 3, 4}};
    uint8_t one[3] = {1, 2, 3};
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
        uint8_t *copy = malloc(H * W * 3);
        memcpy(copy, in.pixels, H * W * 3);
        image_warp(out, 40, 40, (Image){copy, H, W}, wild[i], EDGE_BLACK);
        image_warp(out, 40, 40, (Image){copy, H, W}, wild[i], EDGE_REPEAT);
        free(copy);
        Box box = image_warp_box(40, 40, H, W, wild[i]);
        CHECK(box.top >= 0 && box.top < box.bottom && box.bottom <= H && box.left >= 0 &&
                  box.left < box.right && box.right <= W,
              "a box within the image: rows %d to %d, columns %d to %d", box.top, box.bottom,
              box.left, box.right);
    }
    image_warp(out, 40, 40, (Image){one, 1, 1}, (Similarity){1, 0, 0, 0}, EDGE_REPEAT);
    CHECK(out[0] == 1 && out[40 * 40 * 3 - 1] == 3, "one pixel, repeated for ever");
}

static void test_crop(void)
{
    static uint8_t out[H * W * 3];
    Similarity s = crop_centre(H, W, 0, H, W);
    CHECK(s.a == 1 && s.b == 0 && s.tx == 0 && s.ty == 0, "a crop of the same size is the image");
    s = crop_centre(10, 10, 10, H, W); /* an odd margin below, so half a pixel */
    CHECK(s.a == 1 && s.tx == -17.5 && s.ty == -10.5, "the middle: %g %g", s.tx, s.ty);
    s = crop_centre(112, 112, 0, 100, 200);
    CHECK_CLOSE(s.a, 1.12, 1e-12, "the shorter side decides");
    CHECK_CLOSE(s.a * 99.5 + s.tx, 55.5, 1e-12, "centre to centre");
    for (int i = 0; i < H * W * 3; i++)
        out[i] = 77;
    image_warp(out, 10, 10, (Image){out + 300, 20, 20}, crop_centre(10, 10, 0, 20, 20),
               EDGE_REPEAT);
    CHECK(out[0] == 77 && out[299] == 77, "a plain picture stays plain up to its edges");
}

static void test_shrink(void)
{
    uint8_t pixels[4 * 6 * 3];
    Image image = {pixels, 4, 6};
    for (int i = 0; i < 24; i++)
        for (int k = 0; k < 3; k++)
            pixels[3 * i + k] = (uint8_t)(10 * (i % 6) + 3 * (i / 6) + k);
    Similarity s = {0.5, 0, 7, 9};
    image_shrink(&image, &s);
    CHECK(image.h == 2 && image.w == 3 && s.a == 1, "halved once");
    CHECK(pixels[0] == 7 && pixels[5] == 29 && pixels[9] == 13, "means of four: %d %d %d",
          pixels[0], pixels[5], pixels[9]);
    /* old pixel (2.5, 0.5) is new pixel (1, 0): both must go to the same place */
    CHECK(s.a * 1 + s.tx == 0.5 * 2.5 + 7 && s.ty == 0.5 * 0.5 + 9, "the place stays");
    s = (Similarity){0.9, 0, 0, 0};
    image_shrink(&image, &s);
    CHECK(image.h == 2 && s.a == 0.9, "nothing to do");
}

int main(void)
{
    static uint8_t pixels[H * W * 3];
    Rng rng = rng_at(3, 0, 0, 0);
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)rng_below(&rng, 256);
    Image in = {pixels, H, W};
    test_vector();
    test_template();
    test_fit();
    test_warp(in);
    test_box(in);
    test_wild(in);
    test_crop();
    test_shrink();
    return END_TESTS();
}
