# make -f pipelines/protocols.mk MODEL=FILE      every protocol below with this model
# make -f pipelines/protocols.mk MODEL=FILE lfw  LFW's 6,000 pairs, and all pairs of its photographs
# make -f pipelines/protocols.mk MODEL=FILE cfp  CFP-FF and CFP-FP, 7,000 pairs each
#
# MODEL is one of npc-train's or an ONNX file. Input, in $(DATA) (../shared/data unless FACE_DATA
# says otherwise; nothing of it is copied):
#   lfw/lfw.tgz, landmarks250.txt, pairs.txt     photographs with points, View 2
#   cfp/cfp112.tgz, protocol/                    aligned faces, the official lists
# Settings: EMBED (options of embed), OUT.

DATA       ?= $(or $(FACE_DATA),../shared/data)
OUT        ?= out/protocols
EMBED      ?= --flip sum
MODEL      ?= $(error say MODEL=FILE)
NAME       := $(basename $(notdir $(MODEL)))
export PATH := $(CURDIR)/build/bin:$(PATH)
SHELL      := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:

.PHONY: all lfw cfp
all: lfw cfp

$(OUT):
	mkdir -p $@

$(OUT)/lfw.faces: $(DATA)/lfw/lfw.tgz $(DATA)/lfw/landmarks250.txt | $(OUT)
	face-pack --landmarks $(word 2,$^) --landmark-scale 0.6 -o $@ $<
$(OUT)/cfp.faces: $(DATA)/cfp/cfp112.tgz | $(OUT)
	face-pack -o $@ $<
$(OUT)/cfp-%.txt: pipelines/cfp-pairs.awk $(DATA)/cfp/protocol/Pair_list_F.txt | $(OUT)
	awk -f $< -v dir=$(DATA)/cfp/protocol -v kind=$* >$@

$(OUT)/%-$(NAME).embeddings: $(OUT)/%.faces $(MODEL)
	embed -m $(MODEL) $(EMBED) -o $@ $<

lfw: $(OUT)/lfw-$(NAME).embeddings
	eval-roc --pairs $(DATA)/lfw/pairs.txt $<
	eval-roc $<
cfp: $(OUT)/cfp-$(NAME).embeddings $(OUT)/cfp-FF.txt $(OUT)/cfp-FP.txt
	eval-roc --pairs $(OUT)/cfp-FF.txt $<
	eval-roc --pairs $(OUT)/cfp-FP.txt $<
