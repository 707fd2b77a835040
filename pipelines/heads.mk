# make -f pipelines/heads.mk           every head, same net, data, recipe and seeds: two tables
# make -f pipelines/heads.mk rendered  the one on rendered faces     (no data needed)
# make -f pipelines/heads.mk real      the one on CFP and LFW        (data as in lfw.mk)
#
# Rendered: the tested identities are never trained on; $(TEST) people with 10 pictures each give
# enough impostor pairs for FAR 1e-6. Real: trained on CFP without the people of LFW, tested on all
# pairs of LFW, at 48x48, which is five times as fast as 112x112. Every run starts from scratch and is
# measured at its last step; a table gives mean and sample standard deviation over the seeds that are
# done.
#
# All heads of the first seed come first, so that an interrupted experiment is comparable as far as it
# went: `make -f pipelines/heads.mk tables` prints what there is. A run that is killed goes on from
# its last checkpoint and ends in the same bytes.

OUT        ?= out/heads
DATA       ?= $(or $(FACE_DATA),../shared/data)
SEEDS      ?= 1 2 3
# A head, or HEAD.PRESET.
HEADS      ?= npcface arcface cosface curricularface mv-am softmax normface npcface.paper-v1 mv-arc \
              sphereface arcnegface adacos circleloss magface adaface adam-softmax
ARCH       ?= mobilefacenet
SIZE       ?= 32
TRAIN      ?= 2000
IMAGES     ?= 10
TEST       ?= 600
HARDNESS   ?= 0.5
EPOCHS     ?= 4
REAL_SIZE  ?= 48
REAL_EPOCHS ?= 10
FARS       := 1e-1,1e-2,1e-3,1e-4,1e-5,1e-6
RECIPE     := --arch $(ARCH) --batch 64 --lr 0.1 --schedule polynomial --weight-decay 5e-4 \
              --clip 5 --flip 0.5 --every 50 --quiet
export LC_ALL := C
export PATH := $(CURDIR)/build/bin:$(PATH)
SHELL      := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:

runs = $(foreach seed,$(SEEDS),$(foreach head,$(HEADS),$(OUT)/$(1)/$(head)/$(seed).tsv))
# The options of the head named by the folder of the target.
name_parts = $(subst ., ,$(*D))
head = --head $(firstword $(name_parts)) $(addprefix --preset ,$(word 2,$(name_parts)))

.PHONY: all rendered real tables
all: rendered real
rendered: $(call runs,rendered)
	@awk -f pipelines/heads.awk $^
real: $(call runs,real)
	@awk -f pipelines/heads.awk $^
tables:
	@for part in $(notdir $(wildcard $(OUT)/rendered $(OUT)/real)); do \
	    files=$$(find $(OUT)/$$part -name '*.tsv' ! -name '*.log.tsv' | sort); \
	    [ -z "$$files" ] || { echo "$$part:"; awk -f pipelines/heads.awk $$files; }; done

$(OUT) $(OUT)/rendered $(OUT)/real:
	mkdir -p $@

$(OUT)/rendered/train.faces: | $(OUT)/rendered
	face-synth --size $(SIZE) --hardness $(HARDNESS) --identities $(TRAIN) --images $(IMAGES) -o $@
$(OUT)/rendered/test.faces: | $(OUT)/rendered
	face-synth --size $(SIZE) --hardness $(HARDNESS) --identities $(TEST) --images 10 \
	    --first-identity 1000000 -o $@
$(OUT)/real/train.faces $(OUT)/real/test.faces: | $(OUT)/real
	$(MAKE) -f pipelines/lfw.mk DATA=$(DATA) OUT=$(OUT)/real SIZE=$(REAL_SIZE) \
	    $(OUT)/real/cfp.faces $(OUT)/real/lfw.faces
	ln -f $(OUT)/real/cfp.faces $(OUT)/real/train.faces
	ln -f $(OUT)/real/lfw.faces $(OUT)/real/test.faces

$(OUT)/rendered/%.model: $(OUT)/rendered/train.faces
	mkdir -p $(@D)
	npc-train -i $< $(RECIPE) $(head) --epochs $(EPOCHS) --warmup 100 --seed $(*F) \
	    --checkpoint $(@:.model=.checkpoint) --log $(@:.model=.log.tsv) -o $@
	rm -f $(@:.model=.checkpoint)
$(OUT)/real/%.model: $(OUT)/real/train.faces
	mkdir -p $(@D)
	npc-train -i $< $(RECIPE) $(head) --epochs $(REAL_EPOCHS) --warmup 70 --seed $(*F) \
	    --checkpoint $(@:.model=.checkpoint) --log $(@:.model=.log.tsv) -o $@
	rm -f $(@:.model=.checkpoint)

# The embeddings are large and quickly made again, so only the measures are kept.
define measure
	embed -m $< --mirror sum --normalize $(word 2,$^) | eval-roc --tsv --quiet --far $(FARS) > $@
endef
$(OUT)/rendered/%.tsv: $(OUT)/rendered/%.model $(OUT)/rendered/test.faces
	$(measure)
$(OUT)/real/%.tsv: $(OUT)/real/%.model $(OUT)/real/test.faces
	$(measure)
