# make -f pipelines/bench-ijb.mk           eval-ijb at IJB-C's size, beside NumPy on the same files
# make -f pipelines/bench-ijb.mk SHRINK=20 the same, smaller
#
# The files have the form and the size of IJB-C's: 469,375 images, 23,124 templates, 15,658,489
# pairs, two galleries, 19,593 probes; the faces are random. NumPy pools in double, scores by matrix
# products in double and ranks with scikit-learn's roc_curve: every figure must agree. Some 3 GB of
# files, 4 GB of memory and ten minutes, nearly all of them NumPy's.
# Settings: OUT, SHRINK, SWITCHES (those that NumPy evaluates).

OUT      ?= out/bench-ijb
SHRINK   ?= 1
SWITCHES ?= N0D0F0 N1D0F0 N0D1F0 N1D1F0 N0D0F1 N1D0F1 N0D1F1 N1D1F1
PYTHON   ?= /usr/bin/python3
PEER     := pipelines/bench/ijb_bench.py
PLAIN    := env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE
TIMED    := $(PLAIN) /usr/bin/time -f '%e s, %U s of processors, %M KiB at most'
RUN      := eval-ijb --meta $(OUT)/meta --detections $(OUT)/detections --pairs $(OUT)/pairs
ONE_TO_N := --gallery $(OUT)/G1.csv --gallery $(OUT)/G2.csv --probe $(OUT)/probe.csv
SIDES    := $(OUT)/plain.emb $(OUT)/mirrored.emb
export LC_ALL := C
export PATH := $(CURDIR)/build/bin:$(PATH)
SHELL    := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:

.PHONY: all packages
all: $(OUT)/report
	@cat $<

packages:
	pipelines/need-packages time python3 python3-numpy python3-sklearn

$(OUT)/pairs: $(PEER) | packages
	mkdir -p $(@D)
	$(PYTHON) $(PEER) make $(OUT) $(SHRINK)

$(OUT)/expected: $(OUT)/pairs
	$(PLAIN) $(PYTHON) $(PEER) evaluate $(OUT) $(SWITCHES) 2>&1 >$@ | tee $(OUT)/peer

$(OUT)/report: $(OUT)/pairs $(OUT)/expected
	{ echo "one setting, 1:1"; \
	  $(TIMED) $(RUN) --switches N0D1F1 $(SIDES) 2>&1 >$(OUT)/one; \
	  echo "all eight, 1:1"; \
	  $(TIMED) $(RUN) $(SIDES) 2>&1 >$(OUT)/eight; \
	  echo "all eight, 1:1 and 1:N"; \
	  $(TIMED) $(RUN) $(ONE_TO_N) $(SIDES) 2>&1 >$(OUT)/found; \
	  echo "NumPy and scikit-learn, from the start"; cat $(OUT)/peer; \
	  $(PYTHON) $(PEER) compare $(OUT)/found $(OUT)/expected; } >$@.part
	mv $@.part $@
