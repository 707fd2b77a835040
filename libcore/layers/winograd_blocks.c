#include "layers/winograd_blocks_internal.h"

#include "layers/panel_internal.h"
#include "layers/winograd_tiles_internal.h"

/* Filters ----------------------------------------------------------------------------------- */

/* LANES outputs from o on, as columns of [POINTS][o / PANEL][c][PANEL] */
INLINE void filter_forward(real *filter, const real *weight, const Shape *shape, int o)
{
    int c = shape->c;
    size_t plane = (size_t)c * shape->o;
    real *to = filter + (size_t)(o / PANEL) * c * PANEL + o % PANEL;
    const real *from = weight + (size_t)o * TAPS * TAPS * c;
    for (int i = 0; i < c; i++, to += PANEL) {
        Lanes taps[TAPS * TAPS], points[POINTS];
        for (int k = 0; k < TAPS * TAPS; k++)
            for (int l = 0; l < LANES; l++)
                ((real *)taps)[k * LANES + l] = from[((size_t)l * TAPS * TAPS + k) * c + i];
        both_axes(axis_filter, points, taps, TAPS, IN);
        for (int p = 0; p < POINTS; p++)
            *(Lanes *)(to + p * plane) = points[p];
    }
}

/* LANES channels from c on, of the filter turned round, as columns of [POINTS][c / PANEL][o] */
INLINE void filter_backward(real *filter, const real *weight, const Shape *shape, int c)
{
    size_t plane = (size_t)shape->c * shape->o;
    real *to = filter + (size_t)(c / PANEL) * shape->o * PANEL + c % PANEL;
    const real *from = weight + c;
    for (int i = 0; i < shape->o; i++, to += PANEL, from += TAPS * TAPS * shape->c) {
        Lanes taps[TAPS * TAPS], points[POINTS];
        for (int k = 0; k < TAPS * TAPS; k++)
            taps[k] = *(const Lanes *)(from + (size_t)(TAPS * TAPS - 1 - k) * shape->c);
        both_axes(axis_filter, points, taps, TAPS, IN);
        for (int p = 0; p < POINTS; p++)
            *(Lanes *)(to + p * plane) = points[p];
    }
}

FOR_WIDTH static void filter_share(real *filter, const real *weight, const Shape *shape,
                                   bool backward, int share)
{
    int first = share * LANES_MOST;
    for (int i = first; i < first + LANES_MOST; i += LANES)
        if (backward)
            filter_backward(filter, weight, shape, i);
        else
            filter_forward(filter, weight, shape, i);
}

/* Tiles ------------------------------------------------------------------------------------- */

/* points[POINTS][channels / PANEL][tiles][PANEL] = transform of the tiles of x, whose corners lie
 * `pad` before those of the outputs */
INLINE void transform_tiles(real *points, const real *x, const Tiles *tiles, Axis *axis, int side,
                            int pad)
{
    size_t plane = (size_t)tiles->channels * tiles->n;
    for (int t = 0; t < tiles->n; t++) {
        int row, column;
        const real *image = x + tile_corner(tiles, tiles->first + t, OUT, &row, &column);
        for (int c = 0; c < tiles->channels; c += LANES) {
            Lanes in[POINTS], out[POINTS];
            real *to = points + ((size_t)(c / PANEL) * tiles->n + t) * PANEL + c % PANEL;
            load_tile(in, image + c, tiles, row - pad, column - pad, side);
            both_axes(axis, out, in, side, IN);
            for (int p = 0; p < POINTS; p++)
                *(Lanes *)(to + p * plane) = out[p];
        }
    }
}

FOR_WIDTH static void input_tiles(real *points, const real *x, const Tiles *tiles)
{
    transform_tiles(points, x, tiles, axis_input, IN, 1);
}

FOR_WIDTH static void gradient_tiles(real *points, const real *dy, const Tiles *tiles)
{
    transform_tiles(points, dy, tiles, axis_output_back, OUT, 0);
}

