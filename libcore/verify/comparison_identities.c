/* Who is who among what is compared, and whether two streams compare the same. */
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/sort_internal.h"
#include "verify/comparison_internal.h"

/* Images of a list, joined into people: each points at one of its own, the last at itself. */
static int64_t leader(int64_t *joined, int64_t image)
{
    while (joined[image] != image) {
        joined[image] = joined[joined[image]];
        image = joined[image];
    }
    return image;
}

static void join(int64_t *joined, int64_t a, int64_t b)
{
    a = leader(joined, a);
    b = leader(joined, b);
    joined[a > b ? a : b] = a < b ? a : b;
}

typedef struct Labelled {
    int64_t label, image;
} Labelled;

static int compare_labelled(const void *a, const void *b)
{
    const Labelled *x = a, *y = b;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    return (x->image > y->image) - (x->image < y->image);
}

static int join_labels(int64_t *joined, const Comparison *c, Err *err)
{
    const PairList *list = &c->list;
    Labelled *of = malloc((size_t)list->images * sizeof *of);
    int64_t n = 0;
    if (of == NULL)
        return err_memory(err, "labels", (size_t)list->images * sizeof *of);
    for (int64_t i = 0; i < list->images; i++)
        if (list->image[i].row >= 0 && c->embeddings.label[list->image[i].row] >= 0)
            of[n++] = (Labelled){c->embeddings.label[list->image[i].row], i};
    sort_array(of, (size_t)n, sizeof *of, compare_labelled);
    for (int64_t i = 1; i < n; i++)
        if (of[i].label == of[i - 1].label)
            join(joined, of[i - 1].image, of[i].image);
    free(of);
    return 0;
}

/* Images are sorted by name; paths have no number. */
static void join_names(int64_t *joined, const PairList *list)
{
    for (int64_t i = 1; i < list->images; i++) {
        const PairImage *a = &list->image[i - 1], *b = &list->image[i];
        if (a->number > 0 && a->length == b->length &&
            memcmp(a->name, b->name, (size_t)a->length) == 0)
            join(joined, i - 1, i);
    }
}

/* Numbers the people of the pairs that are scored; number[images] begins as -1. */
static int64_t number_pairs(int32_t (*identity)[2], int32_t *number, int64_t *joined,
                            const Comparison *c)
{
    const ListedScores *listed = &c->listed;
    int64_t n = 0;
    for (int64_t i = 0; i < listed->n; i++)
        for (int side = 0; side < 2; side++) {
            int64_t image = c->list.pair[listed->pair[i]].image[side];
            int32_t *of = &number[leader(joined, image)];
            if (*of < 0)
                *of = (int32_t)n++;
            identity[i][side] = *of;
        }
    return n;
}

static int contradiction(const Comparison *c, int32_t (*identity)[2], Err *err)
{
    const ListedScores *listed = &c->listed;
    for (int64_t i = 0; i < listed->n; i++) {
        const FacePair *pair = &c->list.pair[listed->pair[i]];
        char name[2][256];
        if (pair->same || identity[i][0] != identity[i][1])
            continue;
        for (int side = 0; side < 2; side++)
            pairs_image_text(name[side], sizeof name[side], &c->list.image[pair->image[side]]);
        return err_set(err,
                       "%s and %s are an impostor pair of the list, but one person by their "
                       "labels, names or genuine pairs: identities cannot be resampled",
                       name[0], name[1]);
    }
    return 0;
}

static int list_identities(const Comparison *c, int32_t (**identity)[2], int64_t *n, Err *err)
{
    const ListedScores *listed = &c->listed;
    size_t images = (size_t)c->list.images;
    int64_t *joined = malloc((images + 1) * sizeof *joined);
    int32_t *number = malloc((images + 1) * sizeof *number);
    *identity = malloc(((size_t)listed->n + 1) * sizeof **identity);
    int rc = joined && number && *identity ? 0 : err_memory(err, "identities", images * 12);
    for (size_t i = 0; rc == 0 && i < images; i++) {
        joined[i] = (int64_t)i;
        number[i] = -1;
    }
    if (rc == 0)
        rc = join_labels(joined, c, err);
    if (rc == 0) {
        join_names(joined, &c->list);
        for (int64_t i = 0; i < listed->n; i++) {
            const FacePair *pair = &c->list.pair[listed->pair[i]];
            if (pair->same)
                join(joined, pair->image[0], pair->image[1]);
        }
        *n = number_pairs(*identity, number, joined, c);
        rc = contradiction(c, *identity, err);
    }
    free(joined);
    free(number);
    return rc;
}

