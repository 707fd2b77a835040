# make -f pipelines/protocols.mk MODEL=FILE        LFW, BLUFR and CFP with this model
# make -f pipelines/protocols.mk MODEL=FILE lfw    LFW's 6,000 pairs, and all pairs of its photographs
# make -f pipelines/protocols.mk MODEL=FILE blufr  BLUFR's ten trials on LFW, 1:1 and open-set 1:N
# make -f pipelines/protocols.mk MODEL=FILE cfp    CFP-FF and CFP-FP, 7,000 pairs each
# make -f pipelines/protocols.mk MODEL=FILE bins   InsightFace's verification sets: lfw.bin, agedb_30.bin ...
# make -f pipelines/protocols.mk MODEL=FILE lists PHOTOS=FOLDER PAIRS="LIST ..."
#                                                  aligned faces and lists of pairs: AgeDB-30, CALFW, CPLFW, RFW
# make -f pipelines/protocols.mk MODEL=FILE ijb    IJB-C (IJB_NAME=ijbb GALLERIES=S: IJB-B), 1:1 and 1:N
# make -f pipelines/protocols.mk MODEL=FILE megaface  MegaFace's challenge, its noise left out
#
# MODEL is one of npc-train's or an ONNX file. Input, in $(DATA) (../shared/data unless FACE_DATA
# says otherwise; nothing of it is copied):
#   lfw/lfw.tgz, landmarks250.txt, pairs.txt     photographs with points, View 2
#   lfw/blufr/images.txt, trial-01.txt ...       BLUFR's images and trials
#   cfp/cfp112.tgz, protocol/                    aligned faces, the official lists
# and, where they are, in $(BINS) verification sets, in $(IJB) the release of InsightFace (loose_crop/, meta/) and in $(MEGAFACE)
# aligned faces (facescrub_images/NAME/FILE, megaface_images/A/B/FILE) with the lists of noise
# (facescrub_noises.txt, megaface_noises.txt); with templatelists/, MegaFace's lists in JSON, only what those list.
# Settings: EMBED, EVAL (options of embed, of the tools that evaluate), OUT, BINS, IJB, IJB_NAME, GALLERIES, MEGAFACE.

DATA       ?= $(or $(FACE_DATA),../shared/data)
OUT        ?= out/protocols
EMBED      ?= --mirror sum
EVAL       ?=
MODEL      ?= $(error say MODEL=FILE)
BINS       ?= $(DATA)/bins
PHOTOS     ?= $(error say PHOTOS=FOLDER)
PAIRS      ?= $(error say PAIRS="LIST ...")
IJB        ?= $(DATA)/ijb/IJBC
IJB_NAME   ?= ijbc
GALLERIES  ?= G
MEGAFACE   ?= $(DATA)/megaface
NAME       := $(basename $(notdir $(MODEL)))
include pipelines/shell.mk

.PHONY: all lfw blufr cfp bins lists ijb megaface
all: lfw blufr cfp

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
	eval-roc $(EVAL) --pairs $(DATA)/lfw/pairs.txt $<
	eval-roc $(EVAL) $<
# one photograph of LFW's official archive is not among ours, and is named
blufr: $(OUT)/lfw-$(NAME).embeddings
	eval-id $(EVAL) --image-list $(DATA)/lfw/blufr/images.txt --skip-missing --cmc $(OUT)/blufr-$(NAME).cmc.tsv \
	    $(addprefix --blufr ,$(sort $(wildcard $(DATA)/lfw/blufr/trial-*.txt))) $<
cfp: $(OUT)/cfp-$(NAME).embeddings $(OUT)/cfp-FF.txt $(OUT)/cfp-FP.txt
	eval-roc $(EVAL) --pairs $(OUT)/cfp-FF.txt $<
	eval-roc $(EVAL) --pairs $(OUT)/cfp-FP.txt $<

$(OUT)/bin-%.faces: $(BINS)/%.bin | $(OUT)
	face-pack --pairs-out $(OUT)/bin-$*.pairs -o $@ $<
bin-%: $(OUT)/bin-%-$(NAME).embeddings
	eval-roc $(EVAL) --pairs $(OUT)/bin-$*.pairs $<
bins: $(patsubst $(BINS)/%.bin,bin-%,$(sort $(wildcard $(BINS)/*.bin)))

$(OUT)/lists-$(NAME).embeddings: $(MODEL) | $(OUT)
	face-pack $(PHOTOS) | embed -m $(MODEL) $(EMBED) -o $@
lists: $(OUT)/lists-$(NAME).embeddings
	for list in $(PAIRS); do echo "$$list" && eval-roc $(EVAL) --pairs "$$list" $<; done

# IJB: each image by its five points, and once more mirrored; lengths are kept, for N1.
META := $(IJB)/meta/$(IJB_NAME)
$(OUT)/ijb.points: $(META)_name_5pts_score.txt | $(OUT)
	awk '{ printf "loose_crop/%s", $$1; for (i = 2; i < 12; i++) printf "\t%s", $$i; print "" }' $< >$@
$(OUT)/ijb.faces: $(OUT)/ijb.points
	face-pack --landmarks $< -o $@ $(IJB)/loose_crop
$(OUT)/ijb-$(NAME).plain: $(OUT)/ijb.faces $(MODEL)
	embed -m $(MODEL) -o $@ $<
$(OUT)/ijb-$(NAME).mirrored: $(OUT)/ijb.faces $(MODEL)
	face-batch --no-shuffle --flip 1 $< | embed -m $(MODEL) -o $@
ijb: $(OUT)/ijb-$(NAME).plain $(OUT)/ijb-$(NAME).mirrored
	eval-ijb $(EVAL) --meta $(META)_face_tid_mid.txt --detections $(META)_name_5pts_score.txt \
	    --pairs $(META)_template_pair_label.txt --probe $(META)_1N_probe_mixed.csv \
	    --gallery $(META)_1N_gallery_$(GALLERIES)1.csv --gallery $(META)_1N_gallery_$(GALLERIES)2.csv $^

lists  = $(MEGAFACE)/templatelists/$(1)_features_list.json
listed = $(addprefix --list ,$(firstword $(wildcard $(lists) $(lists)_1000000_1)))
$(OUT)/megaface-%-$(NAME).embeddings: $(MEGAFACE)/%_images $(MODEL) | $(OUT)
	face-pack $(call listed,$*) $< | embed -m $(MODEL) $(EMBED) -o $@
megaface: $(OUT)/megaface-facescrub-$(NAME).embeddings $(OUT)/megaface-megaface-$(NAME).embeddings
	eval-id $(EVAL) --distractors $(word 2,$^) --noise $(MEGAFACE)/facescrub_noises.txt \
	    --distractor-noise $(MEGAFACE)/megaface_noises.txt $<
