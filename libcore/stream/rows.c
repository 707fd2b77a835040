#include "stream/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/bytes_internal.h"

static int64_t load_i64(const uint8_t *bytes, int64_t i)
{
    int64_t value;
    memcpy(&value, bytes + 8 * i, sizeof value);
    return value;
}

/* The tensor "X" when this one is its "X_end", otherwise NULL. */
static const Tensor *ended_by(const Frame *frame, const Tensor *end)
{
    size_t length = strlen(end->name);
    if (length <= 4 || strcmp(end->name + length - 4, "_end") != 0)
        return NULL;
    return frame_find_bytes(frame, end->name, length - 4);
}

static int check_ends(const Tensor *tensor, const Tensor *end, Err *err)
{
    int64_t before = 0;
    if (tensor->dtype != DTYPE_U8 || tensor->ndim != 1 || end->dtype != DTYPE_I64 || end->ndim != 1)
        return err_set(err, "tensors '%s', '%s': a ragged column is U8 [bytes] and I64 [n]",
                       tensor->name, end->name);
    for (int64_t i = 0; i < end->shape[0]; i++) {
        int64_t at = load_i64(end->data, i);
        if (at < before || at > tensor->shape[0])
            return err_set(err,
                           "tensor '%s': row %" PRId64 " ends at %" PRId64 ", outside its data",
                           end->name, i, at);
        before = at;
    }
    if (before != tensor->shape[0])
        return err_set(err, "tensor '%s': its last row ends at %" PRId64 " of %" PRId64 " bytes",
                       end->name, before, tensor->shape[0]);
    return 0;
}

/* end is NULL unless the column is a ragged one. */
static int make_column(Column *column, int64_t *n, const Tensor *tensor, const Tensor *end,
                       Err *err)
{
    *column = (Column){.name = tensor->name, .dtype = tensor->dtype, .data = tensor->data};
    if (end != NULL) {
        column->ragged = true;
        column->end = end->data;
        *n = end->ndim == 1 ? end->shape[0] : -1;
        return check_ends(tensor, end, err);
    }
    if (tensor->ndim == 0)
        return err_set(err, "tensor '%s': a scalar in a frame of rows", tensor->name);
    *n = tensor->shape[0];
    column->ndim = tensor->ndim - 1;
    column->row_bytes = dtype_size(tensor->dtype);
    for (int d = 0; d < column->ndim; d++) {
        column->shape[d] = tensor->shape[d + 1];
        column->row_bytes *= (size_t)tensor->shape[d + 1];
    }
    return 0;
}

/* end[i] = the tensor with the ends of the rows of tensor i; that one, is_end, is not itself a
 * column. */
static void pair_ends(const Tensor **end, bool *is_end, const Frame *frame)
{
    for (size_t i = 0; i < frame->tensors; i++) {
        const Tensor *ended = ended_by(frame, &frame->tensor[i]);
        is_end[i] = ended != NULL;
        if (ended != NULL)
            end[ended - frame->tensor] = &frame->tensor[i];
    }
}

static int add_column(Rows *rows, const Tensor *tensor, const Tensor *end, Err *err)
{
    int64_t n = 0;
    if (make_column(&rows->column[rows->columns], &n, tensor, end, err) != 0)
        return -1;
    if (rows->columns > 0 && n != rows->n)
        return err_set(err, "tensor '%s' has %" PRId64 " rows, '%s' has %" PRId64, tensor->name, n,
                       rows->column[0].name, rows->n);
    rows->n = n;
    rows->columns++;
    return 0;
}

int rows_of(Rows *rows, const Frame *frame, Err *err)
{
    *rows = (Rows){0};
    size_t tensors = frame->tensors;
    if (tensors == 0)
        return 0;
    const Tensor **end = calloc(tensors, sizeof *end);
    bool *is_end = calloc(tensors, sizeof *is_end);
    rows->column = calloc(tensors, sizeof *rows->column);
    int rc = 0;
    if (end == NULL || is_end == NULL || rows->column == NULL)
        rc = err_memory(err, "columns", tensors * sizeof *rows->column);
    else
        pair_ends(end, is_end, frame);
    for (size_t i = 0; rc == 0 && i < tensors; i++)
        if (!is_end[i])
            rc = add_column(rows, &frame->tensor[i], end[i], err);
    free(end);
    free(is_end);
    if (rc != 0)
        rows_release(rows);
    return rc;
}

void rows_release(Rows *rows)
{
    free(rows->column);
    *rows = (Rows){0};
}

const Column *rows_find(const Rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->columns; i++)
        if (strcmp(rows->column[i].name, name) == 0)
            return &rows->column[i];
    return NULL;
}

const uint8_t *column_row(const Column *column, int64_t i, size_t *size)
{
    if (!column->ragged) {
        *size = column->row_bytes;
        return column->data + (size_t)i * column->row_bytes;
    }
    int64_t begin = i > 0 ? load_i64(column->end, i - 1) : 0;
    *size = (size_t)(load_i64(column->end, i) - begin);
    return column->data + begin;
}

