#include "synth/camera.h"

#include "base/real.h"
#include "image/align.h"
#include "synth/shape.h"

#define PIVOT_Y .25f /* the head turns about (0, PIVOT_Y, 0) */
#define REACH   1.5f /* where rays start: only the tip of a nose is farther from the axis */
#define STEPS   10   /* of a ray */
#define BLOCK   128  /* pixels traced together: their state stays in the first cache */

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
    float p[3] = {point[0], point[1] - PIVOT_Y, point[2]}, turned[3];
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

/* Rays of neighbouring pixels through head space: origin + z * along, z towards the camera. */
typedef struct Rays {
    float ox[BLOCK], oy[BLOCK], oz[BLOCK], dx[BLOCK], dy[BLOCK], dz[BLOCK];
    float z[BLOCK], outside[BLOCK], inside[BLOCK]; /* now, and the last points on each side */
    float rho[BLOCK], surface[BLOCK]; /* distance from the axis, and the head's there */
    float reach[BLOCK];               /* how far along the ray a unit of rho is */
    int texel[BLOCK];                 /* the upper left one of four ... */
    float a[BLOCK], b[BLOCK];         /* ... and the weights of the others */
    float miss[BLOCK], cover[BLOCK];  /* nearest approach, share of the pixel */
    int seen[BLOCK];                  /* texel and weights there */
    float seen_a[BLOCK], seen_b[BLOCK];
} Rays;

#define NOWHERE (-1e6f) /* of inside: the ray was never inside */

CLONES static void rays_start(Rays *restrict rays, int n, int x, int y, const Camera *camera)
{
    float sx0, sy0, step;
    camera_screen(camera, (float)x, (float)y, &sx0, &sy0, &step);
    const float ax = camera->a * step * step, ay = -camera->b * step * step;
    const float f = camera->perspective, *turn = camera->turn;
    const float t0 = turn[0], t1 = turn[1], t2 = turn[2], t3 = turn[3], t4 = turn[4];
    const float t5 = turn[5], t6 = turn[6], t7 = turn[7], t8 = turn[8];
    for (int i = 0; i < n; i++) {
        float sx = sx0 + ax * (float)i, sy = sy0 + ay * (float)i;
        rays->ox[i] = t0 * sx + t3 * sy;
        rays->oy[i] = t1 * sx + t4 * sy + PIVOT_Y;
        rays->oz[i] = t2 * sx + t5 * sy;
        rays->dx[i] = t6 - f * rays->ox[i];
        rays->dy[i] = t7 - f * (rays->oy[i] - PIVOT_Y);
        rays->dz[i] = t8 - f * rays->oz[i];
        rays->z[i] = sqrtf(shape_max(REACH * REACH - sx * sx, 0));
        rays->outside[i] = rays->z[i] + .5f;
        rays->inside[i] = NOWHERE;
        rays->miss[i] = 1e9f;
        rays->seen[i] = 0;
        rays->seen_a[i] = rays->seen_b[i] = 0;
    }
}

/* Where every ray is now: its distance from the axis, and the texels there. */
CLONES static void rays_locate(Rays *restrict rays, int n, const Grid *grid)
{
    const float across = grid->across, down = grid->down;
    const float right = (float)(grid->width - 1) - .01f, bottom = (float)(grid->height - 1) - .01f;
    const int width = grid->width;
    for (int i = 0; i < n; i++) {
        float z = rays->z[i];
        float x = rays->ox[i] + z * rays->dx[i], y = rays->oy[i] + z * rays->dy[i];
        float depth = rays->oz[i] + z * rays->dz[i];
        float rho = sqrtf(x * x + depth * depth);
        float t = shape_clamp(x / shape_max(rho + depth, 1e-3f), -GRID_TURN, GRID_TURN);
        float s = t / (1 + .2f * t * t);
        float column = (s + GRID_SIDE) * across - .5f, row = (y - GRID_TOP) * down - .5f;
        column = column > 0 ? column : 0;
        column = column < right ? column : right;
        row = row > 0 ? row : 0;
        row = row < bottom ? row : bottom;
        int c = (int)column, r = (int)row;
        float slope = (x * rays->dx[i] + depth * rays->dz[i]) / shape_max(rho, 1e-3f);
        rays->rho[i] = rho + shape_max(GRID_TOP - y, 0); /* nothing is above the crown */
        rays->reach[i] = .85f / shape_max(slope, .3f);
        rays->texel[i] = r * width + c;
        rays->a[i] = column - (float)c;
        rays->b[i] = row - (float)r;
    }
}

