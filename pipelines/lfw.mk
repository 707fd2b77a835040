# make -f pipelines/lfw.mk         trains on CFP, evaluates on LFW, prints the table
# make -f pipelines/lfw.mk report  and one page with intervals, plots and the wrong decisions
#
# Input, in $(DATA) (../shared/data unless FACE_DATA says otherwise; nothing of it is copied):
#   lfw/lfw.tgz, landmarks250.txt, pairs.txt     the test: 13,232 photographs, View 2
#   cfp/cfp112.tgz, overlap_with_lfw_by_name.txt the training set: 500 people, aligned
# The 176 people of CFP whose names stand in LFW are left out, so that nobody is trained and tested.
#
# Every stage is a target; interrupt it and start it again. Training goes on from its last
# checkpoint, written EVERY so many steps, and ends in the same bytes.
# Settings: SIZE (of the faces), HEAD, PRESET, ARCH, EPOCHS, BATCH, LR, WARMUP, DECAY, SEED, EVERY, CLUSTER.

DATA       ?= $(or $(FACE_DATA),../shared/data)
OUT        ?= out/lfw
SIZE       ?= 112
ARCH       ?= mobilefacenet
HEAD       ?= npcface
PRESET     ?= facexzoo
EPOCHS     ?= 10
BATCH      ?= 64
LR         ?= 0.1
WARMUP     ?= 70
DECAY      ?= 5e-4
SEED       ?= 1
EVERY      ?= 50
RUN        := $(OUT)/$(ARCH)-$(HEAD)-$(SEED)
include pipelines/shell.mk

.PHONY: all report
all: $(RUN).table $(RUN).svg
	@cat $<
report: $(RUN).html

$(OUT):
	mkdir -p $@

# Every photograph of CFP whose person is not in LFW, with the person's number as the label.
$(OUT)/cfp.list: $(DATA)/cfp/overlap_with_lfw_by_name.txt $(DATA)/cfp/cfp112.tgz | $(OUT)
	tar -tzf $(word 2,$^) | awk -F/ 'FNR == NR { split($$0, f, "\t"); skip[f[1]] = 1; next } \
	    /[.]jpg$$/ && !($$2 in skip) { if (!($$2 in n)) n[$$2] = m++; print $$0 "\t" n[$$2] }' $< - > $@

$(OUT)/cfp.faces: $(OUT)/cfp.list
	face-pack --list $< --center-crop --size $(SIZE) --antialias -o $@ $(DATA)/cfp/cfp112.tgz

$(OUT)/lfw.faces: $(DATA)/lfw/lfw.tgz $(DATA)/lfw/landmarks250.txt | $(OUT)
	face-pack --landmarks $(word 2,$^) --landmark-scale 0.6 --size $(SIZE) \
	    --antialias -o $@ $<

$(RUN).model: $(OUT)/cfp.faces
	$(CLUSTER) npc-train -i $< --arch $(ARCH) --head $(HEAD) --preset $(PRESET) --epochs $(EPOCHS) \
	    --batch $(BATCH) --lr $(LR) --schedule polynomial --warmup $(WARMUP) \
	    --weight-decay $(DECAY) --flip 0.5 --seed $(SEED) \
	    --checkpoint $(RUN).checkpoint --every $(EVERY) --log $(RUN).log.tsv -o $@
	rm -f $(RUN).checkpoint

$(RUN).embeddings: $(RUN).model $(OUT)/lfw.faces
	embed -m $< --mirror sum --normalize -o $@ $(OUT)/lfw.faces

# Two evaluations of the same embeddings: the 6,000 pairs of View 2, and all 87.5 million pairs.
$(RUN).table: $(RUN).embeddings
	{ echo "LFW, View 2"; eval-roc --pairs $(DATA)/lfw/pairs.txt --far 1e-1,1e-2,1e-3 $<; \
	  echo; echo "LFW, all pairs"; eval-roc --far 1e-1,1e-2,1e-3,1e-4,1e-5,1e-6 \
	      --roc $(RUN).roc.tsv $<; } > $@
	{ eval-roc --tsv --pairs $(DATA)/lfw/pairs.txt $<; eval-roc --tsv $<; } > $(RUN).tsv

$(RUN).svg: $(RUN).table
	roc-plot -o $@ $(RUN).roc.tsv

$(RUN).html: $(RUN).embeddings $(OUT)/lfw.faces
	eval-report -o $@ --pictures $(OUT)/lfw.faces --hardest-at 1e-4 \
	    --title "LFW, all pairs" $<
