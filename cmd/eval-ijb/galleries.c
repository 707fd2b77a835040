/* 1:N */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval-ijb/ijb.h"
#include "identify/ijb_internal.h"

enum { RANKS = 3, FPIRS = 2 };

static const double ranks[RANKS] = {1, 5, 10}, fpir[FPIRS] = {1e-2, 1e-1};
static const IdentificationAsk ask = {ranks, fpir, RANKS, FPIRS, false};

static void print_count(const Ijb *ijb, const char *switches, const char *measure,
                        const char *gallery, int64_t count)
{
    char name[512];
    snprintf(name, sizeof name, "%s:%s", measure, gallery);
    ijb_print(ijb, switches, name, NAN, (double)count, NAN, "NA");
}

static void print_rates(const Ijb *ijb, const char *switches, const char *gallery,
                        const Identification *found, const char *convention)
{
    char name[512];
    snprintf(name, sizeof name, "rank:%s", gallery);
    for (int i = 0; i < RANKS; i++)
        ijb_print(ijb, switches, name, ranks[i], found->rate[i], NAN, "cmc");
    snprintf(name, sizeof name, "tpir:%s", gallery);
    for (int i = 0; i < FPIRS; i++)
        ijb_print(ijb, switches, name, fpir[i], found->tpir[i], found->threshold[i], convention);
}

int measure_galleries(Ijb *ijb, const char *switches, Err *err)
{
    const CliList *galleries = &ijb->options->galleries;
    const IjbLists lists = {galleries->item, galleries->n, ijb->options->probe};
    IjbIdentification found;
    int rc = ijb_identify(&found, &lists, &ask, &ijb->images, ijb->feature, ijb->present,
                          ijb->side[0].e.rows.d, ijb->options->comm, ijb->pool, err);
    for (int g = 0; rc == 0 && g < galleries->n; g++) {
        print_count(ijb, switches, "mated", galleries->item[g], found.gallery[g].mated);
        print_count(ijb, switches, "unmated", galleries->item[g], found.gallery[g].unmated);
        print_rates(ijb, switches, galleries->item[g], &found.gallery[g], "rank 1");
    }
    if (rc == 0 && found.several) {
        print_rates(ijb, switches, "mean", &found.mean, "rank 1");
        print_rates(ijb, switches, "joined", &found.joined, "insightface");
    }
    ijb_identification_release(&found);
    return rc;
}
