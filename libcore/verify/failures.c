#include "verify/failures_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort_internal.h"
#include "lists/failure_list_internal.h"

static int embedded(const Comparison *c, const char *path, int64_t row, Err *err)
{
    return err_set(err, "%s: %.300s has an embedding (row %lld of %s)", c->failures.file, path,
                   (long long)row, c->input);
}

/* Which images of the list of pairs failed. */
static int fail_images(Comparison *c, const FailureList *list, Err *err)
{
    for (int64_t i = 0; i < list->paths.n; i++) {
        const char *path = names_at(&list->paths, i);
        int64_t found = pairs_find(&c->list, path, (int)strlen(path));
        PairImage *image = found >= 0 ? &c->list.image[found] : NULL;
        if (image == NULL)
            continue;
        if (image->row >= 0)
            return embedded(c, path, image->row, err);
        if (image->row == PAIR_IMAGE_FAILED)
            return err_set(err, "%s: %.300s is an image of a pair that occurs before",
                           c->failures.file, path);
        image->row = PAIR_IMAGE_FAILED;
        c->failures.faces++;
        c->missing--;
    }
    c->failures.acquired = c->list.images - c->missing - c->failures.faces;
    return 0;
}

/* A pair with an image that is missing is left out, whatever the other one is. */
static void count_listed(Comparison *c)
{
    for (int64_t i = 0; i < c->list.pairs; i++) {
        const FacePair *pair = &c->list.pair[i];
        int64_t a = c->list.image[pair->image[0]].row, b = c->list.image[pair->image[1]].row;
        bool failed = a == PAIR_IMAGE_FAILED || b == PAIR_IMAGE_FAILED;
        if (!failed || a == PAIR_IMAGE_MISSING || b == PAIR_IMAGE_MISSING)
            continue;
        *(pair->same ? &c->failures.genuine : &c->failures.impostor) += 1;
    }
}

static int compare_labels(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int64_t pairs_of(int64_t n)
{
    return n % 2 == 0 ? n / 2 * (n - 1) : (n - 1) / 2 * n;
}

/* Those of one label among label[n], which are sorted. */
static int64_t genuine_pairs(int64_t *label, int64_t n)
{
    int64_t pairs = 0;
    sort_array(label, (size_t)n, sizeof *label, compare_labels);
    for (int64_t begin = 0, end; begin < n; begin = end) {
        for (end = begin + 1; end < n && label[end] == label[begin];)
            end++;
        pairs += pairs_of(end - begin);
    }
    return pairs;
}

/* All pairs of rows and failures, but for those of two rows. */
static int count_labels(Comparison *c, const FailureList *list, Err *err)
{
    const EmbeddingRows *rows = &c->embeddings.rows;
    Failures *f = &c->failures;
    size_t most = (size_t)(rows->n + list->paths.n);
    int64_t *label = malloc((most + 1) * sizeof *label), n = 0;
    if (label == NULL)
        return err_memory(err, "labels", most * sizeof *label);
    for (int64_t i = 0; i < rows->n; i++)
        if (rows->label[i] >= 0)
            label[n++] = rows->label[i];
    f->acquired = n;
    int64_t compared = genuine_pairs(label, n);
    for (int64_t i = 0; i < list->paths.n; i++)
        if (list->label[i] >= 0)
            label[n++] = list->label[i];
    f->faces = n - f->acquired;
    f->unlabelled = list->paths.n - f->faces;
    f->genuine = genuine_pairs(label, n) - compared;
    f->impostor = pairs_of(n) - pairs_of(f->acquired) - f->genuine;
    free(label);
    return 0;
}

static int refuse_embedded(const Comparison *c, const FailureList *list, Err *err)
{
    const EmbeddingRows *rows = &c->embeddings.rows;
    for (int64_t row = 0; c->embeddings.has_keys && row < rows->n; row++) {
        int length;
        const char *key = embedding_key(rows, row, &length);
        int64_t found = names_find(&list->paths, key, (size_t)length);
        if (found >= 0)
            return embedded(c, names_at(&list->paths, found), row, err);
    }
    return 0;
}

int failures_read(Comparison *c, const char *file, Err *err)
{
    FailureList list;
    c->failures = (Failures){.file = strcmp(file, "-") == 0 ? "standard input" : file};
    int rc = failure_list_read(&list, file, err);
    if (rc == 0 && c->list_name != NULL) {
        rc = fail_images(c, &list, err);
        count_listed(c);
    } else if (rc == 0) {
        rc = refuse_embedded(c, &list, err);
        if (rc == 0)
            rc = count_labels(c, &list, err);
    }
    failure_list_release(&list);
    return rc;
}

ErrorRate failures_to_acquire(const Failures *f)
{
    return error_rate_of(f->faces, f->faces + f->acquired);
}

TransactionRates failures_rates(const Failures *f, ErrorRate fmr, ErrorRate fnmr)
{
    return (TransactionRates){
        .far = error_rate_of(fmr.wrong, fmr.pairs + f->impostor),
        .frr = error_rate_of(fnmr.wrong + f->genuine, fnmr.pairs + f->genuine),
    };
}
