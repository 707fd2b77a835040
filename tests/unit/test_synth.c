/* synth/: the faces are the same whoever renders them, look as they should in numbers, and the
 * knob does what it says. (That they look like faces is for eyes: face-synth --format tar.) */
#include "base/pool.h"
#include "synth/synth_internal.h"
#include "unit.h"

enum { SIZE = 64, BYTES = SIZE * SIZE * 3, PEOPLE = 12, PICTURES = 6, FACES = PEOPLE * PICTURES };

static const SynthConfig config = {.seed = 5, .hardness = .5, .size = SIZE};

static Synth *start(const SynthConfig *with)
{
    Err err = {0};
    Synth *synth = synth_new(with, &err);
    if (synth == NULL)
        printf("Bail out! %s\n", err.text);
    return synth;
}

typedef struct Shared {
    Synth *synth[3];
    uint8_t *image;
} Shared;

static void render(void *arg, int64_t i, int worker)
{
    Shared *shared = arg;
    float marks[10];
    synth_face(shared->synth[worker], shared->image + i * BYTES, marks, i / PICTURES, i % PICTURES);
}

static void test_same(void)
{
    Err err = {0};
    Shared shared = {.image = malloc((size_t)FACES * BYTES)};
    uint8_t *backwards = malloc((size_t)FACES * BYTES);
    float marks[10];
    Pool *pool = pool_new(3, &err);
    for (int i = 0; i < 3; i++)
        shared.synth[i] = start(&config);
    pool_run(pool, FACES, render, &shared);
    for (int i = FACES - 1; i >= 0; i--)
        synth_face(shared.synth[0], backwards + (size_t)i * BYTES, marks, i / PICTURES,
                   i % PICTURES);
    CHECK(memcmp(shared.image, backwards, (size_t)FACES * BYTES) == 0,
          "three threads in order and one backwards render the same");
    for (int i = 0; i < 3; i++)
        synth_free(shared.synth[i]);
    pool_free(pool);
    free(shared.image);
    free(backwards);
}

static double mean_of(const uint8_t *image)
{
    double sum = 0;
    for (int i = 0; i < BYTES; i++)
        sum += image[i];
    return sum / BYTES;
}

/* Pixels less their mean, as an embedding that learnt nothing. */
static double cosine(const uint8_t *a, const uint8_t *b)
{
    double ma = mean_of(a), mb = mean_of(b), dot = 0, aa = 0, bb = 0;
    for (int i = 0; i < BYTES; i++) {
        dot += (a[i] - ma) * (b[i] - mb);
        aa += (a[i] - ma) * (a[i] - ma);
        bb += (b[i] - mb) * (b[i] - mb);
    }
    return dot / sqrt(aa * bb);
}

/* The mean cosine of pictures of one person less that of two people's. */
static double separation(double hardness)
{
    SynthConfig with = config;
    with.hardness = hardness;
    Synth *synth = start(&with);
    uint8_t *image = malloc((size_t)FACES * BYTES);
    double sum[2] = {0};
    int count[2] = {0};
    float marks[10];
    for (int i = 0; i < FACES; i++)
        synth_face(synth, image + (size_t)i * BYTES, marks, 4 * (i / PICTURES), i % PICTURES);
    for (int i = 0; i < FACES; i++)
        for (int j = 0; j < i; j++) {
            int same = i / PICTURES == j / PICTURES;
            sum[same] += cosine(image + (size_t)i * BYTES, image + (size_t)j * BYTES);
            count[same]++;
        }
    free(image);
    synth_free(synth);
    return sum[1] / count[1] - sum[0] / count[0];
}

static void test_hardness(void)
{
    double plain = separation(0), usual = separation(.5), hard = separation(1);
    CHECK(plain > .2, "at hardness 0 people differ more than pictures: %.3f", plain);
    CHECK(plain > usual + .05 && usual > hard, "and less so the harder: %.3f > %.3f > %.3f", plain,
          usual, hard);
}

/* Pictures that are no flat colour, points where a face has them. */
static void test_faces(bool photo, int size)
{
    SynthConfig with = {.seed = 9, .hardness = 1, .size = size, .photo = photo};
    Synth *synth = start(&with);
    size_t bytes = 3 * (size_t)size * (size_t)size;
    uint8_t *image = malloc(bytes);
    float m[10];
    bool inside = true, upright = true, varied = true;
    for (int i = 0; i < 150; i++) {
        double sum = 0, squares = 0;
        synth_face(synth, image, m, i, i);
        for (int k = 0; k < 10; k++)
            inside = inside && m[k] > 0 && m[k] < (float)size - 1;
        upright = upright && m[0] < m[2] && m[6] < m[8] && m[1] < m[7] && m[3] < m[9];
        for (size_t p = 0; p < bytes; p++) {
            sum += image[p];
            squares += image[p] * (double)image[p];
        }
        double mean = sum / (double)bytes;
        varied = varied && mean > 8 && mean < 247 && squares / (double)bytes - mean * mean > 60;
    }
    CHECK(inside, "%d pixels%s: the points lie inside", size, photo ? ", photographs" : "");
    CHECK(upright, "eyes above mouth, left ones left");
    CHECK(varied, "neither black nor white nor flat");
    free(image);
    synth_free(synth);
}

/* Aligned faces have their points near the template's. */
static void test_aligned(void)
{
    static const float template[10] = {38.3f, 51.7f, 73.5f, 51.5f, 56.f,
                                       71.7f, 41.5f, 92.4f, 70.7f, 92.2f};
    SynthConfig with = {.seed = 3, .hardness = .2, .size = 112};
    Synth *synth = start(&with);
    uint8_t *image = malloc(3 * 112 * 112);
    float marks[10], worst = 0;
    for (int i = 0; i < 40; i++) {
        synth_face(synth, image, marks, i, 0);
        for (int k = 0; k < 10; k++)
            worst = fmaxf(worst, fabsf(marks[k] - template[k]));
    }
    CHECK(worst < 14, "aligned to within %.1f pixels of the template", worst);
    free(image);
    synth_free(synth);
}

static void test_refused(void)
{
    Err err = {0};
    SynthConfig with = config;
    with.size = SYNTH_LARGEST + 1;
    CHECK(synth_new(&with, &err) == NULL && strstr(err.text, "513") != NULL, "refused: %s",
          err.text);
    synth_free(NULL);
}

int main(void)
{
    test_same();
    test_hardness();
    test_faces(false, 112);
    test_faces(false, SYNTH_SMALLEST);
    test_faces(true, 160);
    test_aligned();
    test_refused();
    return END_TESTS();
}
