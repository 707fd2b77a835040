/* How groups agree with identities: the labels of one stream with those of another */
#include <math.h>
#include <stdlib.h>

#include "eval-id/run.h"
#include "identify/agreement_internal.h"
#include "lists/names_internal.h"

/* group[] of the rows of `e` by key, or by row where one of them has no keys */
static int match_rows(int64_t *group, const Embeddings *e, const Embeddings *grouped,
                      const char *path, Err *err)
{
    Names keys = {0};
    int rc = 0, length;
    if (!e->has_keys || !grouped->has_keys) {
        if (e->rows.n != grouped->rows.n)
            return err_set(err, "%s has %lld rows, not %lld, and there are no keys to match by",
                           path, (long long)grouped->rows.n, (long long)e->rows.n);
        for (int64_t i = 0; i < e->rows.n; i++)
            group[i] = grouped->label[i];
        return 0;
    }
    for (int64_t i = 0; rc == 0 && i < grouped->rows.n; i++) {
        const char *key = embedding_key(&grouped->rows, i, &length);
        int64_t at = names_add(&keys, key, (size_t)length, err);
        if (at < 0)
            rc = -1;
        else if (at != i)
            rc = err_set(err, "%s: rows %lld and %lld have the same key, %.*s", path, (long long)at,
                         (long long)i, length, key);
    }
    for (int64_t i = 0; rc == 0 && i < e->rows.n; i++) {
        const char *key = embedding_key(&e->rows, i, &length);
        int64_t at = names_find(&keys, key, (size_t)length);
        if (at < 0)
            rc = err_set(err, "%s has no row of the key %.*s", path, length, key);
        else
            group[i] = grouped->label[at];
    }
    names_release(&keys);
    return rc;
}

static void add_figure(Trials *figures, const char *kind, const AgreementFigure *figure)
{
    trials_add(figures, "precision", NAN, figure->precision, kind);
    trials_add(figures, "recall", NAN, figure->recall, kind);
    trials_add(figures, "f", NAN, figure->f, kind);
}

int run_groups(Run *run, Err *err)
{
    const char *path = run->options->groups;
    Embeddings grouped = {0};
    Agreement agreement;
    int64_t *group = malloc(((size_t)run->e.rows.n + 1) * sizeof *group);
    int rc = group != NULL ? embeddings_load(&grouped, path, err)
                           : err_memory(err, "groups", (size_t)run->e.rows.n * sizeof *group);
    if (rc == 0 && !grouped.has_labels)
        rc = err_set(err, "%s: no column 'label' with the groups", path);
    if (rc == 0)
        rc = match_rows(group, &run->e, &grouped, path, err);
    if (rc == 0)
        rc = agreement_measure(&agreement, run->e.rows.label, group, run->e.rows.n, err);
    if (rc == 0) {
        trials_begin(&run->figures);
        trials_add(&run->figures, "faces", NAN, (double)agreement.faces, NULL);
        trials_add(&run->figures, "identities", NAN, (double)agreement.identities, NULL);
        trials_add(&run->figures, "groups", NAN, (double)agreement.groups, NULL);
        add_figure(&run->figures, "pairs", &agreement.pairs);
        add_figure(&run->figures, "bcubed", &agreement.bcubed);
        trials_add(&run->figures, "nmi", NAN, agreement.nmi, "arithmetic");
    }
    embeddings_release(&grouped);
    free(group);
    return rc;
}
