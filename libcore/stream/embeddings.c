#include "stream/embeddings_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/counted_internal.h"
#include "base/num_internal.h"
#include "stream/embedding_store_internal.h"
#include "stream/reader.h"
#include "stream/rows.h"

static const char *text_of(const char *text, const int64_t *ends, int64_t row, int *length)
{
    if (text == NULL) {
        *length = 0;
        return "";
    }
    int64_t begin = row == 0 ? 0 : ends[row - 1];
    *length = (int)(ends[row] - begin);
    return text + begin;
}

const char *embedding_key(const EmbeddingRows *rows, int64_t row, int *length)
{
    return text_of(rows->key, rows->key_end, row, length);
}

const char *embedding_name(const EmbeddingRows *rows, int64_t row, int *length)
{
    return text_of(rows->name, rows->name_end, row, length);
}

static int make_room(Embeddings *e, EmbeddingRoom *room, int64_t rows, size_t key, size_t name,
                     Err *err)
{
    size_t need = (size_t)e->rows.n + (size_t)rows, last = (size_t)e->rows.n - 1;
    size_t keys = e->rows.n > 0 ? (size_t)e->key_end[last] : 0;
    size_t names = e->rows.n > 0 ? (size_t)e->name_end[last] : 0;
    size_t row = (size_t)e->rows.d * sizeof(float);
    size_t before[3] = {room->rows, room->rows, room->rows}; /* of arrays that grow like the last */
    if (!array_fit_bytes(&e->embedding, &before[0], need, row) ||
        !array_fit(e->label, before[1], need) || !array_fit(e->key_end, before[2], need) ||
        !array_fit(e->name_end, room->rows, need))
        return array_refuse(need, row, "embeddings", err);
    if (array_reserve(e->key, room->key, keys + key, "keys", err) != 0)
        return -1;
    return array_reserve(e->name, room->name, names + name, "names", err);
}

typedef struct Columns {
    Rows rows;
    StoredEmbeddings embedding;
    const Column *label, *key, *name;
} Columns;

static int find_columns(Columns *columns, const Embeddings *e, Err *err)
{
    const Column *label = rows_find(&columns->rows, "label");
    const Column *key = rows_find(&columns->rows, "key");
    const Column *name = rows_find(&columns->rows, "name");
    if (stored_embeddings(&columns->embedding, &columns->rows, err) != 0)
        return -1;
    int64_t d = columns->embedding.d;
    if (e->rows.d != 0 && d != e->rows.d)
        return err_set(err, "embeddings of %s after some of %lld",
                       counted(d, "dimension", "dimensions").text, (long long)e->rows.d);
    if (label != NULL && (label->dtype != DTYPE_I64 || label->ragged || label->ndim != 0))
        return err_set(err, "column 'label' is not I64 [n]");
    if (key != NULL && !key->ragged)
        return err_set(err, "column 'key' has no 'key_end'");
    columns->label = label;
    columns->key = key;
    columns->name = name != NULL && name->ragged && name->dtype == DTYPE_U8 ? name : NULL;
    return 0;
}

static size_t text_bytes(const Column *column, int64_t n)
{
    size_t sum = 0, size;
    for (int64_t i = 0; column != NULL && i < n; i++) {
        column_row(column, i, &size);
        sum += size;
    }
    return sum;
}

/* Row i of a column, "" without one, as text number n of those in `text`. */
static void append_text(char *text, int64_t *ends, int64_t n, const Column *column, int64_t i)
{
    int64_t begin = n > 0 ? ends[n - 1] : 0;
    size_t size = 0;
    const uint8_t *from = column != NULL ? column_row(column, i, &size) : NULL;
    if (size > 0)
        memcpy(text + begin, from, size);
    ends[n] = begin + (int64_t)size;
}

static int append_rows(Embeddings *e, EmbeddingRoom *room, const Columns *columns, Err *err)
{
    int64_t d = e->rows.d = columns->embedding.d, rows = columns->rows.n;
    if (make_room(e, room, rows, text_bytes(columns->key, rows), text_bytes(columns->name, rows),
                  err) != 0)
        return -1;
    e->has_labels = e->has_labels || columns->label != NULL;
    e->has_keys = e->has_keys || columns->key != NULL;
    e->has_names = e->has_names || columns->name != NULL;
    for (int64_t i = 0; i < rows; i++) {
        int64_t n = e->rows.n++;
        stored_embedding(e->embedding + n * d, &columns->embedding, i);
        e->label[n] = columns->label != NULL ? column_i64(columns->label, i) : -1;
        append_text(e->key, e->key_end, n, columns->key, i);
        append_text(e->name, e->name_end, n, columns->name, i);
    }
    return 0;
}

