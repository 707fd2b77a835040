#include "batch/assemble_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/num_internal.h"
#include "image/decode.h"

/* Where the picture of a row lies. */
typedef struct Pick {
    const uint8_t *bytes;
    size_t size;
    bool encoded; /* an image file; otherwise pixels */
    const char *key;
    size_t key_size;
    int64_t number;
} Pick;

typedef struct Worker {
    Decoder *decoder;
    void *scratch;
} Worker;

struct Assembler {
    const char *name;
    Augment augment;
    uint64_t seed;
    Pool *pool;
    Worker *worker; /* one a thread */
    int h, w;       /* of every face; 0 before the first */
    Pick *pick;
    int64_t picks, room;
    BatchUse *use; /* or NULL */
    void *use_arg;
    bool *used; /* [use_room], of the picks */
    int64_t use_room;
    RowBuffer rest;
    /* of the batch being made */
    uint8_t *image;
    uint64_t epoch, position;
    pthread_mutex_t lock; /* guards what follows */
    int64_t failed;       /* the first pick that could not be decoded, -1 for none */
    Err why;
};

int faceview_of(FaceView *view, const Frame *frame, Err *err)
{
    *view = (FaceView){0};
    if (faces_of(&view->faces, frame, err) != 0)
        return -1;
    const Rows *rows = &view->faces.rows;
    view->rest.n = rows->n;
    view->rest.column = calloc(rows->columns + 1, sizeof *view->rest.column);
    if (view->rest.column == NULL) {
        faceview_release(view);
        return err_memory(err, "columns", (rows->columns + 1) * sizeof *view->rest.column);
    }
    for (size_t c = 0; c < rows->columns; c++)
        if (&rows->column[c] != view->faces.image && &rows->column[c] != view->faces.jpeg)
            view->rest.column[view->rest.columns++] = rows->column[c];
    return 0;
}

void faceview_release(FaceView *view)
{
    rows_release(&view->rest);
    faces_release(&view->faces);
}

void batch_release(Batch *batch)
{
    frame_release(&batch->frame);
    free(batch->image);
    *batch = (Batch){0};
}

Assembler *assembler_new(const char *name, const Augment *augment, uint64_t seed, int threads,
                         Err *err)
{
    Assembler *assembler = calloc(1, sizeof *assembler);
    if (assembler == NULL) {
        err_memory(err, "a batch", sizeof *assembler);
        return NULL;
    }
    assembler->name = name;
    assembler->augment = *augment;
    assembler->seed = seed;
    pthread_mutex_init(&assembler->lock, NULL);
    assembler->pool = pool_new(threads, err);
    assembler->worker = calloc((size_t)threads, sizeof *assembler->worker);
    bool whole = assembler->pool != NULL && assembler->worker != NULL;
    for (int t = 0; whole && t < threads; t++)
        whole = (assembler->worker[t].decoder = decoder_new(err)) != NULL;
    if (!whole) {
        err_memory(err, "decoders", (size_t)threads * sizeof *assembler->worker);
        assembler_free(assembler);
        return NULL;
    }
    return assembler;
}

void assembler_free(Assembler *assembler)
{
    if (assembler == NULL)
        return;
    int threads =
        assembler->pool != NULL && assembler->worker != NULL ? pool_threads(assembler->pool) : 0;
    for (int t = 0; t < threads; t++) {
        decoder_free(assembler->worker[t].decoder);
        free(assembler->worker[t].scratch);
    }
    pool_free(assembler->pool);
    free(assembler->worker);
    free(assembler->pick);
    free(assembler->used);
    rowbuffer_release(&assembler->rest);
    pthread_mutex_destroy(&assembler->lock);
    free(assembler);
}

/* "NAME: row N (KEY): reason" */
static int blame(const Assembler *assembler, const Pick *pick, const Err *why, Err *err)
{
    int length = pick->key_size < 256 ? (int)pick->key_size : 256;
    return err_set(err, "%s: row %lld%s%.*s%s: %s", assembler->name, (long long)pick->number,
                   length > 0 ? " (" : "", length, pick->key, length > 0 ? ")" : "", why->text);
}

/* The first face says how large all are, and how much scratch they need. */
static int set_size(Assembler *assembler, const Pick *pick, const Faces *faces, Err *err)
{
    int h = faces->h, w = faces->w;
    if (pick->encoded &&
        decoder_size(assembler->worker[0].decoder, &h, &w, pick->bytes, pick->size, err) != 0)
        return -1;
    for (int t = 0; t < pool_threads(assembler->pool); t++) {
        Worker *worker = &assembler->worker[t];
        worker->scratch = malloc(augment_scratch(h, w));
        if (worker->scratch == NULL)
            return err_memory(err, "augmenting", augment_scratch(h, w));
    }
    assembler->h = h;
    assembler->w = w;
    return 0;
}

