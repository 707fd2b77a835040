#include "synth/camera_internal.h"

#include "base/real_internal.h"
#include "image/align.h"
#include "synth/shape_internal.h"

static void turn_matrix(float turn[9], float yaw, float pitch, float roll)
{
    float cy = cosf(yaw), sy = sinf(yaw), cp = cosf(pitch), sp = sinf(pitch);
    float cr = cosf(roll), sr = sinf(roll);
    const float yawed[9] = {cy, 0, sy, sp * sy, cp, -sp * cy, -cp * sy, sp, cp * cy};
    for (int k = 0; k < 3; k++) {
        turn[k] = cr * yawed[k] - sr * yawed[3 + k];
        turn[3 + k] = sr * yawed[k] + cr * yawed[3 + k];
        turn[6 + k] = yawed[6 + k];
    }
}

static void project(float screen[2], const Camera *camera, const float point[3])
{
    const float *t = camera->turn;
    const float p[3] = {point[0], point[1] - CAMERA_PIVOT, point[2]};
    float turned[3];
    for (int k = 0; k < 3; k++)
        turned[k] = t[3 * k] * p[0] + t[3 * k + 1] * p[1] + t[3 * k + 2] * p[2];
    float shrink = 1 / (1 - camera->perspective * turned[2]);
    screen[0] = turned[0] * shrink;
    screen[1] = turned[1] * shrink;
}

/* As faces are aligned anywhere, from the points with the error of whoever found them. */
static void align(Camera *camera, float screen[5][2], const View *view, int size)
{
    double from[FACE_POINTS][2], to[FACE_POINTS][2];
    Similarity to_pixels;
    for (int i = 0; i < FACE_POINTS; i++)
        for (int k = 0; k < 2; k++)
            from[i][k] = screen[i][k] + view->landmark_error[2 * i + k];
    align_template(to, size, size);
    similarity_fit(&to_pixels, from, to, FACE_POINTS);
    camera->a = (float)to_pixels.a;
    camera->b = (float)to_pixels.b;
    camera->shift_x = (float)to_pixels.tx;
    camera->shift_y = (float)to_pixels.ty;
}

/* A photograph: the head somewhere near the middle, upright within reason. */
static void frame(Camera *camera, const View *view, int size)
{
    float scale = .205f * view->scale * (float)size;
    camera->a = scale * cosf(view->turn);
    camera->b = scale * sinf(view->turn);
    camera->shift_x = (.5f + view->shift_x) * (float)size;
    camera->shift_y = (.5f + view->shift_y) * (float)size;
}

void camera_place(Camera *camera, float pixels[10], float points[5][3], const View *view, int size,
                  bool photo)
{
    float screen[5][2];
    turn_matrix(camera->turn, view->yaw, view->pitch, view->roll);
    camera->perspective = view->perspective;
    for (int i = 0; i < 5; i++)
        project(screen[i], camera, points[i]);
    if (photo)
        frame(camera, view, size);
    else
        align(camera, screen, view, size);
    float error = photo ? 1 : 0; /* an aligned face has its alignment's error in it already */
    for (int i = 0; i < 5; i++) {
        float x = screen[i][0] + error * view->landmark_error[2 * i];
        float y = screen[i][1] + error * view->landmark_error[2 * i + 1];
        pixels[2 * i] = camera->a * x - camera->b * y + camera->shift_x;
        pixels[2 * i + 1] = camera->b * x + camera->a * y + camera->shift_y;
    }
}

void camera_screen(const Camera *camera, float x, float y, float *sx, float *sy, float *step)
{
    float square = camera->a * camera->a + camera->b * camera->b;
    float px = x - camera->shift_x, py = y - camera->shift_y;
    *sx = (camera->a * px + camera->b * py) / square;
    *sy = (camera->a * py - camera->b * px) / square;
    *step = 1 / sqrtf(square);
}