static int note_model(EmbeddingModel *model, const Frame *frame, Err *err)
{
    const char *made_by = frame_meta(frame, "model");
    if (made_by == NULL || made_by[0] == '\0' || strcmp(made_by, model->first) == 0)
        return 0;
    if (strlen(made_by) >= EMBEDDING_MODEL)
        return err_set(err, "its metadata 'model' has more than %d characters",
                       EMBEDDING_MODEL - 1);
    if (model->first[0] == '\0')
        strcpy(model->first, made_by);
    else if (model->other[0] == '\0')
        strcpy(model->other, made_by);
    return 0;
}

int embeddings_one_model(const EmbeddingModel *a, const char *a_name, const EmbeddingModel *b,
                         const char *b_name, Err *err)
{
    for (int k = 0; k < 2; k++) {
        const EmbeddingModel *model = k == 0 ? a : b;
        if (model != NULL && model->other[0] != '\0')
            return err_set(err, "%s has embeddings of different models, %s and %s",
                           k == 0 ? a_name : b_name, model->first, model->other);
    }
    if (b == NULL || a->first[0] == '\0' || b->first[0] == '\0' || strcmp(a->first, b->first) == 0)
        return 0;
    return err_set(err, "%s has embeddings of the model %s and %s of another one, %s", a_name,
                   a->first, b_name, b->first);
}

int embeddings_append(Embeddings *e, EmbeddingRoom *room, const Frame *frame, Err *err)
{
    Columns columns = {0};
    if (frame->tensors == 0)
        return 0;
    if (note_model(&e->model, frame, err) != 0)
        return -1;
    if (rows_of(&columns.rows, frame, err) != 0)
        return -1;
    int rc = find_columns(&columns, e, err);
    if (rc == 0)
        rc = append_rows(e, room, &columns, err);
    rows_release(&columns.rows);
    e->rows.embedding = e->embedding;
    e->rows.label = e->label;
    e->rows.key = e->key;
    e->rows.key_end = e->key_end;
    e->rows.name = e->name;
    e->rows.name_end = e->name_end;
    return rc;
}

/* Appends the next frame that has rows: 1, 0 at the end, -1. */
static int append_next(Embeddings *e, EmbeddingRoom *room, StreamReader *reader, Err *err)
{
    Frame frame;
    int64_t before = e->rows.n;
    int rc = 1;
    while (rc > 0 && e->rows.n == before) {
        Err inner = {0};
        rc = reader_next(reader, &frame, err);
        if (rc <= 0)
            break;
        if (embeddings_append(e, room, &frame, &inner) != 0)
            rc = reader_blame(reader, &frame, &inner, err);
        frame_release(&frame);
    }
    return rc;
}

int embeddings_load(Embeddings *e, const char *path, Err *err)
{
    *e = (Embeddings){0};
    EmbeddingRoom room = {0};
    StreamReader *reader = reader_open(path, err);
    if (reader == NULL)
        return -1;
    int rc;
    while ((rc = append_next(e, &room, reader, err)) > 0)
        ;
    if (rc == 0) {
        e->by = strdup(reader_by(reader));
        if (e->by == NULL)
            rc = err_memory(err, "the provenance", strlen(reader_by(reader)));
    }
    reader_close(reader);
    if (rc != 0)
        embeddings_release(e);
    return rc;
}

struct EmbeddingReader {
    StreamReader *stream;
    Embeddings e; /* of one frame */
    EmbeddingRoom room;
};

EmbeddingReader *embeddings_open(const char *path, Err *err)
{
    EmbeddingReader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        err_memory(err, "a reader", sizeof *reader);
        return NULL;
    }
    reader->stream = reader_open(path, err);
    if (reader->stream == NULL) {
        free(reader);
        return NULL;
    }
    return reader;
}

void embeddings_close(EmbeddingReader *reader)
{
    if (reader == NULL)
        return;
    reader_close(reader->stream);
    embeddings_release(&reader->e);
    free(reader);
}

int embeddings_next(EmbeddingReader *reader, EmbeddingRows *rows, Err *err)
{
    Embeddings *e = &reader->e;
    e->rows.n = 0;
    e->has_labels = e->has_keys = e->has_names = false;
    int rc = append_next(e, &reader->room, reader->stream, err);
    *rows = e->rows;
    if (!e->has_labels)
        rows->label = NULL;
    if (!e->has_keys)
        rows->key = NULL;
    if (!e->has_names)
        rows->name = NULL;
    return rc;
}

const EmbeddingModel *embeddings_model(const EmbeddingReader *reader)
{
    return &reader->e.model;
}

void embeddings_release(Embeddings *e)
{
    free(e->embedding);
    free(e->label);
    free(e->key);
    free(e->key_end);
    free(e->name);
    free(e->name_end);
    free(e->by);
    *e = (Embeddings){0};
}