FOR_WIDTH static void output_tiles(real *y, const real *points, const Tiles *tiles, bool add)
{
    size_t plane = (size_t)tiles->channels * tiles->n;
    for (int t = 0; t < tiles->n; t++) {
        int row, column;
        real *image = y + tile_corner(tiles, tiles->first + t, OUT, &row, &column);
        for (int c = 0; c < tiles->channels; c += LANES) {
            Lanes in[POINTS], out[OUT * OUT];
            const real *from = points + ((size_t)(c / PANEL) * tiles->n + t) * PANEL + c % PANEL;
            for (int p = 0; p < POINTS; p++)
                in[p] = *(const Lanes *)(from + p * plane);
            both_axes(axis_output, out, in, IN, OUT);
            store_tile(image + c, out, tiles, row, column, OUT, add);
        }
    }
}

/* Convolutions ------------------------------------------------------------------------------ */

/* y[n,h,w,o] (+)= x[n,h,w,c] * filter; shape only has the sizes of the image and of the blocks. */
static void convolve(real *y, const real *x, const real *filter, int n, const Shape *shape, int c,
                     int o, real *scratch, bool add)
{
    Tiles in = tiles_of(shape, c, OUT), out = tiles_of(shape, o, OUT);
    int block = winograd_block_tiles(shape), total = tile_count(&in, n);
    real *product = scratch + (size_t)POINTS * block * c;
    for (int first = 0; first < total; first += block) {
        in.first = out.first = first;
        in.n = out.n = total - first < block ? total - first : block;
        input_tiles(scratch, x, &in);
        for (size_t p = 0; p < POINTS; p++)
            panel_multiply(product + p * in.n * o, scratch + p * in.n * c, filter + p * c * o, in.n,
                           c, o);
        output_tiles(y, product, &out, add);
    }
}

/* dweight[PANEL,3,3,PANEL], with c channels from tap to tap, += points[POINTS,PANEL,PANEL] */
FOR_WIDTH static void add_taps(real *dweight, const real *points, int c)
{
    for (int o = 0; o < PANEL; o++, dweight += TAPS * TAPS * c, points += PANEL)
        for (int i = 0; i < PANEL; i += LANES) {
            Lanes in[POINTS], out[TAPS * TAPS];
            for (int p = 0; p < POINTS; p++)
                in[p] = *(const Lanes *)(points + (size_t)p * PANEL * PANEL + i);
            both_axes(axis_filter_back, out, in, IN, TAPS);
            for (int k = 0; k < TAPS * TAPS; k++)
                *(Lanes *)(dweight + (size_t)k * c + i) += out[k];
        }
}

static void backward_weight(real *dweight, const real *dy, const real *x, int n, const Shape *shape,
                            real *scratch)
{
    int c = shape->c, o = shape->o;
    Tiles in = tiles_of(shape, c, OUT), out = tiles_of(shape, o, OUT);
    int block = winograd_block_tiles(shape), total = tile_count(&in, n);
    real *outer = scratch + (size_t)POINTS * block * c;
    real *points = outer + (size_t)POINTS * block * o;
    for (int first = 0; first < total; first += block) {
        in.first = out.first = first;
        in.n = out.n = total - first < block ? total - first : block;
        input_tiles(scratch, x, &in);
        gradient_tiles(outer, dy, &out);
        for (size_t i = 0; i < (size_t)o; i += PANEL)
            for (size_t j = 0; j < (size_t)c; j += PANEL) {
                for (size_t p = 0; p < POINTS; p++)
                    panel_multiply_transposed(points + p * PANEL * PANEL,
                                              outer + (p * o + i) * in.n,
                                              scratch + (p * c + j) * in.n, in.n);
                add_taps(dweight + i * TAPS * TAPS * c + j, points, c);
            }
    }
}

const WinogradBlocks OF_WIDTH(winograd_blocks) = {filter_share, convolve, backward_weight};
