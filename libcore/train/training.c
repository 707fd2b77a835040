#include "train/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/sort_internal.h"
#include "nn/arch.h"
#include "nn/graph_text_internal.h"
#include "train/parts_internal.h"

static HeadConfig head_config(const TrainingConfig *config)
{
    return (HeadConfig){.options = config->head,
                        .identities = config->identities,
                        .dim = config->embedding,
                        .seed = config->seed,
                        .max_memory = config->head_memory,
                        .sample_rate = config->sample_rate,
                        .margin_warmup = config->margin_warmup,
                        .label_smoothing = config->label_smoothing,
                        .optimiser = config->optimiser,
                        .rough = config->rough,
                        .groups = config->slices > HEAD_GROUPS ? config->slices : HEAD_GROUPS,
                        .comm = config->comm};
}

/* The most rows the net works on at a time. Three at least: whatever is cut into parts of up to
 * three, none is of one, which batch norm could not train on. */
static int part_rows(const TrainingConfig *config)
{
    int parts = config->accumulate > 1 ? config->accumulate : 1;
    int rows = (config->batch + parts - 1) / parts, least = config->batch < 3 ? config->batch : 3;
    return rows > least ? rows : least;
}

static int slices_of(const TrainingConfig *config)
{
    return config->slices > 0 ? config->slices : TRAINER_SLICES;
}

/* Slices of a group of batch norm, 0: all; -1 where no number of slices is that many images. */
static int group_of(const TrainingConfig *config)
{
    int slices = slices_of(config), rows = part_rows(config);
    for (int group = 1; group < slices; group *= 2)
        if (config->norm_group > 0 && (int64_t)rows * group == (int64_t)config->norm_group * slices)
            return group;
    return config->norm_group == 0 || config->norm_group == rows ? 0 : -1;
}

static TrainerShape trainer_shape(const TrainingConfig *config)
{
    return (TrainerShape){.batch = part_rows(config),
                          .slices = slices_of(config),
                          .comm = config->comm,
                          .group = group_of(config)};
}

static Graph *bare_graph(const TrainingConfig *config, Err *err)
{
    const Graph *net = config->net;
    if (net == NULL || strcmp(config->arch, IMPORTED) != 0)
        return arch_new(config->arch, config->embedding, config->size, err);
    if (net->embedding == config->embedding && net->size == config->size)
        return graph_copy(net, err);
    err_set(
        err,
        "an imported net of %d dimensions for images of %d pixels cannot become one of %d for %d",
        net->embedding, net->size, config->embedding, config->size);
    return NULL;
}

static Graph *new_graph(const TrainingConfig *config, Err *err)
{
    Graph *graph = bare_graph(config, err);
    for (int n = 0; graph != NULL && n < graph->node_count; n++)
        if (graph->nodes[n].dropout > 0)
            graph->nodes[n].dropout = config->dropout;
    return graph;
}

int training_memory(TrainingMemory *memory, const TrainingConfig *config, int threads,
                    Kernels *kernels, Err *err)
{
    HeadConfig head = head_config(config);
    *memory = (TrainingMemory){.images = part_rows(config)};
    Graph *graph = new_graph(config, err);
    if (graph == NULL)
        return -1;
    size_t all = 0, block = graph->length * sizeof(real);
    size_t rows = (size_t)config->batch * (size_t)config->embedding * sizeof(real);
    TrainerShape shape = trainer_shape(config);
    int rc = trainer_memory(&all, graph, &shape, threads, kernels, err);
    graph_free(graph);
    memory->net = ((config->accumulate > 1 ? 4 : 3) + (config->ema > 0) +
                   optimiser_has_squares(config->optimiser)) *
                  block; /* one of them is in `all` too */
    memory->activations = all - block + (config->accumulate > 1 ? 2 : 1) * rows +
                          distil_memory(&config->distil, config->batch, config->embedding);
    return rc == 0 ? head_memory(&memory->head, &head, config->batch, threads, err) : -1;
}

/* What a batch in parts needs besides. */
static int make_accumulation(Training *training, size_t embeddings, Err *err)
{
    const Graph *graph = training->graph;
    training->embedding = calloc(embeddings, sizeof(real));
    training->values = calloc(graph->length, sizeof(real));
    training->counts = calloc(graph->counters + 1, sizeof(int64_t));
    if (training->embedding == NULL || training->values == NULL || training->counts == NULL)
        return err_memory(err, "a batch in parts", (embeddings + graph->length) * sizeof(real));
    return 0;
}

