#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval-ijb/ijb.h"
#include "identify/search.h"
#include "identify/template_list.h"

enum { RANKS = 3, FPIRS = 2 };

static const double fpir[FPIRS] = {1e-2, 1e-1};
static const int64_t ranks[RANKS] = {1, 5, 10};

typedef struct Rates {
    double rank[RANKS], tpir[FPIRS];
    float threshold[FPIRS];
} Rates;

typedef struct Search {
    const Ijb *ijb;
    const char *switches;
    int64_t *subject;      /* [templates] */
    TemplateList *gallery; /* [galleries + 1]; the last one has the members of all */
    TemplateList probes;
    Probe *probe; /* [probes.n] */
} Search;

static int search(Search *s, const TemplateList *gallery, Largest *others, Err *err)
{
    return search_gallery(s->probe, s->ijb->feature, s->subject, s->ijb->side[0].e.rows.d,
                          gallery->place, gallery->n, s->probes.place, s->probes.n, others,
                          s->ijb->pool, err);
}

static void print_ranks(const Search *s, const char *gallery, const double *rank)
{
    char measure[512];
    snprintf(measure, sizeof measure, "rank:%s", gallery);
    for (int i = 0; i < RANKS; i++)
        report_ijb_line(stdout, s->switches, measure, (double)ranks[i], rank[i], NAN, "cmc");
}

static void print_tpir(const Search *s, const char *gallery, const Rates *r, const char *convention)
{
    char measure[512];
    snprintf(measure, sizeof measure, "tpir:%s", gallery);
    for (int i = 0; i < FPIRS; i++)
        report_ijb_line(stdout, s->switches, measure, fpir[i], r->tpir[i], r->threshold[i],
                        convention);
}

static int measure_one(Search *s, Rates *r, int gallery, Err *err)
{
    const char *name = s->ijb->options->galleries.item[gallery];
    char measure[512];
    int64_t mated = 0;
    if (search(s, &s->gallery[gallery], NULL, err) != 0)
        return -1;
    for (int i = 0; i < RANKS; i++)
        r->rank[i] = search_rank_rate(s->probe, s->probes.n, ranks[i]);
    for (int i = 0; i < FPIRS; i++)
        r->tpir[i] = search_open_set(&r->threshold[i], s->probe, s->probes.n, fpir[i], 1, err);
    for (int64_t i = 0; i < s->probes.n; i++)
        mated += s->probe[i].rank > 0;
    if (err_is_set(err))
        return -1;
    snprintf(measure, sizeof measure, "mated:%s", name);
    report_ijb_line(stdout, s->switches, measure, NAN, (double)mated, NAN, "NA");
    snprintf(measure, sizeof measure, "unmated:%s", name);
    report_ijb_line(stdout, s->switches, measure, NAN, (double)(s->probes.n - mated), NAN, "NA");
    print_ranks(s, name, r->rank);
    print_tpir(s, name, r, "rank 1");
    return 0;
}

/* All galleries as one, the way InsightFace and FaceX-Zoo search. */
static int measure_joined(Search *s, Err *err)
{
    int last = s->ijb->options->galleries.n;
    Rates r;
    int64_t most = (int64_t)ceil(fpir[FPIRS - 1] * (double)s->probes.n);
    Largest *others = largest_new(most, pool_threads(s->ijb->pool), err);
    if (others == NULL)
        return -1;
    int rc = search(s, &s->gallery[last], others, err);
    for (int i = 0; rc == 0 && i < RANKS; i++)
        r.rank[i] = search_rank_rate(s->probe, s->probes.n, ranks[i]);
    for (int i = 0; rc == 0 && i < FPIRS; i++)
        r.tpir[i] = search_closed_set(&r.threshold[i], s->probe, s->probes.n, fpir[i], others);
    if (rc == 0) {
        print_ranks(s, "joined", r.rank);
        print_tpir(s, "joined", &r, "insightface");
    }
    largest_free(others);
    return rc;
}

static void print_mean(const Search *s, const Rates *each, int n)
{
    Rates mean = {.threshold = {NAN, NAN}};
    for (int g = 0; g < n; g++) {
        for (int i = 0; i < RANKS; i++)
            mean.rank[i] += each[g].rank[i] / n;
        for (int i = 0; i < FPIRS; i++)
            mean.tpir[i] += each[g].tpir[i] / n;
    }
    print_ranks(s, "mean", mean.rank);
    print_tpir(s, "mean", &mean, "rank 1");
}

/* The members of the galleries one after another, each template once. */
static int join(Search *s, int galleries, Err *err)
{
    TemplateList *all = &s->gallery[galleries];
    size_t templates = (size_t)s->ijb->images.templates;
    bool *seen = calloc(templates, sizeof *seen);
    all->place = malloc(templates * sizeof *all->place);
    if (seen == NULL || all->place == NULL) {
        free(seen);
        return err_memory(err, "a list of templates", templates * 9);
    }
    for (int g = 0; g < galleries; g++)
        for (int64_t i = 0; i < s->gallery[g].n; i++) {
            int64_t at = s->gallery[g].place[i];
            if (!seen[at])
                all->place[all->n++] = at;
            seen[at] = true;
        }
    free(seen);
    return 0;
}

static int read_lists(Search *s, Err *err)
{
    const Ijb *ijb = s->ijb;
    const CliList *galleries = &ijb->options->galleries;
    int64_t templates = ijb->images.templates;
    s->subject = malloc((size_t)templates * sizeof *s->subject);
    s->gallery = calloc((size_t)galleries->n + 1, sizeof *s->gallery);
    if (s->subject == NULL || s->gallery == NULL)
        return err_memory(err, "subjects", (size_t)templates * sizeof *s->subject);
    for (int64_t i = 0; i < templates; i++)
        s->subject[i] = -1;
    for (int g = 0; g < galleries->n; g++)
        if (template_list_read(&s->gallery[g], s->subject, galleries->item[g], &ijb->images,
                               ijb->present, err) != 0)
            return -1;
    if (template_list_read(&s->probes, s->subject, ijb->options->probe, &ijb->images, ijb->present,
                           err) != 0)
        return -1;
    s->probe = malloc((size_t)s->probes.n * sizeof *s->probe);
    if (s->probe == NULL)
        return err_memory(err, "probes", (size_t)s->probes.n * sizeof *s->probe);
    return join(s, galleries->n, err);
}

int measure_galleries(Ijb *ijb, const char *switches, Err *err)
{
    int galleries = ijb->options->galleries.n;
    Search s = {.ijb = ijb, .switches = switches};
    Rates *each = calloc((size_t)galleries, sizeof *each);
    int rc = each != NULL ? read_lists(&s, err) : err_memory(err, "galleries", sizeof *each);
    for (int g = 0; rc == 0 && g < galleries; g++)
        rc = measure_one(&s, &each[g], g, err);
    if (rc == 0 && galleries > 1) {
        print_mean(&s, each, galleries);
        rc = measure_joined(&s, err);
    }
    for (int g = 0; s.gallery != NULL && g <= galleries; g++)
        template_list_release(&s.gallery[g]);
    free(s.gallery);
    template_list_release(&s.probes);
    free(s.subject);
    free(s.probe);
    free(each);
    return rc;
}
