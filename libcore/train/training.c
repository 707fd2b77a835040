#include "train/training.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "nn/arch.h"
#include "nn/model.h"
#include "nn/trainer.h"
#include "stream/reader.h"
#include "stream/writer.h"

struct Training {
    TrainingConfig config;
    Pool *pool;
    Graph *graph;
    Trainer *trainer;
    Head *head;
    real *momentum; /* laid out like graph->values */
    real *gradient; /* [batch, embedding] of the embeddings */
    int64_t steps;
    Profile *profile; /* or NULL */
};

static int make_parts(Training *training, Err *err)
{
    const TrainingConfig *config = &training->config;
    HeadConfig head = {.options = config->head,
                       .identities = config->identities,
                       .dim = config->embedding,
                       .seed = config->seed,
                       .max_memory = config->head_memory};
    training->graph = arch_new(config->arch, config->embedding, config->size, err);
    if (training->graph == NULL)
        return -1;
    training->graph->pixels = config->pixels;
    graph_init(training->graph, config->seed);
    training->trainer = trainer_new(training->graph, config->batch, training->pool, err);
    training->head = head_new(&head, training->pool, err);
    if (training->trainer == NULL || training->head == NULL)
        return -1;
    size_t gradient = (size_t)config->batch * (size_t)config->embedding;
    training->momentum = calloc(training->graph->length, sizeof(real));
    training->gradient = calloc(gradient, sizeof(real));
    if (training->momentum == NULL || training->gradient == NULL)
        return err_memory(err, "momentum and gradients",
                          (training->graph->length + gradient) * sizeof(real));
    return 0;
}

Training *training_new(const TrainingConfig *config, Pool *pool, Err *err)
{
    Training *training = calloc(1, sizeof *training);
    if (training == NULL) {
        err_memory(err, "training", sizeof *training);
        return NULL;
    }
    training->config = *config;
    training->pool = pool;
    if (make_parts(training, err) == 0)
        return training;
    training_free(training);
    return NULL;
}

void training_free(Training *training)
{
    if (training == NULL)
        return;
    free(training->gradient);
    free(training->momentum);
    head_free(training->head);
    profile_free(training->profile);
    trainer_free(training->trainer);
    graph_free(training->graph);
    free(training);
}

int training_step(Training *training, const uint8_t *images, const int64_t *label, int n,
                  const Sgd *sgd, double clip, TrainingStats *stats, Err *err)
{
    HeadSgd head_sgd = {
        .lr = sgd->lr, .momentum = sgd->momentum, .weight_decay = sgd->weight_decay};
    const real *embedding = trainer_forward(training->trainer, images, n);
    double begun = profile_now(training->profile);
    if (head_step(training->head, training->gradient, embedding, label, n, &head_sgd, &stats->head,
                  err) != 0)
        return -1;
    profile_stage(training->profile, "head", begun);
    trainer_zero(training->trainer);
    trainer_backward(training->trainer, training->gradient);
    begun = profile_now(training->profile);
    real *gradients = trainer_gradients(training->trainer);
    stats->gradient = sgd_norm(training->graph, gradients);
    if (!isfinite(stats->gradient))
        return err_set(err, "the gradient of the net is not finite; a lower learning rate, a "
                            "warm-up or clipping may help");
    double scale = clip > 0 && stats->gradient > clip ? clip / stats->gradient : 1;
    sgd_step(training->graph, training->momentum, gradients, scale, sgd, training->pool);
    profile_stage(training->profile, "optimizer", begun);
    training->steps++;
    return 0;
}

int training_profile(Training *training, Err *err)
{
    training->profile = profile_new(training->graph, training->pool, err);
    trainer_profile(training->trainer, training->profile);
    return training->profile != NULL ? 0 : -1;
}

void training_write_profile(FILE *out, const Training *training)
{
    profile_write(out, training->profile);
}

int64_t training_steps(const Training *training)
{
    return training->steps;
}

/* Saving and loading ------------------------------------------------------------------------ */

enum { OPTIONS_TEXT = 1024 };

static int64_t tensor_count(const HeadTensor *tensor)
{
    return tensor->dims == 2 ? tensor->shape[0] * tensor->shape[1] : tensor->shape[0];
}

/* The head's tensors as head.NAME: F32 as they lie where real is float, otherwise converted. */
static int add_head(Frame *frame, Head *head, Err *err)
{
    HeadTensor tensor[HEAD_TENSORS];
    int n = head_tensors(head, tensor);
    for (int i = 0; i < n; i++) {
        char name[80];
        snprintf(name, sizeof name, "head.%s", tensor[i].name);
#ifndef REAL_DOUBLE
        if (frame_add(frame, name, DTYPE_F32, tensor[i].dims, tensor[i].shape, tensor[i].data,
                      err) != 0)
            return -1;
#else
        float *data = frame_alloc(frame, name, DTYPE_F32, tensor[i].dims, tensor[i].shape, err);
        for (int64_t k = 0; data != NULL && k < tensor_count(&tensor[i]); k++)
            data[k] = (float)tensor[i].data[k];
        if (data == NULL)
            return -1;
#endif
    }
    return 0;
}

static int read_head(Head *head, const Frame *frame, Err *err)
{
    HeadTensor tensor[HEAD_TENSORS];
    int n = head_tensors(head, tensor);
    for (int i = 0; i < n; i++) {
        char name[80];
        snprintf(name, sizeof name, "head.%s", tensor[i].name);
        const Tensor *from =
            frame_need(frame, name, DTYPE_F32, tensor[i].dims, tensor[i].shape, err);
        if (from == NULL)
            return -1;
        const float *data = from->data;
        for (int64_t k = 0; k < tensor_count(&tensor[i]); k++)
            tensor[i].data[k] = data[k];
    }
    return 0;
}

