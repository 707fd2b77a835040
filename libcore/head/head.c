#include "head/head.h"

#include <stdlib.h>
#include <string.h>

#include "base/large_internal.h"
#include "base/num_internal.h"
#include "base/rng_internal.h"
#include "head/engine_internal.h"

/* How centres start: normal with a deviation, or uniform in a cube of some half side; in one of 1
 * each is then scaled to length 1, NPCFace's way. */
typedef struct Start {
    double deviation, side;
} Start;

static Start start_of(const HeadConfig *config)
{
    double d = (double)config->dim, c = (double)config->identities;
    double init = head_option(&config->options, "init");
    switch ((int)head_option(&config->options, "start")) {
    case 1:
        return (Start){init, d > 1 ? 1 / sqrt(d) : 1};
    case 2:
        return (Start){init, sqrt(6 / (c + d))};
    case 3:
        return (Start){init > 0 ? init : sqrt(8 / c), 1};
    case 4:
        return (Start){init > 0 ? init : sqrt(2 / (c + d)), 1};
    case 5:
        return (Start){init > 0 ? init : 1 / sqrt(d), 1};
    default:
        return (Start){init, 1};
    }
}

static void draw_centre(real *w, int64_t dim, Rng *rng, const Start *start)
{
    double sum = 0;
    for (int64_t k = 0; k < dim; k++) {
        w[k] = (real)(start->deviation > 0 ? start->deviation * rng_normal(rng)
                                           : rng_range(rng, -start->side, start->side));
        sum += (double)w[k] * w[k];
    }
    bool scaled = start->deviation == 0 && start->side == 1;
    double scale = scaled ? 1 / fmax(sqrt(sum), HEAD_TINY) : 1;
    for (int64_t k = 0; k < dim; k++)
        w[k] = (real)(w[k] * scale);
}

enum { CENTRES = 1024 }; /* drawn by a thread at a time */

/* The centres of an identity; its own number comes from the generator behind them. */
static void draw_identity(Head *head, int64_t j, const Start *start)
{
    int64_t dim = head->config.dim;
    size_t bytes = (size_t)(head->sub * dim) * sizeof(real);
    Rng rng = rng_at(head->config.seed, (uint64_t)j, 0, 0);
    for (int64_t k = 0; k < head->sub; k++)
        draw_centre(head_centre(head, head->weight, j) + k * dim, dim, &rng, start);
    memset(head_centre(head, head->momentum, j), 0, bytes);
    if (head->square != NULL)
        memset(head_centre(head, head->square, j), 0, bytes);
    if (head->rule->draw_aux != NULL)
        head->state.aux[j] = (real)head->rule->draw_aux(&head->state, &rng);
}

/* The number of an identity whose centres another process has. */
static int draw_other(Head *head, Err *err)
{
    int64_t dim = head->config.dim;
    Start start = start_of(&head->config);
    if (head->rule->draw_aux == NULL || comm_size(head->config.comm) == 1)
        return 0;
    real *centre = malloc((size_t)dim * sizeof *centre);
    if (centre == NULL)
        return err_memory(err, "a centre", (size_t)dim * sizeof *centre);
    for (int64_t j = 0; j < head->config.identities; j++) {
        Rng rng = rng_at(head->config.seed, (uint64_t)j, 0, 0);
        for (int64_t k = 0; k < head->sub && !head_owns(head, j); k++)
            draw_centre(centre, dim, &rng, &start);
        if (!head_owns(head, j))
            head->state.aux[j] = (real)head->rule->draw_aux(&head->state, &rng);
    }
    free(centre);
    return 0;
}

static void draw_centres(void *arg, int64_t chunk, int worker)
{
    (void)worker;
    Head *head = arg;
    Start start = start_of(&head->config);
    int64_t end = head->begin + (chunk + 1) * CENTRES;
    if (end > head->end)
        end = head->end;
    for (int64_t j = head->begin + chunk * CENTRES; j < end; j++)
        draw_identity(head, j, &start);
}

/* The bytes of [C, sub, D], and the rest of the configuration checked. */
static int matrix_bytes(size_t *bytes, const HeadConfig *config, Err *err)
{
    if (config->identities < 2 || config->dim < 1 || config->dim > 1 << 20)
        return err_set(err,
                       "a head needs at least 2 identities and 1 to %d dimensions, not %lld and "
                       "%lld",
                       1 << 20, (long long)config->identities, (long long)config->dim);
    if (!(config->sample_rate >= 0 && config->sample_rate <= 1))
        return err_set(err, "a sample rate of %g is not from 0 to 1", config->sample_rate);
    double sub = head_option(&config->options, "sub");
    if (sub != floor(sub))
        return err_set(err, "an identity cannot have %g centres (sub)", sub);
    if (head_rule_of(config->options.info)->bare && head_samples(config))
        return err_set(err, "head %s has no centres of which to sample a share",
                       config->options.info->name);
    size_t identity = (size_t)(head_sub(&config->options) * config->dim) * sizeof(real);
    if (!size_mul((size_t)config->identities, identity, bytes))
        return err_set(err, "%lld identities are too many", (long long)config->identities);
    return 0;
}

