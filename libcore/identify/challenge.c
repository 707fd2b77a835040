#include "identify/challenge_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "scores/cosine.h"

static int mend_probes(Challenge *c, float *unit, const EmbeddingRows *rows, const NoiseList *noise,
                       Err *err)
{
    int64_t d = rows->d;
    float *sum = malloc((size_t)d * sizeof *sum);
    if (sum == NULL)
        return err_memory(err, "an embedding", (size_t)d * sizeof *sum);
    int rc = 0;
    for (int64_t i = 0; rc == 0 && i < rows->n; i++) {
        if (!noise_has(noise, rows, i))
            continue;
        memset(sum, 0, (size_t)d * sizeof *sum);
        for (int64_t j = 0; j < rows->n; j++)
            if (rows->label[j] == rows->label[i] && !noise_has(noise, rows, j))
                for (int64_t k = 0; k < d; k++)
                    sum[k] += unit[j * d + k];
        EmbeddingRows one = {.n = 1, .d = d, .embedding = sum};
        Err inner = {0};
        if (cosine_unit(unit + i * d, &one, 0, &inner) != 0) {
            int length;
            const char *key = embedding_key(rows, i, &length);
            rc = err_set(err, "%.*s is noise, and there is no clean probe of the same person",
                         length, key);
        }
        c->mended++;
    }
    free(sum);
    return rc;
}

int challenge_init(Challenge *c, float *unit, const EmbeddingRows *rows,
                   const NoiseList *probe_noise, const NoiseList *noise, int64_t depth, Comm *comm,
                   Pool *pool, Err *err)
{
    *c = (Challenge){.noise = noise, .d = rows->d, .depth = depth, .next = 10};
    if (mend_probes(c, unit, rows, probe_noise, err) != 0)
        return -1;
    for (int64_t i = 0; i < rows->n; i++)
        if (rows->label[i] < 0)
            return err_set(err, "probe %lld has no label", (long long)i);
    c->megaface = megaface_new(unit, rows->label, rows->n, rows->d, depth, comm, pool, err);
    if (c->megaface == NULL)
        return -1;
    return megaface_searches(c->megaface) > 0 ? 0 : err_set(err, "no person has two probes");
}

void challenge_release(Challenge *c)
{
    megaface_free(c->megaface);
    for (int i = 0; i < c->steps; i++)
        free(c->step[i].rate);
    *c = (Challenge){0};
}

static int read_step(Challenge *c, Err *err)
{
    if (c->steps == CHALLENGE_STEPS)
        return 0;
    int64_t distractors = megaface_distractors(c->megaface);
    int64_t ranks = c->depth < distractors ? c->depth : distractors + 1;
    double *rate = malloc((size_t)ranks * sizeof *rate);
    if (rate == NULL)
        return err_memory(err, "the curve", (size_t)ranks * sizeof *rate);
    megaface_cmc(rate, ranks, c->megaface);
    c->step[c->steps++] = (ChallengeStep){distractors, ranks, rate};
    return 0;
}

double challenge_rate(const ChallengeStep *step, int64_t rank)
{
    return step->rate[(rank < step->ranks ? rank : step->ranks) - 1];
}

int challenge_add(Challenge *c, const EmbeddingRows *rows, Pool *pool, Err *err)
{
    MegaFace *m = c->megaface;
    if (rows->d != c->d)
        return err_set(err, "embeddings of %s, but the probes have %lld",
                       counted(rows->d, "dimension", "dimensions").text, (long long)c->d);
    if (c->noise->names.n > 0 && rows->key == NULL)
        return err_set(err, "no column 'key' to find noise by");
    for (int64_t i = 0; i < rows->n; i++) {
        if (noise_has(c->noise, rows, i)) {
            c->left_out++;
            continue;
        }
        if (cosine_unit(megaface_place(m), rows, i, err) != 0)
            return -1;
        bool step = megaface_distractors(m) + megaface_waiting(m) == c->next;
        if (step || megaface_waiting(m) == MEGAFACE_BLOCK)
            megaface_compare(m, pool);
        if (step && read_step(c, err) != 0)
            return -1;
        c->next *= step ? 10 : 1;
    }
    return 0;
}

int challenge_end(Challenge *c, Pool *pool, Err *err)
{
    megaface_compare(c->megaface, pool);
    megaface_end(c->megaface);
    int64_t distractors = megaface_distractors(c->megaface);
    if (distractors == 0)
        return err_set(err, "no distractors");
    return c->steps == 0 || distractors != c->next / 10 ? read_step(c, err) : 0;
}