int64_t column_i64(const Column *column, int64_t i)
{
    return load_i64(column->data, i);
}

/* Collecting -------------------------------------------------------------------------------- */

typedef struct RowStore {
    Column form; /* name is a copy; data and end unused */
    Bytes bytes;
    int64_t *end;
    int64_t end_room;
} RowStore;

static bool same_form(const Column *a, const Column *b)
{
    return strcmp(a->name, b->name) == 0 && a->dtype == b->dtype && a->ragged == b->ragged &&
           a->ndim == b->ndim && memcmp(a->shape, b->shape, sizeof a->shape) == 0;
}

static int take_form(RowBuffer *buffer, const Rows *rows, Err *err)
{
    buffer->store = calloc(rows->columns, sizeof *buffer->store);
    if (buffer->store == NULL)
        return err_memory(err, "columns", rows->columns * sizeof *buffer->store);
    for (; buffer->columns < rows->columns; buffer->columns++) {
        RowStore *store = &buffer->store[buffer->columns];
        store->form = rows->column[buffer->columns];
        store->form.name = strdup(store->form.name);
        if (store->form.name == NULL)
            return err_memory(err, "a name", 1);
    }
    return 0;
}

static RowStore *store_of(const RowBuffer *buffer, const Column *column)
{
    for (size_t c = 0; c < buffer->columns; c++)
        if (same_form(&buffer->store[c].form, column))
            return &buffer->store[c];
    return NULL;
}

static int check_form(const RowBuffer *buffer, const Rows *rows, Err *err)
{
    for (size_t c = 0; c < rows->columns; c++)
        if (store_of(buffer, &rows->column[c]) == NULL)
            return err_set(err,
                           "column '%s' is missing in earlier rows, or has another type or "
                           "shape there",
                           rows->column[c].name);
    if (rows->columns != buffer->columns)
        return err_set(err, "a column of earlier rows is missing");
    return 0;
}

/* Room for one more row of size bytes */
static int reserve(RowStore *store, size_t size, int64_t n, Err *err)
{
    if (bytes_reserve(&store->bytes, size, store->form.name, err) != 0)
        return -1;
    return store->form.ragged
               ? array_reserve(store->end, store->end_room, n + 1, store->form.name, err)
               : 0;
}

int rowbuffer_add(RowBuffer *buffer, const Rows *rows, int64_t i, Err *err)
{
    if (buffer->store == NULL && take_form(buffer, rows, err) != 0)
        return -1;
    if (check_form(buffer, rows, err) != 0)
        return -1;
    for (size_t c = 0; c < rows->columns; c++) {
        size_t size;
        column_row(&rows->column[c], i, &size);
        if (reserve(store_of(buffer, &rows->column[c]), size, buffer->n, err) != 0)
            return -1;
    }
    for (size_t c = 0; c < rows->columns; c++) {
        size_t size;
        const uint8_t *bytes = column_row(&rows->column[c], i, &size);
        RowStore *store = store_of(buffer, &rows->column[c]);
        if (bytes_append(&store->bytes, bytes, size, store->form.name, err) != 0)
            return -1;
        if (store->form.ragged)
            store->end[buffer->n] = (int64_t)store->bytes.size;
    }
    buffer->n++;
    return 0;
}

static int flush_ends(const RowStore *store, int64_t n, Frame *frame, Err *err)
{
    char name[256];
    snprintf(name, sizeof name, "%s_end", store->form.name);
    int64_t *end = frame_alloc(frame, name, DTYPE_I64, 1, &n, err);
    if (end == NULL)
        return -1;
    memcpy(end, store->end, (size_t)n * sizeof *end);
    return 0;
}

static int flush_store(RowStore *store, int64_t n, Frame *frame, Err *err)
{
    int64_t shape[TENSOR_MAX_DIMS] = {store->form.ragged ? (int64_t)store->bytes.size : n};
    for (int d = 0; d < store->form.ndim; d++)
        shape[d + 1] = store->form.shape[d];
    uint8_t *bytes =
        frame_alloc(frame, store->form.name, store->form.dtype, store->form.ndim + 1, shape, err);
    if (bytes == NULL || (store->form.ragged && flush_ends(store, n, frame, err) != 0))
        return -1;
    if (store->bytes.size > 0)
        memcpy(bytes, store->bytes.data, store->bytes.size);
    store->bytes.size = 0;
    return 0;
}

int rowbuffer_flush(RowBuffer *buffer, Frame *frame, Err *err)
{
    for (size_t c = 0; c < buffer->columns; c++)
        if (flush_store(&buffer->store[c], buffer->n, frame, err) != 0)
            return -1;
    buffer->n = 0;
    return 0;
}

void rowbuffer_release(RowBuffer *buffer)
{
    for (size_t c = 0; c < buffer->columns; c++) {
        free((char *)buffer->store[c].form.name);
        bytes_release(&buffer->store[c].bytes);
        free(buffer->store[c].end);
    }
    free(buffer->store);
    *buffer = (RowBuffer){0};
}
