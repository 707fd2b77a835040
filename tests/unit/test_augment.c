/* image/augment: each change by itself, the recipe's probabilities, and what it depends on */
#include "base/rng_internal.h"
#include "image/augment_internal.h"
#include "unit.h"

enum { H = 48, W = 40, BYTES = H * W * 3 };

static void noise(uint8_t *pixels, uint64_t seed)
{
    Rng rng = rng_at(seed, 0, 0, 0);
    for (int i = 0; i < BYTES; i++)
        pixels[i] = (uint8_t)rng_below(&rng, 256);
}

/* A picture of low frequencies, as photographs have */
static void waves(uint8_t *pixels)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int c = 0; c < 3; c++)
                pixels[(y * W + x) * 3 + c] =
                    (uint8_t)(127.5 + 100 * sin(0.11 * x + c) * cos(0.13 * y));
}

static bool same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, BYTES) == 0;
}

static void test_flip(void)
{
    uint8_t x[BYTES], y[BYTES];
    noise(x, 1);
    memcpy(y, x, BYTES);
    augment_flip(y, H, W);
    bool mirrored = true;
    for (int i = 0; i < BYTES; i++) {
        int c = i % 3, column = i / 3 % W, row = i / 3 / W;
        mirrored = mirrored && y[i] == x[(row * W + W - 1 - column) * 3 + c];
    }
    CHECK(mirrored && !same(x, y), "flip is the exact mirror image");
    augment_flip(y, H, W);
    CHECK(same(x, y), "flip twice is nothing");
    uint8_t odd[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, want[9] = {7, 8, 9, 4, 5, 6, 1, 2, 3};
    augment_flip(odd, 1, 3);
    CHECK(memcmp(odd, want, 9) == 0, "the middle of an odd width stays");
}

static void test_keep(void)
{
    uint8_t x[BYTES], y[BYTES];
    noise(x, 2);
    memcpy(y, x, BYTES);
    augment_keep(y, 5, 7, 20, 11, H, W);
    bool right = true;
    for (int i = 0; i < BYTES; i++) {
        int column = i / 3 % W, row = i / 3 / W;
        bool inside = row >= 5 && row < 25 && column >= 7 && column < 18;
        right = right && y[i] == (inside ? x[i] : 0);
    }
    CHECK(right, "the rectangle is kept, the rest is black");
    memcpy(y, x, BYTES);
    augment_keep(y, 0, 0, H, W, H, W);
    CHECK(same(x, y), "keeping all changes nothing");
}

static double distance(const uint8_t *a, const uint8_t *b)
{
    double sum = 0;
    for (int i = 0; i < BYTES; i++)
        sum += abs(a[i] - b[i]);
    return sum / BYTES;
}

static void test_degrade(void)
{
    uint8_t x[BYTES], y[BYTES], flat[BYTES];
    void *scratch = malloc(augment_scratch(H, W));
    waves(x);
    memset(flat, 77, BYTES);
    for (int down = 0; down < FILTER_COUNT; down++) {
        for (int up = 0; up < FILTER_COUNT; up++) {
            memcpy(y, flat, BYTES);
            augment_degrade(y, 9, 8, (Filter)down, (Filter)up, scratch, H, W);
            bool kept = same(flat, y);
            memcpy(y, x, BYTES);
            augment_degrade(y, H, W, (Filter)down, (Filter)up, scratch, H, W);
            bool whole = same(x, y);
            augment_degrade(y, 24, 20, (Filter)down, (Filter)up, scratch, H, W);
            double half = distance(x, y);
            augment_degrade(y, 9, 8, (Filter)down, (Filter)up, scratch, H, W);
            double fifth = distance(x, y);
            CHECK(kept && whole && half > 0 && half < 6 && half < fifth && fifth < 40,
                  "filters %d, %d: flat and full size stay, half is %.2f off, a fifth %.2f", down,
                  up, half, fifth);
        }
    }
    free(scratch);
}

/* Sizes down to one pixel stay within the scratch (the sanitizers watch). */
static void test_degrade_sizes(void)
{
    uint8_t x[BYTES];
    bool grey = true;
    for (int h = 1; h <= 21; h += 4) {
        for (int w = 1; w <= 21; w += 5) {
            void *scratch = malloc(augment_scratch(h, w));
            for (int filters = 0; filters < FILTER_COUNT * FILTER_COUNT; filters++) {
                for (int i = 0; i < h * w * 3; i++)
                    x[i] = (uint8_t)(i / 3 * 40);
                augment_degrade(x, (h + 4) / 5, (w + 4) / 5, (Filter)(filters / FILTER_COUNT),
                                (Filter)(filters % FILTER_COUNT), scratch, h, w);
                for (int i = 0; i < h * w * 3; i += 3)
                    grey = grey && x[i] == x[i + 1] && x[i] == x[i + 2];
            }
            free(scratch);
        }
    }
    CHECK(grey, "what is grey stays grey, for any size and pair of filters");
}

/* Weights by hand: 4 pixels to 2 and back. */
static void test_filters_by_hand(void)
{
    static const struct {
        Filter down, up;
        uint8_t want[4];
    } cases[] = {
        /* 0 2: every second pixel; back: each twice */
        {FILTER_NEAREST, FILTER_NEAREST, {10, 10, 90, 90}},
        /* means of two: 30, 75; back at -1/4, 1/4, 3/4, 5/4 between them */
        {FILTER_AREA, FILTER_LINEAR, {30, 41, 64, 75}},
        {FILTER_LINEAR, FILTER_NEAREST, {30, 30, 75, 75}},
        {FILTER_AREA, FILTER_AREA, {30, 30, 75, 75}},
        /* -3/32, 19/32, 19/32, -3/32 of 10 10 50 90 and of 50 90 60 60 */
        {FILTER_CUBIC, FILTER_NEAREST, {26, 26, 79, 79}},
    };
    char scratch[1024];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t x[12] = {10, 10, 10, 50, 50, 50, 90, 90, 90, 60, 60, 60};
        augment_degrade(x, 1, 2, cases[i].down, cases[i].up, scratch, 1, 4);
        const uint8_t *want = cases[i].want;
        CHECK(x[0] == want[0] && x[3] == want[1] && x[6] == want[2] && x[9] == want[3],
              "filters %d, %d by hand: %d %d %d %d", cases[i].down, cases[i].up, x[0], x[3], x[6],
              x[9]);
    }
}

