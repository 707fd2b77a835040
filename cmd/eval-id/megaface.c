#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval-id/run.h"
#include "identify/megaface.h"
#include "lists/noise.h"

enum { MAX_STEPS = 18 }; /* powers of ten */

typedef struct Challenge {
    Run *run;
    MegaFace *m;
    NoiseList noise; /* distractors not to take */
    int64_t left_out, next;
    Cmc *cmc; /* [MAX_STEPS], of 10, 100, ... distractors */
    double *rate;
    int steps, depth;
} Challenge;

/* The sum of a person's clean probes in place of each noisy one, of length 1. unit and label are
 * changed in place. */
static int mend_probes(Run *run, const NoiseList *noise, int64_t *mended, Err *err)
{
    const EmbeddingRows *rows = &run->e.rows;
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
                    sum[k] += run->unit[j * d + k];
        EmbeddingRows one = {.n = 1, .d = d, .embedding = sum};
        Err inner = {0};
        if (cosine_unit(run->unit + i * d, &one, 0, &inner) != 0) {
            int length;
            const char *key = embedding_key(rows, i, &length);
            rc = err_set(err, "%.*s is noise, and its person has no clean probe", length, key);
        }
        ++*mended;
    }
    free(sum);
    return rc;
}

/* At 10, 100, 1000 ... distractors, and where they end. */
static void note_step(Challenge *c)
{
    if (c->steps == MAX_STEPS)
        return;
    Cmc *cmc = &c->cmc[c->steps++];
    megaface_cmc(c->rate, c->m);
    cmc->compared = (double)megaface_distractors(c->m);
    cmc->trials = 1;
    cmc->ranks = c->depth < MAX_CMC ? c->depth : MAX_CMC;
    memcpy(cmc->rate, c->rate, (size_t)cmc->ranks * sizeof(double));
    for (int i = 0; i < c->run->options->ranks.n; i++) {
        char measure[32];
        double at = c->run->options->ranks.at[i];
        snprintf(measure, sizeof measure, "rank:%.0f", cmc->compared);
        figures_add(&c->run->figures, measure, at, c->rate[(int)at - 1], "cmc");
    }
}

static void compare(Challenge *c, Progress *progress)
{
    progress_step(progress, megaface_waiting(c->m));
    megaface_compare(c->m, c->run->pool);
}

static int take_rows(Challenge *c, const EmbeddingRows *rows, const char *path, Progress *progress,
                     Err *err)
{
    if (rows->d != c->run->e.rows.d)
        return err_set(err, "%s: embeddings of %lld dimensions, but the probes have %lld", path,
                       (long long)rows->d, (long long)c->run->e.rows.d);
    if (c->noise.names.n > 0 && rows->key == NULL)
        return err_set(err, "%s: no column 'key' to find noise by", path);
    for (int64_t i = 0; i < rows->n; i++) {
        Err inner = {0};
        if (noise_has(&c->noise, rows, i)) {
            c->left_out++;
            continue;
        }
        if (cosine_unit(megaface_place(c->m), rows, i, &inner) != 0)
            return err_set(err, "%s: %s", path, inner.text);
        bool step = megaface_distractors(c->m) + megaface_waiting(c->m) == c->next;
        if (step || megaface_waiting(c->m) == MEGAFACE_BLOCK)
            compare(c, progress);
        if (step) {
            note_step(c);
            c->next *= 10;
        }
    }
    return 0;
}

static int take_distractors(Challenge *c, Err *err)
{
    const char *path = c->run->options->distractors;
    EmbeddingReader *reader = embeddings_open(path, err);
    if (reader == NULL)
        return -1;
    EmbeddingRows rows;
    Progress progress = progress_begin("distractors", 0);
    int rc;
    while ((rc = embeddings_next(reader, &rows, err)) > 0)
        if (take_rows(c, &rows, path, &progress, err) != 0) {
            rc = -1;
            break;
        }
    if (rc == 0)
        compare(c, &progress);
    progress_end();
    embeddings_close(reader);
    if (rc == 0 && megaface_distractors(c->m) == 0)
        rc = err_set(err, "%s: no distractors", path);
    if (rc == 0 && (c->steps == 0 || megaface_distractors(c->m) != c->next / 10))
        note_step(c);
    return rc;
}

static void report(Challenge *c, int64_t mended)
{
    Figures *figures = &c->run->figures;
    const Points *far = &c->run->options->far;
    figures_add(figures, "probes", NAN, (double)c->run->e.rows.n, "NA");
    figures_add(figures, "noisy_probes", NAN, (double)mended, "NA");
    figures_add(figures, "searches", NAN, (double)megaface_searches(c->m), "NA");
    figures_add(figures, "distractors", NAN, (double)megaface_distractors(c->m), "NA");
    figures_add(figures, "noisy_distractors", NAN, (double)c->left_out, "NA");
    for (int i = 0; i < far->n; i++) {
        float threshold;
        figures_add(figures, "tar", far->at[i], megaface_tar(&threshold, c->m, far->at[i]),
                    "blufr");
    }
}

static int prepare(Challenge *c, int64_t *mended, Err *err)
{
    Run *run = c->run;
    const Options *o = run->options;
    NoiseList noise = {0};
    int rc = o->noise != NULL ? noise_read(&noise, o->noise, err) : 0;
    if (rc == 0 && o->distractor_noise != NULL)
        rc = noise_read(&c->noise, o->distractor_noise, err);
    if (rc == 0)
        rc = mend_probes(run, &noise, mended, err);
    noise_release(&noise);
    for (int64_t i = 0; rc == 0 && i < run->e.rows.n; i++)
        if (run->e.rows.label[i] < 0)
            rc = err_set(err, "probe %lld has no label", (long long)i);
    c->depth = 1;
    for (int i = 0; i < o->ranks.n; i++)
        if (o->ranks.at[i] > c->depth)
            c->depth = (int)o->ranks.at[i];
    if (o->cmc != NULL && c->depth < MAX_CMC)
        c->depth = MAX_CMC;
    c->cmc = calloc(MAX_STEPS, sizeof *c->cmc);
    c->rate = calloc((size_t)c->depth, sizeof *c->rate);
    if (rc == 0 && (c->cmc == NULL || c->rate == NULL))
        rc = err_memory(err, "the curve", MAX_STEPS * sizeof *c->cmc);
    if (rc == 0)
        c->m = megaface_new(run->unit, run->e.rows.label, run->e.rows.n, run->e.rows.d, c->depth,
                            run->pool, err);
    if (rc == 0 && c->m != NULL && megaface_searches(c->m) == 0)
        rc = err_set(err, "no person has two probes");
    return c->m != NULL ? rc : -1;
}

int run_megaface(Run *run, Err *err)
{
    Challenge c = {.run = run, .next = 10};
    int64_t mended = 0;
    int rc = prepare(&c, &mended, err);
    if (rc == 0)
        rc = take_distractors(&c, err);
    if (rc == 0)
        report(&c, mended);
    if (rc == 0 && run->options->cmc != NULL)
        rc = cmc_write(run->options->cmc, c.cmc, c.steps, err);
    megaface_free(c.m);
    noise_release(&c.noise);
    free(c.cmc);
    free(c.rate);
    return rc;
}
