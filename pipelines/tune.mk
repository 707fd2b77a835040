# make -f pipelines/tune.mk         a published recogniser fine-tuned on CFP with each head, before and after
# make -f pipelines/tune.mk table   what there is so far
#
# Input, in $(DATA) (../shared/data unless FACE_DATA says otherwise; nothing of it is copied):
#   cfp/cfp112.tgz, protocol/, overlap_with_lfw_by_name.txt  500 people, frontal and in profile
#   lfw/lfw.tgz, landmarks250.txt, pairs.txt, blufr/         the test on other people's photographs
#   models/faceplugin_fr_feature.onnx                        the recogniser (NET=FILE: another one)
# Two trainings a head. For the test on LFW: CFP's people whose names are not in LFW. For the test on CFP-FP:
# the people of its folds 1 to 5, tested on the pairs of folds 6 to 10, who are other people. A tenth of the
# people is never trained on: the log tells how they fare. The last model is the one that is tested.
#
# The recipe is that of npc-train(1) under Fine-tuning, the same for all heads, chosen on nothing: settings a
# head needs are in OPTIONS_head. Every figure is a row of $(RESULTS), with the difference to the net as it was
# and its 95 % interval over identities. Settings: HEADS, SEED, RECIPE, RESAMPLES, OUT, CLUSTER.

DATA      ?= $(or $(FACE_DATA),../shared/data)
OUT       ?= out/tune
NET       ?= $(DATA)/models/faceplugin_fr_feature.onnx
RESULTS   ?= pipelines/results/tune.tsv
HEADS     ?= npcface arcface cosface mv-am curricularface adacos softmax
SEED      ?= 1
RESAMPLES ?= 500
RECIPE    ?= --centres mean --batch 64 --epochs 4 --lr 0.002 --schedule cosine --warmup 50 \
             --weight-decay 5e-4 --clip 5 --flip 0.5
include pipelines/shell.mk

.PHONY: all table
all: $(foreach h,$(HEADS),$(OUT)/$(h)-$(SEED).lfw.rows $(OUT)/$(h)-$(SEED).cfp.rows)
	@$(MAKE) --no-print-directory -f pipelines/tune.mk table
table:
	@awk -f pipelines/tune/table.awk $(RESULTS)

$(OUT):
	mkdir -p $@
$(OUT)/lfw.faces: | $(OUT)
	$(MAKE) -f pipelines/protocols.mk OUT=$(@D) MODEL=$(NET) $@
# By key, because the folders the photographs lie in are poses.
$(OUT)/cfp.faces: $(DATA)/cfp/cfp112.tgz | $(OUT)
	tar -tzf $< | awk -F/ '/[.]jpg$$/ { print $$0 "\t" $$2 + 0 }' >$(OUT)/cfp.list
	face-pack --list $(OUT)/cfp.list -o $@ $<

# One test each: the pairs (CFP's folds have first the genuine, then the impostors: mixed, so that ten folds
# of equal size have both), and the people to train on.
$(OUT)/cfp.pairs: pipelines/cfp-pairs.awk | $(OUT)
	awk -f $< -v dir=$(DATA)/cfp/protocol -v kind=FP | awk 'NR <= 3500 { next } \
	    $$3 { genuine[g++] = $$0; next } { print genuine[i++]; print }' >$@
$(OUT)/cfp.people: pipelines/cfp-pairs.awk | $(OUT)
	awk -f $< -v dir=$(DATA)/cfp/protocol -v kind=FP | \
	    awk 'NR <= 3500 { split($$1, part, "/"); print part[1] + 0 }' | sort -un >$@
$(OUT)/lfw.pairs: $(DATA)/lfw/pairs.txt | $(OUT)
	cp $< $@
$(OUT)/lfw.people: $(DATA)/cfp/overlap_with_lfw_by_name.txt | $(OUT)
	awk -F '\t' 'FNR == NR { known[$$1 + 0]; next } !($$2 in known) { print $$2 }' $< \
	    <(stream-ls --table --fields key,label $(OUT)/cfp.faces | sed 1d) | sort -un >$@
$(OUT)/lfw.people: | $(OUT)/cfp.faces

$(OUT)/%.train $(OUT)/%.validation &: $(OUT)/%.people $(OUT)/cfp.faces
	stream-cat -q --keep $< --by label $(OUT)/cfp.faces | stream-cat -q --split 0.9 --relabel \
	    --rest $(OUT)/$*.validation -o $(OUT)/$*.train

# $(OUT)/HEAD-SEED.TEST.model, .embeddings, .rows; before.TEST.embeddings are the net's own.
head = $(word 1,$(subst -$(SEED).,$() ,$*))
test = $(lastword $(subst ., ,$*))
.SECONDEXPANSION:
$(OUT)/%.model: $(OUT)/$$(test).train $(OUT)/$$(test).validation
	$(CLUSTER) npc-train -q -i $< --init $(NET) --head $(head) $(OPTIONS_$(head)) $(RECIPE) --seed $(SEED) \
	    --validate $(OUT)/$(test).validation --validate-every 64 --validate-far 1e-2,1e-3,1e-4 \
	    --checkpoint $(OUT)/$*.checkpoint --every 64 --log $(OUT)/$*.log.tsv -o $@
	rm -f $(OUT)/$*.checkpoint
$(OUT)/before.%.embeddings: $(OUT)/%.faces
	embed -q -m $(NET) --mirror sum --normalize -o $@ $<
$(OUT)/%.embeddings: $(OUT)/%.model $(OUT)/$$(test).faces
	embed -q -m $< --mirror sum --normalize -o $@ $(OUT)/$(test).faces

# The pairs of the list; on LFW all pairs too, and BLUFR's ten trials, whose figure is mean less deviation.
COMPARE = eval-roc -q --tsv --any-model --bootstrap $(RESAMPLES) --versus $(OUT)/before.$(test).embeddings
TRIALS  = $(sort $(wildcard $(DATA)/lfw/blufr/trial-*.txt))
blufr   = eval-id --tsv -q --image-list $(DATA)/lfw/blufr/images.txt --skip-missing $(addprefix --blufr ,$(TRIALS)) $(1) \
          2>/dev/null
$(OUT)/%.rows: $(OUT)/%.embeddings $(OUT)/before.$$(test).embeddings $(OUT)/$$(test).pairs
	mkdir -p $(dir $(RESULTS))
	{ $(COMPARE) --pairs $(OUT)/$(test).pairs --far 1e-2,1e-3 $< | sed 's/^/list\t/'; \
	  if [ $(test) = lfw ]; then \
	      $(COMPARE) --far 1e-4,1e-5,1e-6 $< | sed 's/^/all\t/'; \
	      $(call blufr,$(word 2,$^)) | sed 's/^/before\t/'; \
	      $(call blufr,$<) | sed 's/^/blufr\t/'; \
	  fi; } | \
	awk -f pipelines/tune/rows.awk -v test=$(test) -v head=$(head) -v seed=$(SEED) \
	    -v commit=$$(git rev-parse --short HEAD 2>/dev/null || echo unknown) >$@
	[ -s $(RESULTS) ] || printf '%s\t' test pairs head seed commit measure at before after difference low high | \
	    sed 's/\t$$/\n/' >$(RESULTS)
	cat $@ >>$(RESULTS)
