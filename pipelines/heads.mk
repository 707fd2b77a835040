# The comparison of the losses: every head with its best settings, the same net, data, recipe and seeds.
#
# make -f pipelines/heads.mk search     for each head scale, margin, rate and warm-up of the margin
# make -f pipelines/heads.mk rendered   hardness by number of identities, at three seeds
# make -f pipelines/heads.mk real       photographs: trained on CFP, tested on LFW (data as in lfw.mk)
# make -f pipelines/heads.mk plots      TAR against identities and hard negatives, correlation by epoch
# make -f pipelines/heads.mk paired     differences to NPCFace, with intervals
# make -f pipelines/heads.mk ablation   NPCFace without its parts, after the search: see below
# make -f pipelines/heads.mk tables     what there is
#
# The ablation is of NPCFace with its searched settings, in $(ABLATION) and with the same seeds: the margin
# that does not grow (m1 = 0), hard negatives that weigh what others do (t = 1, a = 0), both, which leaves m0;
# and the published constants, presets paper-v1 and facexzoo, at the searched rate and warm-up. Its rows are
# among the others, their settings begin with ablation=NAME, and they are no part of searches and plots.
#
# Every finished run is a row of $(RESULTS).tsv; make runs what has no row yet, so an experiment can be
# interrupted, and go on elsewhere. Faces are rendered. Trained, validation and test identities are all
# different people; settings are chosen on the validation identities alone, at $(SEARCH).
#
# Runs take one thread each: make -j N makes N at a time, with the same bytes for any N.

OUT        ?= out/heads
RESULTS    ?= pipelines/results/heads
SEEDS      ?= 1 2 3
HEADS      ?= npcface arcface cosface mv-am curricularface adacos softmax \
              combined center uniformface triplet
ARCH       ?= mobilefacenet
SIZE       ?= 32
# Sets are named by hardness and number of identities.
SEARCH     ?= h0.5-n1000
ABLATION   ?= h0.5-n2000
SETS       ?= h0.25-n500 h0.5-n500 h0.25-n2000 h0.5-n2000 h0.75-n2000
TEST       ?= 2000
VALIDATION ?= 500
RECIPE     ?= --arch $(ARCH) --batch 128 --epochs 12 --schedule steps --milestones 6,9,10 --warmup 100 \
              --weight-decay 5e-4 --clip 5 --flip 0.5 -j 1

include pipelines/shell.mk

MAKEFILE   := pipelines/heads.mk
include pipelines/heads/search.mk
.DEFAULT_GOAL := all

final = $(foreach s,$(SEEDS),$(foreach set,$(SETS),$(foreach h,$(HEADS),$(set)/$(h)/$(call best,$(h))/$(s))))
# Of what is done: every head beside NPCFace.
versus = $(foreach r,$(filter $(done),$(final)),$(if $(findstring /npcface/,$(r)),,$(if \
         $(filter $(done),$(word 1,$(subst /, ,$(r)))/npcface/$(call best,npcface)/$(notdir $(r))),$(r)/npcface/$(call best,npcface))))

# CFP without the people of LFW, a tenth of them for validation. Few photographs, so more epochs.
REAL_RECIPE := --arch $(ARCH) --batch 64 --epochs 20 --schedule steps --milestones 10,15,17 --warmup 100 \
               --weight-decay 5e-4 --clip 5 --flip 0.5 -j 1
real:
	+$(MAKE) --no-print-directory -f $(MAKEFILE) SEARCH=cfp48 SETS=cfp48 RECIPE='$(REAL_RECIPE)' search
	+$(MAKE) --no-print-directory -f $(MAKEFILE) SEARCH=cfp48 SETS=cfp48 RECIPE='$(REAL_RECIPE)' rendered
	+$(MAKE) --no-print-directory -f $(MAKEFILE) SEARCH=cfp48 SETS=cfp48 RECIPE='$(REAL_RECIPE)' paired

# Each part of NPCFace left out
npcface     = $(call best,npcface)
comma      := ,
published   = $(subst $() ,$(comma),$(filter lr=% margin-warmup=%,$(subst $(comma), ,$(npcface))))
variants    = ablation=fixed-margin,$(npcface),m1=0 \
              ablation=plain-negatives,$(npcface),t=1,a=0 \
              ablation=m0-alone,$(npcface),m1=0,t=1,a=0 \
              ablation=paper-v1,$(published),preset=paper-v1 \
              ablation=facexzoo,$(published),preset=facexzoo
ablated     = $(foreach s,$(SEEDS),$(foreach set,$(ABLATION),$(foreach v,$(variants),$(set)/npcface/$(v)/$(s))))
whole       = $(foreach s,$(SEEDS),$(foreach set,$(ABLATION),$(set)/npcface/$(npcface)/$(s)))

.PHONY: all rendered real paired tables plots ablation ablation_runs ablation_paired
ablation:
	@[ -n "$(npcface)" ] || { echo "ablation: NPCFace has no settings yet: make search first" >&2; exit 1; }
	+$(MAKE) --no-print-directory -f $(MAKEFILE) ablation_runs
	+$(MAKE) --no-print-directory -f $(MAKEFILE) ablation_paired
ablation_runs: $(call left,$(whole) $(ablated))
ablation_paired: $(call left_paired,$(addsuffix /npcface/$(npcface),$(ablated)))
all: search
	+$(MAKE) --no-print-directory -f $(MAKEFILE) rendered
	+$(MAKE) --no-print-directory -f $(MAKEFILE) paired
rendered: $(call left,$(final))
paired: $(call left_paired,$(versus))
tables:
	@awk -f pipelines/heads/interval.awk -f pipelines/heads/table.awk $(wildcard $(RESULTS)-paired.tsv) $(RESULTS).tsv

PICTURES   ?= pipelines/pictures
FAR        ?= 1e-5
plots:
	for what in identities hard correlation; do \
	    awk -v what=$$what -v far=$(FAR) -v chosen='$(foreach h,$(HEADS),$(h)/$(call best,$(h)))' \
	        -f pipelines/heads/plot.awk $(RESULTS).tsv $(RESULTS)-epochs.tsv | \
	        gnuplot > $(PICTURES)/heads-$$what.png; \
	done

$(OUT)/cfp48/test.faces: | $(OUT)/cfp48/data/lfw.faces
	ln -f $(firstword $|) $@
$(OUT)/cfp48/data/%.faces:
	$(MAKE) -f pipelines/lfw.mk OUT=$(@D) SIZE=48 $@
$(OUT)/cfp48/train.faces $(OUT)/cfp48/validation.faces &: | $(OUT)/cfp48/data/cfp.faces
	stream-cat -q --split 0.9 --relabel --rest $(OUT)/cfp48/validation.faces -o $(OUT)/cfp48/train.faces \
	    $(firstword $|)

hardness = $(patsubst h%,%,$(firstword $(subst -n, ,$(notdir $(@D)))))
people   = $(lastword $(subst -n, ,$(notdir $(@D))))
images   = $(if $(filter 32000,$(people)),5,10)
synth    = mkdir -p $(@D) && face-synth -q --size $(SIZE) --hardness $(hardness)
$(OUT)/%/train.faces:
	$(synth) --identities $(people) --images $(images) -o $@
$(OUT)/%/test.faces:
	$(synth) --identities $(TEST) --images 10 --first-identity 1000000 -o $@
$(OUT)/%/validation.faces:
	$(synth) --identities $(VALIDATION) --images 10 --first-identity 2000000 -o $@
