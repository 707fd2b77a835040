#include "head/head.h"

#include <stdlib.h>

#include "base/num.h"
#include "base/rng.h"
#include "head/engine.h"

/* A centre for identity j: uniform in a cube, then of length 1 (the authors' initialisation). */
static void draw_centre(real *w, int64_t dim, uint64_t seed, int64_t j)
{
    Rng rng = rng_at(seed, (uint64_t)j, 0, 0);
    double sum = 0;
    for (int64_t k = 0; k < dim; k++) {
        w[k] = (real)rng_range(&rng, -1, 1);
        sum += (double)w[k] * w[k];
    }
    double inverse = 1 / fmax(sqrt(sum), HEAD_TINY);
    for (int64_t k = 0; k < dim; k++)
        w[k] = (real)(w[k] * inverse);
}

enum { CENTRES = 1024 }; /* drawn by a thread at a time */

static void draw_centres(void *arg, int64_t chunk, int worker)
{
    (void)worker;
    Head *head = arg;
    int64_t end = (chunk + 1) * CENTRES;
    if (end > head->config.identities)
        end = head->config.identities;
    for (int64_t j = chunk * CENTRES; j < end; j++)
        draw_centre(head->weight + j * head->config.dim, head->config.dim, head->config.seed, j);
}

/* The bytes of [C, D], checked. */
static int matrix_bytes(size_t *bytes, const HeadConfig *config, Err *err)
{
    if (config->identities < 2 || config->dim < 1 || config->dim > 1 << 20)
        return err_set(err,
                       "a head needs at least 2 identities and 1 to %d dimensions, not %lld and "
                       "%lld",
                       1 << 20, (long long)config->identities, (long long)config->dim);
    if (!size_mul((size_t)config->identities, (size_t)config->dim * sizeof(real), bytes))
        return err_set(err, "%lld identities are too many", (long long)config->identities);
    return 0;
}

Head *head_new(const HeadConfig *config, Pool *pool, Err *err)
{
    size_t bytes = 0;
    if (matrix_bytes(&bytes, config, err) != 0)
        return NULL;
    Head *head = calloc(1, sizeof *head);
    if (head == NULL) {
        err_memory(err, "a head", sizeof *head);
        return NULL;
    }
    head->config = *config;
    for (int i = 0; head_rule(i) != NULL; i++)
        if (&head_rule(i)->info == config->options.info)
            head->rule = head_rule(i);
    head->pool = pool;
    head->state.value = head->config.options.value;
    head->state.identities = config->identities;
    head->state.dim = config->dim;
    head->weight = malloc(bytes);
    head->momentum = calloc(bytes, 1);
    if (head->weight == NULL || head->momentum == NULL) {
        err_memory(err, "the centres and their momentum", 2ull * bytes);
        head_free(head);
        return NULL;
    }
    pool_run(pool, (config->identities + CENTRES - 1) / CENTRES, draw_centres, head);
    return head;
}

void head_free(Head *head)
{
    if (head == NULL)
        return;
    work_release(&head->work);
    free(head->weight);
    free(head->momentum);
    free(head);
}

int head_memory(HeadMemory *memory, const HeadConfig *config, int64_t rows, int threads, Err *err)
{
    size_t bytes = 0;
    *memory = (HeadMemory){0};
    if (matrix_bytes(&bytes, config, err) != 0 ||
        work_measure(&memory->working, &memory->cosines, config, rows, threads, err) != 0)
        return -1;
    memory->centres = memory->momentum = bytes;
    if (memory->working > config->max_memory ||
        memory->cosines > config->max_memory - memory->working)
        memory->cosines = 0;
    return 0;
}

int head_tensors(Head *head, HeadTensor tensor[HEAD_TENSORS])
{
    int64_t c = head->config.identities, d = head->config.dim;
    int n = 0;
    tensor[n++] = (HeadTensor){"weight", 2, {c, d}, head->weight};
    tensor[n++] = (HeadTensor){"weight.momentum", 2, {c, d}, head->momentum};
    tensor[n++] = (HeadTensor){"step", 1, {1, 0}, &head->step};
    for (int k = 0; head->rule->state[k] != NULL; k++)
        tensor[n++] = (HeadTensor){head->rule->state[k], 1, {1, 0}, &head->state.now[k]};
    return n;
}
