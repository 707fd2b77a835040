#include "batch/supply_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/counted_internal.h"
#include "base/num_internal.h"
#include "batch/shuffle_internal.h"
#include "stream/pack_internal.h"

struct Supply {
    SamplerOptions order;
    /* a pack */
    Pack *pack;
    Sampler sampler;
    FaceView *view; /* one a frame, made when first needed */
    bool *viewed;
    /* or a pipe */
    Shuffle *shuffle;
    ShuffleRow *held; /* [order.batch]: the rows of the batch being made */
    int64_t holding, drawn;
};

/* Can the rows be reached in any order, more than once? 1, 0, or -1 where that cannot be told: a
 * file that does not open now might a moment later, and its rows must not come in another order
 * for that. */
static int seekable(const char *path, Err *err)
{
    struct stat st;
    if (strcmp(path, "-") == 0)
        return 0;
    if (stat(path, &st) != 0)
        return err_errno(err, "cannot open %s", path);
    if (!S_ISREG(st.st_mode))
        return 0;
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return err_errno(err, "cannot open %s", path);
    bool gzip = fgetc(f) == 0x1f && fgetc(f) == 0x8b;
    int rc = ferror(f) ? err_errno(err, "cannot read %s", path) : !gzip;
    fclose(f);
    return rc;
}

/* A pack ------------------------------------------------------------------------------------ */

/* The view of the frame that holds row `number`, and the row's place in it. */
static const FaceView *pack_view(Supply *supply, int64_t number, int64_t *row, Err *err)
{
    size_t at = pack_locate(supply->pack, number, row);
    FaceView *view = &supply->view[at];
    if (supply->viewed[at])
        return view;
    Err why = {0};
    const Frame *frame = pack_frame_at(supply->pack, at, err);
    if (frame == NULL)
        return NULL;
    if (faceview_of(view, frame, &why) != 0) {
        err_set(err, "%s: frame at byte %llu: %s", pack_name(supply->pack),
                (unsigned long long)frame->offset, why.text);
        return NULL;
    }
    supply->viewed[at] = true;
    return view;
}

/* The labels of all rows, in new memory. */
static int64_t *pack_labels(Supply *supply, Err *err)
{
    int64_t rows = pack_rows(supply->pack), row;
    size_t bytes;
    int64_t *labels = NULL;
    if (size_mul((size_t)rows + 1, sizeof *labels, &bytes))
        labels = malloc(bytes);
    if (labels == NULL) {
        err_memory(err, "labels", (size_t)rows);
        return NULL;
    }
    for (int64_t i = 0; i < rows; i++) {
        const FaceView *view = pack_view(supply, i, &row, err);
        if (view == NULL) {
            free(labels);
            return NULL;
        }
        labels[i] = faces_label(&view->faces, row);
    }
    return labels;
}

static int start_pack(Supply *supply, const char *path, Err *err)
{
    Err why = {0};
    int64_t *labels = NULL;
    supply->pack = pack_open(path, err);
    if (supply->pack == NULL)
        return -1;
    size_t frames = pack_frames(supply->pack);
    supply->view = calloc(frames, sizeof *supply->view);
    supply->viewed = calloc(frames, sizeof *supply->viewed);
    if (supply->view == NULL || supply->viewed == NULL)
        return err_memory(err, "a pack's frames", frames * sizeof *supply->view);
    if (supply->order.per_identity > 0 && (labels = pack_labels(supply, err)) == NULL)
        return -1;
    int rc = sampler_init(&supply->sampler, &supply->order, pack_rows(supply->pack), labels, &why);
    free(labels);
    return rc == 0 ? 0 : err_set(err, "%s: %s", path, why.text);
}

static int pick_from_pack(Supply *supply, Assembler *assembler, int64_t index, BatchSpan *span,
                          Err *err)
{
    if (index >= supply->sampler.batches)
        return 0;
    *span = sampler_span(&supply->sampler, index);
    for (int64_t i = 0; i < span->count; i++) {
        int64_t number = sampler_row(&supply->sampler, span->epoch, span->position + i), row;
        const FaceView *view = pack_view(supply, number, &row, err);
        if (view == NULL || assembler_pick(assembler, view, row, number, err) != 0)
            return -1;
    }
    return 1;
}

/* A pipe ------------------------------------------------------------------------------------ */

static int start_pipe(Supply *supply, const char *path, int64_t buffer, Err *err)
{
    const SamplerOptions *order = &supply->order;
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    if (order->epochs > 1 || order->per_identity > 0)
        return err_set(
            err,
            "%s: %s needs a pack in a regular, uncompressed file; this one can be read only once",
            name, order->epochs > 1 ? "more than one epoch" : "grouping by identity");
    supply->held = calloc((size_t)order->batch, sizeof *supply->held);
    if (supply->held == NULL)
        return err_memory(err, "a batch", (size_t)order->batch * sizeof *supply->held);
    supply->shuffle = shuffle_open(path, order->seed, order->shuffle ? buffer : 1, err);
    return supply->shuffle != NULL ? 0 : -1;
}

