/* Whether nets give the same bytes for any number of threads, any room for the batch, any batch,
 * and what OpenBLAS gives but for rounding, with kernels of any choice. */
#ifndef NN_TRAIN_CHECK_H
#define NN_TRAIN_CHECK_H

#include <cblas.h>

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
static real *one_step(const char *arch, int n, int room, int threads, Kernels *kernels,
                      size_t *length)
{
    Err err = {0};
    Pool *pool = pool_new(threads, &err);
    Graph *graph = arch_new(arch, DIM, SIZE, &err);
    graph_init(graph, 4);
    Trainer *trainer =
        trainer_new(graph, &(TrainerShape){room, TRAINER_SLICES, NULL, 0}, pool, kernels, &err);
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

static void test_same_bytes(const char *arch, int n, Kernels *kernels)
{
    size_t length, again;
    real *one = one_step(arch, n, n, 1, kernels, &length);
    const int other[][2] = {{2, n}, {3, n + 7}};
    for (int i = 0; i < 2; i++) {
        real *more = one_step(arch, n, other[i][1], other[i][0], kernels, &again);
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

static void embed(const Graph *graph, real *embedding, int batch, int threads, bool mirror,
                  Kernels *kernels)
{
    Err err = {0};
    Pool *pool = pool_new(threads, &err);
    Infer *infer = infer_new(graph, batch, pool, kernels, &err);
    for (int first = 0; first < FACES; first += batch)
        infer_run(infer, embedding + first * DIM, images + (size_t)first * SIZE * SIZE * 3,
                  FACES - first < batch ? FACES - first : batch, mirror);
    infer_free(infer);
    pool_free(pool);
}

static void test_batches(const char *arch, Kernels *kernels)
{
    Err err = {0};
    Graph *graph = arch_new(arch, DIM, SIZE, &err);
    static real one[FACES * DIM], other[FACES * DIM];
    graph_init(graph, 3);
    embed(graph, one, 1, 1, false, kernels);
    embed(graph, other, 4, 2, false, kernels);
    CHECK(memcmp(one, other, sizeof one) == 0, "%s: batches of 1 and 4, 1 and 2 threads", arch);
    embed(graph, other, FACES, 3, false, kernels);
    CHECK(memcmp(one, other, sizeof one) == 0, "%s: all at once, 3 threads", arch);
    CHECK(memcmp(one, one + DIM, DIM * sizeof *one) != 0, "%s: images differ", arch);
    embed(graph, other, FACES, 2, true, kernels);
    CHECK(memcmp(one, other, sizeof one) != 0, "%s: mirrored images differ", arch);
    for (int i = 0; i < FACES * SIZE; i++) /* swap left and right, row by row */
        for (int x = 0; x < SIZE / 2; x++)
            for (int c = 0; c < 3; c++) {
                uint8_t *row = images + (size_t)i * SIZE * 3, left = row[3 * x + c];
                row[3 * x + c] = row[3 * (SIZE - 1 - x) + c];
                row[3 * (SIZE - 1 - x) + c] = left;
            }
    embed(graph, one, 5, 2, false, kernels);
    CHECK(memcmp(one, other, sizeof one) == 0, "%s: as if the images had been swapped", arch);
    graph_free(graph);
}

/* The distance of a from b, relative to the length of b. */
static double distance(const real *a, const real *b, size_t n)
{
    double apart = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        apart += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
        all += (double)b[i] * (double)b[i];
    }
    return sqrt(apart / all);
}

/* Rounding turns some activations over at a PReLU's kink, more of them in a deeper net. */
static void test_like_openblas(const char *arch, int n, double most, Kernels *kernels)
{
    size_t length, e = (size_t)n * DIM;
    real *ours = one_step(arch, n, n, 2, kernels, &length);
    real *theirs = one_step(arch, n, n, 2, NULL, &length);
    size_t block = (length - e) / 2;
    double embedding = distance(ours, theirs, e);
    double gradient = distance(ours + e, theirs + e, block);
    double after = distance(ours + e + block, theirs + e + block, block);
    CHECK(embedding < 1e-5 && gradient < most && after < 1e-6,
          "%s: from OpenBLAS' embeddings by %.2g, gradients %.2g, statistics %.2g", arch, embedding,
          gradient, after);
    free(ours), free(theirs);
}

/* Skipped where this build or this processor has no such kernels. */
static void check_nets(const char *choice)
{
    Err err = {0};
    Kernels *kernels = kernels_new(choice, &err);
    if (kernels == NULL) {
        printf("ok %d - # SKIP %s\n", ++unit_count, err.text);
        return;
    }
    openblas_set_num_threads(1);
    make_input();
    test_same_bytes("mobilefacenet", 21, kernels);
    test_same_bytes("mobilefacenet", 2, kernels);
    test_same_bytes("iresnet18", 3, kernels);
    test_batches("mobilefacenet", kernels);
    test_batches("iresnet18", kernels);
    make_input();
    test_like_openblas("mobilefacenet", 20, 5e-3, kernels);
    test_like_openblas("iresnet18", 4, 1e-4, kernels);
    CHECK(kernels_check(kernels, &err) == 0, "%s did not fail", kernels_name(kernels));
    kernels_free(kernels);
}

#endif
