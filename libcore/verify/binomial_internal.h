/* The interval of Clopper and Pearson (Biometrika 26, 1934): the shares that a count of wrong
 * decisions among independent pairs does not contradict, 2.5 % at either end. Exact for pairs that
 * are independent; pairs that share a person are not, and the bootstrap over identities says so. */
#ifndef VERIFY_BINOMIAL_INTERNAL_H
#define VERIFY_BINOMIAL_INTERNAL_H

#include <stdint.h>

#include "verify/interval_internal.h"

/* NaN without pairs. Where nothing is wrong the upper end is near 3.7 / pairs. */
Interval binomial_interval(int64_t wrong, int64_t pairs);

/* The rule of three: a share that none wrong in so many pairs excludes with 95 %, on one side. */
double binomial_rule_of_three(int64_t pairs);

#endif
