/* A measurement beside one in double precision, as a table. */
#ifndef REPORT_RECOUNT_INTERNAL_H
#define REPORT_RECOUNT_INTERNAL_H

#include <stdio.h>

#include "verify/recount_internal.h"

/* A line for each threshold. */
void report_recount(FILE *out, const Recount *recount);

#endif
