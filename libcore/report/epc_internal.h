/* An expected performance curve as TSV. */
#ifndef REPORT_EPC_INTERNAL_H
#define REPORT_EPC_INTERNAL_H

#include <stdio.h>

#include "verify/epc_internal.h"

/* A heading and a line for each of point[EPC_POINTS]: alpha, threshold, fmr, fnmr, hter, cost,
 * false_matches, false_non_matches on the others; set_fmr, set_fnmr, set_cost where it was set. */
void report_epc(FILE *out, const EpcPoint *point);

#endif
