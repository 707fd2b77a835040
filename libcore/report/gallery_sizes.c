#include "report/gallery_sizes_internal.h"

#include <inttypes.h>

#include "report/value_internal.h"

void report_gallery_sizes(FILE *out, const GallerySize *size, int n, const IdentificationAsk *ask)
{
    fputs("people\tgallery\tfpir\tfnir\tselectivity\tthreshold\trank-1\tmated\tunmated\n", out);
    for (int f = 0; f < ask->fpirs; f++)
        for (int i = 0; i < n; i++) {
            const Identification *found = &size[i].found;
            fprintf(out, "%" PRId64 "\t%" PRId64 "\t%.9g", size[i].people, found->gallery,
                    ask->fpir[f]);
            value_tsv(out, 1 - found->tpir[f]);
            value_tsv(out, found->selectivity[f]);
            value_tsv(out, (double)found->threshold[f]);
            value_tsv(out, found->rate[0]);
            fprintf(out, "\t%" PRId64 "\t%" PRId64 "\n", found->mated, found->unmated);
        }
}
