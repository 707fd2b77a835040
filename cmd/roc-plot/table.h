/* The tables that roc-plot draws: what eval-roc, eval-id and npc-train write. */
#ifndef CMD_ROC_PLOT_TABLE_H
#define CMD_ROC_PLOT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "lists/names_internal.h"

typedef enum TableKind {
    TABLE_CURVE,
    TABLE_HISTOGRAM,
    TABLE_CMC,
    TABLE_STEPS,       /* the log of a training */
    TABLE_VALIDATION,  /* that of its validations */
    TABLE_GROUPS,      /* FMR across groups of people */
    TABLE_RELIABILITY, /* which probabilities came true how often */
    TABLE_EDC,         /* error against discard */
    TABLE_EPC,         /* expected performance */
    TABLE_SIZE         /* FNIR against the size of the gallery */
} TableKind;

enum { TABLE_THRESHOLD = 4, TABLE_COLUMNS };

/* A curve has FAR, TAR, the ends of its interval and the threshold in a row, a histogram where a
 * bin begins and ends and how many genuine and impostor scores are in it, a CMC rank, rate and how
 * many were compared, a log of steps step, loss and rate, one of validations step and up to three
 * measures, a table of groups the numbers of two groups and their FMR, one of reliability what was
 * predicted and what was observed, one of error against discard the share and FNMR, one of expected
 * performance alpha and HTER, one of sizes people, FNIR and FPIR. NaN stands for what is not there.
 */
typedef struct Table {
    char *name; /* for the legend */
    TableKind kind;
    double (*row)[TABLE_COLUMNS];
    int64_t rows;
    bool band;        /* there are intervals */
    char *measure[3]; /* names of a validation's, or NULL */
    bool grouped;     /* several curves, one for each value of the third column */
    Names group;      /* of a table of groups */
} Table;

/* Reads "FILE" or "NAME=FILE"; without a name it is called after the file. */
int table_read(Table *table, const char *operand, Err *err);
void table_free(Table *table); /* safe on a zeroed one */

#endif
