/* Error rates by groups as they are written. */
#ifndef REPORT_GROUPS_INTERNAL_H
#define REPORT_GROUPS_INTERNAL_H

#include <stdio.h>

#include "verify/groups_internal.h"

/* What was asked for: the FMR of the threshold over all impostors, NaN if a score was given. */
void report_groups_table(FILE *out, const GroupRates *rates, const Comparison *comparison,
                         const char *list, double at);

/* A line a figure: measure, group, other group, value, wrong, pairs, low, high. */
void report_groups_tsv(FILE *out, const GroupRates *rates);

int report_groups_json(FILE *out, const GroupRates *rates, Err *err);

#endif
