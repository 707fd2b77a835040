# The search for a head's settings, for heads.mk and compare.mk: scale, margin, rate and warm-up of the
# margin, one after the other, each changing one setting of the best so far. The same for every head;
# chosen on the validation identities.
#
# Expects OUT, RESULTS, SEARCH (the set), HEADS, RECIPE and MAKEFILE. A run is SET/HEAD/SETTINGS/SEED and
# is made by run/SET/HEAD/SETTINGS/SEED from OUT/SET/{train,validation,test}.faces; $(RESULTS).tsv has a row
# for each that is done.

RATES                 ?= 0.02 0.08
SCALES                ?= 16 32 64
MARGIN_WARMUP         ?= 300
# Margins about three quarters of the authors' own. A head that is not here is searched for its rate alone.
margin_npcface        := m0=0.3
margin_arcface        := m=0.4
margin_cosface        := m=0.25
margin_mv-am          := m=0.25
margin_mv-arc         := m=0.25
margin_curricularface := m=0.4
margin_arcnegface     := m=0.4
margin_combined       := m3=0.1
# What a head wants besides.
with_triplet          := ,per-identity=4
with_contrastive      := ,per-identity=4

done := $(shell cut -f 1-4 --output-delimiter=/ $(RESULTS).tsv 2>/dev/null)
# The runs of a list SET/HEAD/SETTINGS/SEED that have no row yet
left  = $(addprefix run/,$(filter-out $(done),$(1)))
# The best settings of a head so far, perhaps with one changed
best  = $(shell awk -f pipelines/heads/best.awk -v set=$(SEARCH) -v head=$(1) -v with=$(2) \
                $(RESULTS).tsv 2>/dev/null)

# SETTINGS:HEAD of each stage
search_1 = $(foreach h,$(HEADS),$(if $(margin_$(h)),$(SCALES:%=lr=0.04,s=%:$(h)),lr=0.04$(with_$(h)):$(h)))
search_2 = $(foreach h,$(HEADS),$(if $(margin_$(h)),$(call best,$(h),$(margin_$(h))):$(h)))
search_3 = $(foreach h,$(HEADS),$(foreach r,$(RATES),$(call best,$(h),lr=$(r)):$(h)))
search_4 = $(foreach h,$(HEADS),$(if $(margin_$(h)),$(call best,$(h),margin-warmup=$(MARGIN_WARMUP)):$(h)))
stage    = $(foreach p,$(1),$(SEARCH)/$(lastword $(subst :, ,$(p)))/$(firstword $(subst :, ,$(p)))/1)

.PHONY: search stage_1 stage_2 stage_3 stage_4
search:
	+for n in 1 2 3 4; do $(MAKE) --no-print-directory -f $(MAKEFILE) stage_$$n; done
stage_1: $(call left,$(call stage,$(search_1)))
stage_2: $(call left,$(call stage,$(search_2)))
stage_3: $(call left,$(call stage,$(search_3)))
stage_4: $(call left,$(call stage,$(search_4)))

set_of = $(word 2,$(subst /, ,$(1)))
.SECONDEXPANSION:
run/%: $(OUT)/$$(call set_of,$$@)/train.faces $(OUT)/$$(call set_of,$$@)/validation.faces \
       $(OUT)/$$(call set_of,$$@)/test.faces
	mkdir -p $(dir $(RESULTS))
	pipelines/heads/run.sh $(RESULTS) $(OUT)/$(call set_of,$@) $* $(RECIPE)

# pair/SET/HEAD/SETTINGS/SEED/OTHER/SETTINGS: the difference of two runs of one seed that are done
paired      := $(shell cut -f 1-6 --output-delimiter=/ $(RESULTS)-paired.tsv 2>/dev/null)
left_paired  = $(addprefix pair/,$(filter-out $(paired),$(1)))
pair/%:
	pipelines/heads/pair.sh $(RESULTS) $(OUT)/$(call set_of,$@) $*
