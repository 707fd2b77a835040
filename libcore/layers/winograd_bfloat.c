#include "layers/winograd_bfloat_internal.h"

#include "base/bfloat_internal.h"
#include "layers/winograd_tiles_internal.h"

enum { OUT = 2, TAPS = 3, IN = OUT + TAPS - 1, POINTS = IN * IN };

/* A block has about so many tiles that what goes into its products and what comes out of them takes
 * this many bytes, but enough of them that the filter is worth fetching. */
enum { BLOCK_BYTES = 3 << 19, BLOCK_TILES_MIN = 64 };

static int block_tiles(int in, int out)
{
    size_t a_tile = POINTS * ((size_t)in * sizeof(Bfloat) + (size_t)out * sizeof(real));
    int most = (int)(BLOCK_BYTES / a_tile);
    return most < BLOCK_TILES_MIN ? BLOCK_TILES_MIN : most;
}

/* The product of a point, of `rows` tiles. */
static Product product_of(const Shape *shape, bool backward, int rows)
{
    Product p =
        product_forward(rows, backward ? shape->c : shape->o, backward ? shape->o : shape->c);
    p.b_packed = p.bfloat = true;
    return p;
}

size_t winograd_bfloat_filter_size(const Shape *shape, bool backward)
{
    Product p = product_of(shape, backward, 1);
    return POINTS * product_panels(&p);
}

static size_t scratch_of(int in, int out)
{
    return (size_t)block_tiles(in, out) * POINTS * ((size_t)in / 2 + (size_t)out);
}

size_t winograd_bfloat_scratch(const Shape *shape)
{
    size_t forward = scratch_of(shape->c, shape->o), backward = scratch_of(shape->o, shape->c);
    return forward > backward ? forward : backward;
}

/* Transforms along one axis: out[i * os] from in[i * is] -----------------------------------------
 */

/* B^T: 4 inputs to the points 0, 1, -1 and infinity */
INLINE_BFLOAT void axis_input(Lanes *out, int os, const Lanes *in, int is)
{
    Lanes x0 = in[0], x1 = in[is], x2 = in[2 * is], x3 = in[3 * is];
    out[0] = x0 - x2;
    out[os] = x1 + x2;
    out[2 * os] = x2 - x1;
    out[3 * os] = x1 - x3;
}

/* G: 3 taps to 4 points */
INLINE_BFLOAT void axis_filter(Lanes *out, int os, const Lanes *in, int is)
{
    Lanes even = (real)0.5 * (in[0] + in[2 * is]), odd = (real)0.5 * in[is];
    out[0] = in[0];
    out[os] = even + odd;
    out[2 * os] = even - odd;
    out[3 * os] = in[2 * is];
}

/* A^T: 4 points to 2 outputs */
INLINE_BFLOAT void axis_output(Lanes *out, int os, const Lanes *in, int is)
{
    Lanes m1 = in[is], m2 = in[2 * is];
    out[0] = in[0] + m1 + m2;
    out[os] = m1 - m2 - in[3 * is];
}

/* Filters ---------------------------------------------------------------------------------------
 */

/* points[POINTS] of LANES outer channels from `outer` on, and one inner channel. Forward, inner
 * channels are those of the input, outer ones those of the output; backward it is the other way
 * round, and the filter is turned round. */
INLINE_BFLOAT void filter_points(Lanes *points, const real *weight, const Shape *s, bool backward,
                                 int outer, int inner)
{
    Lanes taps[TAPS * TAPS], middle[IN * TAPS];
    size_t row = (size_t)TAPS * TAPS * s->c; /* of an output of the layer */
    for (int k = 0; k < TAPS * TAPS; k++) {
        const real *from = backward
                               ? weight + inner * row + (size_t)(TAPS * TAPS - 1 - k) * s->c + outer
                               : weight + outer * row + (size_t)k * s->c + inner;
        for (int l = 0; l < LANES; l++)
            taps[k][l] = from[backward ? (size_t)l : l * row];
    }
    for (int j = 0; j < TAPS; j++)
        axis_filter(middle + j, TAPS, taps + j, TAPS);
    for (int i = 0; i < IN; i++)
        axis_filter(points + (size_t)i * IN, 1, middle + (size_t)i * TAPS, 1);
}

int winograd_bfloat_shares(const Shape *shape, bool backward)
{
    return (backward ? shape->c : shape->o) / LANES;
}