/* Bilinear samples. On purpose not for the wider instruction sets: their gather instructions are
 * slower than plain loads on processors mended against gather data sampling. */
static void sample(float *restrict out, const float *restrict plane, int width,
                   const int *restrict texel, const float *restrict a, const float *restrict b,
                   int n)
{
    for (int i = 0; i < n; i++) {
        const float *upper = plane + texel[i], *lower = upper + width;
        float top = upper[0] + (upper[1] - upper[0]) * a[i];
        float low = lower[0] + (lower[1] - lower[0]) * a[i];
        out[i] = top + (low - top) * b[i];
    }
}

/* One step of every ray towards the surface, as if the radius were the same all around (damped,
 * because it is not); between two points on different sides of the surface by halving, so that no
 * wall is jumped to and fro. Of a wall it is the inside that is seen. */
CLONES static void rays_step(Rays *restrict rays, int n)
{
    for (int i = 0; i < n; i++) {
        float z = rays->z[i], gap = rays->rho[i] - rays->surface[i];
        float miss = gap < 0 ? -.2f * gap : gap;
        float best = rays->miss[i], in = rays->inside[i], out = rays->outside[i];
        int seen = rays->seen[i];
        float seen_a = rays->seen_a[i], seen_b = rays->seen_b[i];
        rays->seen[i] = miss < best ? rays->texel[i] : seen;
        rays->seen_a[i] = miss < best ? rays->a[i] : seen_a;
        rays->seen_b[i] = miss < best ? rays->b[i] : seen_b;
        rays->miss[i] = miss < best ? miss : best;
        in = gap < 0 ? z : in;
        out = gap < 0 ? out : z;
        float next = z - shape_clamp(gap * rays->reach[i], gap < 0 ? -.6f : .08f, .6f),
              half = .5f * (in + out);
        next = next > in ? next : half;
        rays->z[i] = next < out ? next : half;
        rays->inside[i] = in;
        rays->outside[i] = out;
    }
}

/* A ray that passed within a pixel of the surface covers part of its pixel. */
CLONES static void rays_cover(Rays *restrict rays, int n, float step)
{
    for (int i = 0; i < n; i++) {
        float near = shape_clamp(1.3f - rays->miss[i] / step, 0, 1);
        rays->cover[i] = rays->inside[i] > NOWHERE ? 1 : near;
    }
}

CLONES static void rays_draw(float *restrict out, const float *restrict light,
                             const float *restrict cover, int n)
{
    for (int i = 0; i < n; i++)
        out[i] += (light[i] - out[i]) * cover[i];
}

void camera_row(float *restrict red, float *restrict green, float *restrict blue, int n, int y,
                const Camera *camera, const Atlas *face)
{
    const int width = face->grid->width;
    float *planes[3] = {red, green, blue};
    Rays rays;
    float sx, sy, step, light[BLOCK];
    camera_screen(camera, 0, (float)y, &sx, &sy, &step);
    for (int x = 0; x < n; x += BLOCK) {
        int block = n - x < BLOCK ? n - x : BLOCK;
        rays_start(&rays, block, x, y, camera);
        for (int i = 0; i < STEPS; i++) {
            rays_locate(&rays, block, face->grid);
            sample(rays.surface, face->radius, width, rays.texel, rays.a, rays.b, block);
            rays_step(&rays, block);
        }
        rays_cover(&rays, block, step);
        for (int k = 0; k < 3; k++) {
            sample(light, face->color[k], width, rays.seen, rays.seen_a, rays.seen_b, block);
            rays_draw(planes[k] + x, light, rays.cover, block);
        }
    }
}
