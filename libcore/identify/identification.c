#include "identify/identification_internal.h"

#include <math.h>
#include <stdlib.h>

#include "scores/far_rank_internal.h"

static void add_cmc(Cmc *cmc, const Probe *probe, int64_t m, int64_t gallery)
{
    int ranks = gallery < CMC_MAX ? (int)gallery : CMC_MAX;
    cmc->ranks = cmc->trials == 0 || ranks < cmc->ranks ? ranks : cmc->ranks;
    cmc->compared += (double)gallery;
    cmc->trials++;
    for (int r = 0; r < cmc->ranks; r++)
        cmc->rate[r] += search_rank_rate(probe, m, r + 1);
}

static Probe *search(const Subjects *s, RowSpan gallery, RowSpan probes, Largest *others,
                     Pool *pool, Err *err)
{
    if (gallery.n == 0 || probes.n == 0) {
        err_set(err, "the gallery is empty, or there are no probes");
        return NULL;
    }
    Probe *probe = malloc((size_t)probes.n * sizeof *probe);
    if (probe == NULL) {
        err_memory(err, "probes", (size_t)probes.n * sizeof *probe);
        return NULL;
    }
    if (search_gallery(probe, s, gallery, probes, others, pool, err) == 0)
        return probe;
    free(probe);
    return NULL;
}

static void count(Identification *out, const IdentificationAsk *ask, const Probe *probe, int64_t m,
                  int64_t gallery)
{
    *out = (Identification){.gallery = gallery};
    for (int64_t i = 0; i < m; i++)
        out->mated += probe[i].rank > 0;
    out->unmated = m - out->mated;
    for (int i = 0; i < ask->ranks; i++)
        out->rate[i] = search_rank_rate(probe, m, (int64_t)ask->rank[i]);
    for (int i = 0; i < ask->fpirs; i++)
        out->selectivity[i] = NAN;
}

static int measure_selectivity(Identification *out, const IdentificationAsk *ask,
                               const Probe *probe, const Subjects *s, RowSpan gallery,
                               RowSpan probes, Pool *pool, Err *err)
{
    int64_t above[IDENTIFICATION_MAX];
    if (!ask->selectivity || ask->fpirs == 0)
        return 0;
    if (search_above(above, out->threshold, ask->fpirs, probe, s, gallery, probes, pool, err) != 0)
        return -1;
    for (int i = 0; i < ask->fpirs; i++)
        out->selectivity[i] =
            isnan(out->threshold[i]) ? NAN : (double)above[i] / (double)out->unmated;
    return 0;
}

int identification_measure(Identification *out, Cmc *cmc, const IdentificationAsk *ask,
                           const Subjects *subjects, RowSpan gallery, RowSpan probes, Pool *pool,
                           Err *err)
{
    Probe *probe = search(subjects, gallery, probes, NULL, pool, err);
    if (probe == NULL)
        return -1;
    count(out, ask, probe, probes.n, gallery.n);
    if (cmc != NULL)
        add_cmc(cmc, probe, probes.n, gallery.n);
    for (int i = 0; i < ask->fpirs; i++)
        out->tpir[i] = search_open_set(&out->threshold[i], probe, probes.n, ask->fpir[i], 1, err);
    int rc = err_is_set(err)
                 ? -1
                 : measure_selectivity(out, ask, probe, subjects, gallery, probes, pool, err);
    free(probe);
    return rc;
}

int identification_closed(Identification *out, const IdentificationAsk *ask,
                          const Subjects *subjects, RowSpan gallery, RowSpan probes, Pool *pool,
                          Err *err)
{
    int64_t most = 1;
    for (int i = 0; i < ask->fpirs; i++) {
        int64_t k = far_rank_up(ask->fpir[i], probes.n);
        most = k > most ? k : most;
    }
    Largest *others = largest_new(most, pool_threads(pool), err);
    Probe *probe = others != NULL ? search(subjects, gallery, probes, others, pool, err) : NULL;
    if (probe != NULL) {
        count(out, ask, probe, probes.n, gallery.n);
        for (int i = 0; i < ask->fpirs; i++)
            out->tpir[i] =
                search_closed_set(&out->threshold[i], probe, probes.n, ask->fpir[i], others);
    }
    largest_free(others);
    free(probe);
    return probe != NULL ? 0 : -1;
}
