/* Embeddings stored as floats, in bf16 and in int8, and read again. */
#include <float.h>
#include <string.h>

#include "base/half_internal.h"
#include "base/rng_internal.h"
#include "stream/embedding_store_internal.h"
#include "stream/embeddings_internal.h"
#include "unit.h"

enum { ROWS = 50, D = 33 };

static float x[ROWS * D];

static void make(void)
{
    Rng rng = rng_at(5, 0, 0, 0);
    for (int i = 0; i < ROWS * D; i++)
        x[i] = (float)(rng_normal(&rng) * pow(10, i / D % 13 - 6));
    memset(x + 7 * D, 0, D * sizeof *x);
    x[8 * D] = 1e38F;
    for (int j = 0; j < D; j++)
        x[9 * D + j] = j == 3 ? FLT_TRUE_MIN : 0;
}

/* The nearest bf16 numbers on both sides are no nearer. */
static void test_rounding(void)
{
    int wrong = 0;
    for (int i = 0; i < ROWS * D; i++) {
        uint16_t bits = float_to_bfloat(x[i]);
        double off = fabs((double)bfloat_to_float(bits) - (double)x[i]);
        for (int side = -1; side <= 1; side += 2) {
            double other = fabs((double)bfloat_to_float((uint16_t)(bits + side)) - (double)x[i]);
            wrong += bits << 1 != 0 && (other < off || (other == off && bits % 2 == 1));
        }
    }
    CHECK(wrong == 0, "%d of bf16 not nearest", wrong);
    CHECK(float_to_bfloat(1.00390625F) == 0x3f80 && float_to_bfloat(1.01171875F) == 0x3f82 &&
              float_to_bfloat(-1.00390625F) == 0xbf80 &&
              isnan(bfloat_to_float(float_to_bfloat(NAN))),
          "ties to even, both signs; no number stays none");
}

static void test_store(EmbeddingStore store, double relative)
{
    Frame frame = {0};
    Embeddings e = {0};
    EmbeddingRoom room = {0};
    Err err = {0};
    int wrong = 0;
    CHECK(embedding_store(&frame, store, x, ROWS, D, &err) == 0, "%s", err.text);
    CHECK(embeddings_append(&e, &room, &frame, &err) == 0, "%s", err.text);
    for (int i = 0; i < ROWS; i++) {
        double largest = 0;
        for (int j = 0; j < D; j++)
            largest = fmax(largest, fabs((double)x[i * D + j]));
        for (int j = 0; j < D && i != 9; j++) {
            double bound = store == STORE_BF16 ? fabs((double)x[i * D + j]) : largest;
            wrong += !(fabs((double)e.embedding[i * D + j] - (double)x[i * D + j]) <=
                       bound * relative * 1.0001);
        }
    }
    CHECK(wrong == 0 && e.rows.n == ROWS && e.rows.d == D, "store %d: %d wrong", store, wrong);
    frame_release(&frame);
    embeddings_release(&e);
}

static void refused(Dtype dtype, Dtype scale, int64_t scales, const char *why)
{
    Frame frame = {0};
    Embeddings e = {0};
    EmbeddingRoom room = {0};
    Err err = {0};
    frame_alloc(&frame, "embedding", dtype, 2, (int64_t[]){2, 3}, &err);
    if (scales > 0)
        frame_alloc(&frame, "embedding_scale", scale, 1, &scales, &err);
    CHECK(embeddings_append(&e, &room, &frame, &err) != 0 && strstr(err.text, why) != NULL,
          "\"%s\" should have \"%s\"", err.text, why);
    frame_release(&frame);
    embeddings_release(&e);
}

int main(void)
{
    make();
    test_rounding();
    test_store(STORE_FLOAT, 0);
    test_store(STORE_BF16, 1.0 / 256);
    test_store(STORE_INT8, 0.5 / 127);
    refused(DTYPE_I8, DTYPE_F32, 0, "embedding_scale");
    refused(DTYPE_I8, DTYPE_F64, 2, "embedding_scale");
    refused(DTYPE_I8, DTYPE_F32, 3, "embedding_scale");
    refused(DTYPE_F16, DTYPE_F32, 2, "F32, BF16 or I8");
    return END_TESTS();
}
