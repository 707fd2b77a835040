# make -f pipelines/bench-search.mk    face-search beside faiss (IndexFlatIP, Debian's), on random numbers
#
# GALLERY embeddings of DIM numbers, two a person, and PROBES others of the first people. Their answers are
# compared: the nearest row of each probe. Contenders take turns, WARM rounds that are not measured, then
# ROUNDS. face-search and "faiss" are run anew and read the gallery each time; "faiss-kept" has its index in
# memory and only searches. Beside the table stands what the products alone take at the peak of this
# machine's large sgemm. Some 3 GB of disk and 7 GB of memory. Nothing else should be running.

GALLERY ?= 1000000
PROBES  ?= 1000
DIM     ?= 512
WARM    ?= 1
ROUNDS  ?= 5
OUT     ?= out/bench-search
BENCH   := pipelines/bench
PYTHON  := /usr/bin/python3
include pipelines/bench/shell.mk

.PHONY: all packages
all: $(OUT)/report
	@cat $<

packages:
	@pipelines/need-packages python3-numpy python3-faiss

$(OUT)/gallery.emb: | packages
	mkdir -p $(@D)
	$(PYTHON) $(BENCH)/roc_bench.py planted $(GALLERY) $(DIM) 2 1 >$@
$(OUT)/probes.emb: | packages
	mkdir -p $(@D)
	$(PYTHON) $(BENCH)/roc_bench.py planted $(PROBES) $(DIM) 2 2 >$@

build/bench/sgemm-rate:
	$(MAKE) -s $@

$(OUT)/report: $(OUT)/gallery.emb $(OUT)/probes.emb build/bench/sgemm-rate $(BENCH)/search_faiss.py
	$(PYTHON) $(BENCH)/turns.py $(WARM) $(ROUNDS) \
	    "face-search=face-search -q --closed-set --gallery $(OUT)/gallery.emb $(OUT)/probes.emb >$(OUT)/ours" \
	    "faiss=$(PYTHON) $(BENCH)/search_faiss.py once $(OUT)/gallery.emb $(OUT)/probes.emb $(OUT)/theirs" \
	    "faiss-kept@$(PYTHON) $(BENCH)/search_faiss.py kept $(OUT)/gallery.emb $(OUT)/probes.emb" >$(OUT)/turns
	{ awk -f $(BENCH)/turns.awk $(OUT)/turns; \
	  build/bench/sgemm-rate | awk -v n=$(GALLERY) -v d=$(DIM) -v p=$(PROBES) \
	      '{ printf "products at %.0f GFLOP/s, the peak of sgemm: %.2f s\n", $$1, 2 * n * d * p / $$1 / 1e9 }'; \
	  $(PYTHON) $(BENCH)/search_faiss.py compare $(OUT)/ours $(OUT)/theirs; } >$@.part
	mv $@.part $@