/* Draws up to a batch of rows into held; -1 on failure. */
static int draw(Supply *supply, Err *err)
{
    while (supply->holding < supply->order.batch) {
        int rc = shuffle_next(supply->shuffle, &supply->held[supply->holding], err);
        if (rc <= 0)
            return rc;
        supply->holding++;
        supply->drawn++;
    }
    return 0;
}

/* Is what is held a batch? Nothing, and with drop_last too little, is none. */
static bool is_batch(const Supply *supply)
{
    return supply->holding == supply->order.batch ||
           (supply->holding > 0 && !supply->order.drop_last);
}

static int pick_from_pipe(Supply *supply, Assembler *assembler, BatchSpan *span, Err *err)
{
    span->position = supply->drawn;
    if (draw(supply, err) != 0)
        return -1;
    if (!is_batch(supply)) {
        if (supply->drawn == 0 || supply->drawn > supply->holding)
            return 0;
        return err_set(err,
                       "%s: it has %s, fewer than a batch of %lld, and short batches "
                       "are dropped",
                       shuffle_name(supply->shuffle), counted(supply->drawn, "row", "rows").text,
                       (long long)supply->order.batch);
    }
    span->epoch = 0;
    span->count = supply->holding;
    for (int64_t i = 0; i < supply->holding; i++) {
        FaceView view;
        int rc = faceview_of(&view, &supply->held[i].frame, err);
        if (rc == 0)
            rc = assembler_pick(assembler, &view, 0, supply->held[i].number, err);
        faceview_release(&view);
        if (rc != 0)
            return -1;
    }
    return 1;
}

/* Either ------------------------------------------------------------------------------------ */

Supply *supply_open(const char *path, const SamplerOptions *order, int64_t buffer, Err *err)
{
    Supply *supply = calloc(1, sizeof *supply);
    if (supply == NULL) {
        err_memory(err, "a batcher", sizeof *supply);
        return NULL;
    }
    supply->order = *order;
    int reach = seekable(path, err);
    int rc = reach < 0 ? -1
             : reach   ? start_pack(supply, path, err)
                       : start_pipe(supply, path, buffer, err);
    if (rc == 0)
        return supply;
    supply_close(supply);
    return NULL;
}

void supply_close(Supply *supply)
{
    if (supply == NULL)
        return;
    supply_done(supply);
    for (size_t i = 0; supply->view != NULL && i < pack_frames(supply->pack); i++)
        faceview_release(&supply->view[i]);
    free(supply->view);
    free(supply->viewed);
    sampler_release(&supply->sampler);
    pack_close(supply->pack);
    shuffle_close(supply->shuffle);
    free(supply->held);
    free(supply);
}

const char *supply_name(const Supply *supply)
{
    return supply->pack != NULL ? pack_name(supply->pack) : shuffle_name(supply->shuffle);
}

const char *supply_by(const Supply *supply)
{
    return supply->pack != NULL ? pack_by(supply->pack) : shuffle_by(supply->shuffle);
}

const Frame *supply_first(const Supply *supply, Err *err)
{
    return supply->pack != NULL ? pack_frame_at(supply->pack, 0, err)
                                : shuffle_first(supply->shuffle);
}

bool supply_fingerprint(const Supply *supply, uint32_t *sum)
{
    if (supply->pack != NULL)
        *sum = pack_fingerprint(supply->pack);
    return supply->pack != NULL;
}

int64_t supply_batches(const Supply *supply)
{
    return supply->pack != NULL ? supply->sampler.batches : -1;
}

static int past_end(const Supply *supply, int64_t start, int64_t batches, Err *err)
{
    return err_set(err, "%s: cannot go on at batch %lld: with these options it has %lld in all",
                   supply_name(supply), (long long)start, (long long)batches);
}

int supply_skip(Supply *supply, int64_t start, Err *err)
{
    if (supply->pack != NULL)
        return start <= supply->sampler.batches
                   ? 0
                   : past_end(supply, start, supply->sampler.batches, err);
    for (int64_t i = 0; i < start; i++) {
        if (draw(supply, err) != 0)
            return -1;
        if (!is_batch(supply))
            return past_end(supply, start, i, err);
        supply_done(supply);
    }
    return 0;
}

int supply_pick(Supply *supply, Assembler *assembler, int64_t index, BatchSpan *span, Err *err)
{
    return supply->pack != NULL ? pick_from_pack(supply, assembler, index, span, err)
                                : pick_from_pipe(supply, assembler, span, err);
}

void supply_done(Supply *supply)
{
    for (int64_t i = 0; i < supply->holding; i++)
        frame_release(&supply->held[i].frame);
    supply->holding = 0;
}
