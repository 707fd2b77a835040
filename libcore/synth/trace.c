#include "synth/trace.h"

#include <stdlib.h>
#include <string.h>

#include "synth/rays.h"
#include "synth/shape.h"

#define WHOLE  16   /* pixels of a vector: shorter loops are not worth it */
#define SMOOTH .12f /* depth between neighbours on one stretch of the surface */

/* Takes n floats for each of the four planes from *block. */
static Seen seen_at(float **block, size_t n)
{
    Seen seen = {*block, *block + n, *block + 2 * n, *block + 3 * n};
    *block += 4 * n;
    return seen;
}

int trace_init(Trace *trace, int size, Err *err)
{
    size_t wide = (size_t)size, half = wide / 2 + 1;
    size_t floats = 4 * (wide * wide + half * half + 2 * (wide + 2));
    *trace = (Trace){.size = size, .half = (int)half};
    trace->block = calloc(floats, sizeof *trace->block);
    trace->todo = calloc(wide * wide, sizeof *trace->todo);
    if (trace->block == NULL || trace->todo == NULL) {
        trace_release(trace);
        return err_memory(err, "the rays of a picture", floats * sizeof(float));
    }
    float *block = trace->block;
    trace->fine = seen_at(&block, wide * wide);
    trace->coarse = seen_at(&block, half * half);
    for (int i = 0; i < 2; i++)
        trace->line[i] = seen_at(&block, wide + 2);
    return 0;
}

void trace_release(Trace *trace)
{
    free(trace->block);
    free(trace->todo);
    *trace = (Trace){0};
}

/* A point of a grid as one number. */
static inline int point(int x, int y)
{
    return y << 16 | x;
}

/* Rays through n points of a grid of `width` points a row, which are `pitch` pixels apart. */
static void trace_points(const Seen *seen, const int *points, int n, int width, int pitch,
                         const Camera *camera, const Atlas *face)
{
    Rays rays;
    for (int done = 0; done < n; done += RAYS) {
        int count = n - done < RAYS ? n - done : RAYS;
        for (int i = 0; i < count; i++) {
            rays.x[i] = (float)((points[done + i] & 0xffff) * pitch);
            rays.y[i] = (float)((points[done + i] >> 16) * pitch);
        }
        rays_follow(&rays, count, camera, face);
        for (int i = 0; i < count; i++) {
            int at = (points[done + i] >> 16) * width + (points[done + i] & 0xffff);
            seen->column[at] = rays.seen_column[i];
            seen->row[at] = rays.seen_row[i];
            seen->cover[at] = rays.cover[i];
            seen->depth[at] = rays.seen_z[i];
        }
    }
}

/* A row of the coarse grid at full width. Where neighbours do not agree the cover becomes .5,
 * which agrees with nothing. */
CLONES static void widen(const Seen *out, const Seen *coarse, int from, int half)
{
    const float *restrict column = coarse->column + from, *restrict row = coarse->row + from;
    const float *restrict cover = coarse->cover + from, *restrict depth = coarse->depth + from;
    float *restrict wide_column = out->column, *restrict wide_row = out->row;
    float *restrict wide_cover = out->cover, *restrict wide_depth = out->depth;
    for (int i = 0; i < half; i++) {
        int next = i + 1 < half ? i + 1 : i;
        float step = fabsf(depth[i] - depth[next]);
        float same = cover[i] == cover[next] && step < SMOOTH ? cover[i] : .5f;
        wide_column[2 * i] = column[i];
        wide_column[2 * i + 1] = .5f * (column[i] + column[next]);
        wide_row[2 * i] = row[i];
        wide_row[2 * i + 1] = .5f * (row[i] + row[next]);
        wide_depth[2 * i] = depth[i];
        wide_depth[2 * i + 1] = .5f * (depth[i] + depth[next]);
        wide_cover[2 * i] = cover[i];
        wide_cover[2 * i + 1] = same;
    }
}

/* The middle of two rows. */
CLONES static void middle(float *restrict column, float *restrict row, float *restrict cover, int n,
                          const Seen *above, const Seen *below)
{
    const float *restrict column0 = above->column, *restrict column1 = below->column;
    const float *restrict row0 = above->row, *restrict row1 = below->row;
    const float *restrict cover0 = above->cover, *restrict cover1 = below->cover;
    const float *restrict depth0 = above->depth, *restrict depth1 = below->depth;
    for (int x = 0; x < n; x++) {
        float step = fabsf(depth0[x] - depth1[x]);
        float same = cover0[x] == cover1[x] ? cover0[x] : .5f;
        column[x] = .5f * (column0[x] + column1[x]);
        row[x] = .5f * (row0[x] + row1[x]);
        cover[x] = step < SMOOTH ? same : .5f;
    }
}

