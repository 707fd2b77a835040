#include "synth/trace_internal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "synth/rays_internal.h"
#include "synth/shape_internal.h"

#define WHOLE  16   /* pixels of a vector: shorter loops are not worth it */
#define SMOOTH .12f /* depth between neighbours on one stretch of the surface */
#define SMALL  96   /* pixels: below, a nose might fit between every fourth of them */

/* Takes n floats for each of the four planes from *block. */
static Seen seen_at(float **block, size_t n)
{
    Seen seen = {*block, *block + n, *block + 2 * n, *block + 3 * n};
    *block += 4 * n;
    return seen;
}

int trace_init(Trace *trace, int size, Err *err)
{
    size_t wide = (size_t)size, floats = 4 * 2 * (wide + 2);
    *trace = (Trace){.size = size, .levels = size < SMALL ? 2 : TRACE_LEVELS};
    for (int l = 0; l < trace->levels; l++) {
        int side = l == 0 ? size : trace->level[l - 1].side / 2 + 1;
        trace->level[l] = (Level){.side = side, .pitch = 1 << l};
        floats += 4 * (size_t)side * (size_t)side;
    }
    trace->block = calloc(floats, sizeof *trace->block);
    trace->todo = calloc(wide * wide, sizeof *trace->todo);
    if (trace->block == NULL || trace->todo == NULL) {
        trace_release(trace);
        return err_memory(err, "the rays of a picture", floats * sizeof(float));
    }
    float *block = trace->block;
    for (int l = 0; l < trace->levels; l++)
        trace->level[l].seen =
            seen_at(&block, (size_t)trace->level[l].side * (size_t)trace->level[l].side);
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

/* Rays through n points of a level. */
static void trace_points(const Level *level, const int *points, int n, float widest,
                         const Camera *camera, const Atlas *face)
{
    const Seen *seen = &level->seen;
    Rays rays = {.widest = widest};
    for (int done = 0; done < n; done += RAYS) {
        int count = n - done < RAYS ? n - done : RAYS;
        for (int i = 0; i < count; i++) {
            rays.x[i] = (float)((points[done + i] & 0xffff) * level->pitch);
            rays.y[i] = (float)((points[done + i] >> 16) * level->pitch);
        }
        rays_follow(&rays, count, camera, face);
        for (int i = 0; i < count; i++) {
            int at = (points[done + i] >> 16) * level->side + (points[done + i] & 0xffff);
            seen->column[at] = rays.seen_column[i];
            seen->row[at] = rays.seen_row[i];
            seen->cover[at] = rays.cover[i];
            seen->depth[at] = rays.seen_z[i];
        }
    }
}

/* A row of the coarser level at twice the width. Where neighbours do not agree the cover becomes
 * .5, which agrees with nothing. */
CLONES static void widen(const Seen *out, const Seen *coarse, int from, int half)
{
    const float *restrict column = coarse->column + from, *restrict row = coarse->row + from;
    const float *restrict cover = coarse->cover + from, *restrict depth = coarse->depth + from;
    float *restrict wide_column = out->column, *restrict wide_row = out->row;
    float *restrict wide_cover = out->cover, *restrict wide_depth = out->depth;
    for (int i = 0; i + 1 < half; i++) {
        float step = fabsf(depth[i] - depth[i + 1]);
        float same = cover[i] == cover[i + 1] && step < SMOOTH ? cover[i] : .5f;
        wide_column[2 * i] = column[i];
        wide_column[2 * i + 1] = .5f * (column[i] + column[i + 1]);
        wide_row[2 * i] = row[i];
        wide_row[2 * i + 1] = .5f * (row[i] + row[i + 1]);
        wide_depth[2 * i] = depth[i];
        wide_depth[2 * i + 1] = .5f * (depth[i] + depth[i + 1]);
        wide_cover[2 * i] = cover[i];
        wide_cover[2 * i + 1] = same;
    }
    int end = half - 1; /* beside it there is nothing: it is repeated */
    wide_column[2 * end] = wide_column[2 * end + 1] = column[end];
    wide_row[2 * end] = wide_row[2 * end + 1] = row[end];
    wide_depth[2 * end] = wide_depth[2 * end + 1] = depth[end];
    wide_cover[2 * end] = wide_cover[2 * end + 1] = cover[end];
}

/* The middle of two rows. */
CLONES static void middle(float *restrict column, float *restrict row, float *restrict cover,
                          float *restrict depth, int n, const Seen *above, const Seen *below)
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
        depth[x] = .5f * (depth0[x] + depth1[x]);
        cover[x] = step < SMOOTH ? same : .5f;
    }
}

