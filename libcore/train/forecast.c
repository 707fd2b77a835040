#include "train/forecast_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "head/rule_internal.h"
#include "nn/trainer_internal.h"
#include "product/peak_internal.h"
#include "train/parts_internal.h"

/* What products of the head reach of the peak (pipelines/RESULTS.md). */
static const double of_peak = 0.8;

/* Images of a slice that is tried, at most; runs at most, or until they have taken so many
 * seconds. */
enum { IMAGES = 8, TIMES = 16 };
static const double enough = 0.3;

double forecast_waiting(const TrainingTraffic *traffic, double net, const CommSpeed *speed)
{
    double late = traffic->gradients / speed->bandwidth - net * 2 / 3;
    return traffic->messages * speed->latency + traffic->bytes / speed->bandwidth + fmax(0, late);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A batch that costs an image what one of the training does: its slices are as large, up to IMAGES,
 * and each thread has one. */
static TrainerShape trial_shape(const Training *training)
{
    TrainerShape shape = {.slices = 1};
    int slices = training->config.slices > 0 ? training->config.slices : TRAINER_SLICES;
    int rows = training->config.batch / slices;
    while (shape.slices < pool_threads(training->pool))
        shape.slices *= 2;
    shape.batch = shape.slices * (rows < 2 ? 2 : rows < IMAGES ? rows : IMAGES);
    return shape;
}

/* Seconds of a forward and a backward pass, by the fastest of some. The first one only touches the
 * memory. */
static double fastest_pass(Trainer *trainer, const uint8_t *grey, const real *slope, int n)
{
    double begun = now(), fastest = INFINITY;
    for (int k = 0; k <= TIMES && (k < 2 || now() - begun < enough); k++) {
        double since = now();
        trainer_forward(trainer, grey, n);
        trainer_backward(trainer, slope);
        if (k > 0)
            fastest = fmin(fastest, now() - since);
    }
    return fastest;
}

/* Seconds that the net takes to train on an image. */
static int train_image(double *seconds, const Training *training, Err *err)
{
    TrainerShape shape = trial_shape(training);
    size_t bytes = (size_t)shape.batch * graph_image_bytes(training->graph);
    size_t numbers = (size_t)shape.batch * (size_t)graph_dim(training->graph);
    Graph *graph = graph_copy(training->graph, err);
    Trainer *trainer =
        graph != NULL ? trainer_new(graph, &shape, training->pool, training->kernels, err) : NULL;
    real *slope = calloc(numbers, sizeof *slope);
    uint8_t *grey = malloc(bytes);
    int rc = trainer != NULL ? 0 : -1;
    if (rc == 0 && (slope == NULL || grey == NULL))
        rc = err_memory(err, "images", bytes);
    if (rc == 0) {
        memset(grey, 128, bytes);
        *seconds = fastest_pass(trainer, grey, slope, shape.batch) / shape.batch;
    }
    trainer_free(trainer);
    graph_free(graph);
    free(slope);
    free(grey);
    return rc;
}

/* Three products: cosines, and the gradients of embeddings and of centres. */
static double head_operations(const Training *training)
{
    const TrainingConfig *config = &training->config;
    double rate = config->sample_rate > 0 ? config->sample_rate : 1;
    double sub = fmax(1, head_option(&config->head, "sub"));
    if (head_traits(config->head.info).pairs)
        return 0;
    return 6 * rate * (double)config->identities * sub * config->embedding * config->batch;
}

int forecast_make(Forecast *f, const Training *training, const CommSpeed *speed, Err *err)
{
    double image, size = comm_size(training->config.comm);
    TrainingTraffic traffic = training_traffic(training);
    if (train_image(&image, training, err) != 0)
        return -1;
    double slowest[2] = {
        image * training->config.batch / size,
        head_operations(training) / size /
            (of_peak * product_peak(training->pool) * pool_threads(training->pool))};
    comm_largest(training->config.comm, slowest, 2);
    *f = (Forecast){.net = slowest[0], .head = slowest[1]};
    f->waiting = forecast_waiting(&traffic, f->net, speed);
    return 0;
}
