# make -f pipelines/bench-head.mk: steps of the npcface head (forward, backward, SGD with momentum
# and weight decay) on 512-d embeddings, next to the same mathematics in PyTorch (Debian's).
#
# The two are compared first on a small case. Then every way of doing a step has its turn, a
# process each, and that ROUNDS times; the table has the median of all measured steps, seven at least.
# Every process takes WARM steps first that are not measured: memory is faulted in by then, and
# sampled centres are in their steady state. What the first and the last of these took stands beside
# the median: where the last is no longer like the first but like the median, it was warm. Five ways:
#
#     recompute    this head, which computes the cosines twice
#     keep         this head with memory to keep them: three products instead of four
#     torch-own    PyTorch as it is installed, with as many threads as it chooses
#     torch        PyTorch as it is installed, with a thread for each processor
#     torch-tuned  PyTorch where malloc never returns memory to the system, so that its buffers
#                  are not faulted in afresh in every step
#
# Nothing else should be running. A size alone:
# make -f pipelines/bench-head.mk out/bench-head/512-85742.tsv

OUT    ?= out/bench-head
ROUNDS ?= 3
PYTHON ?= /usr/bin/python3
include pipelines/bench/shell.mk

SIZES := 256-10575 512-85742 512-360232 512-1000000
BENCH := build/bench/bench-head
FREE  := 100000000000

.PHONY: all
all: $(OUT)/table
	@cat $<

$(OUT)/table: $(SIZES:%=$(OUT)/%.tsv) pipelines/bench/table.awk
	awk -f pipelines/bench/median.awk -f pipelines/bench/table.awk $(SIZES:%=$(OUT)/%.tsv) > $@

$(OUT):
	mkdir -p $@

$(BENCH): pipelines/bench/bench-head.c $(wildcard libcore/*/*.[ch])
	pipelines/need-packages python3-torch
	$(MAKE) -s $@

$(OUT)/agree: $(BENCH) pipelines/bench/bench-head.py | $(OUT)
	$(BENCH) check $(OUT)/check.stream
	$(PYTHON) pipelines/bench/bench-head.py check $(OUT)/check.stream > $@
	@cat $@

# by size: steps to warm up, steps measured in a turn
$(OUT)/256-%.tsv:       STEPS = 6
$(OUT)/512-360232.tsv:  RATE = 0.1
$(OUT)/512-360232.tsv:  WARM = 12
$(OUT)/512-1000000.tsv: WAYS = recompute
$(OUT)/512-1000000.tsv: STEPS = 7
$(OUT)/512-1000000.tsv: ROUNDS = 1
RATE = 1
WARM = 3
STEPS = 3
WAYS = recompute keep torch-own torch torch-tuned

# batch and identities of a target
SHAPE = $(subst -, ,$*) $(RATE)
recompute   = $(BENCH) $(SHAPE) recompute $(WARM) $(STEPS)
keep        = $(BENCH) $(SHAPE) keep $(WARM) $(STEPS)
torch       = $(PYTHON) pipelines/bench/bench-head.py $(SHAPE) $(WARM) $(STEPS)
torch-own   = TORCH_OWN_THREADS=1 $(torch)
torch-tuned = MALLOC_TRIM_THRESHOLD_=$(FREE) MALLOC_MMAP_THRESHOLD_=$(FREE) $(torch)

# Lines of: batch, identities, sample rate, way, seconds, peak, working memory, GFLOP/s of sgemm,
# seconds of the first and of the last unmeasured step
$(OUT)/%.tsv: $(OUT)/agree
	@rm -f $@.part
	@for round in $$(seq $(ROUNDS)); do $(foreach way,$(WAYS),\
	    echo "$* $(way), round $$round of $(ROUNDS)" >&2; \
	    $($(way)) | sed "s/^/$(subst $() ,\t,$(SHAPE))\t$(way)\t/" >> $@.part;) done
	@mv $@.part $@
