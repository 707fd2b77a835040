#include "image/quality_internal.h"

#include <math.h>

#define SHARPNESS_HALF    8.0  /* the Laplacian that scores 50 */
#define EYE_DISTANCE_HALF 60.0 /* pixels that score 50 */
#define NOSE_DOWN         0.49 /* of a frontal face, between eyes (0) and mouth (1) */

enum { DARK = 25, BRIGHT = 247 };

const char *face_component_name(int component)
{
    static const char *const name[FACE_COMPONENTS] = {"sharpness",
                                                      "under_exposure_prevention",
                                                      "over_exposure_prevention",
                                                      "inter_eye_distance",
                                                      "head_pose_yaw",
                                                      "head_pose_pitch",
                                                      "head_pose_roll"};
    return name[component];
}

static double luminance(const Image *image, int y, int x)
{
    const uint8_t *rgb = image->pixels + ((size_t)y * (size_t)image->w + (size_t)x) * 3;
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

static double laplacian(const Image *image, int y, int x)
{
    return 4 * luminance(image, y, x) - luminance(image, y - 1, x) - luminance(image, y + 1, x) -
           luminance(image, y, x - 1) - luminance(image, y, x + 1);
}

static double sharpness(const Image *image)
{
    double sum = 0;
    if (image->h < 3 || image->w < 3)
        return 0;
    for (int y = 1; y < image->h - 1; y++)
        for (int x = 1; x < image->w - 1; x++) {
            double l = laplacian(image, y, x);
            sum += l * l;
        }
    return sqrt(sum / ((double)(image->h - 2) * (image->w - 2)));
}

void face_quality_pixels(float *score, const Image *image)
{
    double r = sharpness(image), pixels = (double)image->h * image->w;
    int64_t dark = 0, bright = 0;
    for (int y = 0; y < image->h; y++)
        for (int x = 0; x < image->w; x++) {
            double l = luminance(image, y, x);
            dark += l < DARK;
            bright += l >= BRIGHT;
        }
    score[FACE_SHARPNESS] = (float)(100 * r / (r + SHARPNESS_HALF));
    score[FACE_UNDER_EXPOSURE] = (float)(100 * (1 - (double)dark / pixels));
    score[FACE_OVER_EXPOSURE] = (float)(100 * (1 - (double)bright / pixels));
}

/* 100 of nothing off, 0 of half and more */
static float straight(double off)
{
    return (float)(100 * (1 - fmin(1, 2 * fabs(off))));
}

void face_quality_points(float *score, const double points[FACE_POINTS][2])
{
    double eyes[2] = {points[1][0] - points[0][0], points[1][1] - points[0][1]};
    double distance = hypot(eyes[0], eyes[1]);
    double down[2], nose[2];
    for (int k = 0; k < 2; k++) {
        double middle = (points[0][k] + points[1][k]) / 2;
        down[k] = (points[3][k] + points[4][k]) / 2 - middle;
        nose[k] = points[2][k] - middle;
    }
    double length = hypot(down[0], down[1]);
    bool known = distance > 0 && length > 0;
    score[FACE_EYE_DISTANCE] = (float)(100 * distance / (distance + EYE_DISTANCE_HALF));
    score[FACE_YAW] =
        known ? straight((nose[0] * down[1] - nose[1] * down[0]) / (length * distance)) : 0;
    score[FACE_PITCH] =
        known ? straight((nose[0] * down[0] + nose[1] * down[1]) / (length * length) - NOSE_DOWN)
              : 0;
    double cosine = distance > 0 ? fmax(0, eyes[0] / distance) : 0;
    score[FACE_ROLL] = (float)(100 * cosine * cosine);
}
