/* Which kernels a tool computes with, and whether they are what the processor deserves. */
#ifndef CMD_CLI_KERNELS_H
#define CMD_CLI_KERNELS_H

#include <stdbool.h>

#include "product/kernels.h"

/* One thread in OpenBLAS, inside each of ours. */
void cli_limit_blas(void);

/* For --version: OpenBLAS' kernels, or those that nets use unless another choice is made. */
void cli_print_blas(void);
void cli_print_kernels(void);

/* Sets the precision. Where these kernels have it not, that is told and they go on in float, or it
 * is a failure if `required`. */
int cli_set_precision(Kernels *kernels, Precision precision, bool required, Err *err);

/* Those of CLI_KERNELS' choice, with a note where OpenBLAS uses others than this processor could.
 * NULL on failure. */
Kernels *cli_kernels(int choice, Err *err);

#endif