/* Row y of a level, from the rows of the coarser one. */
static void fill_row(Trace *trace, const Level *level, const Level *coarse, int y)
{
    const Seen *seen = &level->seen, *above = &trace->line[y / 2 % 2];
    Seen *below = &trace->line[(y / 2 + 1) % 2];
    int at = y * level->side;
    if (y % 2 == 0) {
        size_t bytes = (size_t)level->side * sizeof(float);
        memcpy(seen->column + at, above->column, bytes);
        memcpy(seen->row + at, above->row, bytes);
        memcpy(seen->cover + at, above->cover, bytes);
        memcpy(seen->depth + at, above->depth, bytes);
        return;
    }
    widen(below, &coarse->seen, (y / 2 + 1) * coarse->side, coarse->side);
    middle(seen->column + at, seen->row + at, seen->cover + at, seen->depth + at, level->side,
           above, below);
}

/* Is there a cover that is neither 0 nor 1? */
INLINE bool any_disputed(const float *cover, int n)
{
    int disputed = 0;
    for (int i = 0; i < n; i++)
        disputed |= (cover[i] > 0) & (cover[i] < 1);
    return disputed != 0;
}

/* Appends the points of row y where neighbours did not agree; returns how many there are then. */
CLONES static int list_disputed(int *restrict todo, int n, const float *restrict cover, int side,
                                int y)
{
    int x = 0;
    for (; x + WHOLE <= side; x += WHOLE)
        if (any_disputed(cover + x, WHOLE))
            for (int i = x; i < x + WHOLE; i++) {
                todo[n] = point(i, y);
                n += cover[i] > 0 && cover[i] < 1;
            }
    for (; x < side; x++) {
        todo[n] = point(x, y);
        n += cover[x] > 0 && cover[x] < 1;
    }
    return n;
}

CLONES static float widest_of(const Atlas *face)
{
    float widest = 0;
    for (int i = 0; i < face->grid->width * face->grid->height; i++)
        widest = shape_max(widest, face->radius[i]);
    return widest;
}

void trace_head(Trace *trace, const Camera *camera, const Atlas *face)
{
    const Level *coarsest = &trace->level[trace->levels - 1];
    const float widest = widest_of(face);
    int n = 0;
    for (int y = 0; y < coarsest->side; y++)
        for (int x = 0; x < coarsest->side; x++)
            trace->todo[n++] = point(x, y);
    trace_points(coarsest, trace->todo, n, widest, camera, face);
    for (const Level *level = coarsest - 1; level >= trace->level; level--) {
        n = 0;
        widen(&trace->line[0], &level[1].seen, 0, level[1].side);
        for (int y = 0; y < level->side; y++) {
            fill_row(trace, level, level + 1, y);
            n = list_disputed(trace->todo, n, level->seen.cover + y * level->side, level->side, y);
        }
        trace_points(level, trace->todo, n, widest, camera, face);
    }
}

CLONES Box trace_box(const Trace *trace, const Atlas *face)
{
    const Seen *seen = &trace->level[0].seen;
    const float *restrict column = seen->column, *restrict row = seen->row;
    const float *restrict cover = seen->cover;
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
    const float *cover = trace->level[0].seen.cover + y * trace->size;
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

/* Bilinear samples of the lit texels over n pixels. */
void trace_draw(float *restrict red, float *restrict green, float *restrict blue, int y,
                const Trace *trace, const Atlas *face)
{
    const Seen *seen = &trace->level[0].seen;
    const int width = face->grid->width, at = y * trace->size;
    const float *restrict column = seen->column + at, *restrict row = seen->row + at;
    const float *restrict cover = seen->cover + at;
    for (int x = 0; x < trace->size; x++) {
        if (cover[x] == 0)
            continue;
        int c = (int)column[x], r = (int)row[x];
        float a = column[x] - (float)c, b = row[x] - (float)r;
        const Texel *texel = face->lit + r * width + c;
        Texel top = texel[0] + (texel[1] - texel[0]) * a;
        Texel low = texel[width] + (texel[width + 1] - texel[width]) * a;
        Texel light = top + (low - top) * b;
        /* under a whole cover nothing may have been drawn: what is there is not even read */
        if (cover[x] < 1)
            light = light * cover[x] + (Texel){red[x], green[x], blue[x]} * (1 - cover[x]);
        red[x] = light[0];
        green[x] = light[1];
        blue[x] = light[2];
    }
}
