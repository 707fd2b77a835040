#include "image/landmarks_internal.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* What a similarity leaves of the points' distances from their mean, as a share of the squares: 0
 * is the template itself. Of the 13,233 faces of LFW none is over 0.28, of 6,989 of CFP, many of
 * them seen from the side, none over 0.34; with left and right changed none is below 0.53. */
static const double face_limit = 0.42, sound = 0.15;

typedef struct Fit {
    double rest, turn; /* turn: in degrees */
} Fit;

static Fit fit_of(const double points[FACE_POINTS][2])
{
    double template[FACE_POINTS][2], mean[2][2] = {{0}}, square[2] = {0}, along = 0, across = 0;
    align_template(template, 112, 112);
    for (int i = 0; i < FACE_POINTS; i++)
        for (int k = 0; k < 2; k++) {
            mean[0][k] += template[i][k] / FACE_POINTS;
            mean[1][k] += points[i][k] / FACE_POINTS;
        }
    for (int i = 0; i < FACE_POINTS; i++) {
        double px = template[i][0] - mean[0][0], py = template[i][1] - mean[0][1];
        double qx = points[i][0] - mean[1][0], qy = points[i][1] - mean[1][1];
        square[0] += px * px + py * py;
        square[1] += qx * qx + qy * qy;
        along += px * qx + py * qy;
        across += px * qy - py * qx;
    }
    double fitted = (along * along + across * across) / (square[0] * square[1]);
    return (Fit){square[1] > 0 ? 1 - fitted : 1, atan2(across, along) * 57.29577951308232};
}

/* Whether the points would be an upright face in another order of their ten numbers */
static bool fits_as(const double points[FACE_POINTS][2], const int order[2 * FACE_POINTS])
{
    double other[FACE_POINTS][2];
    for (int i = 0; i < 2 * FACE_POINTS; i++)
        other[i / 2][i % 2] = points[order[i] / 2][order[i] % 2];
    Fit fit = fit_of((const double(*)[2])other);
    return fit.rest < sound && fabs(fit.turn) < 45;
}

static bool all_shares(const double points[FACE_POINTS][2])
{
    for (int i = 0; i < FACE_POINTS; i++)
        for (int k = 0; k < 2; k++)
            if (points[i][k] < -0.5 || points[i][k] > 1.5)
                return false;
    return true;
}

static int count_outside(const double points[FACE_POINTS][2], int h, int w)
{
    int count = 0;
    for (int i = 0; i < FACE_POINTS; i++)
        count += !(points[i][0] > -1 && points[i][0] < w && points[i][1] > -1 && points[i][1] < h);
    return count;
}

LandmarkDoubt landmarks_doubt(const double points[FACE_POINTS][2], int h, int w)
{
    static const int columns[] = {0, 5, 1, 6, 2, 7, 3, 8, 4, 9},
                     swapped[] = {2, 3, 0, 1, 4, 5, 8, 9, 6, 7},
                     transposed[] = {1, 0, 3, 2, 5, 4, 7, 6, 9, 8};
    const Fit fit = fit_of(points);
    if (all_shares(points))
        return LANDMARKS_SHARES;
    if (fit.rest > sound && fits_as(points, columns))
        return LANDMARKS_COLUMNS;
    if (fit.rest > face_limit && fits_as(points, swapped))
        return LANDMARKS_SWAPPED;
    if (fit.rest > face_limit && fits_as(points, transposed))
        return LANDMARKS_TRANSPOSED;
    if (fit.rest > face_limit)
        return LANDMARKS_NO_FACE;
    return count_outside(points, h, w) >= 2 ? LANDMARKS_OUTSIDE : LANDMARKS_FINE;
}

const char *landmarks_say(LandmarkDoubt doubt)
{
    static const char *const text[LANDMARKS_DOUBTS] = {
        [LANDMARKS_FINE] = "those of a face",
        [LANDMARKS_SHARES] = "fractions of width and height, not pixels",
        [LANDMARKS_COLUMNS] =
            "not those of a face: x1 ... x5 y1 ... y5, not x1 y1 ... x5 y5 as expected",
        [LANDMARKS_SWAPPED] =
            "not those of a face: left and right are swapped (image left comes first)",
        [LANDMARKS_TRANSPOSED] = "not those of a face: y comes before x",
        [LANDMARKS_NO_FACE] = "not those of a face",
        [LANDMARKS_OUTSIDE] =
            "outside the picture: for a picture of another size? (--landmark-scale)",
    };
    return text[doubt];
}
