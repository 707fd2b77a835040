# make -f pipelines/bench-megaface.mk    MegaFace's challenge in random numbers of its size
#
# 3,530 probes of 80 people; 20,000 distractors beside NumPy, which holds all scores, then a million
# straight through standard input: WARM rounds that are not measured, ROUNDS that are, their median, and what
# the first one took.
# Settings: OUT, FEW, MANY (distractors), WARM, ROUNDS.

OUT    ?= out/bench-megaface
FEW    ?= 20000
MANY   ?= 1000000
WARM   ?= 3
ROUNDS ?= 7
PYTHON ?= /usr/bin/python3
PEER   := pipelines/bench/megaface_bench.py
include pipelines/bench/shell.mk

.PHONY: all packages
all: $(OUT)/report
	@cat $<

packages:
	pipelines/need-packages python3 python3-numpy

$(OUT)/probes.emb: $(PEER) | packages
	mkdir -p $(@D)
	$(PYTHON) $(PEER) probes >$@
$(OUT)/few.emb: $(PEER) | packages
	mkdir -p $(@D)
	$(PYTHON) $(PEER) distractors $(FEW) >$@
$(OUT)/many.emb: $(PEER) | packages
	mkdir -p $(@D)
	$(PYTHON) $(PEER) distractors $(MANY) >$@

$(OUT)/expected: $(OUT)/probes.emb $(OUT)/few.emb
	$(PYTHON) $(PEER) evaluate $^ >$@

$(OUT)/report: $(OUT)/probes.emb $(OUT)/few.emb $(OUT)/expected $(OUT)/many.emb
	eval-id --tsv --distractors $(OUT)/few.emb $< >$(OUT)/found
	$(PYTHON) pipelines/bench/turns.py $(WARM) $(ROUNDS) \
	    "$(MANY) distractors=eval-id --tsv -q --distractors - $< <$(OUT)/many.emb >$(OUT)/million" >$(OUT)/turns
	{ $(PYTHON) $(PEER) compare $(OUT)/found $(OUT)/expected; \
	  awk -f pipelines/bench/turns.awk $(OUT)/turns; cat $(OUT)/million; } >$@.part
	mv $@.part $@
