/* bench-head: times steps of the npcface head for pipelines/bench-head.mk.
 *
 *     bench-head check FILE
 *         writes a small case to compare with, as a tensor stream of two frames: all identities,
 *         then sampled ones; each has a batch, the loss and gradients, and the centres and their
 *         momentum after two steps of SGD
 *     bench-head BATCH IDENTITIES RATE recompute|keep WARM STEPS
 *         prints a line for each of STEPS after WARM others: seconds, bytes of memory at the peak,
 *         how many of them are neither centres, momentum nor the program, GFLOP/s of a large sgemm
 *         just before, seconds of the first and of the last of the WARM */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/large_internal.h"
#include "base/rng_internal.h"
#include "head/head.h"
#include "stream/writer.h"

enum { DIM = 512, SIDE = 2048 };

static const Optimiser sgd = {.lr = 0.1, .momentum = 0.9, .weight_decay = 1e-4};

static void stop(const Err *err)
{
    fprintf(stderr, "bench-head: %s\n", err->text);
    exit(1);
}

static void *need(void *memory)
{
    if (memory == NULL)
        stop(&(Err){.text = "no memory"});
    return memory;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A line of /proc/self/status, in bytes: "VmHWM:", the peak, or "VmRSS:", the present. */
static double status_bytes(const char *name)
{
    char line[256];
    double kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            kib = strtod(line + strlen(name), NULL);
    if (f != NULL)
        fclose(f);
    return kib * 1024;
}

typedef struct Bench {
    HeadConfig config;
    Pool *pool;
    Kernels *kernels;
    Head *head;
    int64_t rows;
    real *x, *dx;
    int64_t *label;
    HeadStats stats;
    Err err;
} Bench;

static void bench_init(Bench *b, int64_t rows, int64_t identities, int64_t dim)
{
    b->rows = rows;
    b->config.identities = identities;
    b->config.dim = dim;
    b->config.seed = 1;
    b->x = need(malloc((size_t)(rows * dim) * sizeof *b->x));
    b->dx = need(malloc((size_t)(rows * dim) * sizeof *b->dx));
    b->label = need(malloc((size_t)rows * sizeof *b->label));
    b->pool = pool_new(pool_processors(), &b->err);
    if (b->pool == NULL || head_options_init(&b->config.options, "npcface", &b->err) != 0 ||
        head_options_preset(&b->config.options, "facexzoo", &b->err) != 0)
        stop(&b->err);
    b->kernels = kernels_new(NULL, &b->err);
    if (b->kernels != NULL)
        b->head = head_new(&b->config, b->pool, b->kernels, &b->err);
    if (b->head == NULL)
        stop(&b->err);
}

static void bench_release(Bench *b)
{
    head_free(b->head);
    kernels_free(b->kernels);
    pool_free(b->pool);
    free(b->x);
    free(b->dx);
    free(b->label);
}

/* Random embeddings that lean by `pull` to the centre of their identity. */
static void draw_batch(Bench *b, uint64_t step, double pull)
{
    Rng rng = rng_at(3, step, 0, 0);
    HeadTensor tensor[HEAD_TENSORS];
    int64_t dim = b->config.dim;
    head_tensors(b->head, tensor);
    for (int64_t i = 0; i < b->rows; i++) {
        b->label[i] = (int64_t)rng_below(&rng, (uint64_t)b->config.identities);
        const real *w = tensor[0].data + b->label[i] * dim;
        for (int64_t k = 0; k < dim; k++)
            b->x[i * dim + k] = (real)(rng_normal(&rng) + pull * (double)(i % 4) * w[k]);
    }
}

/* Adds a copy. */
static void put(Frame *frame, const char *name, Dtype dtype, int64_t rows, int64_t columns,
                const void *data)
{
    Err err = {0};
    int64_t shape[2] = {rows, columns};
    void *copy = frame_alloc(frame, name, dtype, columns > 0 ? 2 : 1, shape, &err);
    if (copy == NULL)
        stop(&err);
    memcpy(copy, data, (size_t)(rows * (columns > 0 ? columns : 1)) * dtype_size(dtype));
}

static void check_frame(Frame *frame, double rate)
{
    Bench b = {.config.sample_rate = rate};
    bench_init(&b, 24, 150, 32);
    int64_t c = b.config.identities, d = b.config.dim;
    const int64_t *id;
    HeadTensor tensor[HEAD_TENSORS];
    real *dw = need(malloc((size_t)(c * d) * sizeof *dw));
    char name[16];
    head_tensors(b.head, tensor);
    put(frame, "weight", DTYPE_F32, c, d, tensor[0].data);
    for (int step = 0; step < 2; step++) {
        draw_batch(&b, (uint64_t)step, 3);
        if (head_gradient(b.head, b.dx, dw, b.x, b.label, b.rows, &b.stats, &b.err) != 0)
            stop(&b.err);
        real loss = (real)b.stats.loss;
        int64_t n = head_sampled(b.head, &id);
#define PUT(what, ...) (snprintf(name, sizeof name, what "%d", step), put(frame, name, __VA_ARGS__))
        if (id != NULL)
            PUT("id", DTYPE_I64, n, 0, id);
        PUT("x", DTYPE_F32, b.rows, d, b.x);
        PUT("label", DTYPE_I64, b.rows, 0, b.label);
        PUT("loss", DTYPE_F32, 1, 0, &loss);
        PUT("dx", DTYPE_F32, b.rows, d, b.dx);
        PUT("dw", DTYPE_F32, c, d, dw);
        if (head_step(b.head, b.dx, b.x, b.label, b.rows, &sgd, NULL, &b.err) != 0)
            stop(&b.err);
    }
    if (head_settle(b.head, &b.err) != 0)
        stop(&b.err);
    put(frame, "after", DTYPE_F32, c, d, tensor[0].data);
    put(frame, "momentum", DTYPE_F32, c, d, tensor[1].data);
    free(dw);
    bench_release(&b);
}

static void check(const char *path)
{
    StreamWriter writer = {0};
    Err err = {0};
    Frame all = {0}, sampled = {0};
    check_frame(&all, 1);
    check_frame(&sampled, 0.4);
    if (writer_open(&writer, path, "", &err) != 0 || writer_put(&writer, &all, false, &err) != 0 ||
        writer_put(&writer, &sampled, true, &err) != 0 || writer_close(&writer, &err) != 0)
        stop(&err);
    frame_release(&all);
    frame_release(&sampled);
}

/* Products of SIDE x SIDE matrices, one for each thread at a time. */
typedef struct Products {
    float *a, *b, *c; /* c: one for each thread */
} Products;

static void product(void *arg, int64_t i, int worker)
{
    const Products *p = arg;
    (void)i;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, SIDE, SIDE, SIDE, 1, p->a, SIDE, p->b,
                SIDE, 0, p->c + (size_t)worker * SIDE * SIDE, SIDE);
}