static int check_size(Assembler *assembler, const Pick *pick, const Faces *faces, Err *err)
{
    if (assembler->h == 0 && set_size(assembler, pick, faces, err) != 0)
        return -1;
    if (pick->encoded || (faces->h == assembler->h && faces->w == assembler->w))
        return 0;
    return err_set(err, "the image is %d x %d pixels, the first one was %d x %d", faces->w,
                   faces->h, assembler->w, assembler->h);
}

int assembler_pick(Assembler *assembler, const FaceView *view, int64_t i, int64_t number, Err *err)
{
    const Faces *faces = &view->faces;
    Pick pick = {.number = number, .encoded = faces->jpeg != NULL};
    Err why = {0};
    pick.bytes = column_row(pick.encoded ? faces->jpeg : faces->image, i, &pick.size);
    pick.key = faces_key(faces, i, &pick.key_size);
    if (check_size(assembler, &pick, faces, &why) != 0 ||
        rowbuffer_add(&assembler->rest, &view->rest, i, &why) != 0)
        return blame(assembler, &pick, &why, err);
    if (array_reserve(assembler->pick, assembler->room, assembler->picks + 1, "a batch", err) != 0)
        return -1;
    assembler->pick[assembler->picks++] = pick;
    return 0;
}

/* Of several failures the first row's is told, whichever thread came first. */
static void note_failure(Assembler *assembler, int64_t i, const Err *why)
{
    pthread_mutex_lock(&assembler->lock);
    if (assembler->failed < 0 || i < assembler->failed) {
        assembler->failed = i;
        assembler->why = *why;
    }
    pthread_mutex_unlock(&assembler->lock);
}

void assembler_use(Assembler *assembler, BatchUse *use, void *arg)
{
    assembler->use = use;
    assembler->use_arg = arg;
}

static int find_used(Assembler *assembler, Err *err)
{
    if (assembler->use == NULL)
        return 0;
    if (array_reserve(assembler->used, assembler->use_room, assembler->picks, "a batch", err) != 0)
        return -1;
    assembler->use(assembler->use_arg, assembler->used, (int)assembler->picks);
    return 0;
}

static void make_face(void *arg, int64_t i, int index)
{
    Assembler *assembler = arg;
    if (assembler->use != NULL && !assembler->used[i])
        return;
    const Pick *pick = &assembler->pick[i];
    Worker *worker = &assembler->worker[index];
    int h = assembler->h, w = assembler->w;
    uint8_t *pixels = assembler->image + (size_t)i * image_bytes(h, w);
    Err why = {0};
    if (!pick->encoded)
        memcpy(pixels, pick->bytes, pick->size);
    else if (decoder_read_to(worker->decoder, pixels, h, w, pick->bytes, pick->size, &why) != 0)
        note_failure(assembler, i, &why);
    if (!err_is_set(&why))
        augment_face(pixels, &assembler->augment, assembler->seed, assembler->epoch,
                     assembler->position + (uint64_t)i, worker->scratch, h, w);
}

static int make_room(const Assembler *assembler, Batch *batch, Err *err)
{
    size_t bytes;
    if (!size_mul((size_t)assembler->picks, image_bytes(assembler->h, assembler->w), &bytes))
        return err_memory(err, "a batch", SIZE_MAX);
    if (bytes <= batch->room)
        return 0;
    free(batch->image);
    batch->image = malloc(bytes);
    batch->room = batch->image != NULL ? bytes : 0;
    return batch->image != NULL ? 0 : err_memory(err, "a batch", bytes);
}

int assembler_make(Assembler *assembler, Batch *batch, int64_t epoch, int64_t position, Err *err)
{
    frame_release(&batch->frame);
    if (make_room(assembler, batch, err) != 0 || find_used(assembler, err) != 0)
        return -1;
    assembler->image = batch->image;
    assembler->epoch = (uint64_t)epoch;
    assembler->position = (uint64_t)position;
    assembler->failed = -1;
    pool_run(assembler->pool, assembler->picks, make_face, assembler);
    if (assembler->failed >= 0)
        return blame(assembler, &assembler->pick[assembler->failed], &assembler->why, err);
    int64_t shape[] = {assembler->picks, assembler->h, assembler->w, 3};
    assembler->picks = 0;
    if (rowbuffer_flush(&assembler->rest, &batch->frame, err) != 0 ||
        frame_add(&batch->frame, "image", DTYPE_U8, 4, shape, batch->image, err) != 0)
        return -1;
    return frame_set_meta(&batch->frame, "kind", "faces", err);
}