/* Which identities have their centres here. */
static int find_own(Head *head, Err *err)
{
    const HeadConfig *config = &head->config;
    if (work_groups(&head->groups, config, err) != 0)
        return -1;
    head->own = comm_leaves(config->comm, head->groups);
    head->begin = head_group_begin(config, head->groups, head->own.first);
    head->end = head_group_begin(config, head->groups, head->own.first + head->own.count);
    return 0;
}

/* What is kept for each identity: the centres of this process, and what is one number of all. */
static int allocate(Head *head, size_t whole, Err *err)
{
    size_t matrix =
        (size_t)((head->end - head->begin) * head->sub * head->config.dim) * sizeof(real);
    matrix = matrix > 0 ? matrix : sizeof(real);
    size_t n = (size_t)head->config.identities;
    bool aux = head->rule->aux != NULL, vector = head->rule->vector != NULL;
    bool squares = optimiser_has_squares(head->config.optimiser);
    if (!head->rule->bare) {
        head->weight = large_alloc(matrix);
        head->momentum = large_alloc(matrix);
        head->square = squares ? large_alloc(matrix) : NULL;
    }
    if (vector)
        head->state.vector = large_alloc(whole);
    if (head->rule->seen != NULL)
        head->state.seen = calloc(n, sizeof(real));
    if (aux) {
        head->state.aux = calloc(n, sizeof(real));
        head->state.aux_gradient = calloc(n, sizeof(real));
        head->aux_momentum = calloc(n, sizeof(real));
        head->aux_square = squares ? calloc(n, sizeof(real)) : NULL;
    }
    if ((!head->rule->bare &&
         (head->weight == NULL || head->momentum == NULL || (squares && head->square == NULL))) ||
        (vector && head->state.vector == NULL) ||
        (head->rule->seen != NULL && head->state.seen == NULL) ||
        (aux && (head->state.aux == NULL || head->state.aux_gradient == NULL ||
                 head->aux_momentum == NULL || (squares && head->aux_square == NULL))))
        return err_memory(err, "the centres and their momentum", 2ull * matrix);
    if (vector)
        memset(head->state.vector, 0, whole);
    if (!head_samples(&head->config))
        return 0;
    head->sample =
        sample_new(head->config.identities, head->begin, head->end, head->sub * head->config.dim,
                   head->weight, head->momentum, head->config.optimiser == OPTIMISER_SGD, err);
    return head->sample != NULL ? 0 : -1;
}

/* Labels are those of a softmax. */
static int check_smoothing(const HeadConfig *config, Err *err)
{
    const HeadInfo *info = config->options.info;
    if (config->label_smoothing == 0 || head_traits(info).softmax)
        return 0;
    return err_set(err, "head %s has no softmax whose labels could be smoothed", info->name);
}

Head *head_new(const HeadConfig *config, Pool *pool, Kernels *kernels, Err *err)
{
    size_t matrix = 0;
    if (matrix_bytes(&matrix, config, err) != 0 || check_smoothing(config, err) != 0)
        return NULL;
    Head *head = calloc(1, sizeof *head);
    if (head == NULL) {
        err_memory(err, "a head", sizeof *head);
        return NULL;
    }
    head->config = *config;
    head->rule = head_rule_of(config->options.info);
    head->pool = pool;
    head->kernels = kernels;
    memcpy(head->value, config->options.value, sizeof head->value);
    head->state.value = head->value;
    head->sub = head_sub(&config->options);
    head->filter = (real)head_option(&config->options, "filter");
    head->state.identities = config->identities;
    head->state.seed = config->seed;
    head->state.rate = head_samples(config) ? config->sample_rate : 1;
    if (find_own(head, err) != 0 || allocate(head, matrix, err) != 0) {
        head_free(head);
        return NULL;
    }
    if (head->rule->start != NULL)
        head->rule->start(&head->state);
    if (draw_other(head, err) != 0) {
        head_free(head);
        return NULL;
    }
    if (!head->rule->bare)
        pool_run(pool, (head->end - head->begin + CENTRES - 1) / CENTRES, draw_centres, head);
    return head;
}

void head_free(Head *head)
{
    if (head == NULL)
        return;
    work_release(&head->work);
    sample_free(head->sample);
    free(head->weight);
    free(head->momentum);
    free(head->state.vector);
    free(head->state.seen);
    free(head->state.aux);
    free(head->state.aux_gradient);
    free(head->aux_momentum);
    free(head->square);
    free(head->aux_square);
    free(head);
}

