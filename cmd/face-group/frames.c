#include "face-group/frames.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "scores/cosine.h"
#include "stream/embeddings_internal.h"
#include "stream/reader.h"
#include "stream/writer.h"

/* A frame's embeddings, and itself. */
static int add(FrameList *list, Embeddings *e, EmbeddingRoom *room, Frame *frame, Pool *pool,
               Err *err)
{
    e->rows.n = 0;
    if (embeddings_append(e, room, frame, err) != 0)
        return -1;
    const EmbeddingRows *rows = &e->rows;
    if (rows->n > 0)
        list->d = rows->d;
    size_t need = (size_t)(list->n + rows->n) * (size_t)list->d;
    if (array_reserve(list->unit, list->numbers, need, "embeddings", err) != 0 ||
        (rows->n > 0 && cosine_units(list->unit + list->n * list->d, rows, pool, err) != 0))
        return -1;
    Frame *place = array_append(&list->frame, &list->frames, &list->room, sizeof *place);
    if (place == NULL)
        return err_memory(err, "frames", sizeof *place);
    *place = *frame;
    *frame = (Frame){0};
    list->n += rows->n;
    return 0;
}

int framelist_read(FrameList *list, const char *path, Pool *pool, Err *err)
{
    Embeddings e = {0};
    EmbeddingRoom room = {0};
    Frame frame = {0};
    int rc = -1;
    StreamReader *reader = reader_open(path, err);
    while (reader != NULL && (rc = reader_next(reader, &frame, err)) > 0) {
        Err inner = {0};
        rc = add(list, &e, &room, &frame, pool, &inner);
        if (rc != 0)
            reader_blame(reader, &frame, &inner, err);
        frame_release(&frame);
        if (rc != 0)
            break;
    }
    list->model = e.model;
    list->by = reader != NULL ? strdup(reader_by(reader)) : NULL;
    if (rc == 0 && list->by == NULL)
        rc = err_memory(err, "the provenance", strlen(reader_by(reader)));
    reader_close(reader);
    embeddings_release(&e);
    return rc;
}

void framelist_release(FrameList *list)
{
    for (int i = 0; i < list->frames; i++)
        frame_release(&list->frame[i]);
    free(list->frame);
    free(list->unit);
    free(list->by);
    *list = (FrameList){0};
}

static bool replaced(const char *column)
{
    return strcmp(column, "label") == 0 || strcmp(column, "name") == 0 ||
           strcmp(column, "name_end") == 0;
}

static int relabel(Frame *out, const Frame *in, const int64_t *label, int64_t identities, Err *err)
{
    const Tensor *x = frame_find(in, "embedding");
    for (size_t i = 0; i < in->tensors; i++) {
        const Tensor *t = &in->tensor[i];
        if (!replaced(t->name) &&
            frame_add(out, t->name, t->dtype, t->ndim, t->shape, t->data, err) != 0)
            return -1;
    }
    if ((x != NULL && frame_add(out, "label", DTYPE_I64, 1, &x->shape[0], label, err) != 0) ||
        frame_set_meta(out, "kind", "embeddings", err) != 0 ||
        frame_set_number(out, "identities", identities, err) != 0)
        return -1;
    return frame_inherit_meta(out, in, err);
}

int framelist_write(const FrameList *list, const char *path, const char *by, const int64_t *label,
                    int64_t identities, Err *err)
{
    StreamWriter writer = {0};
    int rc = writer_open(&writer, path, by, err);
    for (int i = 0; rc == 0 && i < list->frames; i++) {
        Frame out = {0};
        const Tensor *x = frame_find(&list->frame[i], "embedding");
        rc = relabel(&out, &list->frame[i], label, identities, err);
        if (rc == 0)
            rc = writer_put(&writer, &out, list->frame[i].last, err);
        label += x != NULL ? x->shape[0] : 0;
        frame_release(&out);
    }
    if (rc == 0)
        rc = writer_close(&writer, err);
    writer_abort(&writer);
    return rc;
}
