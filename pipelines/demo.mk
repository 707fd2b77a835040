# make demo: rendered faces, a small net, a ROC curve, in a few minutes on two cores.
#
# The identities that are tested (from 1,000 on) are never trained on. Faces are 48x48 so that the
# net trains in two minutes; everything else is as in an experiment with real faces.
#
# make -f pipelines/demo.mk pictures: those of README.md

OUT        ?= out/demo
IDENTITIES ?= 400
IMAGES     ?= 20
EPOCHS     ?= 3
HARDNESS   ?= 0.25
SEED       ?= 1
include pipelines/shell.mk

SYNTH := face-synth --size 48 --hardness $(HARDNESS) --seed $(SEED)
FARS  := 1e-1,1e-2,1e-3,1e-4

.PHONY: all pictures
all: $(OUT)/roc.svg $(OUT)/report.html
	@echo; echo "An untrained net:"; cat $(OUT)/untrained.table
	@echo; echo "Trained for $(EPOCHS) epochs:"; cat $(OUT)/trained.table
	@echo; echo "ROC curve: $(OUT)/roc.svg   report: $(OUT)/report.html   training log: $(OUT)/log.tsv"

$(OUT):
	mkdir -p $@

$(OUT)/train.faces: | $(OUT)
	$(SYNTH) --identities $(IDENTITIES) --images $(IMAGES) -o $@

$(OUT)/test.faces: | $(OUT)
	$(SYNTH) --first-identity 1000 --identities 200 --images 10 -o $@

# The pipeline as it is meant to be typed.
$(OUT)/trained.model: $(OUT)/train.faces
	face-batch --batch 64 --epochs $(EPOCHS) --seed $(SEED) --flip 0.5 --drop-last $< | \
	    npc-train --head npcface --lr 0.1 --schedule polynomial --warmup 20 --seed $(SEED) \
	        --log $(OUT)/log.tsv -o $@

# No batches: the initial weights.
$(OUT)/untrained.model: $(OUT)/train.faces
	npc-train -i $< --epochs 0 --seed $(SEED) -o $@

$(OUT)/%.embeddings: $(OUT)/%.model $(OUT)/test.faces
	embed -m $< --normalize -o $@ $(OUT)/test.faces

$(OUT)/%.table: $(OUT)/%.embeddings
	eval-roc --far $(FARS) --bootstrap 200 --roc $(OUT)/$*.roc.tsv $< > $@

$(OUT)/roc.svg: $(OUT)/untrained.table $(OUT)/trained.table
	roc-plot -o $@ $(OUT)/trained.roc.tsv $(OUT)/untrained.roc.tsv

pictures: $(OUT)/test.faces $(OUT)/untrained.table $(OUT)/trained.table
	mkdir -p pipelines/pictures
	face-sheet --plain --group $(addprefix --label ,1009 1018 1024) --key '*[0-7].jpg' \
	    -o pipelines/pictures/faces.png $<
	roc-plot --geometry 560x420 -o pipelines/pictures/roc.png $(OUT)/trained.roc.tsv \
	    $(OUT)/untrained.roc.tsv

# Both nets on one page, with the faces that are told apart worst.
$(OUT)/report.html: $(OUT)/untrained.embeddings $(OUT)/trained.embeddings
	eval-report -o $@ --far $(FARS) --pictures $(OUT)/test.faces \
	    --title "Rendered faces" $^
