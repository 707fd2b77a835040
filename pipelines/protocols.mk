# make -f pipelines/protocols.mk MODEL=FILE        LFW, BLUFR and CFP with this model
# make -f pipelines/protocols.mk MODEL=FILE lfw    LFW's 6,000 pairs, and all pairs of its photographs
# make -f pipelines/protocols.mk MODEL=FILE blufr  BLUFR's ten trials on LFW, 1:1 and open-set 1:N
# make -f pipelines/protocols.mk MODEL=FILE cfp    CFP-FF and CFP-FP, 7,000 pairs each
# make -f pipelines/protocols.mk MODEL=FILE thresholds
#                                                  set on LFW's View 1, applied to View 2, its other people and CFP
# make -f pipelines/protocols.mk MODEL=FILE edc    error against discard on LFW, of which half is degraded
# make -f pipelines/protocols.mk MODEL=FILE bins   InsightFace's verification sets: lfw.bin, agedb_30.bin ...
# make -f pipelines/protocols.mk MODEL=FILE lists PHOTOS=FOLDER PAIRS="LIST ..."
#                                                  aligned faces and lists of pairs: AgeDB-30, CALFW, CPLFW, RFW
# make -f pipelines/protocols.mk MODEL=FILE ijb    IJB-C (IJB_NAME=ijbb GALLERIES=S: IJB-B), 1:1 and 1:N
# make -f pipelines/protocols.mk MODEL=FILE megaface  MegaFace's challenge, its noise left out
#
# MODEL is one of npc-train's or an ONNX file. Input, in $(DATA) (../shared/data unless FACE_DATA
# says otherwise; nothing of it is copied):
#   lfw/lfw.tgz, landmarks250.txt, pairs.txt     photographs with points, View 2
#   lfw/pairsDevTrain.txt, peopleDev*.txt        View 1, for thresholds
#   lfw/blufr/images.txt, trial-01.txt ...       BLUFR's images and trials
#   cfp/cfp112.tgz, protocol/                    aligned faces, the official lists
# and, where they are, in $(BINS) verification sets, in $(IJB) the release of InsightFace (loose_crop/, meta/) and in $(MEGAFACE)
# aligned faces (facescrub_images/NAME/FILE, megaface_images/A/B/FILE) with the lists of noise
# (facescrub_noises.txt, megaface_noises.txt); with templatelists/, MegaFace's lists in JSON, only what those list.
# Settings: EMBED, EVAL (options of embed, of the tools that evaluate), OUT, BINS, IJB, IJB_NAME, GALLERIES, MEGAFACE,
# THRESHOLDS (--at on View 1's pairs, all: on all pairs of its people), EDC_AT.

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
THRESHOLDS ?= eer min-hter 1e-2 all:eer all:min-hter all:1e-3 all:1e-4
EDC_AT     ?= 1e-3
PYTHON     ?= /usr/bin/python3
NAME       := $(basename $(notdir $(MODEL)))
include pipelines/shell.mk

.PHONY: all lfw blufr cfp thresholds edc bins lists ijb megaface
all: lfw blufr cfp

$(OUT):
	mkdir -p $@

$(OUT)/lfw.faces: $(DATA)/lfw/lfw.tgz $(DATA)/lfw/landmarks250.txt | $(OUT)
	face-pack --landmarks $(word 2,$^) --landmark-scale 0.6 -o $@ $<
$(OUT)/cfp.faces: $(DATA)/cfp/cfp112.tgz | $(OUT)
	face-pack --class-level 2 -o $@ $<
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

# Set on View 1: on its 2,200 pairs for training, and on all pairs of its people for training. Those for testing are
# other people. A line a rate: which pairs, how it was set, the threshold, the rate, there and here, and its interval.
$(OUT)/people-%.txt: $(DATA)/lfw/peopleDev%.txt | $(OUT)
	(echo name; awk 'NF == 2 { print $$1 }' $<) >$@
$(OUT)/view1-$(NAME)-%.embeddings: $(OUT)/lfw-$(NAME).embeddings $(OUT)/people-%.txt
	stream-cat --keep $(word 2,$^) -o $@ $<
CARRIED := $(OUT)/view1-$(NAME)-Train.embeddings $(OUT)/view1-$(NAME)-Test.embeddings \
           $(OUT)/cfp-$(NAME).embeddings $(OUT)/cfp-FF.txt $(OUT)/cfp-FP.txt
thresholds: $(CARRIED)
	@printf 'here\tset\tthreshold\trate\tthere\there\tinterval\n'
	@carried() { eval-roc -q $(EVAL) --tsv --dev $${dev[@]} --at $$at "$${@:2}" | \
	    awk -f pipelines/carried.awk -v name="$$1" -v at="$$on, $$at"; }; \
	for at in $(THRESHOLDS); do \
	    on="View 1's pairs"; dev=($(OUT)/lfw-$(NAME).embeddings --dev-pairs $(DATA)/lfw/pairsDevTrain.txt); \
	    if [[ $$at = all:* ]]; then on="all pairs"; at=$${at#all:}; dev=($<); fi; \
	    carried "View 2" --pairs $(DATA)/lfw/pairs.txt $(OUT)/lfw-$(NAME).embeddings; \
	    carried "LFW, other people" $(word 2,$^); \
	    carried CFP-FF --pairs $(OUT)/cfp-FF.txt $(word 3,$^); \
	    carried CFP-FP --pairs $(OUT)/cfp-FP.txt $(word 3,$^); \
	done

# Half of the faces lose resolution, to between a fifth and all of it; sharpness is to tell them, a random number is not.
$(OUT)/half.faces: $(OUT)/lfw.faces
	face-batch --no-shuffle --low-res 0.5 --seed 1 $< | face-quality -o $@
$(OUT)/half-$(NAME).random: $(OUT)/half-$(NAME).embeddings
	pipelines/need-packages python3 python3-numpy
	$(PYTHON) pipelines/bench/random_column.py 1 $< >$@
edc: $(OUT)/half-$(NAME).random
	eval-roc $(EVAL) --edc quality_sharpness --at $(EDC_AT) $<
	eval-roc $(EVAL) --edc random --at $(EDC_AT) $<
	eval-roc -q --tsv --edc quality_sharpness --at $(EDC_AT) $< >$(OUT)/sharpness.edc
	eval-roc -q --tsv --edc random --at $(EDC_AT) $< >$(OUT)/random.edc
	roc-plot -o $(OUT)/edc-$(NAME).svg $(OUT)/sharpness.edc $(OUT)/random.edc

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
