/* nn/: the same bytes for any number of threads, any room for the batch, any batch */
#include "base/rng_internal.h"
#include "nn/arch_internal.h"
#include "nn/infer.h"
#include "nn/trainer_internal.h"
#include "unit.h"

enum { SIZE = 32, DIM = 32, MOST = 21, FACES = 9 };

static uint8_t images[MOST * SIZE * SIZE * 3];
static real weight[MOST * DIM];

static void make_input(void)
{
    Rng rng = rng_at(1, 0, 0, 0);
    for (size_t i = 0; i < sizeof images; i++)
        images[i] = (uint8_t)rng_below(&rng, 256);
    for (size_t i = 0; i < MOST * DIM; i++)
        weight[i] = (real)rng_normal(&rng);
}

/* Embeddings, gradients and the running statistics after one step, one behind the other. */
static real *one_step(const char *arch, int n, int room, int threads, size_t *length)
{
    Err err = {0};
    Pool *pool = pool_new(threads, &err);
    Graph *graph = arch_new(arch, DIM, SIZE, &err);
    graph_init(graph, 4);
    Trainer *trainer = trainer_new(graph, room, pool, &err);
    size_t e = (size_t)n * DIM;
    *length = e + 2 * graph->length;
    real *result = calloc(*length, sizeof *result);
    memcpy(result, trainer_forward(trainer, images, n), e * sizeof *result);
    trainer_backward(trainer, weight);
    memcpy(result + e, trainer_gradients(trainer), graph->length * sizeof *result);
    memcpy(result + e + graph->length, graph->values, graph->length * sizeof *result);
    trainer_free(trainer);
    graph_free(graph);
    pool_free(pool);
    return result;
}

static void test_same_bytes(const char *arch, int n)
{
    size_t length, again;
    real *one = one_step(arch, n, n, 1, &length);
    const int other[][2] = {{2, n}, {3, n + 7}};
    for (int i = 0; i < 2; i++) {
        real *more = one_step(arch, n, other[i][1], other[i][0], &again);
        CHECK(again == length && memcmp(one, more, length * sizeof *one) == 0,
              "%s, %d images: the same bytes with %d threads and room for %d", arch, n, other[i][0],
              other[i][1]);
        free(more);
    }
    double sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += fabs((double)one[i]);
    CHECK(isfinite(sum) && sum > 0, "%s: and finite", arch);
    free(one);
}

static void embed(const Graph *graph, real *embedding, int batch, int threads, bool mirror)
{
    Err err = {0};
    Pool *pool = pool_new(threads, &err);
    Infer *infer = infer_new(graph, batch, pool, &err);
    for (int first = 0; first < FACES; first += batch)
        infer_run(infer, embedding + first * DIM, images + (size_t)first * SIZE * SIZE * 3,
                  FACES - first < batch ? FACES - first : batch, mirror);
    infer_free(infer);
    pool_free(pool);
}

static void test_batches(const char *arch)
{
    Err err = {0};
    Graph *graph = arch_new(arch, DIM, SIZE, &err);
    static real one[FACES * DIM], other[FACES * DIM];
    graph_init(graph, 3);
    embed(graph, one, 1, 1, false);
    embed(graph, other, 4, 2, false);
    CHECK(memcmp(one, other, sizeof one) == 0, "%s: batches of 1 and 4, 1 and 2 threads", arch);
    embed(graph, other, FACES, 3, false);
    CHECK(memcmp(one, other, sizeof one) == 0, "%s: all at once, 3 threads", arch);
    CHECK(memcmp(one, one + DIM, DIM * sizeof *one) != 0, "%s: images differ", arch);
    embed(graph, other, FACES, 2, true);
    CHECK(memcmp(one, other, sizeof one) != 0, "%s: mirrored images differ", arch);
    for (int i = 0; i < FACES * SIZE; i++) /* swap left and right, row by row */
        for (int x = 0; x < SIZE / 2; x++)
            for (int c = 0; c < 3; c++) {
                uint8_t *row = images + (size_t)i * SIZE * 3, left = row[3 * x + c];
                row[3 * x + c] = row[3 * (SIZE - 1 - x) + c];
                row[3 * (SIZE - 1 - x) + c] = left;
            }
    embed(graph, one, 5, 2, false);
    CHECK(memcmp(one, other, sizeof one) == 0, "%s: as if the images had been swapped", arch);
    graph_free(graph);
}

int main(void)
{
    openblas_set_num_threads(1);
    make_input();
    test_same_bytes("mobilefacenet", 21);
    test_same_bytes("mobilefacenet", 2);
    test_same_bytes("iresnet18", 3);
    test_batches("mobilefacenet");
    test_batches("iresnet18");
    return END_TESTS();
}
