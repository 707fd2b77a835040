# make -f pipelines/bench-megaface.mk    MegaFace's challenge in random numbers of its size
#
# 3,530 probes of 80 people; 20,000 distractors beside NumPy, which holds all scores, then a million
# straight from a pipe. Some minutes, nearly all of them to make the random numbers.
# Settings: OUT, FEW, MANY (distractors).

OUT    ?= out/bench-megaface
FEW    ?= 20000
MANY   ?= 1000000
PYTHON ?= /usr/bin/python3
PEER   := pipelines/bench/megaface_bench.py
PLAIN  := env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE
TIMED  := $(PLAIN) /usr/bin/time -f '%e s, %U s of processors, %M KiB at most'
export LC_ALL := C
export PATH := $(CURDIR)/build/bin:$(PATH)
SHELL  := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

.PHONY: all packages
all: $(OUT)/report
	@cat $<

packages:
	pipelines/need-packages time python3 python3-numpy

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
	$(PLAIN) $(PYTHON) $(PEER) evaluate $^ >$@

$(OUT)/report: $(OUT)/probes.emb $(OUT)/few.emb $(OUT)/expected $(OUT)/many.emb
	eval-id --distractors $(OUT)/few.emb $< >$(OUT)/found
	{ $(PYTHON) $(PEER) compare $(OUT)/found $(OUT)/expected; \
	  echo "$(MANY) distractors"; \
	  $(TIMED) eval-id -q --distractors - $< 2>&1 >$(OUT)/million <$(OUT)/many.emb; \
	  cat $(OUT)/million; } >$@.part
	mv $@.part $@