static int make_net(Training *training, Err *err)
{
    const TrainingConfig *config = &training->config;
    if (group_of(config) < 0)
        return err_set(err,
                       "batch norm cannot have groups of %d images: %d images in %d slices make "
                       "groups of %d times 1, 2, 4 ...%s",
                       config->norm_group, part_rows(config), slices_of(config),
                       part_rows(config) / slices_of(config),
                       part_rows(config) % slices_of(config) != 0 ? ", if they divide evenly" : "");
    training->graph = new_graph(config, err);
    if (training->graph == NULL)
        return -1;
    training->graph->pixels = config->pixels;
    graph_init(training->graph, config->seed);
    TrainerShape shape = trainer_shape(config);
    training->trainer =
        trainer_new(training->graph, &shape, training->pool, training->kernels, err);
    if (training->trainer != NULL && config->freeze_norms)
        trainer_freeze_norms(training->trainer);
    return training->trainer != NULL ? 0 : -1;
}

static int make_rates(Training *training, Err *err)
{
    const Graph *graph = training->graph;
    bool freeze = training->config.freeze_norms;
    training->rate = malloc((size_t)graph->param_count * sizeof *training->rate);
    if (training->rate == NULL)
        return err_memory(err, "rates", (size_t)graph->param_count * sizeof *training->rate);
    for (int i = 0; i < graph->param_count; i++)
        training->rate[i] = freeze && graph->params[i].role == PARAM_NORM ? 0 : 1;
    return 0;
}

/* What the optimiser keeps of the parameters, and the average of them. */
static int make_state(Training *training, Err *err)
{
    const TrainingConfig *config = &training->config;
    size_t n = training->graph->length;
    bool squares = optimiser_has_squares(config->optimiser);
    training->state.momentum = calloc(n, sizeof(real));
    training->state.square = squares ? calloc(n, sizeof(real)) : NULL;
    if (training->state.momentum == NULL || (squares && training->state.square == NULL))
        return err_memory(err, "momentum", n * sizeof(real));
    if (!(config->ema > 0))
        return 0;
    training->average = block_new(n, "an average", err);
    if (training->average == NULL)
        return -1;
    memcpy(training->average, training->graph->values, n * sizeof(real));
    return 0;
}

/* What a step keeps of the rows of its batch. */
static int make_rows(Training *training, Err *err)
{
    const TrainingConfig *config = &training->config;
    size_t embeddings = (size_t)config->batch * (size_t)config->embedding;
    training->gradient = calloc(embeddings, sizeof(real));
    training->norm = calloc((size_t)config->batch, sizeof *training->norm);
    if (training->gradient == NULL || training->norm == NULL)
        return err_memory(err, "gradients of embeddings", embeddings * sizeof(real));
    if (config->distil.dim > 0) {
        training->distil = distil_new(&config->distil, config->batch, config->embedding, err);
        if (training->distil == NULL)
            return -1;
    }
    return config->accumulate > 1 ? make_accumulation(training, embeddings, err) : 0;
}

static int make_parts(Training *training, Err *err)
{
    HeadConfig head = head_config(&training->config);
    if (make_net(training, err) != 0)
        return -1;
    training->head = head_new(&head, training->pool, training->kernels, err);
    if (training->head == NULL || make_state(training, err) != 0 || make_rates(training, err) != 0)
        return -1;
    return make_rows(training, err);
}

Training *training_new(const TrainingConfig *config, Pool *pool, Kernels *kernels, Err *err)
{
    Training *training = calloc(1, sizeof *training);
    if (training == NULL) {
        err_memory(err, "training", sizeof *training);
        return NULL;
    }
    training->config = *config;
    training->pool = pool;
    training->kernels = kernels;
    int rc = make_parts(training, err);
    training->config.net = NULL;
    if (rc == 0)
        return training;
    training_free(training);
    return NULL;
}

void training_free(Training *training)
{
    if (training == NULL)
        return;
    free(training->embedding);
    free(training->values);
    free(training->counts);
    free(training->gradient);
    free(training->norm);
    free(training->rate);
    distil_free(training->distil);
    free(training->average);
    free(training->state.momentum);
    free(training->state.square);
    head_free(training->head);
    profile_free(training->profile);
    trainer_free(training->trainer);
    graph_free(training->graph);
    free(training);
}