WITH_BFLOAT void winograd_bfloat_filter(void *filter, const real *weight, const Shape *shape,
                                        bool backward, int share)
{
    Product p = product_of(shape, backward, 1);
    size_t plane = product_panels(&p) * sizeof(real) / sizeof(Bfloat);
    int outer = share * LANES;
    for (int i = 0; i < (int)p.k; i += 2) {
        Lanes even[POINTS], odd[POINTS];
        Bfloat *to = (Bfloat *)filter + product_bfloat_at(&p, i, outer);
        filter_points(even, weight, shape, backward, outer, i);
        filter_points(odd, weight, shape, backward, outer, i + 1);
        for (int point = 0; point < POINTS; point++)
            bfloat_store_pairs(to + point * plane, even[point], odd[point]);
    }
}

/* Tiles -----------------------------------------------------------------------------------------
 */

/* points[POINTS][tiles][channels] */
WITH_BFLOAT static void input_tiles(Bfloat *points, const real *x, const Tiles *tiles)
{
    size_t plane = (size_t)tiles->channels * tiles->n;
    for (int t = 0; t < tiles->n; t++) {
        int row, column;
        const real *image = x + tile_corner(tiles, tiles->first + t, OUT, &row, &column);
        for (int c = 0; c < tiles->channels; c += LANES) {
            Lanes in[POINTS], middle[POINTS], out[POINTS];
            Bfloat *to = points + (size_t)t * tiles->channels + c;
            load_tile(in, image + c, tiles, row - 1, column - 1, IN);
            for (int j = 0; j < IN; j++)
                axis_input(middle + j, IN, in + j, IN);
            for (int i = 0; i < IN; i++)
                axis_input(out + (size_t)i * IN, 1, middle + (size_t)i * IN, 1);
            for (int p = 0; p < POINTS; p++)
                bfloat_store(to + p * plane, out[p]);
        }
    }
}

WITH_BFLOAT static void output_tiles(real *y, const real *points, const Tiles *tiles, bool add)
{
    size_t plane = (size_t)tiles->channels * tiles->n;
    for (int t = 0; t < tiles->n; t++) {
        int row, column;
        real *image = y + tile_corner(tiles, tiles->first + t, OUT, &row, &column);
        for (int c = 0; c < tiles->channels; c += LANES) {
            Lanes in[POINTS], middle[OUT * IN], out[OUT * OUT];
            const real *from = points + (size_t)t * tiles->channels + c;
            for (int p = 0; p < POINTS; p++)
                in[p] = *(const Lanes *)(from + p * plane);
            for (int j = 0; j < IN; j++)
                axis_output(middle + j, IN, in + j, IN);
            for (int i = 0; i < OUT; i++)
                axis_output(out + (size_t)i * OUT, 1, middle + (size_t)i * IN, 1);
            store_tile(image + c, out, tiles, row, column, OUT, add);
        }
    }
}

/* Convolutions ----------------------------------------------------------------------------------
 */

static void convolve(real *y, const real *x, const void *filter, int n, const Shape *shape,
                     bool backward, Kernels *kernels, real *scratch)
{
    Product p = product_of(shape, backward, 0);
    Tiles in = tiles_of(shape, (int)p.k, OUT), out = tiles_of(shape, (int)p.n, OUT);
    int block = block_tiles(in.channels, out.channels), total = tile_count(&in, n);
    Bfloat *points = (Bfloat *)(scratch + (size_t)POINTS * block * out.channels);
    for (int first = 0; first < total; first += block) {
        in.first = out.first = first;
        p.m = in.n = out.n = total - first < block ? total - first : block;
        input_tiles(points, x, &in);
        for (size_t point = 0; point < POINTS; point++)
            product_run(kernels, scratch + point * out.n * out.channels,
                        points + point * in.n * in.channels,
                        (const real *)filter + point * product_panels(&p), &p);
        output_tiles(y, scratch, &out, backward);
    }
}

void winograd_bfloat_forward(real *y, const real *x, const void *filter, int n, const Shape *shape,
                             Kernels *kernels, real *scratch)
{
    convolve(y, x, filter, n, shape, false, kernels, scratch);
}

void winograd_bfloat_backward_input(real *dx, const real *dy, const void *filter, int n,
                                    const Shape *shape, Kernels *kernels, real *scratch)
{
    convolve(dx, dy, filter, n, shape, true, kernels, scratch);
}
