# make -f pipelines/bench-io.mk [DATA=folder with lfw/lfw.tgz]
#
# face-pack on LFW next to what bounds it: --store jpeg beside reading the archive with cat, --store raw
# with alignment, on all processors, beside libjpeg-turbo alone decoding the same files. Everything
# runs in one go, in turns, the quickest of five rounds counts. What is read lies in the page cache
# after the first round.

DATA  ?= ../shared/data
B     ?= build
export LC_ALL := C
WORK  ?= $(B)/bench-io
N     := $(shell nproc)
SHELL := /bin/bash
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
	for round in 1 2 3 4 5; do \
	    echo "cat $$(once cat $<)"; \
	    echo "jpeg-unchecked $$(once $(PACK) -q --store jpeg --unchecked -o /dev/null $<)"; \
	    echo "jpeg $$(once $(PACK) -q --store jpeg -o /dev/null $<)"; \
	    echo "raw $$(once $(PACK) -q $(POINTS) -o /dev/null $<)"; \
	    read -r seconds files < <($(B)/bench/decode-rate $(N) <$(WORK)/files); \
	    echo "decode $$seconds $$files"; \
	done | awk -v threads=$(N) -v bytes=$$(stat -c %s $<) ' \
	    !($$1 in best) || $$2 < best[$$1] { best[$$1] = $$2 } \
	    NF == 3 { files = $$3 } \
	    END { \
	        printf "%d files, %.0f MB, %d threads, seconds of the quickest of five\n", files, bytes / 1e6, threads; \
	        printf "libjpeg-turbo alone, files in memory\t%.2f\t%.0f files/s\n", best["decode"], files / best["decode"]; \
	        printf "--store raw, aligned\t%.2f\t%.0f files/s, %.0f %% of libjpeg-turbo\n", best["raw"], files / best["raw"], 100 * best["decode"] / best["raw"]; \
	        printf "--store jpeg\t%.2f\t%.0f MB/s\n", best["jpeg"], bytes / 1e6 / best["jpeg"]; \
	        printf "--store jpeg --unchecked\t%.2f\t%.0f MB/s\n", best["jpeg-unchecked"], bytes / 1e6 / best["jpeg-unchecked"]; \
	        printf "cat of the archive\t%.2f\n", best["cat"] }' >$@.new
	@mv $@.new $@
