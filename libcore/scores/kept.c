#include "scores/kept_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "scores/rough_internal.h"

enum {
    CHUNK = 1024,   /* pairs handed on at a time */
    MOST = 1 << 22, /* pairs kept: 48 MiB */
};

void kept_part_add(KeptPart *part, int64_t place, int64_t column, const float *score, int64_t n)
{
    int64_t some = part->full ? 0 : rough_count(score, n, part->from);
    if (some == 0)
        return;
    part->full = part->n + some > MOST || !array_fit(part->pair, part->room, part->n + some);
    for (int64_t i = 0; i < n && !part->full; i++)
        if (score[i] >= part->from)
            part->pair[part->n++] = (KeptPair){(int32_t)place, (int32_t)(column + i), score[i]};
}

void kept_join(Kept *kept, KeptPart *part, int parts)
{
    KeptPart *all = &part[0];
    free(kept->pair);
    for (int i = 1; i < parts; i++) {
        all->full = all->full || part[i].full || all->n + part[i].n > MOST ||
                    !array_fit(all->pair, all->room, all->n + part[i].n);
        if (!all->full && part[i].n > 0)
            memcpy(all->pair + all->n, part[i].pair, (size_t)part[i].n * sizeof *all->pair);
        all->n += part[i].n;
        free(part[i].pair);
    }
    *kept = (Kept){all->from, all->pair, all->n};
    if (all->full) {
        free(all->pair);
        *kept = (Kept){.from = INFINITY};
    }
}

typedef struct Walk {
    const Kept *kept;
    float from;
    PairSink *sink;
    void *arg;
} Walk;

static void walk_chunk(void *arg, int64_t chunk, int worker)
{
    const Walk *walk = arg;
    int64_t end = (chunk + 1) * CHUNK < walk->kept->n ? (chunk + 1) * CHUNK : walk->kept->n;
    for (int64_t i = chunk * CHUNK; i < end; i++) {
        const KeptPair *pair = &walk->kept->pair[i];
        if (pair->score >= walk->from)
            walk->sink(walk->arg, worker, pair->place, pair->column, &pair->score, 1, false);
    }
}

void kept_walk(const Kept *kept, float from, Pool *pool, PairSink *sink, void *arg)
{
    Walk walk = {kept, from, sink, arg};
    pool_run(pool, (kept->n + CHUNK - 1) / CHUNK, walk_chunk, &walk);
}
