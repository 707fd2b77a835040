# The comparison of the losses: every head with its best settings, the same net, data, recipe and seeds.
#
# make -f pipelines/heads.mk search     for each head scale, margin, rate and warm-up of the margin
# make -f pipelines/heads.mk rendered   hardness by number of identities, at three seeds
# make -f pipelines/heads.mk tables     what there is
#
# Every finished run is a row of $(RESULTS).tsv; make runs what has no row yet, so an experiment can be
# interrupted, and go on elsewhere. Faces are rendered. Trained, validation and test identities are all
# different people; settings are chosen on the validation identities alone, at $(SEARCH).
#
# Runs take one thread each: make -j N makes N at a time, with the same bytes for any N.

OUT        ?= out/heads
RESULTS    ?= pipelines/results/heads
SEEDS      ?= 1 2 3
HEADS      ?= npcface arcface cosface mv-am curricularface adacos softmax
ARCH       ?= mobilefacenet
SIZE       ?= 32
# Sets are named by hardness and number of identities.
SEARCH     ?= h0.5-n1000
SETS       ?= h0.25-n500 h0.5-n500 h0.25-n2000 h0.5-n2000 h0.75-n2000
TEST       ?= 2000
VALIDATION ?= 500
RECIPE     ?= --arch $(ARCH) --batch 128 --epochs 12 --schedule steps --milestones 6,9,10 --warmup 100 \
              --weight-decay 5e-4 --clip 5 --flip 0.5 -j 1

# The same small search for every head. Margins: the authors' own, and about three quarters of them.
RATES           := 0.02 0.08
SCALES          := 16 32 64
MARGIN_WARMUP   := 300
unscaled        := adacos softmax
margin_npcface         := m0=0.3
margin_arcface         := m=0.4
margin_cosface         := m=0.25
margin_mv-am           := m=0.25
margin_curricularface  := m=0.4

SHELL      := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
export LC_ALL := C
export PATH := $(CURDIR)/build/bin:$(PATH)

done := $(shell cut -f 1-4 --output-delimiter=/ $(RESULTS).tsv 2>/dev/null)
best  = $(shell awk -f pipelines/heads/best.awk -v set=$(SEARCH) -v head=$(1) -v with=$(2) $(RESULTS).tsv 2>/dev/null)
# The runs of a list SET/HEAD/SETTINGS/SEED that have no row yet
left  = $(addprefix run/,$(filter-out $(done),$(1)))

# Each stage changes one setting of the best so far.
search_1 = $(foreach h,$(HEADS),$(if $(filter $(h),$(unscaled)),lr=0.04:$(h),$(SCALES:%=lr=0.04,s=%:$(h))))
search_2 = $(foreach h,$(HEADS),$(if $(margin_$(h)),$(call best,$(h),$(margin_$(h))):$(h)))
search_3 = $(foreach h,$(HEADS),$(foreach r,$(RATES),$(call best,$(h),lr=$(r)):$(h)))
search_4 = $(foreach h,$(HEADS),$(if $(margin_$(h)),$(call best,$(h),margin-warmup=$(MARGIN_WARMUP)):$(h)))
# SETTINGS:HEAD to runs
stage    = $(foreach p,$(1),$(SEARCH)/$(lastword $(subst :, ,$(p)))/$(firstword $(subst :, ,$(p)))/1)
final    = $(foreach s,$(SEEDS),$(foreach set,$(SETS),$(foreach h,$(HEADS),$(set)/$(h)/$(call best,$(h))/$(s))))

.PHONY: all search stage_1 stage_2 stage_3 stage_4 rendered tables
all: search
	+$(MAKE) --no-print-directory -f pipelines/heads.mk rendered
search:
	+for n in 1 2 3 4; do $(MAKE) --no-print-directory -f pipelines/heads.mk stage_$$n; done
stage_1: $(call left,$(call stage,$(search_1)))
stage_2: $(call left,$(call stage,$(search_2)))
stage_3: $(call left,$(call stage,$(search_3)))
stage_4: $(call left,$(call stage,$(search_4)))
rendered: $(call left,$(final))

# run/SET/HEAD/SETTINGS/SEED
set_of = $(word 2,$(subst /, ,$(1)))
.SECONDEXPANSION:
run/%: $(OUT)/$$(call set_of,$$@)/train.faces $(OUT)/$$(call set_of,$$@)/validation.faces $(OUT)/$$(call set_of,$$@)/test.faces
	mkdir -p $(dir $(RESULTS))
	pipelines/heads/run.sh $(RESULTS) $(OUT)/$(call set_of,$@) $* $(RECIPE)

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
