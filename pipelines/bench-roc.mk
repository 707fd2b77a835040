# make -f pipelines/bench-roc.mk        eval-roc beside NumPy and scikit-learn, same embeddings
# make -f pipelines/bench-roc.mk large  100,000 embeddings, 5 x 10^9 pairs, TAR down to FAR 1e-9
# make -f pipelines/bench-roc.mk conventions   every --convention beside scikit-learn and NumPy,
#                                              on SETS small sets full of ties
# make -f pipelines/bench-roc.mk rates   every rate beside the definitions of bob.measure and pyeer,
#                                        written out in NumPy, on SETS random sets
# make -f pipelines/bench-roc.mk more    --groups and --edc beside the plain run
#
# Contenders take turns: WARM rounds that are not measured, then RUNS that are; medians are printed, and
# what the first, unmeasured round took.
#
# EMBEDDINGS is any stream with labels; that of pipelines/lfw.mk or protocols.mk if it is there,
# else 13,232 embeddings of 512 with planted identities. scikit-learn needs some 6 GB for 87.5
# million pairs.

OUT        ?= out/bench-roc
LFW        := $(firstword $(wildcard out/protocols/lfw-*.embeddings out/lfw/*.embeddings))
EMBEDDINGS ?= $(or $(LFW),$(OUT)/planted.emb)
PYTHON     ?= /usr/bin/python3
PEER       := pipelines/bench/roc_bench.py
FARS       := 1e-1,1e-2,1e-3,1e-4,1e-5,1e-6
WARM       ?= 3
RUNS       ?= 7
TURNS      := $(PYTHON) pipelines/bench/turns.py $(WARM) $(RUNS)
include pipelines/bench/shell.mk

.PHONY: all large more conventions rates packages FORCE
all: $(OUT)/compared
	@cat $<
large: $(OUT)/large
	@cat $<

more: $(OUT)/more
	@awk -f pipelines/bench/turns.awk $<

conventions: | packages
	$(PYTHON) pipelines/bench/roc_conventions.py $(or $(SETS),200)

rates:
	pipelines/need-packages python3 python3-numpy
	$(PYTHON) pipelines/bench/roc_rates.py $(or $(SETS),200)

packages:
	pipelines/need-packages python3 python3-numpy python3-sklearn

build/bench/sgemm-rate: FORCE
	$(MAKE) -s $@

$(OUT)/planted.emb: | packages
	mkdir -p $(@D)
	$(PYTHON) $(PEER) planted 13232 512 3 1 > $@

$(OUT)/large.emb: | packages
	mkdir -p $(@D)
	$(PYTHON) $(PEER) planted 100000 512 10 2 > $@

# TAR is read by the nearest point in both; the peer's time is of its arithmetic only.
$(OUT)/compared: $(EMBEDDINGS) $(PEER) pipelines/bench/roc_compared.awk FORCE | packages
	mkdir -p $(@D)
	eval-roc --tsv --convention nearest --far $(FARS) $< > $(OUT)/own
	$(TURNS) "eval-roc=eval-roc --convention nearest --far $(FARS) $<" \
	    "NumPy and scikit-learn@$(PYTHON) $(PEER) all-pairs $< $(OUT)/peer" > $(OUT)/turns
	awk -F'\t' -f pipelines/bench/roc_compared.awk $(OUT)/own $(OUT)/peer $(OUT)/turns > $@

# The arithmetic that counts is a product and a sum for each number of each pair. The share of the
# machine's rate is taken by the clock and by processor time: on a busy machine the latter holds.
LARGE_FARS := 1e-3,1e-5,1e-7,1e-8,1e-9
$(OUT)/large: $(OUT)/large.emb build/bench/sgemm-rate pipelines/bench/roc_rate.awk FORCE
	eval-roc --far $(LARGE_FARS) $< > $@
	rm -f $(OUT)/sgemm
	$(TURNS) "sgemm=build/bench/sgemm-rate >> $(OUT)/sgemm" \
	    "eval-roc=eval-roc --far $(LARGE_FARS) $<" > $(OUT)/turns-large
	awk -F'\t' -f pipelines/bench/roc_rate.awk $(OUT)/sgemm $(OUT)/turns-large >> $@

# Two groups, every other identity in one, and a quality that says nothing.
$(OUT)/more: $(OUT)/planted.emb pipelines/bench/random_column.py FORCE
	$(PYTHON) pipelines/bench/random_column.py 1 $< >$(OUT)/rated.emb
	stream-ls --table --fields label $< | sed 1d | sort -nu | \
	    awk '{ print $$1 "\t" ($$1 % 2 ? "odd" : "even") }' >$(OUT)/groups.txt
	$(TURNS) "plain=eval-roc -q $(OUT)/rated.emb" \
	    "--groups=eval-roc -q --groups $(OUT)/groups.txt --at 1e-4 $(OUT)/rated.emb" \
	    "--edc=eval-roc -q --edc random --at 1e-4 $(OUT)/rated.emb" >$@
