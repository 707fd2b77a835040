/* MegaFace's challenge */
#include <math.h>
#include <stdio.h>

#include "cli/any-model.h"
#include "eval-id/run.h"
#include "identify/challenge_internal.h"

static int take_distractors(Challenge *c, const char *path, const Run *run, Err *err)
{
    Err inner = {0};
    EmbeddingReader *reader = embeddings_open(path, err);
    if (reader == NULL)
        return -1;
    EmbeddingRows rows;
    Progress progress = progress_begin("distractors", 0);
    int rc;
    while ((rc = embeddings_next(reader, &rows, err)) > 0) {
        if (challenge_add(c, &rows, run->pool, &inner) != 0) {
            rc = err_set(err, "%s: %s", path, inner.text);
            break;
        }
        progress_step(&progress, megaface_distractors(c->megaface) - progress.done);
    }
    if (rc == 0 && challenge_end(c, run->pool, &inner) != 0)
        rc = err_set(err, "%s: %s", path, inner.text);
    progress_end();
    if (rc == 0)
        rc = any_model_check(run->options->any_model, &run->e.model, "the probes' stream",
                             embeddings_model(reader), path, err);
    embeddings_close(reader);
    return rc;
}

static void add_figures(Trials *figures, const Challenge *c, const Options *o, int64_t probes)
{
    for (int s = 0; s < c->steps; s++)
        for (int i = 0; i < o->ranks.n; i++) {
            char measure[32];
            double at = o->ranks.at[i];
            snprintf(measure, sizeof measure, "rank:%lld", (long long)c->step[s].distractors);
            trials_add(figures, measure, at, challenge_rate(&c->step[s], (int64_t)at), "cmc");
        }
    trials_add(figures, "probes", NAN, (double)probes, NULL);
    trials_add(figures, "noisy_probes", NAN, (double)c->mended, NULL);
    trials_add(figures, "searches", NAN, (double)megaface_searches(c->megaface), NULL);
    trials_add(figures, "distractors", NAN, (double)megaface_distractors(c->megaface), NULL);
    trials_add(figures, "noisy_distractors", NAN, (double)c->left_out, NULL);
    for (int i = 0; i < o->far.n; i++) {
        float threshold;
        trials_add(figures, "tar", o->far.at[i],
                   megaface_tar(&threshold, c->megaface, o->far.at[i]), "blufr");
    }
}

static int write_cmc(const Challenge *c, const char *path, Err *err)
{
    double rate[CMC_MAX];
    Out out;
    if (out_open(&out, path, err) != 0)
        return -1;
    report_cmc_header(out.f);
    for (int s = 0; s < c->steps; s++) {
        for (int r = 0; r < CMC_MAX; r++)
            rate[r] = challenge_rate(&c->step[s], r + 1);
        report_cmc(out.f, (double)c->step[s].distractors, rate, CMC_MAX);
    }
    return out_commit(&out, err);
}

/* The highest rank asked for. */
static int64_t depth_of(const Options *o)
{
    int64_t depth = o->cmc != NULL ? CMC_MAX : 1;
    for (int i = 0; i < o->ranks.n; i++)
        depth = o->ranks.at[i] > (double)depth ? (int64_t)o->ranks.at[i] : depth;
    return depth;
}

int run_megaface(Run *run, Err *err)
{
    const Options *o = run->options;
    Challenge c = {0};
    NoiseList probe_noise = {0}, noise = {0};
    int rc = o->noise != NULL ? noise_read(&probe_noise, o->noise, err) : 0;
    if (rc == 0 && o->distractor_noise != NULL)
        rc = noise_read(&noise, o->distractor_noise, err);
    if (rc == 0)
        rc = challenge_init(&c, run->unit, &run->e.rows, &probe_noise, &noise, depth_of(o), o->comm,
                            run->pool, err);
    if (rc == 0)
        rc = take_distractors(&c, o->distractors, run, err);
    if (rc == 0)
        add_figures(&run->figures, &c, o, run->e.rows.n);
    if (rc == 0 && o->cmc != NULL)
        rc = write_cmc(&c, o->cmc, err);
    challenge_release(&c);
    noise_release(&probe_noise);
    noise_release(&noise);
    return rc;
}