static void products_init(Products *p, int threads)
{
    size_t n = (size_t)SIDE * SIDE;
    Rng rng = rng_at(4, 0, 0, 0);
    p->a = need(large_alloc(n * sizeof *p->a));
    p->b = need(large_alloc(n * sizeof *p->b));
    p->c = need(large_alloc(n * sizeof *p->c * (size_t)threads));
    for (size_t k = 0; k < n; k++) {
        p->a[k] = (float)rng_unit(&rng);
        p->b[k] = (float)rng_unit(&rng);
    }
    memset(p->c, 0, n * sizeof *p->c * (size_t)threads);
}

static double sgemm_gflops(Products *p, Pool *pool)
{
    int64_t n = pool_threads(pool);
    double start = now();
    pool_run(pool, n, product, p);
    return 2.0 * SIDE * SIDE * SIDE * (double)n / (now() - start) * 1e-9;
}

static double timed_step(Bench *b, int step)
{
    draw_batch(b, (uint64_t)step, 0);
    double start = now();
    if (head_step(b->head, b->dx, b->x, b->label, b->rows, &sgd, &b->stats, &b->err) != 0)
        stop(&b->err);
    return now() - start;
}

static void run(int64_t rows, int64_t identities, double rate, bool keep, int warm, int steps)
{
    Bench b = {.config = {.sample_rate = rate, .max_memory = keep ? SIZE_MAX : 0}};
    Products products;
    double program = status_bytes("VmRSS:");
    bench_init(&b, rows, identities, DIM);
    double first = timed_step(&b, 0), last = first;
    for (int step = 1; step < warm; step++)
        last = timed_step(&b, step);
    double peak = status_bytes("VmHWM:");
    double centres = 2.0 * (double)identities * DIM * sizeof(real);
    products_init(&products, pool_threads(b.pool));
    sgemm_gflops(&products, b.pool);
    for (int step = warm; step < warm + steps; step++) {
        double gflops = sgemm_gflops(&products, b.pool);
        printf("%.4f\t%.0f\t%.0f\t%.1f\t%.4f\t%.4f\n", timed_step(&b, step), peak,
               peak - program - centres, gflops, first, last);
        fflush(stdout);
    }
    free(products.a);
    free(products.b);
    free(products.c);
    bench_release(&b);
}

int main(int argc, char **argv)
{
    openblas_set_num_threads(1);
    if (argc == 3 && strcmp(argv[1], "check") == 0)
        check(argv[2]);
    else if (argc == 7)
        run(atoll(argv[1]), atoll(argv[2]), atof(argv[3]), strcmp(argv[4], "keep") == 0,
            atoi(argv[5]), atoi(argv[6]));
    else {
        fputs("usage: bench-head check FILE\n"
              "       bench-head BATCH IDENTITIES RATE recompute|keep WARM STEPS\n",
              stderr);
        return 2;
    }
    return 0;
}