/* A batch of n rows cut evenly into as many parts as it takes. */
static int parts_of(const TrainingConfig *config, int n)
{
    int rows = part_rows(config);
    return (n + rows - 1) / rows;
}

static int part_begin(int n, int parts, int k)
{
    return (int)((int64_t)n * k / parts);
}

void training_rows(bool *used, const TrainingConfig *config, int n)
{
    TrainerShape shape = trainer_shape(config);
    int parts = parts_of(config, n);
    memset(used, 0, (size_t)n * sizeof *used);
    for (int k = 0; k < parts; k++) {
        int begin = part_begin(n, parts, k), first, end;
        trainer_rows(&first, &end, &shape, part_begin(n, parts, k + 1) - begin);
        for (int i = first; i < end; i++)
            used[begin + i] = true;
    }
}

static const real *forward_part(Training *training, const uint8_t *images, int n, int parts, int k)
{
    size_t image = (size_t)training->config.size * training->config.size * 3;
    int begin = part_begin(n, parts, k);
    trainer_drop(training->trainer, training->config.seed, (uint64_t)training->steps, begin);
    return trainer_forward(training->trainer, images + (size_t)begin * image,
                           part_begin(n, parts, k + 1) - begin);
}

/* The embeddings of the whole batch. */
static const real *forward(Training *training, const uint8_t *images, int n)
{
    int parts = parts_of(&training->config, n);
    size_t d = (size_t)training->config.embedding;
    if (parts == 1)
        return forward_part(training, images, n, 1, 0);
    for (int k = 0; k < parts; k++) {
        int begin = part_begin(n, parts, k);
        const real *embedding = forward_part(training, images, n, parts, k);
        memcpy(training->embedding + (size_t)begin * d, embedding,
               (size_t)(part_begin(n, parts, k + 1) - begin) * d * sizeof *embedding);
    }
    return training->embedding;
}

/* After forward(): the last part's activations are there, the others' are computed again, with the
 * running statistics put back to what they were after the first time. */
static void backward(Training *training, const uint8_t *images, int n)
{
    Graph *graph = training->graph;
    int parts = parts_of(&training->config, n);
    size_t d = (size_t)training->config.embedding;
    size_t values = graph->length * sizeof(real), counts = graph->counters * sizeof(int64_t);
    trainer_zero(training->trainer);
    trainer_backward(training->trainer,
                     training->gradient + (size_t)part_begin(n, parts, parts - 1) * d);
    if (parts == 1)
        return;
    memcpy(training->values, graph->values, values);
    memcpy(training->counts, graph->counts, counts);
    for (int k = 0; k < parts - 1; k++) {
        forward_part(training, images, n, parts, k);
        trainer_backward(training->trainer,
                         training->gradient + (size_t)part_begin(n, parts, k) * d);
    }
    memcpy(graph->values, training->values, values);
    memcpy(graph->counts, training->counts, counts);
}

/* By the nearest rank. */
static void norm_quantiles(double quantile[3], Training *training, int n)
{
    static const double at[3] = {0.05, 0.5, 0.95};
    for (int i = 0; i < n; i++)
        training->norm[i] = head_row_stats(training->head, i).norm;
    sort_doubles(training->norm, (size_t)n);
    for (int k = 0; k < 3; k++)
        quantile[k] = training->norm[(int)(at[k] * (n - 1) + 0.5)];
}

/* What is not finite, where, and what may help. */
static int tell_fault(const Training *training, const char *what, bool backward, Err *err)
{
    char layer[TRAINER_FAULT];
    const char *kind = trainer_fault(layer, training->trainer, backward);
    return err_set(err, "%s%s%s%s%s; a lower learning rate, a longer warm-up or clipping may help",
                   what, kind != NULL ? ": first in the " : "", kind != NULL ? kind : "",
                   kind != NULL ? " of " : "", kind != NULL ? layer : "");
}

static void clear_frozen(const Training *training, real *gradients)
{
    const Graph *graph = training->graph;
    for (int i = 0; i < graph->param_count; i++)
        if (training->rate[i] == 0)
            memset(gradients + graph->params[i].offset, 0, graph->params[i].count * sizeof(real));
}

