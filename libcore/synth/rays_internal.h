/* Rays from the camera to a head. */
#ifndef SYNTH_RAYS_INTERNAL_H
#define SYNTH_RAYS_INTERNAL_H

#include "synth/camera_internal.h"
#include "synth/shape_internal.h"

#define RAYS 128 /* followed together: their state stays in the first cache */

typedef struct Rays {
    float x[RAYS], y[RAYS];                                             /* in: pixels */
    float widest;                                                       /* in: largest radius */
    float cover[RAYS], seen_column[RAYS], seen_row[RAYS], seen_z[RAYS]; /* out */
    /* through head space: origin + z * along, z towards the camera */
    float ox[RAYS], oy[RAYS], oz[RAYS], dx[RAYS], dy[RAYS], dz[RAYS];
    float z[RAYS], outside[RAYS], inside[RAYS];      /* now, and the last points on each side */
    float rho[RAYS], surface[RAYS];                  /* distance from the axis, and the head's */
    float reach[RAYS];                               /* along the ray a unit of rho is so long */
    float column[RAYS], row[RAYS], a[RAYS], b[RAYS]; /* on the atlas; their fractions */
    int texel[RAYS];
    float miss[RAYS]; /* nearest approach, where seen_column and seen_row are */
} Rays;

/* Follows n <= RAYS rays: where each comes nearest to the surface, which is on it unless it passes
 * by; cover is 0 when it passes by more than a pixel away. */
void rays_follow(Rays *rays, int n, const Camera *camera, const Atlas *face);

#endif