static int set_integer(Frame *frame, const char *key, int64_t value, Err *err)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    return frame_set_meta(frame, key, text, err);
}

static int describe(Frame *frame, const Training *training, const char *recipe, Err *err)
{
    const HeadOptions *head = &training->config.head;
    char options[OPTIONS_TEXT];
    if (!head_options_text(head, options, sizeof options))
        return err_set(err, "the head's options do not fit %d bytes", OPTIONS_TEXT);
    if (frame_set_meta(frame, "head", head->info->name, err) != 0 ||
        frame_set_meta(frame, "head_options", options, err) != 0 ||
        frame_set_meta(frame, "recipe", recipe, err) != 0 ||
        set_integer(frame, "identities", training->config.identities, err) != 0)
        return -1;
    return set_integer(frame, "step", training->steps, err);
}

static int fill_frame(Frame *frame, Training *training, const char *recipe, Err *err)
{
    if (model_add(frame, training->graph, err) != 0 ||
        model_add_block(frame, training->graph, "momentum.", training->momentum, err) != 0 ||
        add_head(frame, training->head, err) != 0)
        return -1;
    return describe(frame, training, recipe, err);
}

int training_save(Training *training, const char *path, const char *by, const char *recipe,
                  Err *err)
{
    Frame frame = {0};
    StreamWriter writer = {0};
    int rc = fill_frame(&frame, training, recipe, err);
    if (rc == 0)
        rc = writer_open(&writer, path, by, err);
    if (rc == 0)
        rc = writer_put(&writer, &frame, true, err);
    if (rc == 0)
        rc = writer_close(&writer, err);
    writer_abort(&writer);
    frame_release(&frame);
    return rc;
}

/* The net of a model, and the configuration and steps that stand with it. NULL on failure. */
static Graph *open_model(TrainingConfig *config, int64_t *steps, const Frame *frame, Err *err)
{
    const char *head = frame_meta(frame, "head"), *options = frame_meta(frame, "head_options");
    if (head == NULL || options == NULL) {
        err_set(err, "it has no head: it was not made by npc-train");
        return NULL;
    }
    if (head_options_init(&config->head, head, err) != 0 ||
        head_options_parse(&config->head, options, err) != 0 ||
        model_number(&config->identities, frame, "identities", 2, INT32_MAX, err) != 0 ||
        model_number(steps, frame, "step", 0, INT64_MAX, err) != 0)
        return NULL;
    Graph *graph = model_graph(frame, err);
    if (graph == NULL)
        return NULL;
    snprintf(config->arch, sizeof config->arch, "%s", graph->arch);
    config->embedding = graph->embedding;
    config->size = graph->size;
    config->pixels = graph->pixels;
    return graph;
}

int training_config_of(TrainingConfig *config, int64_t *steps, const char *path, Err *err)
{
    Frame frame;
    Err inner = {0};
    if (model_read(&frame, path, err) != 0)
        return -1;
    Graph *graph = open_model(config, steps, &frame, &inner);
    bool opened = graph != NULL;
    graph_free(graph);
    frame_release(&frame);
    return opened ? 0 : err_set(err, "%s: %s", path, inner.text);
}

/* A model goes on only as what it was. */
static int check_same(const TrainingConfig *want, const TrainingConfig *have, Err *err)
{
    char a[OPTIONS_TEXT], b[OPTIONS_TEXT];
    if (strcmp(want->arch, have->arch) != 0)
        return err_set(err, "it is a %s, not a %s", have->arch, want->arch);
    if (want->embedding != have->embedding || want->size != have->size)
        return err_set(err,
                       "its embeddings have %d numbers and its images %d pixels a side, not "
                       "%d and %d",
                       have->embedding, have->size, want->embedding, want->size);
    if (want->identities != have->identities)
        return err_set(err, "its head knows %" PRId64 " identities, not %" PRId64, have->identities,
                       want->identities);
    head_options_text(&want->head, a, sizeof a);
    head_options_text(&have->head, b, sizeof b);
    if (want->head.info != have->head.info || strcmp(a, b) != 0)
        return err_set(err, "its head is %s (%s), not %s (%s)", have->head.info->name, b,
                       want->head.info->name, a);
    if (want->pixels.mean != have->pixels.mean || want->pixels.scale != have->pixels.scale ||
        want->pixels.bgr != have->pixels.bgr)
        return err_set(err, "its pixels become numbers in another way");
    return 0;
}

static int load_frame(Training *training, const Frame *frame, Err *err)
{
    TrainingConfig have = {0};
    int64_t steps;
    Graph *graph = open_model(&have, &steps, frame, err);
    if (graph == NULL)
        return -1;
    if (check_same(&training->config, &have, err) != 0) {
        graph_free(graph);
        return -1;
    }
    memcpy(training->graph->values, graph->values, graph->length * sizeof(real));
    memcpy(training->graph->counts, graph->counts, graph->counters * sizeof(int64_t));
    graph_free(graph);
    if (model_read_block(training->momentum, training->graph, "momentum.", frame, err) != 0 ||
        read_head(training->head, frame, err) != 0)
        return -1;
    training->steps = steps;
    return 0;
}

int training_load(Training *training, const char *path, Err *err)
{
    Frame frame;
    Err inner = {0};
    if (model_read(&frame, path, err) != 0)
        return -1;
    int rc = load_frame(training, &frame, &inner);
    frame_release(&frame);
    return rc == 0 ? 0 : err_set(err, "cannot go on from %s: %s", path, inner.text);
}