/* Row y of the fine picture, from the rows of the coarse one. */
static void fill_row(Trace *trace, int y)
{
    const Seen *fine = &trace->fine, *above = &trace->line[y / 2 % 2];
    Seen *below = &trace->line[(y / 2 + 1) % 2];
    int size = trace->size, at = y * size;
    if (y % 2 == 0) {
        size_t bytes = (size_t)size * sizeof(float);
        memcpy(fine->column + at, above->column, bytes);
        memcpy(fine->row + at, above->row, bytes);
        memcpy(fine->cover + at, above->cover, bytes);
        return;
    }
    widen(below, &trace->coarse, (y / 2 + 1) * trace->half, trace->half);
    middle(fine->column + at, fine->row + at, fine->cover + at, size, above, below);
}

void trace_head(Trace *trace, const Camera *camera, const Atlas *face)
{
    int size = trace->size, half = trace->half, todo = 0;
    for (int y = 0; y < half; y++)
        for (int x = 0; x < half; x++)
            trace->todo[y * half + x] = point(x, y);
    trace_points(&trace->coarse, trace->todo, half * half, half, 2, camera, face);
    widen(&trace->line[0], &trace->coarse, 0, half);
    for (int y = 0; y < size; y++) {
        fill_row(trace, y);
        for (int x = 0; x < size; x++) {
            float cover = trace->fine.cover[y * size + x];
            trace->todo[todo] = point(x, y);
            todo += cover > 0 && cover < 1;
        }
    }
    trace_points(&trace->fine, trace->todo, todo, size, 1, camera, face);
}

CLONES Box trace_box(const Trace *trace, const Atlas *face)
{
    const float *restrict column = trace->fine.column, *restrict row = trace->fine.row;
    const float *restrict cover = trace->fine.cover;
    float left = 1e9f, right = 0, top = 1e9f, bottom = 0;
    for (int i = 0; i < trace->size * trace->size; i++) {
        float hidden = cover[i] > 0 ? 0 : 1e9f;
        left = shape_min(left, column[i] + hidden);
        right = shape_max(right, column[i] - hidden);
        top = shape_min(top, row[i] + hidden);
        bottom = shape_max(bottom, row[i] - hidden);
    }
    int width = face->grid->width, height = face->grid->height;
    return (Box){(int)shape_min(left, (float)width), (int)right + 2,
                 (int)shape_min(top, (float)height), (int)bottom + 2};
}

void trace_hidden(int *left, int *right, const Trace *trace, int y)
{
    const float *cover = trace->fine.cover + y * trace->size;
    int first = 0, last = trace->size;
    while (first < last && cover[first] < 1)
        first++;
    while (first < last && cover[last - 1] < 1)
        last--;
    for (int x = first; x < last; x++)
        if (cover[x] < 1) /* a hole */
            first = last;
    *left = (first + WHOLE - 1) / WHOLE * WHOLE;
    *right = last / WHOLE * WHOLE;
    if (*left >= *right)
        *left = *right = trace->size;
}

/* Bilinear samples of the three planes over n pixels. On purpose not for the wider instruction
 * sets: their gather instructions are slower than plain loads on processors mended against gather
 * data sampling. */
void trace_draw(float *restrict red, float *restrict green, float *restrict blue, int y,
                const Trace *trace, const Atlas *face)
{
    const int width = face->grid->width, at = y * trace->size;
    const float *restrict column = trace->fine.column + at, *restrict row = trace->fine.row + at;
    const float *restrict cover = trace->fine.cover + at;
    for (int x = 0; x < trace->size; x++) {
        int c = (int)column[x], r = (int)row[x], i = r * width + c;
        if (cover[x] == 0)
            continue;
        float a = column[x] - (float)c, b = row[x] - (float)r;
        /* not shape_mix: under a whole cover nothing of what was there may be left, not even in
         * the last bit, because nothing may have been drawn there */
        float whole = cover[x], rest = 1 - whole;
        red[x] = rest * red[x] + whole * rays_sample(face->color[0] + i, width, a, b);
        green[x] = rest * green[x] + whole * rays_sample(face->color[1] + i, width, a, b);
        blue[x] = rest * blue[x] + whole * rays_sample(face->color[2] + i, width, a, b);
    }
}
