/* image/: measures of quality against what they are by hand */
#include "image/quality_internal.h"
#include "unit.h"

enum { H = 4, W = 5 };

static uint8_t pixels[H][W][3];

static void paint(int y, int x, int value)
{
    memset(pixels[y][x], value, 3);
}

static void paint_all(int value)
{
    memset(pixels, value, sizeof pixels);
}

static void rate_pixels(float score[FACE_COMPONENTS])
{
    face_quality_pixels(score, &(Image){pixels[0][0], H, W});
}

static void test_sharpness(void)
{
    float score[FACE_COMPONENTS];
    paint_all(128);
    rate_pixels(score);
    CHECK(score[FACE_SHARPNESS] < 1e-6, "a plain picture is not sharp");

    /* A point of 40 at (1, 1): of the 2 x 3 inner pixels it has 160, its two inner neighbours -40.
     */
    paint(1, 1, 168);
    rate_pixels(score);
    double r = sqrt((160. * 160 + 2 * 40 * 40) / 6);
    CHECK_CLOSE(score[FACE_SHARPNESS], 100 * r / (r + 8), 1e-6, "a point");

    face_quality_pixels(score, &(Image){pixels[0][0], 2, W});
    CHECK(score[FACE_SHARPNESS] == 0, "no inner pixel");
}

static void test_exposure(void)
{
    float score[FACE_COMPONENTS];
    paint_all(100);
    rate_pixels(score);
    CHECK(score[FACE_UNDER_EXPOSURE] == 100 && score[FACE_OVER_EXPOSURE] == 100, "all in between");
    for (int x = 0; x < W; x++)
        paint(0, x, x < 2 ? 24 : 26);
    paint(3, 4, 248);
    paint(3, 3, 246);
    rate_pixels(score);
    CHECK_CLOSE(score[FACE_UNDER_EXPOSURE], 90, 1e-6, "two of twenty are dark");
    CHECK_CLOSE(score[FACE_OVER_EXPOSURE], 95, 1e-6, "one of twenty is bright");

    /* pure blue has a luminance of 29, pure green of 150 */
    paint_all(0);
    for (int x = 0; x < W; x++)
        pixels[1][x][2] = 255;
    rate_pixels(score);
    CHECK_CLOSE(score[FACE_UNDER_EXPOSURE], 25, 1e-6, "a blue line is not dark");
}

/* The points turned by `angle` about the left eye, and `scale` times as large */
static void turn(double points[FACE_POINTS][2], double angle, double scale)
{
    double x0 = points[0][0], y0 = points[0][1], c = cos(angle) * scale, s = sin(angle) * scale;
    for (int k = 0; k < FACE_POINTS; k++) {
        double x = points[k][0] - x0, y = points[k][1] - y0;
        points[k][0] = x0 + c * x - s * y;
        points[k][1] = y0 + s * x + c * y;
    }
}

static void test_pose(void)
{
    double points[FACE_POINTS][2] = {{0, 0}, {60, 0}, {30, 49}, {10, 100}, {50, 100}};
    float score[FACE_COMPONENTS];
    face_quality_points(score, points);
    CHECK_CLOSE(score[FACE_EYE_DISTANCE], 50, 1e-6, "eyes 60 pixels apart");
    CHECK_CLOSE(score[FACE_YAW], 100, 1e-6, "frontal: yaw");
    CHECK_CLOSE(score[FACE_PITCH], 100, 1e-6, "frontal: pitch");
    CHECK_CLOSE(score[FACE_ROLL], 100, 1e-6, "frontal: roll");

    points[2][0] = 36; /* a tenth of the eyes' distance */
    points[2][1] = 69; /* a fifth of the face */
    face_quality_points(score, points);
    CHECK_CLOSE(score[FACE_YAW], 80, 1e-6, "nose to one side");
    CHECK_CLOSE(score[FACE_PITCH], 60, 1e-6, "nose further down");

    turn(points, M_PI / 3, 2);
    face_quality_points(score, points);
    CHECK_CLOSE(score[FACE_ROLL], 25, 1e-5, "turned by 60 degrees");
    CHECK_CLOSE(score[FACE_YAW], 80, 1e-5, "yaw does not depend on roll");
    CHECK_CLOSE(score[FACE_PITCH], 60, 1e-5, "pitch does not depend on roll");
    CHECK_CLOSE(score[FACE_EYE_DISTANCE], 100 * 120. / 180, 1e-5, "twice as large");
    turn(points, M_PI * 2 / 3, 1);
    face_quality_points(score, points);
    CHECK(score[FACE_ROLL] == 0, "upside down");

    memset(points, 0, sizeof points);
    face_quality_points(score, points);
    for (int k = FACE_EYE_DISTANCE; k < FACE_COMPONENTS; k++)
        CHECK(score[k] == 0, "points in one place: %s is %g", face_component_name(k), score[k]);
}

static void test_template(void)
{
    double points[FACE_POINTS][2];
    float score[FACE_COMPONENTS];
    align_template(points, 112, 112);
    face_quality_points(score, points);
    CHECK(score[FACE_YAW] > 98 && score[FACE_PITCH] > 98 && score[FACE_ROLL] > 99,
          "the template is frontal: %g %g %g", score[FACE_YAW], score[FACE_PITCH],
          score[FACE_ROLL]);
}

int main(void)
{
    test_sharpness();
    test_exposure();
    test_pose();
    test_template();
    return END_TESTS();
}
