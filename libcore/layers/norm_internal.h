/* Batch normalisation per channel, with an optional PReLU fused behind it.
 *
 *     xhat = (x - mean) / sqrt(var + eps),  z = gamma xhat + beta,  y = z > 0 ? z : slope z
 *
 * (Ioffe and Szegedy, arXiv 1502.03167; He et al., arXiv 1502.01852). Arrays are x[rows,c]: the
 * pixels of all images are the rows. In training mean and var are those of the batch. Both passes
 * need sums over the whole batch before they can touch a pixel, so each comes in three kernels:
 * sums over some rows, which add up in a fixed order of the caller's; coefficients per channel
 * from the totals; and the pass over the pixels. Sums are kept in double and taken about a nearby
 * value, so that a large mean does not swallow a small variance. */
#ifndef LAYERS_NORM_INTERNAL_H
#define LAYERS_NORM_INTERNAL_H

#include "base/real_internal.h"
#include "layers/shape_internal.h"

/* Everywhere PyTorch's defaults. */
#define NORM_EPS      1e-5
#define NORM_MOMENTUM 0.1

/* Takes x[rows,c] into mean[c] and m2[c] (the sum of squared distances from the mean), which
 * already stand for `have` rows; have = 0 starts them. */
void norm_moments(double *mean, double *m2, int64_t have, const real *x, int64_t rows, int c);

/* The same for other moments instead of rows (Chan, Golub and LeVeque 1983). */
void norm_moments_join(double *mean, double *m2, int64_t have, const double *other_mean,
                       const double *other_m2, int64_t rows, int c);

/* z = scale x + shift: scale[c] = gamma / sqrt(var + eps), shift[c] = beta - mean scale */
void norm_coefficients(real *scale, real *shift, const double *mean, const double *var,
                       const real *gamma, const real *beta, double eps, int c);

/* running = (1 - momentum) running + momentum batch; the variance that enters is the unbiased
 * m2 / (rows - 1), as PyTorch has it (a single row counts with variance 0). */
void norm_running(real *running_mean, real *running_var, const double *mean, const double *m2,
                  int64_t rows, double momentum, int c);

/* y[rows,c] = PReLU(scale x + shift); no PReLU when slope is NULL. y may be x. */
void norm_forward(real *y, const real *x, const real *scale, const real *shift, const real *slope,
                  int64_t rows, int c);

/* The sums of the backward pass, added to: sums[0][c] += g, sums[1][c] += g (x - mean), and with
 * a PReLU sums[2][c] += dy z where z <= 0 (the slope's gradient); g[rows,c] is dy before the
 * PReLU. center[c] is the mean. */
void norm_sums(double *sums, const real *dy, const real *x, const real *scale, const real *shift,
               const real *slope, const real *center, int64_t rows, int c);

/* From the totals of norm_sums over all `rows` of the batch: the gradients of the parameters,
 * added to (dslope may be NULL), and the coefficients of
 *     dx = scale g + pull (x - mean) + push,   xhat = rstd (x - mean)
 * with pull[c] = -scale rstd^2 sums[1] / rows and push[c] = -scale sums[0] / rows. */
void norm_backward_coefficients(real *dgamma, real *dbeta, real *dslope, real *pull, real *push,
                                const double *sums, const double *var, const real *scale,
                                double eps, int64_t rows, int c);

/* dx[rows,c] += scale g + pull (x - center) + push */
void norm_backward(real *dx, const real *dy, const real *x, const real *scale, const real *shift,
                   const real *slope, const real *center, const real *pull, const real *push,
                   int64_t rows, int c);

/* The forward pass of all that is LAYER_SCALES. */
struct LayerRun; /* layers/layer_internal.h */
void forward_scaled(const struct LayerRun *run);

#endif
