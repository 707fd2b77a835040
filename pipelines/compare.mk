# Which of two losses is the better one on your own faces?
#
# make -f pipelines/compare.mk A=npcface B=arcface FACES=train.faces TEST=test.faces FAR=1e-5 SEEDS=3
#
# FACES and TEST are packs of aligned faces of one size, with labels, of different people. A tenth of FACES'
# identities is held out; each loss gets the same small search on them (pipelines/heads/search.mk), then is
# trained at SEEDS seeds and measured on TEST. The last line says which leads, with the paired difference in
# TAR at FAR, its mean over the seeds, and the interval of that mean over identities and seeds
# (pipelines/heads/interval.awk). "Not shown" where it contains 0: two seeds rarely show anything, five may.
# OUT/roc.png has both ROC curves of the first seed, with bands.
#
# Every finished run is kept, so that make goes on where it was interrupted. `make -j N` runs N at a time.

A      ?= npcface
B      ?= arcface
FAR    ?= 1e-5
SEEDS  ?= 3
ARCH   ?= mobilefacenet
EPOCHS ?= 12
MILESTONES ?= 6,9,10
BATCH  ?= 128
OUT    ?= out/compare
HELD_OUT ?= 0.1
RECIPE ?= --arch $(ARCH) --batch $(BATCH) --epochs $(EPOCHS) --schedule steps --milestones $(MILESTONES) \
          --warmup 100 --weight-decay 5e-4 --clip 5 --flip 0.5 -j 1
ifeq ($(and $(FACES),$(TEST)),)
$(error compare.mk needs FACES=train.faces and TEST=test.faces)
endif

RESULTS  := $(OUT)/runs
SEARCH   := faces
HEADS    := $(A) $(B)
MAKEFILE := pipelines/compare.mk

include pipelines/shell.mk
export FARS   := $(FAR)
include pipelines/heads/search.mk
.DEFAULT_GOAL := compare

seeds = $(shell seq $(SEEDS))
runs  = $(foreach s,$(seeds),$(foreach h,$(HEADS),$(SEARCH)/$(h)/$(call best,$(h))/$(s)))
pairs = $(foreach s,$(seeds),$(SEARCH)/$(A)/$(call best,$(A))/$(s)/$(B)/$(call best,$(B)))

.PHONY: compare runs pairs verdict
compare: search
	+$(MAKE) --no-print-directory -f $(MAKEFILE) runs
	+$(MAKE) --no-print-directory -f $(MAKEFILE) pairs
	+@$(MAKE) --no-print-directory -f $(MAKEFILE) verdict
runs: $(call left,$(runs))
pairs: $(call left_paired,$(pairs))
verdict: $(OUT)/roc.png
	@awk -f pipelines/heads/interval.awk -f pipelines/heads/verdict.awk -v faces=$(TEST) $(RESULTS)-paired.tsv

$(OUT)/faces/train.faces $(OUT)/faces/validation.faces &: $(FACES)
	mkdir -p $(@D)
	stream-cat -q --split $$(awk 'BEGIN { print 1 - $(HELD_OUT) }') --relabel \
	    --rest $(OUT)/faces/validation.faces -o $(OUT)/faces/train.faces $<
$(OUT)/faces/test.faces: $(TEST)
	mkdir -p $(@D)
	cp $< $@

$(OUT)/%.roc: FORCE
	embed -q -m $(OUT)/faces/$*/$(call best,$*)/1.model --mirror sum --normalize $(OUT)/faces/test.faces | \
	    eval-roc -q --bootstrap 200 --roc $@ >/dev/null
$(OUT)/roc.png: $(OUT)/$(A).roc $(OUT)/$(B).roc
	roc-plot -o $@ $^
FORCE:
