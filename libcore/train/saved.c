#include "train/saved_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"
#include "base/spill_internal.h"
#include "comm/comm_internal.h"
#include "nn/graph_internal.h"
#include "nn/model.h"
#include "stream/writer.h"
#include "train/parts_internal.h"

enum { OPTIONS_TEXT = 1024 };

/* What a model is written from, besides the training: the centres of all processes in the first
 * one, which need not have the memory for them. */
typedef struct Saving {
    const char *path;
    Comm *comm;
    Spill centres[HEAD_TENSORS];
    int n;
} Saving;

static void saving_release(Saving *saving)
{
    for (int i = 0; i < saving->n; i++)
        spill_close(&saving->centres[i]);
}

/* Centres, of which every process has some. */
static int add_shares(Frame *frame, Saving *saving, const char *name, const HeadTensor *tensor,
                      Err *err)
{
    Comm *comm = saving->comm;
    Spill *spill = &saving->centres[saving->n];
    size_t width = (size_t)tensor->shape[1] * sizeof(real);
    int64_t share[2] = {tensor->first, tensor->rows};
    bool first = comm_rank(comm) == 0;
    if (sizeof(real) != sizeof(float))
        return err_set(err, "several processes train in float");
    if (first) {
        if (spill_open(spill, saving->path, (size_t)tensor->shape[0] * width, name, err) != 0)
            return -1;
        saving->n++;
        memcpy(spill->bytes, tensor->data, (size_t)tensor->rows * width);
    }
    for (int r = 1; r < comm_size(comm); r++) {
        if (!first && comm_rank(comm) != r)
            continue;
        comm_bring(comm, share, sizeof share, r);
        comm_bring(comm,
                   first ? (char *)spill->bytes + (size_t)share[0] * width : (char *)tensor->data,
                   (size_t)share[1] * width, r);
    }
    return first ? frame_add(frame, name, DTYPE_F32, tensor->dims, tensor->shape, spill->bytes, err)
                 : 0;
}

/* The head's tensors as head.NAME: F32 as they lie where real is float, otherwise converted. */
static int add_head(Frame *frame, Saving *saving, Head *head, Err *err)
{
    HeadTensor tensor[HEAD_TENSORS];
    head_gather(head);
    int n = head_tensors(head, tensor);
    for (int i = 0; i < n; i++) {
        char name[80];
        snprintf(name, sizeof name, "head.%s", tensor[i].name);
        if (tensor[i].shared && comm_size(saving->comm) > 1) {
            if (add_shares(frame, saving, name, &tensor[i], err) != 0)
                return -1;
            continue;
        }
#ifndef REAL_DOUBLE
        if (frame_add(frame, name, DTYPE_F32, tensor[i].dims, tensor[i].shape, tensor[i].data,
                      err) != 0)
            return -1;
#else
        int64_t count = tensor[i].rows * (tensor[i].dims == 2 ? tensor[i].shape[1] : 1);
        float *data = frame_alloc(frame, name, DTYPE_F32, tensor[i].dims, tensor[i].shape, err);
        for (int64_t k = 0; data != NULL && k < count; k++)
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
        int64_t width = tensor[i].dims == 2 ? tensor[i].shape[1] : 1;
        const float *data = (const float *)from->data + tensor[i].first * width;
        for (int64_t k = 0; k < tensor[i].rows * width; k++)
            tensor[i].data[k] = data[k];
    }
    return 0;
}

/* The window of losses, where a training watches them. */
enum { WATCHED = sizeof(Divergence) / sizeof(double) };

static const int64_t watched_shape[1] = {WATCHED};

static int add_watched(Frame *frame, const Training *training, Err *err)
{
    return training->watched ? frame_add(frame, "training.losses", DTYPE_F64, 1, watched_shape,
                                         &training->divergence, err)
                             : 0;
}

static int read_watched(Training *training, const Frame *frame, Err *err)
{
    if (frame_find(frame, "training.losses") == NULL)
        return 0;
    const Tensor *tensor = frame_need(frame, "training.losses", DTYPE_F64, 1, watched_shape, err);
    if (tensor == NULL)
        return -1;
    memcpy(&training->divergence, tensor->data, sizeof training->divergence);
    const Divergence *d = &training->divergence;
    if (!(d->seen >= 0 && d->seen < 0x1p53) || !(d->suspect >= 0 && d->suspect < DIVERGENCE_STEPS))
        return err_set(err, "tensor 'training.losses' counts what cannot be");
    return 0;
}

static int set_integer(Frame *frame, const char *key, int64_t value, Err *err)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    return frame_set_meta(frame, key, text, err);
}

const char *saved_kernels_last(const char *kernels)
{
    const char *comma = strrchr(kernels, ',');
    return comma != NULL ? comma + strspn(comma, ", ") : kernels;
}

static bool head_sampled_by(const TrainingConfig *config)
{
    return config->sample_rate > 0 && config->sample_rate < 1;
}

