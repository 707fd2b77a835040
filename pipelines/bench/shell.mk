# How the recipes of the benchmarks run: include pipelines/bench/shell.mk
#
# As those of the other pipelines, with the kernels of this machine: some pin the BLAS to an older processor.
include pipelines/shell.mk
export PYTHONDONTWRITEBYTECODE := 1
unexport OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
