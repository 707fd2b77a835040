#include "train/forecast_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "head/rule_internal.h"
#include "nn/infer.h"
#include "product/peak_internal.h"
#include "train/parts_internal.h"

/* Measured on two Zen 5 cores (pipelines/RESULTS.md): an image takes 3.6 times as long to train on
 * as to embed with IResNet-50, 4.7 times with MobileFaceNet; products of the head reach some 0.8
 * of the peak. */
static const double trained = 4, of_peak = 0.8;

/* Images of a thread at a time; runs at most, or until they have taken so many seconds. In a third
 * of them MobileFaceNet had two or three, of which the fastest was seen to be slow by a half. */
enum { IMAGES = 4, TIMES = 16 };
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

/* Seconds that an image takes to embed, by the fastest of some runs. The first one only touches
 * the memory. */
static int embed_image(double *seconds, const Training *training, Err *err)
{
    int n = IMAGES * pool_threads(training->pool);
    size_t bytes = (size_t)n * graph_image_bytes(training->graph);
    Infer *infer = infer_new(training->graph, n, training->pool, training->kernels, err);
    real *embedding = malloc((size_t)n * (size_t)graph_dim(training->graph) * sizeof *embedding);
    uint8_t *grey = malloc(bytes);
    double begun = now();
    *seconds = INFINITY;
    if (infer != NULL && embedding != NULL && grey != NULL) {
        memset(grey, 128, bytes);
        for (int k = 0; k <= TIMES && (k < 2 || now() - begun < enough); k++) {
            double since = now();
            infer_run(infer, embedding, grey, n, false);
            if (k > 0)
                *seconds = fmin(*seconds, (now() - since) / n);
        }
    } else if (infer != NULL) {
        err_memory(err, "images", bytes);
    }
    infer_free(infer);
    free(embedding);
    free(grey);
    return isfinite(*seconds) ? 0 : -1;
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
    if (embed_image(&image, training, err) != 0)
        return -1;
    double slowest[2] = {
        trained * image * training->config.batch / size,
        head_operations(training) / size /
            (of_peak * product_peak(training->pool) * pool_threads(training->pool))};
    comm_largest(training->config.comm, slowest, 2);
    *f = (Forecast){.net = slowest[0], .head = slowest[1]};
    f->waiting = forecast_waiting(&traffic, f->net, speed);
    return 0;
}