/* The kernels that computed the training: "A to step 20, B" where it went on with others. */
static void kernels_text(char text[KERNELS_TEXT], const Training *training)
{
    const char *past = training->past_kernels, *now = kernels_name(training->kernels);
    if (training->steps > 0 && training->steps == training->past_steps)
        snprintf(text, KERNELS_TEXT, "%s", past);
    else if (past[0] == '\0' || strcmp(saved_kernels_last(past), now) == 0)
        snprintf(text, KERNELS_TEXT, "%s", past[0] == '\0' ? now : past);
    else
        snprintf(text, KERNELS_TEXT, "%.380s to step %" PRId64 ", %.80s", past,
                 training->past_steps, now);
}

static int describe(Frame *frame, const Training *training, const char *recipe, Err *err)
{
    const HeadOptions *head = &training->config.head;
    char options[OPTIONS_TEXT];
    if (!head_options_text(head, options, sizeof options))
        return err_set(err, "the head's options do not fit %d bytes", OPTIONS_TEXT);
    char kernels[KERNELS_TEXT];
    kernels_text(kernels, training);
    if (frame_set_meta(frame, "head", head->info->name, err) != 0 ||
        (kernels[0] != '\0' && frame_set_meta(frame, "kernels", kernels, err) != 0) ||
        frame_set_meta(frame, "head_options", options, err) != 0 ||
        frame_set_meta(frame, "recipe", recipe, err) != 0 ||
        set_integer(frame, "identities", training->config.identities, err) != 0)
        return -1;
    OptimiserKind optimiser = training->config.optimiser;
    if (optimiser != OPTIMISER_SGD &&
        frame_set_meta(frame, "optimizer", optimiser_name(optimiser), err) != 0)
        return -1;
    char rate[NUM_TEXT];
    if (head_sampled_by(&training->config) &&
        frame_set_meta(frame, "sample_rate", num_text(rate, training->config.sample_rate), err) !=
            0)
        return -1;
    return set_integer(frame, "step", training->steps, err);
}

static const char average_prefix[] = "training.average.", square_prefix[] = "training.square.";

static int add_average(Frame *frame, const Training *training, Err *err)
{
    if (training->average == NULL)
        return 0;
    return model_add_block(frame, training->graph, average_prefix, training->average, err) == 0
               ? model_add_state(frame, training->graph, average_prefix, training->average, err)
               : -1;
}

static int read_average(Training *training, const Frame *frame, Err *err)
{
    if (training->average == NULL)
        return 0;
    return model_read_block(training->average, training->graph, average_prefix, frame, err) == 0
               ? model_read_state(training->average, training->graph, average_prefix, frame, err)
               : -1;
}

static int fill_frame(Frame *frame, Saving *saving, Training *training, bool averaged,
                      const char *recipe, Err *err)
{
    Graph net = averaged ? training_net(training) : *training->graph;
    if (model_add(frame, &net, err) != 0 || (!averaged && add_average(frame, training, err) != 0) ||
        model_add_block(frame, training->graph, "momentum.", training->state.momentum, err) != 0 ||
        (training->state.square != NULL && model_add_block(frame, training->graph, square_prefix,
                                                           training->state.square, err) != 0) ||
        add_head(frame, saving, training->head, err) != 0 || add_watched(frame, training, err) != 0)
        return -1;
    return describe(frame, training, recipe, err);
}

static int save(Training *training, const char *path, bool averaged, const char *by,
                const char *recipe, Err *err)
{
    Frame frame = {0};
    Saving saving = {.path = path, .comm = training->config.comm};
    int rc = fill_frame(&frame, &saving, training, averaged, recipe, err);
    if (rc == 0 && comm_rank(training->config.comm) == 0)
        rc = writer_write(path, by, &frame, err);
    frame_release(&frame);
    saving_release(&saving);
    if (rc == 0) /* nobody goes on, or asks for it, before it is there */
        comm_wait(training->config.comm);
    return rc;
}

int training_save(Training *training, const char *path, const char *by, const char *recipe,
                  Err *err)
{
    return save(training, path, false, by, recipe, err);
}

int training_save_net(Training *training, const char *path, const char *by, const char *recipe,
                      Err *err)
{
    return save(training, path, true, by, recipe, err);
}

/* What says nothing was trained by SGD. */
static int read_optimiser(TrainingConfig *config, const Frame *frame, Err *err)
{
    const char *name = frame_meta(frame, "optimizer");
    for (int k = 0; k < OPTIMISERS; k++)
        if (strcmp(name != NULL ? name : optimiser_name(OPTIMISER_SGD),
                   optimiser_name((OptimiserKind)k)) == 0) {
            config->optimiser = (OptimiserKind)k;
            return 0;
        }
    return err_set(err, "its optimizer '%.40s' is not known", name);
}

