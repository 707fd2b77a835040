#include "synth/trace.h"

#include <stdlib.h>

#include "synth/rays.h"
#include "synth/shape.h"

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

/* Rays through n pixels; pixel[i] = y * width + x counts in steps of `pitch` pixels. */
static void trace_points(const Seen *seen, const int *pixel, int n, int width, int pitch,
                         const Camera *camera, const Atlas *face)
{
    Rays rays;
    for (int done = 0; done < n; done += RAYS) {
        int count = n - done < RAYS ? n - done : RAYS;
        for (int i = 0; i < count; i++) {
            rays.x[i] = (float)(pixel[done + i] % width * pitch);
            rays.y[i] = (float)(pixel[done + i] / width * pitch);
        }
        rays_follow(&rays, count, camera, face);
        for (int i = 0; i < count; i++) {
            int at = pixel[done + i];
            seen->column[at] = rays.seen_column[i];
            seen->row[at] = rays.seen_row[i];
            seen->cover[at] = rays.cover[i];
            seen->depth[at] = rays.seen_z[i];
        }
    }
}

/* A row of the coarse grid at full width. Where neighbours do not agree the cover becomes .5,
 * which agrees with nothing. */
CLONES static void widen(const Seen *restrict out, const Seen *restrict coarse, int from, int half)
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

/* Row y of the fine picture: the middle of two widened rows (the same one twice for even y). */
CLONES static void middle(const Seen *restrict fine, int at, int n, const Seen *restrict above,
                          const Seen *restrict below)
{
    float *restrict column = fine->column + at, *restrict row = fine->row + at;
    float *restrict cover = fine->cover + at;
    for (int x = 0; x < n; x++) {
        float step = fabsf(above->depth[x] - below->depth[x]);
        float same = step < SMOOTH && above->cover[x] == below->cover[x] ? above->cover[x] : .5f;
        column[x] = .5f * (above->column[x] + below->column[x]);
        row[x] = .5f * (above->row[x] + below->row[x]);
        cover[x] = same;
    }
}

void trace_head(Trace *trace, const Camera *camera, const Atlas *face)
{
    int size = trace->size, half = trace->half, points = half * half, todo = 0;
    Seen *line = trace->line;
    for (int i = 0; i < points; i++)
        trace->todo[i] = i;
    trace_points(&trace->coarse, trace->todo, points, half, 2, camera, face);
    widen(&line[0], &trace->coarse, 0, half);
    for (int y = 0; y < size; y++) {
        const Seen *above = &line[y / 2 % 2], *below = above;
        if (y % 2 == 1) {
            below = &line[(y / 2 + 1) % 2];
            widen(below, &trace->coarse, (y / 2 + 1) * half, half);
        }
        middle(&trace->fine, y * size, size, above, below);
        for (int x = 0; x < size; x++) {
            float cover = trace->fine.cover[y * size + x];
            trace->todo[todo] = y * size + x;
            todo += cover > 0 && cover < 1;
        }
    }
    trace_points(&trace->fine, trace->todo, todo, size, 1, camera, face);
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
        red[x] = shape_mix(red[x], rays_sample(face->color[0] + i, width, a, b), cover[x]);
        green[x] = shape_mix(green[x], rays_sample(face->color[1] + i, width, a, b), cover[x]);
        blue[x] = shape_mix(blue[x], rays_sample(face->color[2] + i, width, a, b), cover[x]);
    }
}
