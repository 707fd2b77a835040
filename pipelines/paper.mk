# The tables of the paper and of FaceX-Zoo, by the recipe of their authors.
#
# make -f pipelines/paper.mk plan      hours, memory and disk, from rates measured now, before anything starts
# make -f pipelines/paper.mk           trains every net with every loss, tests each, prints the tables
# make -f pipelines/paper.mk tables    what there is so far, beside the published figures
# make -f pipelines/paper.mk jobs      the trainings as jobs for Slurm, a line each, to look at or to pipe into sh
# make -f pipelines/paper.mk MINI=1    all of it in miniature, on rendered faces in the files of the real sets
#
# Input: what is not there is left out, and said.
#   $(TRAIN)      train.rec, train.idx, property: MS1M-v1c-r, or InsightFace's MS1MV3
#   $(BINS)       lfw.bin, agedb_30.bin, cfp_fp.bin, calfw.bin, cplfw.bin
#   $(IJB)        IJBB/ and IJBC/, each with loose_crop/ and meta/, as InsightFace publishes them
#   $(MEGAFACE)   facescrub_images/, megaface_images/, the lists of noise, and in templatelists/ the lists in JSON
#   $(DATA)       lfw/ with lfw.tgz, landmarks250.txt and blufr/, for BLUFR's ten trials
#
# Every figure of a model is a row of $(RESULTS), with commit, machine, kernels and hours of training; make makes
# what is not there yet, and a training that was interrupted goes on from its checkpoint. The last checkpoint is
# tested (FaceX-Zoo took the best one of each set except MegaFace). One crop of a face, as FaceX-Zoo does.
# Settings: NETS, HEADS, SEED, RECIPE, OUT, TRAINER, such as TRAINER="mpirun -n 4 npc-train"; for the plan IMAGES and
# IDENTITIES (by default of MS1MV3, https://github.com/deepinsight/insightface recognition/_datasets_), NODES and GBIT,
# the machines like this one and the network between them.

ROOT       ?= data/paper
TRAIN      ?= $(ROOT)/ms1m
BINS       ?= $(ROOT)/bins
IJB        ?= $(ROOT)/ijb
MEGAFACE   ?= $(ROOT)/megaface
DATA       ?= $(ROOT)
OUT        ?= out/paper
RESULTS    ?= pipelines/results/paper.tsv
TRAINER    ?= $(CLUSTER) npc-train
SEED       ?= 1
NETS       ?= mobilefacenet iresnet50
HEADS      ?= softmax center triplet uniformface sphereface cosface arcface adacos adam-softmax mv-am arcnegface \
              curricularface npcface circleloss magface adaface
# FaceX-Zoo's: https://github.com/JDAI-CV/FaceX-Zoo, training_mode/README.md
BATCH      ?= 512
EPOCHS     ?= 18
RECIPE     ?= --lr 0.1 --milestones 10,13,16 --weight-decay 1e-4 --flip 0.5
# Constants of FaceX-Zoo where they are not the defaults
FACEXZOO   := cosface arcface triplet mv-am npcface magface
IMAGES     ?= 5179510
IDENTITIES ?= 93431
NODES      ?= 1
GBIT       ?= 10
# Rendered faces on which the rates of the plan are measured, four steps
MEASURED   ?= 256

ifdef MINI
ROOT       := out/paper-mini/data
OUT        := out/paper-mini
RESULTS    := out/paper-mini/paper.tsv
NETS       := mobilefacenet iresnet18
BRIEFLY    := $(filter-out npcface arcface,$(HEADS))
HEADS      := npcface arcface
BATCH      := 16
EPOCHS     := 2
RECIPE     := --lr 0.01 --milestones 1 --weight-decay 1e-4 --flip 0.5
IMAGES     := 64
IDENTITIES := 16
MEASURED   := 32
MINIATURE  := $(ROOT)/made
endif
include pipelines/shell.mk
.NOTPARALLEL:

AGAIN   := $(MAKE) --no-print-directory -f pipelines/paper.mk
options  = --head $(1) $(if $(filter $(1),$(FACEXZOO)),--preset facexzoo) $(if $(filter triplet,$(1)),--per-identity $(EACH)) \
           -b $(BATCH) -e $(EPOCHS) --seed $(SEED) $(RECIPE)
EACH    := 4

# What can be tested
SETS    := lfw agedb_30 cfp_fp calfw cplfw
TESTS    = $(foreach s,$(SETS),$(if $(wildcard $(BINS)/$(s).bin),bin-$(s))) $(if $(wildcard $(IJB)/IJBB/meta),ijbb) \
           $(if $(wildcard $(IJB)/IJBC/meta),ijbc) $(if $(wildcard $(MEGAFACE)/facescrub_images),megaface) \
           $(if $(wildcard $(DATA)/lfw/blufr),blufr)
MISSING  = $(filter-out $(TESTS),$(SETS:%=bin-%) ijbb ijbc megaface blufr)
MODELS  := $(foreach n,$(NETS),$(foreach h,$(HEADS),$(n).$(h).$(SEED)))

.PHONY: all models tests tables plan jobs brief
ifdef MINI
# In two steps, for what is there to be tested is seen only when it has been made.
all: $(MINIATURE) brief
	@$(AGAIN) plan
	@$(AGAIN) jobs
	@$(AGAIN) tests
else
all: tests
endif
models: $(MODELS:%=$(OUT)/%.model)
tests: $(foreach m,$(MODELS),$(foreach t,$(TESTS),$(OUT)/$(m).$(t).rows))
	$(if $(MISSING),@echo "paper.mk: no data for: $(MISSING:bin-%=%)" >&2)
	@$(AGAIN) tables
