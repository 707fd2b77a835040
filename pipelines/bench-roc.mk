# make -f pipelines/bench-roc.mk        eval-roc beside NumPy and scikit-learn, same embeddings
# make -f pipelines/bench-roc.mk large  100,000 embeddings, 5 x 10^9 pairs, TAR down to FAR 1e-9
#
# EMBEDDINGS is any stream with labels; the one of pipelines/lfw.mk if it is there, else 13,232
# embeddings of 512 with planted identities. scikit-learn needs some 7 GB for 87.5 million pairs.

OUT        ?= out/bench-roc
LFW        := $(firstword $(wildcard out/lfw/*.embeddings))
EMBEDDINGS ?= $(or $(LFW),$(OUT)/planted.emb)
PYTHON     ?= /usr/bin/python3
PEER       := pipelines/bench-roc.py
FARS       := 1e-1,1e-2,1e-3,1e-4,1e-5,1e-6
export PATH := $(CURDIR)/build/bin:$(PATH)
SHELL      := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

.PHONY: all large packages
all: $(OUT)/compared
	@cat $<
large: $(OUT)/large
	@cat $<

packages:
	pipelines/need-packages python3 python3-numpy python3-sklearn

$(OUT)/planted.emb: | packages
	mkdir -p $(@D)
	$(PYTHON) $(PEER) planted 13232 512 3 1 > $@

$(OUT)/large.emb: | packages
	mkdir -p $(@D)
	$(PYTHON) $(PEER) planted 100000 512 10 2 > $@

# TAR is read by the nearest point in both; three runs of eval-roc, the median counts.
$(OUT)/compared: $(EMBEDDINGS) $(PEER) | packages
	mkdir -p $(@D)
	$(PYTHON) $(PEER) all-pairs $< > $(OUT)/peer
	for i in 1 2 3; do \
	    s=$$(date +%s.%N); eval-roc --tsv --convention nearest --far $(FARS) $< > $(OUT)/own; \
	    e=$$(date +%s.%N); awk "BEGIN { print $$e - $$s }"; done | sort -n | sed -n 2p > $(OUT)/seconds
	awk -F'\t' -v own=$$(cat $(OUT)/seconds) ' \
	    NR == FNR { if ($$1 == "tar") { tar[$$2 + 0] = $$3; at[$$2 + 0] = $$5 }; next } \
	    $$1 == "tar" { d = tar[$$2 + 0] - $$3; t = at[$$2 + 0] - $$4; \
	        printf "FAR %g: TAR %.9f and %.9f, thresholds %.7f and %.7f\n", \
	            $$2, tar[$$2 + 0], $$3, at[$$2 + 0], $$4 } \
	    $$1 == "seconds" { printf "seconds: %.2f and %.2f, %.1f times as fast\n", own, $$2, $$2 / own } \
	    $$1 == "MiB" { print "peer, MiB:", $$2 }' $(OUT)/own $(OUT)/peer > $@

$(OUT)/large: $(OUT)/large.emb
	s=$$(date +%s.%N); eval-roc --far 1e-3,1e-6,1e-9 $< > $@; \
	e=$$(date +%s.%N); awk -v s=$$s -v e=$$e 'BEGIN { \
	    printf "%.1f seconds, %.1f GFLOP/s\n", e - s, 1024 * 5e9 / (e - s) / 1e9 }' >> $@
