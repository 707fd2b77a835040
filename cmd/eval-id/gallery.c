#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval-id/run.h"
#include "identify/search.h"
#include "lists/trial.h"
#include "verify/roc.h"

enum { MAX_LISTED = 10 };

/* Names the images that are not there: all, or when that is the end of it the first few. */
static int tell_missing(Run *run, const ImageList *list, bool all, Err *err)
{
    const char *name = name_list_first(&list->names);
    for (int64_t i = 0; i < list->names.n; i++, name = name_list_next(name)) {
        if (list->row[i] >= 0 || !(all || list->wanted[i]))
            continue;
        if (run->options->skip_missing || run->missing < MAX_LISTED)
            cli_warn("no embedding of %s", name);
        run->missing++;
    }
    if (run->missing > 0 && !run->options->skip_missing)
        return err_set(err, "%lld images are missing (--skip-missing continues without them)",
                       (long long)run->missing);
    return 0;
}

/* The test's rows as embeddings with labels of their own. */
static Scores *test_scores(const Run *run, const RowSet *test, Err *err)
{
    const EmbeddingRows *rows = &run->e.rows;
    float *x = malloc(((size_t)test->n * (size_t)rows->d + 1) * sizeof(float));
    int64_t *label = malloc(((size_t)test->n + 1) * sizeof(int64_t));
    Scores *scores = NULL;
    if (x == NULL || label == NULL) {
        err_memory(err, "a trial", (size_t)test->n * (size_t)rows->d * sizeof(float));
    } else {
        for (int64_t i = 0; i < test->n; i++) {
            memcpy(x + i * rows->d, rows->embedding + test->row[i] * rows->d,
                   (size_t)rows->d * sizeof(float));
            label[i] = rows->label[test->row[i]];
        }
        EmbeddingRows trial = {.n = test->n, .d = rows->d, .embedding = x, .label = label};
        scores = scores_all_pairs(&trial, err);
    }
    free(x);
    free(label);
    return scores;
}

static int verify(Run *run, const RowSet *test, Err *err)
{
    const Points *far = &run->options->far;
    RocReading reading[MAX_POINTS] = {0};
    RocQuery query = {.rule = ROC_BLUFR, .n = far->n, .reading = reading};
    Roc roc;
    Scores *scores = test_scores(run, test, err);
    for (int i = 0; i < far->n; i++)
        reading[i].far = far->at[i];
    int rc = scores != NULL ? roc_query(&roc, &query, scores, run->pool, err) : -1;
    scores_free(scores);
    if (rc != 0)
        return rc;
    for (int i = 0; i < far->n; i++)
        figures_add(&run->figures, "tar", far->at[i], reading[i].rank > 0 ? reading[i].tar : NAN,
                    "blufr");
    figures_add(&run->figures, "genuine", NAN, (double)roc.genuine, "NA");
    figures_add(&run->figures, "impostor", NAN, (double)roc.impostor, "NA");
    return 0;
}

static void add_cmc(Cmc *cmc, const Probe *probe, int64_t m, int64_t gallery)
{
    int ranks = gallery < MAX_CMC ? (int)gallery : MAX_CMC;
    /* trials of galleries of different sizes: as far as all of them go */
    cmc->ranks = cmc->trials == 0 || ranks < cmc->ranks ? ranks : cmc->ranks;
    cmc->compared += (double)gallery;
    cmc->trials++;
    for (int r = 0; r < cmc->ranks; r++)
        cmc->rate[r] += search_rank_rate(probe, m, r + 1);
}

static int open_set(Run *run, const Probe *probe, int64_t m, Err *err)
{
    const Points *fpir = &run->options->fpir;
    double dir[MAX_POINTS];
    for (int i = 0; i < fpir->n; i++) {
        float threshold;
        dir[i] = search_open_set(&threshold, probe, m, fpir->at[i], 1, err);
        figures_add(&run->figures, "dir", fpir->at[i], dir[i], "rank 1, blufr");
    }
    for (int i = 0; i < fpir->n; i++)
        figures_add(&run->figures, "fnir", fpir->at[i], 1 - dir[i], "rank 1, blufr");
    return err_is_set(err) ? -1 : 0;
}

