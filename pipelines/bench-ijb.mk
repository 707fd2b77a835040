# make -f pipelines/bench-ijb.mk           eval-ijb beside NumPy on the same files: a 20th of IJB-C
# make -f pipelines/bench-ijb.mk SIZE=full the same at IJB-C's size, more than half an hour
#
# The files have the form and, with SIZE=full, the size of IJB-C's: 469,375 images, 23,124 templates, 15,658,489
# pairs, two galleries, 19,593 probes; the faces are random. NumPy pools in double, scores by matrix
# products in double and ranks with scikit-learn's roc_curve: every figure must agree. At full size:
# some 3 GB of files, 4 GB of memory, and of some 200 s that a round takes 150 s are NumPy's.
#
# Both take turns, and both read the files in every round: WARM rounds are not measured, ROUNDS are; medians
# are printed, and what the first, unmeasured round took. NumPy stays in memory from round to round.
# Settings: SIZE, SHRINK (1/SHRINK of the images, templates and probes), OUT, WARM, ROUNDS, SWITCHES (those that NumPy evaluates).

SIZE     ?= small
SHRINK   ?= $(if $(filter full,$(SIZE)),1,20)
OUT      ?= out/bench-ijb/$(SHRINK)
SWITCHES ?= N0D0F0 N1D0F0 N0D1F0 N1D1F0 N0D0F1 N1D0F1 N0D1F1 N1D1F1
WARM     ?= 3
ROUNDS   ?= 7
PYTHON   ?= /usr/bin/python3
PEER     := pipelines/bench/ijb_bench.py
RUN      := eval-ijb --tsv --meta $(OUT)/meta --detections $(OUT)/detections --pairs $(OUT)/pairs
ONE_TO_N := --gallery $(OUT)/G1.csv --gallery $(OUT)/G2.csv --probe $(OUT)/probe.csv
SIDES    := $(OUT)/plain.emb $(OUT)/mirrored.emb
include pipelines/bench/shell.mk

.PHONY: all packages
all: $(OUT)/report
	@cat $<

packages:
	pipelines/need-packages python3 python3-numpy python3-sklearn

$(OUT)/pairs: $(PEER) | packages
	mkdir -p $(@D)
	$(PYTHON) $(PEER) make $(OUT) $(SHRINK)

$(OUT)/report: $(OUT)/pairs pipelines/bench/turns.awk
	$(PYTHON) pipelines/bench/turns.py $(WARM) $(ROUNDS) \
	    "one setting, 1:1=$(RUN) -q --switches N0D1F1 $(SIDES)" \
	    "all eight, 1:1=$(RUN) -q $(SIDES)" \
	    "all eight, 1:1 and 1:N=$(RUN) -q $(ONE_TO_N) $(SIDES) >$(OUT)/found" \
	    "NumPy and scikit-learn, $(words $(SWITCHES)) settings, 1:1 and 1:N@$(PYTHON) $(PEER) evaluate $(OUT) $(OUT)/expected $(SWITCHES)" \
	    >$(OUT)/turns
	{ awk -f pipelines/bench/turns.awk $(OUT)/turns; \
	  $(PYTHON) $(PEER) compare $(OUT)/found $(OUT)/expected; } >$@.part
	mv $@.part $@
