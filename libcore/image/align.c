#include "image/align.h"

#include <math.h>

static void mean_of(double mean[2], const double points[][2], int n)
{
    mean[0] = mean[1] = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 2; k++)
            mean[k] += points[i][k] / n;
}

bool similarity_fit(Similarity *out, const double from[][2], const double to[][2], int n)
{
    double p[2], q[2], square = 0, along = 0, across = 0;
    mean_of(p, from, n);
    mean_of(q, to, n);
    for (int i = 0; i < n; i++) {
        double px = from[i][0] - p[0], py = from[i][1] - p[1];
        double qx = to[i][0] - q[0], qy = to[i][1] - q[1];
        square += px * px + py * py;
        along += px * qx + py * qy;
        across += px * qy - py * qx;
    }
    double a = along / square, b = across / square; /* not finite when square is 0 */
    *out = (Similarity){a, b, q[0] - a * p[0] + b * p[1], q[1] - b * p[0] - a * p[1]};
    return isfinite(out->tx) && isfinite(out->ty) && a * a + b * b > 0;
}

void align_template(double points[FACE_POINTS][2], int h, int w)
{
    static const double face[FACE_POINTS][2] = {{38.2946, 51.6963},
                                                {73.5318, 51.5014},
                                                {56.0252, 71.7366},
                                                {41.5493, 92.3655},
                                                {70.7299, 92.2041}};
    double ratio = h % 128 == 0 && h % 112 != 0 ? h / 128.0 : h / 112.0;
    for (int i = 0; i < FACE_POINTS; i++) {
        points[i][0] = face[i][0] * ratio + (w - 112 * ratio) / 2;
        points[i][1] = face[i][1] * ratio;
    }
}

Similarity crop_centre(int h, int w, int side, int image_h, int image_w)
{
    double scale = fmax((double)h / image_h, (double)w / image_w);
    if (side > 0)
        scale = (double)(h < w ? h : w) / side;
    /* centre to centre, where the centre of a width w lies at (w - 1) / 2 */
    return (Similarity){scale, 0, (w - 1) / 2.0 - scale * (image_w - 1) / 2.0,
                        (h - 1) / 2.0 - scale * (image_h - 1) / 2.0};
}