static int read_config(SavedTraining *saved, Err *err)
{
    TrainingConfig *config = &saved->config;
    const Frame *frame = &saved->frame;
    const char *head = frame_meta(frame, "head"), *options = frame_meta(frame, "head_options"),
               *rate = frame_meta(frame, "sample_rate");
    if (head == NULL || options == NULL)
        return err_set(err, "it has no head: it was not made by npc-train");
    if (head_options_init(&config->head, head, err) != 0 ||
        head_options_parse(&config->head, options, err) != 0 ||
        model_number(&config->identities, frame, "identities", 2, INT32_MAX, err) != 0 ||
        model_number(&saved->steps, frame, "step", 0, INT64_MAX, err) != 0)
        return -1;
    saved->recipe = frame_meta(frame, "recipe");
    saved->recipe = saved->recipe != NULL ? saved->recipe : "";
    saved->kernels = frame_meta(frame, "kernels");
    saved->kernels = saved->kernels != NULL ? saved->kernels : "";
    saved->by = frame_meta(frame, "by");
    saved->by = saved->by != NULL ? saved->by : "";
    if (read_optimiser(config, frame, err) != 0)
        return -1;
    config->sample_rate = 1;
    if (rate != NULL && !num_double(rate, 0, 1, &config->sample_rate))
        return err_set(err, "its sample_rate '%.40s' is not a number from 0 to 1", rate);
    saved->graph = model_graph(frame, err);
    if (saved->graph == NULL)
        return -1;
    snprintf(config->arch, sizeof config->arch, "%s", saved->graph->arch);
    config->embedding = saved->graph->embedding;
    config->size = saved->graph->size;
    config->pixels = saved->graph->pixels;
    config->net = saved->graph;
    return 0;
}

int saved_open(SavedTraining *saved, const char *path, Err *err)
{
    Err inner = {0};
    *saved = (SavedTraining){.path = path};
    if (model_read(&saved->frame, path, err) != 0)
        return -1;
    if (read_config(saved, &inner) == 0)
        return 0;
    saved_release(saved);
    return err_set(err, "%s: %s", path, inner.text);
}

void saved_release(SavedTraining *saved)
{
    graph_free(saved->graph);
    frame_release(&saved->frame);
    *saved = (SavedTraining){0};
}

size_t saved_bytes(const SavedTraining *saved)
{
    size_t bytes = saved->graph != NULL ? saved->graph->length * sizeof(real) : 0;
    for (size_t i = 0; i < saved->frame.tensors; i++)
        bytes += saved->frame.tensor[i].bytes;
    return bytes;
}

/* A model goes on only as what it was. */
static int check_same(const TrainingConfig *want, const TrainingConfig *have, Err *err)
{
    double want_rate = head_sampled_by(want) ? want->sample_rate : 1;
    char a[OPTIONS_TEXT], b[OPTIONS_TEXT];
    if (strcmp(want->arch, have->arch) != 0)
        return err_set(err, "it is a %s, not a %s", have->arch, want->arch);
    if (want->embedding != have->embedding || (want->size != 0 && want->size != have->size))
        return err_set(
            err, "its embeddings have %d dimensions and its images %d pixels a side, not %d and %d",
            have->embedding, have->size, want->embedding, want->size);
    if (want->identities != 0 && want->identities != have->identities)
        return err_set(err, "its head has %" PRId64 " identities, not %" PRId64, have->identities,
                       want->identities);
    head_options_text(&want->head, a, sizeof a);
    head_options_text(&have->head, b, sizeof b);
    if (want->head.info != have->head.info || strcmp(a, b) != 0)
        return err_set(err, "its head is %s (%s), not %s (%s)", have->head.info->name, b,
                       want->head.info->name, a);
    if (want_rate != have->sample_rate)
        return err_set(err, "its sample rate is %g, not %g", have->sample_rate, want_rate);
    if (want->optimiser != have->optimiser)
        return err_set(err, "its optimizer is %s, not %s", optimiser_name(have->optimiser),
                       optimiser_name(want->optimiser));
    if (!pixels_same(&want->pixels, &have->pixels))
        return err_set(err, "its pixels are normalised differently");
    return 0;
}

int saved_check(const SavedTraining *saved, const TrainingConfig *want, Err *err)
{
    Err inner = {0};
    if (check_same(want, &saved->config, &inner) != 0)
        return err_set(err, "cannot resume from %s: %s", saved->path, inner.text);
    return 0;
}

int saved_restore(const SavedTraining *saved, Training *training, Err *err)
{
    Err inner = {0};
    if (saved_check(saved, &training->config, err) != 0)
        return -1;
    if (training_start_from(training, saved->graph, &inner) != 0 ||
        model_read_block(training->state.momentum, training->graph, "momentum.", &saved->frame,
                         &inner) != 0 ||
        (training->state.square != NULL &&
         model_read_block(training->state.square, training->graph, square_prefix, &saved->frame,
                          &inner) != 0) ||
        read_head(training->head, &saved->frame, &inner) != 0 ||
        read_watched(training, &saved->frame, &inner) != 0 ||
        read_average(training, &saved->frame, &inner) != 0)
        return err_set(err, "cannot resume from %s: %s", saved->path, inner.text);
    training->steps = training->past_steps = saved->steps;
    snprintf(training->past_kernels, sizeof training->past_kernels, "%s", saved->kernels);
    return 0;
}
