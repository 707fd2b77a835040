/* By how much rates of groups differ. Over the groups with a rate x_1 ... x_n, n >= 2, FMR and FNMR
 * having a half of the weight each:
 *
 *     FDR     1 - (max - min of FMR) / 2 - (max - min of FNMR) / 2
 *             Fairness Discrepancy Rate (de Freitas Pereira and Marcel, IEEE T-BIOM 4(1), 2022)
 *     IR      sqrt(max FMR / min FMR) sqrt(max FNMR / min FNMR)
 *             inequity (Grother, NISTIR 8429, with equal exponents)
 *     GARBE   G(FMR) / 2 + G(FNMR) / 2, G = n / (n - 1) sum_ij |x_i - x_j| / (2 n^2 mean)
 *             (Howard et al., arXiv 2203.05051)
 *
 * and max / min and max / geometric mean of either rate (NISTIR 8429). What divides by a rate of
 * 0 is not measurable. */
#ifndef VERIFY_GROUPS_COMPARE_INTERNAL_H
#define VERIFY_GROUPS_COMPARE_INTERNAL_H

typedef enum GroupMeasure {
    GROUP_FDR,
    GROUP_IR,
    GROUP_GARBE,
    GROUP_FMR_MAX_MIN,
    GROUP_FMR_MAX_GEOMEAN,
    GROUP_FNMR_MAX_MIN,
    GROUP_FNMR_MAX_GEOMEAN,
    GROUP_MEASURES
} GroupMeasure;

const char *groups_measure_name(GroupMeasure measure);

/* All measures of the rates fmr[n] and fnmr[n], in which NaN stands for what is not known. */
void groups_compare(double measure[GROUP_MEASURES], const double *fmr, const double *fnmr, int n);

#endif