tables:
	@awk -f pipelines/paper/table.awk pipelines/paper/published.tsv $(RESULTS)

$(OUT):
	mkdir -p $@
$(MINIATURE): pipelines/paper/mini.sh
	$< $(@D)
	touch $@

# Training. The faces stay the JPEGs of the records.
$(OUT)/train.faces: $(MINIATURE) | $(OUT)
	face-pack --store jpeg -o $@ $(TRAIN)/train.rec
$(OUT)/%.model: $(OUT)/train.faces
	part=($(subst ., ,$*)); $(TRAINER) -q -i $< -a $${part[0]} $(call options,$(word 2,$(subst ., ,$*))) \
	    --checkpoint $@.checkpoint --log $(OUT)/$*.log -o $@
	rm -f $@.checkpoint
jobs:
	@$(foreach m,$(MODELS),echo sbatch pipelines/cluster/train.slurm $(OUT)/train.faces $(OUT)/$(m).model \
	    -a $(word 1,$(subst ., ,$(m))) $(call options,$(word 2,$(subst ., ,$(m))));)

# In miniature the other losses take a step each, with the pictures of two people.
$(OUT)/few.faces: $(OUT)/train.faces
	stream-cat -q --split 0.125 --relabel -o $@ $<
$(OUT)/%.brief: $(OUT)/few.faces
	npc-train -q -i $< -a $(word 1,$(subst ., ,$*)) $(call options,$(word 2,$(subst ., ,$*))) -b 8 -e 1 --milestones 1 \
	    -o /dev/null
	touch $@
brief: $(foreach n,$(NETS),$(foreach h,$(BRIEFLY),$(OUT)/$(n).$(h).brief))

# Testing, by the targets of protocols.mk: $(OUT)/NET.HEAD.SEED.TEST.rows
PROTOCOL   = $(MAKE) -s -f pipelines/protocols.mk EMBED="-q --normalize" EVAL="-q --tsv"
RUN_ijbb   = OUT=$(OUT)/ijbb IJB=$(IJB)/IJBB IJB_NAME=ijbb GALLERIES=S ijb
RUN_ijbc   = OUT=$(OUT)/ijbc IJB=$(IJB)/IJBC ijb
RUN_bins   = OUT=$(OUT)/bins BINS=$(BINS) $(1)
RUN_other  = OUT=$(OUT)/other DATA=$(DATA) MEGAFACE=$(MEGAFACE) $(1)
of_test    = $(or $(RUN_$(1)),$(call RUN_$(if $(filter bin-%,$(1)),bins,other),$(1)))
test       = $(patsubst .%,%,$(suffix $*))
.SECONDEXPANSION:
$(OUT)/%.rows: $(OUT)/$$(basename $$*).model
	mkdir -p $(dir $(RESULTS))
	$(PROTOCOL) MODEL=$< $(call of_test,$(test)) | \
	    awk -f pipelines/paper/rows.awk -v test=$(test) -v model=$(basename $*) \
	        -v commit=$$(git rev-parse --short HEAD 2>/dev/null || echo unknown) \
	        -v kernels="$$(npc-train --version | sed -n 's/^kernels: //p')" \
	        -v hours=$$(awk -f pipelines/paper/hours.awk -v batch=$(BATCH) $(OUT)/$(basename $*).log) \
	        /proc/cpuinfo - >$@
	[ -s $(RESULTS) ] || printf 'figure\tnet\thead\tseed\tcommit\tmachine\tkernels\thours\tvalue\n' >$(RESULTS)
	cat $@ >>$(RESULTS)

# The plan: rates of steps with as many identities, and what npc-train says a step of the whole batch needs
$(OUT)/plan.faces: | $(OUT)
	face-synth -q --identities 16 --images $$(($(MEASURED) / 16)) -o $@
$(OUT)/plan.tsv: $(OUT)/plan.faces
	for net in $(NETS); do \
	    train=(npc-train -i $< -a $$net --identities $(IDENTITIES)); \
	    "$${train[@]}" -q -b $$(($(MEASURED) / 4)) --log $@.log --log-every 1 -o $(OUT)/plan.model; \
	    need=$$("$${train[@]}" -b $(BATCH) --max-memory 1M -o $(OUT)/none 2>&1 | \
	        sed -n 's/.*needs \([0-9.]* [KMGT]iB\),.*/\1/p' || true); \
	    model=$$(wc -c <$(OUT)/plan.model); npc-train -q -i $< -a $$net -e 0 -o $(OUT)/plan.model; \
	    size=$$(embed -q -m $(OUT)/plan.model $< | tee $(OUT)/plan.embeddings | wc -c); \
	    times=($$(for n in $$(($(MEASURED) / 4)) $(MEASURED); do \
	        begun=$$(date +%s.%N); stream-cat -q -n $$n $< | embed -q -m $(OUT)/plan.model -o $(OUT)/plan.embeddings; \
	        echo $$begun $$(date +%s.%N); done)); \
	    awk -v faces=$(MEASURED) -v net=$$net -v need="$$need" -v times="$${times[*]}" \
	        -v model=$$model -v size=$$size -v threads=$$(nproc) \
	        -f pipelines/bench/median.awk -f pipelines/paper/rates.awk $@.log; \
	done >$@
	rm $(OUT)/plan.model $(OUT)/plan.embeddings $@.log
plan: $(OUT)/plan.tsv
	@awk -v images=$(IMAGES) -v identities=$(IDENTITIES) -v heads=$(words $(HEADS)) -v batch=$(BATCH) -v epochs=$(EPOCHS) \
	    -v nodes=$(NODES) -v gbit=$(GBIT) -f pipelines/bench/mpi_step.awk -f pipelines/paper/plan.awk $<