static void test_photometric(void)
{
    uint8_t x[6] = {100, 50, 200, 10, 20, 30};
    augment_brightness(x, 1.5f, 1, 2);
    CHECK(x[0] == 150 && x[1] == 75 && x[2] == 255 && x[3] == 15, "brightness scales and clamps");
    uint8_t c[6] = {100, 100, 100, 200, 200, 200};
    augment_contrast(c, 0.5f, 1, 2);
    CHECK(c[0] == 125 && c[3] == 175, "contrast moves to the mean grey");
    uint8_t s[3] = {255, 0, 0}; /* grey 76 */
    augment_saturation(s, 0.5f, 1, 1);
    CHECK(s[0] == 165 && s[1] == 38 && s[2] == 38, "saturation moves to the pixel's grey");
    uint8_t y[BYTES], z[BYTES];
    noise(y, 3);
    memcpy(z, y, BYTES);
    augment_brightness(z, 1, H, W);
    augment_contrast(z, 1, H, W);
    augment_saturation(z, 1, H, W);
    CHECK(same(y, z), "factor 1 changes nothing");
}

static int count_changed(const Augment *augment, const uint8_t *x, uint64_t seed, int faces)
{
    uint8_t y[BYTES];
    void *scratch = malloc(augment_scratch(H, W));
    int changed = 0;
    for (int i = 0; i < faces; i++) {
        memcpy(y, x, BYTES);
        augment_face(y, augment, seed, 0, (uint64_t)i, scratch, H, W);
        changed += !same(x, y);
    }
    free(scratch);
    return changed;
}

static void test_probabilities(void)
{
    uint8_t x[BYTES];
    noise(x, 4);
    CHECK(count_changed(&(Augment){0}, x, 1, 300) == 0, "nothing asked for, nothing changed");
    CHECK(count_changed(&(Augment){.flip = 1}, x, 1, 300) == 300, "flip 1 changes every face");
    CHECK(count_changed(&(Augment){.crop = 1}, x, 1, 300) >= 295, "crop 1");
    CHECK(count_changed(&(Augment){.low_res = 1}, x, 1, 300) >= 295, "low-res 1");
    CHECK(count_changed(&(Augment){.photometric = 1}, x, 1, 300) == 300, "photometric 1");
    int fifth = count_changed(&(Augment){.photometric = 0.2}, x, 1, 1000);
    int half = count_changed(&(Augment){.flip = 0.5}, x, 1, 1000);
    CHECK(fifth > 150 && fifth < 250 && half > 440 && half < 560,
          "0.2 changes %d of 1000, 0.5 changes %d", fifth, half);
}

