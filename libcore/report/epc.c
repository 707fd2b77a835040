#include "report/epc_internal.h"

#include "report/value_internal.h"

void report_epc(FILE *out, const EpcPoint *point)
{
    fputs("alpha\tthreshold\tfmr\tfnmr\thter\tcost\tfalse_matches\tfalse_non_matches\tset_fmr\t"
          "set_fnmr\tset_cost\n",
          out);
    for (int i = 0; i < EPC_POINTS; i++) {
        const EpcPoint *p = &point[i];
        const ErrorRates *rates = &p->rates;
        fprintf(out, "%g\t%.9g", p->alpha, (double)p->threshold);
        value_tsv_digits(out, rates->fmr.value, 17);
        value_tsv_digits(out, rates->fnmr.value, 17);
        value_tsv_digits(out, rates->hter, 17);
        value_tsv_digits(out, epc_cost(p->alpha, rates->fmr.value, rates->fnmr.value), 17);
        fprintf(out, "\t%lld\t%lld", (long long)rates->fmr.wrong, (long long)rates->fnmr.wrong);
        value_tsv_digits(out, p->set_fmr.value, 17);
        value_tsv_digits(out, p->set_fnmr.value, 17);
        value_tsv_digits(out, epc_cost(p->alpha, p->set_fmr.value, p->set_fnmr.value), 17);
        fputc('\n', out);
    }
}