int head_memory(HeadMemory *memory, const HeadConfig *config, int64_t rows, int threads, Err *err)
{
    size_t matrix = 0, n = (size_t)config->identities;
    const HeadRule *rule = head_rule_of(config->options.info);
    int64_t compared = rule->bare ? 0 : config->identities;
    size_t moments = optimiser_has_squares(config->optimiser) ? 2 : 1;
    *memory = (HeadMemory){0};
    if (matrix_bytes(&matrix, config, err) != 0)
        return -1;
    if (head_samples(config)) {
        compared = (int64_t)(config->sample_rate * (double)compared) + rows;
        memory->working = n * (1 + sizeof(real)) + (size_t)compared * sizeof(int64_t);
        compared = compared < config->identities ? compared : config->identities;
    }
    size_t block = 0;
    if (work_measure(&block, &memory->cosines, config, compared, rows, threads, err) != 0)
        return -1;
    if (block > config->max_memory || memory->cosines > config->max_memory - block)
        memory->cosines = 0;
    if (!rule->bare) {
        memory->centres = matrix / (size_t)comm_size(config->comm);
        memory->momentum = moments * memory->centres;
    }
    if (rule->vector != NULL)
        memory->centres += matrix;
    if (rule->seen != NULL)
        memory->centres += n * sizeof(real);
    if (rule->aux != NULL) {
        memory->centres += n * 2 * sizeof(real);
        memory->momentum += moments * n * sizeof(real);
    }
    memory->working += block;
    return 0;
}

static HeadTensor all_of(const char *name, int64_t n, real *data)
{
    return (HeadTensor){.name = name, .dims = 1, .shape = {n, 0}, .data = data, .rows = n};
}

static HeadTensor centres_of(const Head *head, const char *name, real *data)
{
    return (HeadTensor){.name = name,
                        .dims = 2,
                        .shape = {head->config.identities * head->sub, head->config.dim},
                        .data = data,
                        .first = head->begin * head->sub,
                        .rows = (head->end - head->begin) * head->sub,
                        .shared = true};
}

/* What an identity has one number of. */
static int identity_tensors(Head *head, HeadTensor *tensor)
{
    int64_t c = head->config.identities;
    const HeadRule *rule = head->rule;
    int n = 0;
    if (rule->aux != NULL) {
        tensor[n++] = all_of(rule->aux, c, head->state.aux);
        tensor[n++] = all_of(rule->aux_momentum, c, head->aux_momentum);
        if (head->aux_square != NULL)
            tensor[n++] = all_of(rule->aux_square, c, head->aux_square);
    }
    if (rule->seen != NULL)
        tensor[n++] = all_of(rule->seen, c, head->state.seen);
    return n;
}

int head_tensors(Head *head, HeadTensor tensor[HEAD_TENSORS])
{
    int64_t c = head->config.identities, d = head->config.dim;
    bool squares = optimiser_has_squares(head->config.optimiser);
    int n = 0;
    if (!head->rule->bare) {
        tensor[n++] = centres_of(head, "weight", head->weight);
        tensor[n++] = centres_of(head, "weight.momentum", head->momentum);
        if (squares)
            tensor[n++] = centres_of(head, "weight.square", head->square);
    }
    tensor[n++] = all_of("step", 1, &head->step);
    n += identity_tensors(head, tensor + n);
    if (head->rule->vector != NULL)
        tensor[n++] = (HeadTensor){head->rule->vector, 2, {c, d}, head->state.vector, 0, c, false};
    if (head->sample != NULL && head->sample->lazy) {
        tensor[n++] = all_of("weight.updates", c, head->sample->updates);
        tensor[n++] = (HeadTensor){
            "updates", 2, {SAMPLE_HISTORY, 3}, head->sample->history, 0, SAMPLE_HISTORY, false};
    }
    for (int k = 0; head->rule->state[k] != NULL; k++)
        if (squares || (head->rule->squares >> k & 1) == 0)
            tensor[n++] = all_of(head->rule->state[k], 1, &head->state.now[k]);
    return n;
}

/* Biases, and how far centres are, are known where the centres are. */
void head_gather(Head *head)
{
    size_t first[HEAD_GROUPS_MAX + 1];
    int size = comm_size(head->config.comm), count = head->own.count;
    for (int r = 0; r <= size; r++)
        first[r] = (size_t)head_group_begin(&head->config, head->groups, r * count) * sizeof(real);
    if (size == 1)
        return;
    if (head->rule->raw && head->state.aux != NULL) {
        comm_gather(head->config.comm, head->state.aux, first);
        comm_gather(head->config.comm, head->aux_momentum, first);
        if (head->aux_square != NULL)
            comm_gather(head->config.comm, head->aux_square, first);
    }
    if (head->sample != NULL && head->sample->lazy)
        comm_gather(head->config.comm, head->sample->updates, first);
}