/* The rectangles that survive a crop: where they lie, how large they are */
static void test_crop_law(void)
{
    enum { FACES = 2000 };
    uint8_t y[112 * 112 * 3];
    double area = 0;
    int low = 112 * 112, lopsided = 0;
    for (int i = 0; i < FACES; i++) {
        int top = 112, left = 112, bottom = -1, right = -1;
        memset(y, 255, sizeof y);
        augment_face(y, &(Augment){.crop = 1}, 9, 0, (uint64_t)i, NULL, 112, 112);
        for (int at = 0; at < 112 * 112; at++) {
            if (y[3 * at] == 0)
                continue;
            int row = at / 112, column = at % 112;
            top = row < top ? row : top;
            bottom = row > bottom ? row : bottom;
            left = column < left ? column : left;
            right = column > right ? column : right;
        }
        int h = bottom - top + 1, w = right - left + 1;
        area += h * w / (112.0 * 112) / FACES;
        low = h * w < low ? h * w : low;
        lopsided += w > 1.36 * h || h > 1.36 * w;
    }
    /* 0.538 is the mean over areas in [0.2, 1] and ratios, given that the rectangle fits */
    CHECK(fabs(area - 0.538) < 0.012, "the mean area kept is %.3f of the face", area);
    CHECK(low > 0.19 * 112 * 112 && low < 0.22 * 112 * 112, "never less than a fifth");
    CHECK(lopsided == 0, "sides within 3/4 and 4/3 of each other");
}

static void test_independence(void)
{
    uint8_t x[BYTES], once[BYTES], again[BYTES], with[BYTES], other[BYTES];
    void *scratch = malloc(augment_scratch(H, W));
    Augment flip = {.flip = 0.5}, both = {.flip = 0.5, .photometric = 1};
    Augment all = {.flip = 0.5, .crop = 0.5, .low_res = 0.5, .photometric = 0.5};
    bool steady = true, apart = true;
    int differs[3] = {0};
    noise(x, 5);
    for (uint64_t i = 0; i < 200; i++) {
        memcpy(once, x, BYTES);
        memcpy(again, x, BYTES);
        augment_face(once, &all, 3, 1, i, scratch, H, W);
        augment_face(again, &all, 3, 1, i, scratch, H, W);
        steady = steady && same(once, again);
        for (int k = 0; k < 3; k++) {
            memcpy(other, x, BYTES);
            augment_face(other, &all, 3 + (k == 0), 1 + (k == 1), i + (k == 2), scratch, H, W);
            differs[k] += !same(once, other);
        }
        /* whether a face is flipped does not depend on what else is on */
        memcpy(once, x, BYTES);
        memcpy(with, x, BYTES);
        augment_face(once, &flip, 3, 1, i, scratch, H, W);
        augment_face(with, &both, 3, 1, i, scratch, H, W);
        memcpy(again, x, BYTES);
        augment_face(again, &(Augment){.photometric = 1}, 3, 1, i, scratch, H, W);
        if (!same(once, x))
            augment_flip(again, H, W);
        apart = apart && same(with, again);
    }
    free(scratch);
    CHECK(steady, "the same face at the same place comes out the same");
    CHECK(differs[0] > 150 && differs[1] > 150 && differs[2] > 150,
          "seed, epoch and position matter: %d %d %d of 200", differs[0], differs[1], differs[2]);
    CHECK(apart, "each augmentation draws for itself");
}

static void test_grey(void)
{
    uint8_t x[BYTES];
    void *scratch = malloc(augment_scratch(H, W));
    Augment all = {.flip = 0.5, .low_res = 1, .photometric = 1};
    bool grey = true;
    for (uint64_t i = 0; i < 100; i++) {
        for (int p = 0; p < H * W; p++)
            memset(x + 3 * p, 60 + p % 120, 3);
        augment_face(x, &all, 8, 0, i, scratch, H, W);
        for (int p = 0; p < H * W; p++)
            grey = grey && x[3 * p] == x[3 * p + 1] && x[3 * p] == x[3 * p + 2];
    }
    free(scratch);
    CHECK(grey, "a grey face stays grey");
}

int main(void)
{
    test_flip();
    test_keep();
    test_degrade();
    test_degrade_sizes();
    test_filters_by_hand();
    test_photometric();
    test_probabilities();
    test_crop_law();
    test_independence();
    test_grey();
    return END_TESTS();
}
