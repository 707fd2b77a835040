/* A gallery and probes, given as lists or by BLUFR's trials */
#include <math.h>
#include <stdlib.h>

#include "cli/missing.h"
#include "eval-id/run.h"
#include "identify/gallery_sizes_internal.h"
#include "lists/trial_internal.h"
#include "report/gallery_sizes_internal.h"
#include "verify/roc.h"

static int tell_missing(Run *run, const ImageList *list, bool all, Err *err)
{
    NameList missing;
    int rc = image_list_missing(&missing, list, all, err);
    if (rc == 0)
        rc = missing_tell(&missing, list->names.n, run->options->skip_missing, err);
    run->missing += missing.n;
    name_list_release(&missing);
    return rc;
}

static int verify(Run *run, const RowSet *test, Err *err)
{
    const Points *far = &run->options->far;
    RocReading reading[IDENTIFICATION_MAX] = {0};
    RocQuery query = {.rule = ROC_BLUFR, .n = far->n, .reading = reading};
    Roc roc;
    Scores *scores = scores_pairs_among(&run->e.rows, test->row, test->n, err);
    for (int i = 0; i < far->n; i++)
        reading[i].far = far->at[i];
    if (scores != NULL)
        scores_share(scores, run->options->comm);
    int rc = scores != NULL ? roc_query(&roc, &query, scores, run->pool, err) : -1;
    scores_free(scores);
    if (rc != 0)
        return rc;
    for (int i = 0; i < far->n; i++)
        trials_add(&run->figures, "tar", far->at[i], reading[i].rank > 0 ? reading[i].tar : NAN,
                   "blufr");
    trials_add(&run->figures, "genuine", NAN, (double)roc.genuine, NULL);
    trials_add(&run->figures, "impostor", NAN, (double)roc.impostor, NULL);
    return 0;
}

static void add_figures(Trials *figures, const Identification *found, const Options *o)
{
    trials_add(figures, "gallery", NAN, (double)found->gallery, NULL);
    trials_add(figures, "mated", NAN, (double)found->mated, NULL);
    trials_add(figures, "unmated", NAN, (double)found->unmated, NULL);
    for (int i = 0; i < o->ranks.n; i++)
        trials_add(figures, "rank", o->ranks.at[i], found->rate[i], "cmc");
    for (int i = 0; i < o->fpir.n; i++)
        trials_add(figures, "dir", o->fpir.at[i], found->tpir[i], "rank 1, blufr");
    for (int i = 0; i < o->fpir.n; i++)
        trials_add(figures, "fnir", o->fpir.at[i], 1 - found->tpir[i], "rank 1, blufr");
    for (int i = 0; i < o->fpir.n; i++)
        trials_add(figures, "selectivity", o->fpir.at[i], found->selectivity[i], NULL);
}

static int measure(Run *run, Cmc *cmc, const RowSet *gallery, const RowSet *probes, Err *err)
{
    const Options *o = run->options;
    const IdentificationAsk ask = {o->ranks.at, o->fpir.at, o->ranks.n, o->fpir.n, true};
    const Subjects subjects = {run->unit, run->e.rows.label, run->e.rows.d, o->comm};
    Identification found;
    if (identification_measure(&found, cmc, &ask, &subjects, (RowSpan){gallery->row, gallery->n},
                               (RowSpan){probes->row, probes->n}, run->pool, err) != 0)
        return -1;
    add_figures(&run->figures, &found, o);
    return 0;
}

static int run_trial(Run *run, Cmc *cmc, ImageList *images, const char *path, Err *err)
{
    Trial trial;
    if (trial_read(&trial, path, images, err) != 0)
        return -1;
    trials_begin(&run->figures);
    int rc = verify(run, &trial.test, err);
    if (rc == 0)
        rc = measure(run, cmc, &trial.gallery, &trial.probe, err);
    trial_release(&trial);
    return rc;
}

/* Averaged over the trials. */
static int write_cmc(const Run *run, const Cmc *cmc, Err *err)
{
    double rate[CMC_MAX];
    Out out;
    if (run->options->cmc == NULL)
        return 0;
    if (out_open(&out, run->options->cmc, err) != 0)
        return -1;
    for (int r = 0; r < cmc->ranks; r++)
        rate[r] = cmc->rate[r] / cmc->trials;
    report_cmc_header(out.f);
    report_cmc(out.f, cmc->compared / cmc->trials, rate, cmc->ranks);
    return out_commit(&out, err);
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

/* --by-size */
static int write_sizes(const Run *run, const RowSet *gallery, const RowSet *probes, Err *err)
{
    static GallerySize size[GALLERY_SIZES_MAX];
    static const double first = 1;
    const Options *o = run->options;
    const IdentificationAsk ask = {&first, o->fpir.at, 1, o->fpir.n, true};
    const Subjects subjects = {run->unit, run->e.rows.label, run->e.rows.d, o->comm};
    Out out;
    int n =
        gallery_sizes_measure(size, &ask, &subjects, (RowSpan){gallery->row, gallery->n},
                              (RowSpan){probes->row, probes->n}, (uint64_t)o->seed, run->pool, err);
    if (n < 0 || out_open(&out, o->by_size, err) != 0)
        return -1;
    report_gallery_sizes(out.f, size, n, &ask);
    return out_commit(&out, err);
}

int run_split(Run *run, Err *err)
{
    RowSet gallery = {0}, probes = {0};
    Cmc cmc = {0};
    int rc = read_side(run, &gallery, run->options->gallery, err);
    if (rc == 0)
        rc = read_side(run, &probes, run->options->probe, err);
    if (rc == 0)
        rc = measure(run, &cmc, &gallery, &probes, err);
    if (rc == 0 && run->options->by_size != NULL)
        rc = write_sizes(run, &gallery, &probes, err);
    free(gallery.row);
    free(probes.row);
    return rc == 0 ? write_cmc(run, &cmc, err) : rc;
}
