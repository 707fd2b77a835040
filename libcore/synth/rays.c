#include "synth/rays_internal.h"

#include <stdbool.h>

#define REACH   1.5f    /* where rays start: only the tip of a nose is farther from the axis */
#define STEPS   10      /* of a ray */
#define NEAR    .003f   /* close enough, in head units: a tenth of a pixel */
#define NOWHERE (-1e6f) /* of inside: the ray was never inside */

CLONES static void rays_start(Rays *restrict rays, int n, const Camera *camera)
{
    float sx0, sy0, step;
    camera_screen(camera, 0, 0, &sx0, &sy0, &step);
    const float ax = camera->a * step * step, ay = -camera->b * step * step;
    const float f = camera->perspective, *turn = camera->turn;
    const float t0 = turn[0], t1 = turn[1], t2 = turn[2], t3 = turn[3], t4 = turn[4];
    const float wide = rays->widest + 2 * step;
    const float t5 = turn[5], t6 = turn[6], t7 = turn[7], t8 = turn[8];
    for (int i = 0; i < n; i++) {
        float sx = sx0 + ax * rays->x[i] - ay * rays->y[i];
        float sy = sy0 + ay * rays->x[i] + ax * rays->y[i];
        rays->ox[i] = t0 * sx + t3 * sy;
        rays->oy[i] = t1 * sx + t4 * sy + CAMERA_PIVOT;
        rays->oz[i] = t2 * sx + t5 * sy;
        rays->dx[i] = t6 - f * rays->ox[i];
        rays->dy[i] = t7 - f * (rays->oy[i] - CAMERA_PIVOT);
        rays->dz[i] = t8 - f * rays->oz[i];
        /* what passes the axis beyond the widest place is already past the head */
        float cross = rays->ox[i] * rays->dz[i] - rays->oz[i] * rays->dx[i];
        float flat = rays->dx[i] * rays->dx[i] + rays->dz[i] * rays->dz[i];
        float start = sqrtf(shape_max(REACH * REACH - sx * sx, 0));
        rays->z[i] = cross * cross > wide * wide * flat ? -2 * REACH : start;
        rays->outside[i] = rays->z[i] + .5f;
        rays->inside[i] = NOWHERE;
        rays->miss[i] = 1e9f;
        rays->seen_column[i] = rays->seen_row[i] = rays->seen_z[i] = 0;
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
        float q = shape_max(rho + depth, fabsf(x) * (1 / GRID_TURN)) + 1e-6f;
        float s = x * q / (q * q + .2f * x * x); /* t = x / q, kept within GRID_TURN */
        float column = shape_clamp((s + GRID_SIDE) * across - .5f, 0, right);
        float row = shape_clamp((y - GRID_TOP) * down - .5f, 0, bottom);
        int c = (int)column, r = (int)row;
        float slope = x * rays->dx[i] + depth * rays->dz[i]; /* of rho along the ray, times rho */
        rays->rho[i] = rho + shape_max(GRID_TOP - y, 0);     /* nothing is above the crown */
        rays->reach[i] = .85f * rho / shape_max(slope, .3f * rho + 1e-6f);
        rays->column[i] = column;
        rays->row[i] = row;
        rays->texel[i] = r * width + c;
        rays->a[i] = column - (float)c;
        rays->b[i] = row - (float)r;
    }
}

/* Bilinear between four texels. On purpose not for the wider instruction sets: their gather
 * instructions are slower than plain loads on processors mended against gather data sampling. */
static void rays_sample_radius(Rays *restrict rays, int n, const float *restrict radius, int width)
{
    for (int i = 0; i < n; i++) {
        const float *texel = radius + rays->texel[i];
        float top = shape_mix(texel[0], texel[1], rays->a[i]);
        float low = shape_mix(texel[width], texel[width + 1], rays->a[i]);
        rays->surface[i] = shape_mix(top, low, rays->b[i]);
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
        float column = rays->seen_column[i], row = rays->seen_row[i], depth = rays->seen_z[i];
        rays->seen_column[i] = miss < best ? rays->column[i] : column;
        rays->seen_row[i] = miss < best ? rays->row[i] : row;
        rays->seen_z[i] = miss < best ? z : depth;
        rays->miss[i] = miss < best ? miss : best;
        in = gap < 0 ? z : in;
        out = gap < 0 ? out : z;
        float next = z - shape_clamp(gap * rays->reach[i], gap < 0 ? -.6f : .08f, .6f);
        float half = .5f * (in + out);
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
        rays->seen_z[i] = rays->cover[i] > 0 ? rays->seen_z[i] : NOWHERE;
    }
}

/* Has every ray met the surface, or passed it? */
CLONES static bool rays_done(const Rays *rays, int n)
{
    float worst = 0;
    for (int i = 0; i < n; i++)
        worst = shape_max(worst, rays->z[i] > -REACH ? rays->miss[i] : 0);
    return worst < NEAR;
}

void rays_follow(Rays *rays, int n, const Camera *camera, const Atlas *face)
{
    float sx, sy, step;
    camera_screen(camera, 0, 0, &sx, &sy, &step);
    rays_start(rays, n, camera);
    for (int i = 0; i < STEPS && !rays_done(rays, n); i++) {
        rays_locate(rays, n, face->grid);
        rays_sample_radius(rays, n, face->radius, face->grid->width);
        rays_step(rays, n);
    }
    rays_cover(rays, n, step);
}
