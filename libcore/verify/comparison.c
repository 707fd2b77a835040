#include "verify/comparison_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "scores/cosine.h"

#define COSINES 1.001 /* rounded, one may be more than 1 */

static int open_list(Comparison *c, int64_t fold, Err *err)
{
    if (pairs_read(&c->list, c->list_name, err) != 0)
        return -1;
    if (fold > c->list.folds)
        return err_set(err, "%s has %s, not %lld", c->list_name,
                       counted(c->list.folds, "fold", "folds").text, (long long)fold);
    c->fold = (int)fold;
    if (!c->embeddings.has_keys)
        return err_set(err, "%s: no column 'key' to find the images of pairs by", c->input);
    c->missing = pairs_match(&c->list, &c->embeddings.rows, err);
    return c->missing < 0 ? -1 : 0;
}

static int open_labels(Comparison *c, Err *err)
{
    const EmbeddingRows *rows = &c->embeddings.rows;
    if (!c->embeddings.has_labels && rows->n > 0)
        return err_set(err, "%s: no column 'label'; a list of pairs can be given with --pairs",
                       c->input);
    for (int64_t i = 0; i < rows->n; i++)
        c->unlabelled += rows->label[i] < 0;
    return 0;
}

int comparison_of(Comparison *c, const Embeddings *embeddings, const char *input, const char *list,
                  int64_t fold, Err *err)
{
    *c = (Comparison){
        .input = input, .list_name = list, .embeddings = *embeddings, .bound = COSINES};
    c->rows = c->embeddings.rows.n;
    c->d = c->embeddings.rows.d;
    return list != NULL ? open_list(c, fold, err) : open_labels(c, err);
}

int comparison_read(Comparison *c, const char *input, const char *list, int64_t fold, Err *err)
{
    Embeddings embeddings;
    const char *name = strcmp(input, "-") == 0 ? "standard input" : input;
    *c = (Comparison){.input = name, .list_name = list};
    return embeddings_load(&embeddings, input, err) == 0
               ? comparison_of(c, &embeddings, name, list, fold, err)
               : -1;
}

int comparison_of_scores(Comparison *c, const char *input, const float *score, const bool *same,
                         int64_t n, Err *err)
{
    ListedScores *listed = &c->listed;
    *c = (Comparison){.input = input, .list_name = input, .given = true};
    c->embeddings.by = strdup("");
    listed->score = malloc(((size_t)n + 1) * sizeof *listed->score);
    listed->same = malloc(((size_t)n + 1) * sizeof *listed->same);
    if (c->embeddings.by == NULL || listed->score == NULL || listed->same == NULL)
        return err_memory(err, "scores", (size_t)n * 5);
    for (int64_t i = 0; i < n; i++) {
        listed->score[i] = score[i];
        listed->same[i] = same[i];
        c->bound = fmax(c->bound, fabs((double)score[i]));
    }
    listed->n = n;
    c->scores = scores_listed(score, same, n, err);
    return c->scores != NULL ? 0 : -1;
}

int comparison_missing(NameList *missing, const Comparison *c, Err *err)
{
    char name[256];
    *missing = (NameList){0};
    for (int64_t i = 0; i < c->list.images; i++) {
        if (c->list.image[i].row != PAIR_IMAGE_MISSING)
            continue;
        pairs_image_text(name, sizeof name, &c->list.image[i]);
        if (name_list_add(missing, name, err) != 0)
            return -1;
    }
    return 0;
}

static int take_pairs(Comparison *c, Err *err)
{
    const PairList *list = &c->list;
    ListedScores *listed = &c->listed;
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
            c->skipped += a == PAIR_IMAGE_MISSING || b == PAIR_IMAGE_MISSING;
            continue;
        }
        listed->row[listed->n][0] = a;
        listed->row[listed->n][1] = b;
        listed->same[listed->n] = pair->same;
        listed->pair[listed->n] = i;
        listed->fold[listed->n++] = pair->fold;
    }
    return cosine_pairs(listed->score, &c->embeddings.rows, (const int64_t(*)[2])listed->row,
                        listed->n, err);
}

/* The scores of one fold. */
static Scores *scores_of_fold(const ListedScores *listed, int fold, Err *err)
{
    float *score = malloc(((size_t)listed->n + 1) * sizeof *score);
    bool *same = malloc((size_t)listed->n + 1);
    Scores *scores = NULL;
    int64_t n = 0;
    for (int64_t i = 0; score != NULL && same != NULL && i < listed->n; i++)
        if (listed->fold[i] == fold - 1) {
            score[n] = listed->score[i];
            same[n++] = listed->same[i];
        }
    if (score == NULL || same == NULL)
        err_memory(err, "pairs", (size_t)listed->n * 5);
    else
        scores = scores_listed(score, same, n, err);
    free(score);
    free(same);
    return scores;
}

int comparison_score(Comparison *c, Err *err)
{
    const ListedScores *listed = &c->listed;
    if (c->list_name != NULL && take_pairs(c, err) != 0)
        return -1;
    if (c->list_name == NULL)
        c->scores = scores_all_pairs(&c->embeddings.rows, err);
    else if (c->fold > 0)
        c->scores = scores_of_fold(listed, c->fold, err);
    else
        c->scores = scores_listed(listed->score, listed->same, listed->n, err);
    return c->scores != NULL ? 0 : -1;
}

int comparison_hardest(Hardest *hardest, const Comparison *c, Pool *pool, Err *err)
{
    const ListedScores *listed = &c->listed;
    if (c->list_name == NULL)
        return hardest_walk(hardest, c->scores, pool, err);
    for (int64_t i = 0; i < listed->n; i++)
        if (c->fold == 0 || listed->fold[i] == c->fold - 1)
            hardest_add(hardest, 0, listed->score[i], listed->row[i][0], listed->row[i][1],
                        listed->same[i]);
    return 0;
}

void comparison_drop_embeddings(Comparison *c)
{
    free(c->embeddings.embedding);
    c->embeddings.embedding = NULL;
    c->embeddings.rows.embedding = NULL;
}

void comparison_drop_scores(Comparison *c)
{
    scores_free(c->scores);
    c->scores = NULL;
}

void comparison_release(Comparison *c)
{
    pairs_release(&c->list);
    free(c->listed.row);
    free(c->listed.score);
    free(c->listed.same);
    free(c->listed.fold);
    free(c->listed.pair);
    scores_free(c->scores);
    embeddings_release(&c->embeddings);
    *c = (Comparison){0};
}
