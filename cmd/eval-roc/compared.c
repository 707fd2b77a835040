#include "eval-roc/compared.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { MAX_LISTED = 10 };

static const double val_far = 1e-3; /* InsightFace's */

/* Names the images that are not there: all, or when that is the end of it the first few. */
static int tell_missing(const PairList *list, int64_t missing, bool skip, Err *err)
{
    char name[256];
    int64_t told = 0;
    for (int64_t i = 0; i < list->images && (skip || told < MAX_LISTED); i++) {
        const PairImage *image = &list->image[i];
        if (image->row >= 0)
            continue;
        pairs_image_text(name, sizeof name, image);
        cli_warn("no embedding of %s", name);
        told++;
    }
    if (missing == 0 || skip)
        return 0;
    return err_set(err, "%lld of %lld images are missing (--skip-missing leaves out their pairs)",
                   (long long)missing, (long long)list->images);
}

static int take_pairs(Listed *listed, Report *report, const EmbeddingRows *rows, Err *err)
{
    const PairList *list = &listed->list;
    size_t n = (size_t)list->pairs;
    listed->row = malloc(n * sizeof *listed->row);
    listed->score = malloc(n * sizeof *listed->score);
    listed->same = malloc(n * sizeof *listed->same);
    listed->fold = malloc(n * sizeof *listed->fold);
    listed->pair = malloc(n * sizeof *listed->pair);
    if (!listed->row || !listed->score || !listed->same || !listed->fold || !listed->pair)
        return err_memory(err, "pairs", n * 33);
    for (int64_t i = 0; i < list->pairs; i++) {
        const FacePair *pair = &list->pair[i];
        int64_t a = list->image[pair->image[0]].row, b = list->image[pair->image[1]].row;
        if (a < 0 || b < 0) {
            report->skipped_pairs++;
            continue;
        }
        listed->row[listed->n][0] = a;
        listed->row[listed->n][1] = b;
        listed->same[listed->n] = pair->same;
        listed->pair[listed->n] = i;
        listed->fold[listed->n++] = pair->fold;
    }
    return cosine_pairs(listed->score, rows, (const int64_t(*)[2])listed->row, listed->n, err);
}

static Accuracy only_fold(const FoldAccuracy *fold, int64_t k)
{
    Accuracy a = {0, NAN, NAN};
    if (!isnan(fold[k - 1].accuracy))
        a = (Accuracy){1, fold[k - 1].accuracy, NAN};
    return a;
}

/* InsightFace's validation rate, of all folds or of one. */
static int measure_val(Report *report, const FoldScores *scores, Err *err)
{
    FoldValidation *fold = calloc((size_t)scores->folds, sizeof *fold);
    if (fold == NULL)
        return err_memory(err, "folds", (size_t)scores->folds * sizeof *fold);
    report->val_far = val_far;
    report->val = insightface_validation(fold, scores, val_far);
    if (report->fold > 0) {
        const FoldValidation *only = &fold[report->fold - 1];
        report->val = (Validation){!isnan(only->rate), only->rate, NAN, only->far};
    }
    free(fold);
    return 0;
}

static int measure_folds(Report *report, const Listed *listed, Err *err)
{
    FoldScores scores = {.n = listed->n,
                         .score = listed->score,
                         .same = listed->same,
                         .fold = listed->fold,
                         .folds = listed->list.folds};
    if (scores.folds < 2)
        return 0;
    report->insightface_fold = calloc((size_t)scores.folds, sizeof(FoldAccuracy));
    report->facexzoo_fold = calloc((size_t)scores.folds, sizeof(FoldAccuracy));
    if (report->insightface_fold == NULL || report->facexzoo_fold == NULL)
        return err_memory(err, "folds", 2 * (size_t)scores.folds * sizeof(FoldAccuracy));
    report->folds = scores.folds;
    report->insightface = insightface_accuracy(report->insightface_fold, &scores);
    report->facexzoo = facexzoo_accuracy(report->facexzoo_fold, &scores);
    if (report->fold > 0) {
        report->insightface = only_fold(report->insightface_fold, report->fold);
        report->facexzoo = only_fold(report->facexzoo_fold, report->fold);
    }
    return measure_val(report, &scores, err);
}

/* Only the pairs of this fold stay, in front. */
static void keep_fold(Listed *listed, int64_t fold)
{
    int64_t n = 0;
    for (int64_t i = 0; i < listed->n; i++)
        if (listed->fold[i] == fold - 1) {
            memcpy(listed->row[n], listed->row[i], sizeof listed->row[n]);
            listed->score[n] = listed->score[i];
            listed->fold[n] = listed->fold[i];
            listed->pair[n] = listed->pair[i];
            listed->same[n++] = listed->same[i];
        }
    listed->n = n;
}

static int score_list(Compared *c, Report *report, const CompareOptions *o, Err *err)
{
    Listed *listed = &c->listed;
    if (pairs_read(&listed->list, o->pairs, err) != 0)
        return -1;
    if (o->fold > listed->list.folds)
        return err_set(err, "%s has %d folds, not %lld", o->pairs, listed->list.folds,
                       (long long)o->fold);
    if (!c->e.has_keys)
        return err_set(err, "%s: no column 'key' to find the images of pairs by", report->input);
    report->missing = pairs_match(&listed->list, &c->e.rows, err);
    if (report->missing < 0 ||
        tell_missing(&listed->list, report->missing, o->skip_missing, err) != 0 ||
        take_pairs(listed, report, &c->e.rows, err) != 0 || measure_folds(report, listed, err) != 0)
        return -1;
    if (o->fold > 0)
        keep_fold(listed, o->fold);
    c->scores = scores_listed(listed->score, listed->same, listed->n, err);
    return c->scores != NULL ? 0 : -1;
}

static int score_labels(Compared *c, Report *report, Err *err)
{
    const Embeddings *e = &c->e;
    if (!e->has_labels && e->rows.n > 0)
        return err_set(err, "%s: no column 'label'; a list of pairs can be given with --pairs",
                       report->input);
    for (int64_t i = 0; i < e->rows.n; i++)
        report->unlabelled += e->label[i] < 0;
    c->scores = scores_all_pairs(&e->rows, err);
    return c->scores != NULL ? 0 : -1;
}

int compared_load(Compared *c, Report *report, const char *input, const CompareOptions *o, Err *err)
{
    *c = (Compared){0};
    if (embeddings_load(&c->e, input, err) != 0)
        return -1;
    report->by = c->e.by;
    report->rows = c->e.rows.n;
    report->d = c->e.rows.d;
    int rc = o->pairs != NULL ? score_list(c, report, o, err) : score_labels(c, report, err);
    if (o->keep)
        return rc;
    free(c->e.embedding);
    c->e.embedding = NULL;
    c->e.rows.embedding = NULL;
    return rc;
}

void compared_free(Compared *c)
{
    pairs_release(&c->listed.list);
    free(c->listed.row);
    free(c->listed.score);
    free(c->listed.same);
    free(c->listed.fold);
    free(c->listed.pair);
    scores_free(c->scores);
    embeddings_release(&c->e);
    *c = (Compared){0};
}
