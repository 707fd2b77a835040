# How the recipes of the pipelines run: include pipelines/shell.mk
#
# With bash, which stops at the first command that fails, in a pipe too; with the tools that were built here; with
# numbers and orders that do not depend on the locale. A target whose recipe failed is removed, what was made on the
# way is kept.
#
# CLUSTER starts what can be several processes as such, CLUSTER="mpirun --hostfile pipelines/cluster/hosts" or, within
# a job of Slurm, CLUSTER="srun --mpi=pmix": the same bytes as without (distributed(7)).
export LC_ALL := C
export PATH   := $(CURDIR)/build/bin:$(PATH)
SHELL         := /bin/bash
.SHELLFLAGS   := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
CLUSTER       ?=