int training_step(Training *training, const uint8_t *images, const int64_t *label, int n,
                  const Descent *descent, double clip, TrainingStats *stats, Err *err)
{
    const real *embedding = forward(training, images, n);
    Err inner = {0};
    *stats = (TrainingStats){0};
    double begun = profile_now(training->profile);
    if (kernels_check(training->kernels, err) != 0)
        return -1;
    if (head_step(training->head, training->gradient, embedding, label, n, &descent->optimiser,
                  &stats->head, &inner) != 0) {
        stats->diverged = !isfinite(stats->head.loss);
        return stats->diverged ? tell_fault(training, inner.text, false, err)
                               : err_set(err, "%s", inner.text);
    }
    norm_quantiles(stats->norm, training, n);
    if (training->distil != NULL)
        stats->distil = distil_add(training->distil, training->gradient, embedding,
                                   training->target, n, training->pool);
    profile_stage(training->profile, "head", begun);
    backward(training, images, n);
    begun = profile_now(training->profile);
    real *gradients = trainer_gradients(training->trainer);
    clear_frozen(training, gradients);
    stats->gradient = descent_norm(training->graph, gradients);
    if (kernels_check(training->kernels, err) != 0)
        return -1;
    stats->diverged = !isfinite(stats->gradient);
    if (stats->diverged)
        return tell_fault(training, "the gradient of the net is not finite", true, err);
    double scale = clip > 0 && stats->gradient > clip ? clip / stats->gradient : 1;
    Descent by_parameter = *descent;
    by_parameter.rate = training->rate;
    training->state.updates = stats->head.updates;
    descent_step(training->graph, &training->state, gradients, scale, &by_parameter,
                 training->pool);
    profile_stage(training->profile, "optimizer", begun);
    training->steps++;
    training_average(training);
    stats->diverged = !trainer_sound(training->trainer);
    return stats->diverged
               ? tell_fault(training, "the net has numbers that are not finite", false, err)
               : 0;
}

void training_set_target(Training *training, const float *target)
{
    training->target = target;
}

bool training_has_norms(const Training *training)
{
    for (int n = 0; n < training->graph->node_count && !training->config.freeze_norms; n++)
        if (training->graph->nodes[n].kind == LAYER_NORM)
            return true;
    return false;
}

bool training_has_dropout(const Training *training)
{
    for (int n = 0; n < training->graph->node_count; n++)
        if (training->graph->nodes[n].dropout > 0)
            return true;
    return false;
}

void training_skip(Training *training)
{
    training->steps++;
}

int training_start_from(Training *training, const Graph *net, Err *err)
{
    Graph *graph = training->graph;
    if (strcmp(graph->arch, net->arch) != 0 || graph->embedding != net->embedding ||
        graph->size != net->size || graph->length != net->length)
        return err_set(
            err, "it is a %s of %d dimensions for images of %d pixels, not a %s of %d for %d",
            net->arch, net->embedding, net->size, graph->arch, graph->embedding, graph->size);
    memcpy(graph->values, net->values, graph->length * sizeof(real));
    memcpy(graph->counts, net->counts, graph->counters * sizeof(int64_t));
    if (training->average != NULL)
        memcpy(training->average, net->values, graph->length * sizeof(real));
    return 0;
}

int training_profile(Training *training, Err *err)
{
    training->profile = profile_new(training->graph, training->pool, err);
    trainer_profile(training->trainer, training->profile);
    return training->profile != NULL ? 0 : -1;
}

/* Where the time of several processes went. */
static void write_traffic(FILE *out, const Training *training)
{
    TrainerTraffic t = trainer_traffic(training->trainer);
    fprintf(
        out,
        "%d processes: %.2f s waiting for others in exchanges (%.1f MB sent); gradients travelled "
        "%.2f s beside the backward pass (%.1f MB), which waited %.2f s for them\n",
        comm_size(training->config.comm), t.exchanging, t.exchanged / 1e6, t.beside, t.summed / 1e6,
        t.waiting);
}

void training_write_profile(FILE *out, const Training *training)
{
    profile_write(out, training->profile);
    if (comm_size(training->config.comm) > 1)
        write_traffic(out, training);
}

TrainingTraffic training_traffic(const Training *training)
{
    const TrainingConfig *config = &training->config;
    TrainingTraffic traffic = {0};
    double size = comm_size(config->comm), rows = (double)config->batch * config->embedding;
    if (size == 1)
        return traffic;
    trainer_predict(&traffic.gradients, &traffic.messages, training->trainer,
                    parts_of(config, config->batch));
    traffic.bytes = 3 * (size - 1) / size * rows * sizeof(real);
    traffic.messages += 6 * log2(size); /* of the head */
    return traffic;
}

int64_t training_steps(const Training *training)
{
    return training->steps;
}
