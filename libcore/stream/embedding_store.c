#include "stream/embedding_store_internal.h"

#include <math.h>
#include <string.h>

#include "base/half_internal.h"

enum { INT8_LARGEST = 127 };

static void store_bf16(uint16_t *out, const float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = float_to_bfloat(x[i]);
}

/* Returns the scale. */
static float store_int8(int8_t *out, const float *x, int64_t d)
{
    float largest = 0;
    for (int64_t j = 0; j < d; j++)
        largest = fmaxf(largest, fabsf(x[j]));
    float scale = largest / INT8_LARGEST;
    if (scale == 0) /* all zero, or so small that no float is the scale */
        largest = 0;
    for (int64_t j = 0; j < d; j++)
        out[j] = largest > 0 ? (int8_t)lrint((double)x[j] * INT8_LARGEST / (double)largest) : 0;
    return scale;
}

int embedding_store(Frame *frame, EmbeddingStore store, const float *x, int64_t n, int64_t d,
                    Err *err)
{
    static const Dtype dtypes[] = {
        [STORE_FLOAT] = DTYPE_F32, [STORE_BF16] = DTYPE_BF16, [STORE_INT8] = DTYPE_I8};
    void *data = frame_alloc(frame, "embedding", dtypes[store], 2, (int64_t[]){n, d}, err);
    if (data == NULL)
        return -1;
    if (store == STORE_FLOAT && n > 0)
        memcpy(data, x, (size_t)n * (size_t)d * sizeof *x);
    if (store == STORE_BF16)
        store_bf16(data, x, n * d);
    if (store != STORE_INT8)
        return 0;
    float *scale = frame_alloc(frame, "embedding_scale", DTYPE_F32, 1, &n, err);
    if (scale == NULL)
        return -1;
    for (int64_t i = 0; i < n; i++)
        scale[i] = store_int8((int8_t *)data + i * d, x + i * d, d);
    return 0;
}

int stored_embeddings(StoredEmbeddings *stored, const Rows *rows, Err *err)
{
    const Column *x = rows_find(rows, "embedding"), *scale = NULL;
    if (x == NULL)
        return err_set(err, "no column 'embedding': not embeddings");
    if ((x->dtype != DTYPE_F32 && x->dtype != DTYPE_BF16 && x->dtype != DTYPE_I8) || x->ragged ||
        x->ndim != 1 || x->shape[0] < 1)
        return err_set(err, "column 'embedding' is not F32, BF16 or I8 [n,d]");
    if (x->dtype == DTYPE_I8) {
        scale = rows_find(rows, "embedding_scale");
        if (scale == NULL || scale->dtype != DTYPE_F32 || scale->ragged || scale->ndim != 0)
            return err_set(err, "column 'embedding' is I8, and no column 'embedding_scale' F32 "
                                "[n] says what its numbers are");
    }
    *stored = (StoredEmbeddings){x, scale, x->shape[0]};
    return 0;
}

void stored_embedding(float *out, const StoredEmbeddings *stored, int64_t i)
{
    size_t size;
    float scale;
    const uint8_t *bytes = column_row(stored->column, i, &size);
    if (stored->column->dtype == DTYPE_F32) {
        memcpy(out, bytes, size);
        return;
    }
    if (stored->column->dtype == DTYPE_BF16) {
        for (int64_t j = 0; j < stored->d; j++)
            out[j] = bfloat_to_float((uint16_t)(bytes[2 * j] | bytes[2 * j + 1] << 8));
        return;
    }
    memcpy(&scale, column_row(stored->scale, i, &size), sizeof scale);
    for (int64_t j = 0; j < stored->d; j++)
        out[j] = scale * (float)(int8_t)bytes[j];
}
