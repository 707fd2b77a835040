#include "layers/winograd_internal.h"

#include "layers/panel_internal.h"
#include "layers/winograd_blocks_internal.h"

static const WinogradBlocks *blocks(void)
{
    return BY_WIDTH(winograd_blocks);
}

bool winograd_fits(const Shape *shape)
{
    return shape->kernel == TAPS && shape->stride == 1 && shape->pad == 1 &&
           shape->c % PANEL == 0 && shape->o % PANEL == 0;
}

size_t winograd_filter_size(const Shape *shape)
{
    return (size_t)POINTS * shape->c * shape->o;
}

/* Both blocks of tiles, and the gradient of a panel of the filter by a panel. */
size_t winograd_scratch(const Shape *shape)
{
    return (size_t)POINTS *
           ((size_t)winograd_block_tiles(shape) * (shape->c + shape->o) + (size_t)PANEL * PANEL);
}

int winograd_filter_shares(const Shape *shape, bool backward)
{
    return (backward ? shape->c : shape->o) / LANES_MOST;
}

void winograd_filter(real *filter, const real *weight, const Shape *shape, bool backward, int share)
{
    blocks()->filter(filter, weight, shape, backward, share);
}

void winograd_forward(real *y, const real *x, const real *filter, int n, const Shape *shape,
                      real *scratch)
{
    blocks()->convolve(y, x, filter, n, shape, shape->c, shape->o, scratch, false);
}

void winograd_backward_input(real *dx, const real *dy, const real *filter, int n,
                             const Shape *shape, real *scratch)
{
    blocks()->convolve(dx, dy, filter, n, shape, shape->o, shape->c, scratch, true);
}

void winograd_backward_weight(real *dweight, const real *dy, const real *x, int n,
                              const Shape *shape, real *scratch)
{
    blocks()->backward_weight(dweight, dy, x, n, shape, scratch);
}
