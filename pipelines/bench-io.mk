# make -f pipelines/bench-io.mk [DATA=folder with lfw/lfw.tgz]
#
# face-pack on LFW next to what bounds it: --store jpeg beside reading the archive with cat, --store raw
# with alignment, on all processors, beside libjpeg-turbo alone decoding the same files. Everything
# runs in one go, in turns: WARM rounds that are not measured, after which what is read lies in the page
# cache, then ROUNDS, whose medians are printed, and what the first, unmeasured round took.
# In each round libjpeg-turbo decodes all files three times before it is timed.

DATA  ?= $(or $(FACE_DATA),../shared/data)
B     ?= build
WORK  ?= $(B)/bench-io
WARM  ?= 3
ROUNDS ?= 7
N     := $(shell nproc)
include pipelines/bench/shell.mk
PACK  := $(B)/bin/face-pack
POINTS := --landmarks $(DATA)/lfw/landmarks250.txt --landmark-scale 0.6

bench: $(WORK)/table
	@cat $<
.PHONY: bench

$(PACK) $(B)/bench/decode-rate:
	+$(MAKE) --no-print-directory $@

$(WORK)/lfw.tar:
	@mkdir -p $(@D)
	gzip -dc $(DATA)/lfw/lfw.tgz >$@.new
	mv $@.new $@

$(WORK)/files: $(WORK)/lfw.tar
	tar -xf $< -C $(@D)
	find $(@D)/lfw -name '*.jpg' | sort >$@

$(WORK)/table: $(WORK)/lfw.tar $(WORK)/files $(PACK) $(B)/bench/decode-rate
	@set -euo pipefail; TIMEFORMAT=%R; \
	once() { { time "$$@" >/dev/null 2>/dev/null; } 2>&1; }; \
	for round in $$(seq $$(($(WARM) + $(ROUNDS)))); do \
	    echo "cat $$(once cat $<)"; \
	    echo "jpeg-unchecked $$(once $(PACK) -q --store jpeg --unchecked -o /dev/null $<)"; \
	    echo "jpeg $$(once $(PACK) -q --store jpeg -o /dev/null $<)"; \
	    echo "raw $$(once $(PACK) -q $(POINTS) -o /dev/null $<)"; \
	    echo "decode $$($(B)/bench/decode-rate $(N) <$(WORK)/files)"; \
	done | awk -f pipelines/bench/median.awk -f pipelines/bench/io_table.awk -v warm=$(WARM) -v threads=$(N) -v bytes=$$(stat -c %s $<) >$@.new
	@mv $@.new $@