static int measure_probes(Run *run, Cmc *cmc, const RowSet *gallery, const RowSet *probes, Err *err)
{
    const Points *ranks = &run->options->ranks;
    Probe *probe = malloc(((size_t)probes->n + 1) * sizeof *probe);
    int64_t mated = 0;
    int rc = probe != NULL ? 0 : err_memory(err, "probes", (size_t)probes->n * sizeof *probe);
    if (rc == 0 && (gallery->n == 0 || probes->n == 0))
        rc = err_set(err, "the gallery is empty, or there are no probes");
    if (rc == 0)
        rc = search_gallery(probe, run->unit, run->e.rows.label, run->e.rows.d, gallery->row,
                            gallery->n, probes->row, probes->n, NULL, run->pool, err);
    if (rc == 0) {
        for (int64_t i = 0; i < probes->n; i++)
            mated += probe[i].rank > 0;
        figures_add(&run->figures, "gallery", NAN, (double)gallery->n, "NA");
        figures_add(&run->figures, "mated", NAN, (double)mated, "NA");
        figures_add(&run->figures, "unmated", NAN, (double)(probes->n - mated), "NA");
        for (int i = 0; i < ranks->n; i++)
            figures_add(&run->figures, "rank", ranks->at[i],
                        search_rank_rate(probe, probes->n, (int64_t)ranks->at[i]), "cmc");
        add_cmc(cmc, probe, probes->n, gallery->n);
        rc = open_set(run, probe, probes->n, err);
    }
    free(probe);
    return rc;
}

static int run_trial(Run *run, Cmc *cmc, ImageList *images, const char *path, Err *err)
{
    Trial trial;
    if (trial_read(&trial, path, images, err) != 0)
        return -1;
    figures_trial(&run->figures);
    int rc = verify(run, &trial.test, err);
    if (rc == 0)
        rc = measure_probes(run, cmc, &trial.gallery, &trial.probe, err);
    trial_release(&trial);
    return rc;
}

static int write_cmc(const Run *run, const Cmc *cmc, Err *err)
{
    return run->options->cmc != NULL ? cmc_write(run->options->cmc, cmc, 1, err) : 0;
}

int run_trials(Run *run, Err *err)
{
    const Options *o = run->options;
    ImageList images;
    Cmc cmc = {0};
    if (image_list_read(&images, o->images, &run->lookup, err) != 0)
        return -1;
    int rc = 0;
    for (int k = 0; rc == 0 && k < o->trials.n; k++)
        rc = run_trial(run, &cmc, &images, o->trials.item[k], err);
    if (rc == 0)
        rc = tell_missing(run, &images, false, err);
    image_list_release(&images);
    return rc == 0 ? write_cmc(run, &cmc, err) : rc;
}

static int read_side(Run *run, RowSet *rows, const char *path, Err *err)
{
    ImageList images;
    if (image_list_read(&images, path, &run->lookup, err) != 0)
        return -1;
    int rc = tell_missing(run, &images, true, err);
    if (rc == 0)
        rc = image_list_rows(rows, &images, err);
    image_list_release(&images);
    return rc;
}

int run_split(Run *run, Err *err)
{
    RowSet gallery = {0}, probes = {0};
    Cmc cmc = {0};
    int rc = read_side(run, &gallery, run->options->gallery, err);
    if (rc == 0)
        rc = read_side(run, &probes, run->options->probe, err);
    if (rc == 0)
        rc = measure_probes(run, &cmc, &gallery, &probes, err);
    free(gallery.row);
    free(probes.row);
    return rc == 0 ? write_cmc(run, &cmc, err) : rc;
}