int comparison_identities(const Comparison *c, int32_t (**identity)[2], int64_t *n, Err *err)
{
    *identity = NULL;
    *n = 0;
    if (c->given) { /* as good as nobody is known, and two are the fewest */
        *n = 2;
        *identity = calloc((size_t)c->listed.n + 1, sizeof **identity);
        return *identity != NULL
                   ? 0
                   : err_memory(err, "identities", (size_t)c->listed.n * sizeof **identity);
    }
    if (c->listed.pair != NULL)
        return list_identities(c, identity, n, err);
    for (int64_t place = 0; place < scores_places(c->scores); ++*n)
        place = scores_group_end(c->scores, place);
    return 0;
}

int comparison_identity_pairs(IdentityPairs *pairs, const Comparison *c,
                              const int32_t (*identity)[2], int64_t identities, Err *err)
{
    const ListedScores *listed = &c->listed;
    if (identity == NULL)
        return identity_pairs_init(pairs, c->scores, err);
    *pairs = (IdentityPairs){.list = {listed->n, listed->score, listed->same, identity},
                             .identities = (int32_t)identities};
    return 0;
}

/* A row by label and key. */
typedef struct Tagged {
    int64_t label, row;
    int length;
    const char *key;
} Tagged;

static int compare_tagged(const void *a, const void *b)
{
    const Tagged *x = a, *y = b;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    int order = memcmp(x->key, y->key, (size_t)(x->length < y->length ? x->length : y->length));
    return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

/* The rows with a label, sorted; without keys where only one of both has some. */
static Tagged *tag_rows(const Embeddings *e, bool keys, int64_t *n)
{
    Tagged *row = malloc(((size_t)e->rows.n + 1) * sizeof *row);
    *n = 0;
    for (int64_t i = 0; row != NULL && i < e->rows.n; i++) {
        if (e->label[i] < 0)
            continue;
        row[*n] = (Tagged){e->label[i], i, 0, ""};
        if (keys)
            row[*n].key = embedding_key(&e->rows, i, &row[*n].length);
        ++*n;
    }
    if (row != NULL)
        sort_array(row, (size_t)*n, sizeof *row, compare_tagged);
    return row;
}

static int same_rows(const Embeddings *a, const Embeddings *b, Err *err)
{
    int64_t n, m;
    bool keys = a->has_keys && b->has_keys;
    Tagged *x = tag_rows(a, keys, &n), *y = tag_rows(b, keys, &m);
    int rc = x != NULL && y != NULL ? 0 : err_memory(err, "rows", (size_t)a->rows.n * sizeof *x);
    if (rc == 0 && n != m)
        rc =
            err_set(err, "%s with a label, not %lld", counted(m, "row", "rows").text, (long long)n);
    for (int64_t i = 0; rc == 0 && i < n; i++)
        if (compare_tagged(&x[i], &y[i]) != 0)
            rc = err_set(err,
                         "the rows are not the same: label %lld %.*s (row %lld) instead of label "
                         "%lld %.*s (row %lld)",
                         (long long)y[i].label, y[i].length, y[i].key, (long long)y[i].row,
                         (long long)x[i].label, x[i].length, x[i].key, (long long)x[i].row);
    free(x);
    free(y);
    return rc;
}

int comparison_same(const Comparison *a, const Comparison *b, Err *err)
{
    if (a->listed.pair == NULL)
        return same_rows(&a->embeddings, &b->embeddings, err);
    if (a->listed.n != b->listed.n ||
        memcmp(a->listed.pair, b->listed.pair, (size_t)a->listed.n * sizeof(int64_t)) != 0)
        return err_set(err, "%s both images, not the same %lld",
                       counted(b->listed.n, "pair has", "pairs have").text, (long long)a->listed.n);
    return 0;
}
