#include "source/vectors_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "lists/row_labels_internal.h"
#include "lists/row_list_internal.h"
#include "source/vector_kind_internal.h"
#include "source/walk_internal.h"

enum { FRAME_ROWS = 4096, FRAME_BYTES = 1 << 23 };

struct VectorReader {
    const VectorKind *kind;
    void *state;
    char *path;
    bool listed;
    RowList list;
    bool told; /* the labels, by a file of their own */
    RowLabels own;
    int64_t row;
    /* the rows of the frame that is being made */
    int64_t n, d;
    bool keyed, labelled;
    Bytes vectors, keys, ends, labels;
};

VectorReader *vectors_open(VectorFormat format, const char *path, const char *list,
                           const char *labels, Err *err)
{
    static const VectorKind *const kinds[VECTORS_COUNT] = {
        [VECTORS_NPY] = &vectors_npy,           [VECTORS_NPZ] = &vectors_npz,
        [VECTORS_MEGAFACE] = &vectors_megaface, [VECTORS_MAGFACE] = &vectors_magface,
        [VECTORS_WDS] = &vectors_wds,
    };
    VectorReader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        err_memory(err, "a reader", sizeof *reader);
        return NULL;
    }
    reader->kind = kinds[format];
    reader->path = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
    reader->listed = list != NULL;
    reader->told = labels != NULL;
    if (reader->path != NULL && (list == NULL || row_list_read(&reader->list, list, err) == 0) &&
        (labels == NULL || row_labels_read(&reader->own, labels, err) == 0))
        reader->state = reader->kind->open(path, err);
    if (reader->state != NULL)
        return reader;
    err_memory(err, "a reader", strlen(path)); /* unless something else failed */
    vectors_close(reader);
    return NULL;
}

void vectors_close(VectorReader *reader)
{
    if (reader == NULL)
        return;
    if (reader->state != NULL)
        reader->kind->close(reader->state);
    row_list_release(&reader->list);
    row_labels_release(&reader->own);
    bytes_release(&reader->vectors);
    bytes_release(&reader->keys);
    bytes_release(&reader->ends);
    bytes_release(&reader->labels);
    free(reader->path);
    free(reader);
}

/* And the file of labels both. */
static int consult_labels(const VectorReader *reader, VectorRow *row, Err *err)
{
    if (!reader->told)
        return 0;
    if (reader->row >= reader->own.n)
        return err_set(err, "more rows than there are labels, %" PRId64, reader->own.n);
    row->labelled = true;
    row->label = reader->own.label[reader->row];
    return 0;
}

/* What the list says of the row overrides what the file says. */
static int consult_list(VectorReader *reader, VectorRow *row, Err *err)
{
    const RowList *list = &reader->list;
    if (!reader->listed)
        return 0;
    if (reader->row >= list->n)
        return err_set(err, "more rows than the list has lines, %" PRId64, list->n);
    row->key = list->key[reader->row];
    row->key_size = strlen(row->key);
    if (list->labelled) {
        row->labelled = true;
        row->label = list->label[reader->row];
    }
    return 0;
}

static int add_row(VectorReader *reader, VectorRow *row, Err *err)
{
    if (consult_list(reader, row, err) != 0 || consult_labels(reader, row, err) != 0)
        return -1;
    if (row->d < 1 || row->d > VECTOR_MAX_WIDTH)
        return err_set(err, "%s not an embedding",
                       counted(row->d, "number is", "numbers are").text);
    if (reader->row > 0 && row->d != reader->d)
        return err_set(err, "%s, not %" PRId64 " as in the rows before",
                       counted(row->d, "number", "numbers").text, reader->d);
    int64_t label = row->labelled ? row->label : -1;
    reader->d = row->d;
    reader->keyed |= row->key != NULL;
    reader->labelled |= row->labelled;
    if (bytes_append(&reader->vectors, row->vector, (size_t)row->d * sizeof(float), "rows", err) !=
            0 ||
        bytes_append(&reader->keys, row->key, row->key != NULL ? row->key_size : 0, "rows", err) !=
            0)
        return -1;
    int64_t end = (int64_t)reader->keys.size;
    if (bytes_append(&reader->ends, &end, sizeof end, "rows", err) != 0 ||
        bytes_append(&reader->labels, &label, sizeof label, "rows", err) != 0)
        return -1;
    reader->n++;
    reader->row++;
    return 0;
}

static int add_tensor(Frame *frame, const char *name, Dtype dtype, int ndim, const int64_t *shape,
                      const Bytes *bytes, Err *err)
{
    void *data = frame_alloc(frame, name, dtype, ndim, shape, err);
    if (data == NULL)
        return -1;
    if (bytes->size > 0)
        memcpy(data, bytes->data, bytes->size);
    return 0;
}

static int make_frame(VectorReader *reader, Frame *frame, Err *err)
{
    const int64_t shape[2] = {reader->n, reader->d}, keys = (int64_t)reader->keys.size;
    int rc = frame_set_meta(frame, "kind", "embeddings", err);
    if (rc == 0)
        rc = add_tensor(frame, "embedding", DTYPE_F32, 2, shape, &reader->vectors, err);
    if (rc == 0 && reader->labelled)
        rc = add_tensor(frame, "label", DTYPE_I64, 1, shape, &reader->labels, err);
    if (rc == 0 && reader->keyed)
        rc = add_tensor(frame, "key", DTYPE_U8, 1, &keys, &reader->keys, err);
    if (rc == 0 && reader->keyed)
        rc = add_tensor(frame, "key_end", DTYPE_I64, 1, shape, &reader->ends, err);
    reader->vectors.size = reader->keys.size = reader->ends.size = reader->labels.size = 0;
    reader->n = 0;
    return rc == 0 ? 1 : -1;
}

int vectors_next(VectorReader *reader, Frame *frame, Err *err)
{
    Err inner = {0};
    int rc = 1;
    *frame = (Frame){0};
    while (rc > 0 && reader->n < FRAME_ROWS && reader->vectors.size < FRAME_BYTES) {
        VectorRow row = {0};
        rc = reader->kind->next(reader->state, &row, &inner);
        if (rc > 0 && add_row(reader, &row, &inner) != 0)
            rc = -1;
    }
    if (rc == 0 && reader->listed && reader->row < reader->list.n)
        rc = err_set(&inner, "%s, fewer than the %s of the list",
                     counted(reader->row, "row", "rows").text,
                     counted(reader->list.n, "line", "lines").text);
    if (rc == 0 && reader->told && reader->row < reader->own.n)
        rc = err_set(&inner, "%s, fewer than the %s", counted(reader->row, "row", "rows").text,
                     counted(reader->own.n, "label", "labels").text);
    if (rc == 0 && reader->row == 0)
        rc = err_set(&inner, "no embeddings");
    if (rc < 0)
        return err_set(err, "%.300s: %.600s", reader->path, inner.text);
    if (reader->n > 0 && (rc = make_frame(reader, frame, err)) < 0)
        frame_release(frame);
    return rc;
}
