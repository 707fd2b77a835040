/* Which kernels a tool computes with, and whether they are what the processor deserves. */
#ifndef CMD_CLI_KERNELS_H
#define CMD_CLI_KERNELS_H

#include "product/kernels.h"

/* One thread in OpenBLAS, inside each of ours. */
void cli_limit_blas(void);

/* For --version: OpenBLAS' kernels, or those that nets use unless another choice is made. */
void cli_print_blas(void);
void cli_print_kernels(void);

/* kernels_new(), with a note where OpenBLAS uses others than this processor could. */
Kernels *cli_kernels(const char *choice, Err *err);

#endif
