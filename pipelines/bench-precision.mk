# make -f pipelines/bench-precision.mk            embedding in float and in bf16: rates, and how near they are
# make -f pipelines/bench-precision.mk rates      MODEL and NETS (with random weights) in turns
# make -f pipelines/bench-precision.mk profile    the same layer by layer, one thread
# make -f pipelines/bench-precision.mk train      steps of training of NETS in turns
# make -f pipelines/bench-precision.mk search     face-search against OTHER, from make ONEDNN= B=build/plain
# make -f pipelines/bench-precision.mk accuracy   LFW with MODEL: both precisions, and the cosine between them
#
# WARM rounds are not measured, ROUNDS are; medians, least and most. A round is a run of the tool over FACES rendered
# faces.

DATA   ?= $(or $(FACE_DATA),../shared/data)
MODEL  ?= $(DATA)/models/faceplugin_fr_feature.onnx
NETS   ?= mobilefacenet iresnet50
FACES  ?= 512
WARM   ?= 1
ROUNDS ?= 5
OUT    ?= out/bench-precision
BENCH  := pipelines/bench
include pipelines/bench/shell.mk

.PHONY: all rates profile train search accuracy
all: rates accuracy

$(OUT):
	mkdir -p $@
$(OUT)/faces: | $(OUT)
	face-synth -q --identities $$(($(FACES) / 8)) --images 8 -o $@
$(OUT)/%.model: $(OUT)/faces
	npc-train -q -i $< -a $* --epochs 0 -o $@
$(OUT)/published.model: $(MODEL) | $(OUT)
	cp $< $@

SUBJECTS := $(if $(wildcard $(MODEL)),published) $(NETS)

rates: $(OUT)/faces $(SUBJECTS:%=$(OUT)/%.model)
	@for net in $(SUBJECTS); do \
	    echo "$$net, $(FACES) faces"; \
	    python3 $(BENCH)/turns.py $(WARM) $(ROUNDS) \
	        "float=embed -q -m $(OUT)/$$net.model -o /dev/null $<" \
	        "bf16=embed -q -m $(OUT)/$$net.model --precision bf16 --require-precision -o /dev/null $<" \
	        >$(OUT)/turns 2>/dev/null; \
	    awk -f $(BENCH)/turns.awk $(OUT)/turns; \
	    awk -F '\t' '{ s[NR] = $$2 } END { printf "bf16 is %.2f times as fast\n", s[1] / s[2] }' $(OUT)/turns; \
	done

# Processor seconds too: those of both threads, without the waiting for other programs.
train: $(OUT)/faces
	@for net in $(NETS); do \
	    echo "$$net, one epoch of $(FACES) faces"; \
	    python3 $(BENCH)/turns.py $(WARM) $(ROUNDS) \
	        "float=npc-train -q -a $$net -b 64 -e 1 --lr 0.001 -i $< -o /dev/null" \
	        "bf16=npc-train -q -a $$net -b 64 -e 1 --lr 0.001 --precision bf16 --require-precision -i $< -o /dev/null" \
	        >$(OUT)/turns 2>/dev/null; \
	    awk -f $(BENCH)/turns.awk $(OUT)/turns; \
	    awk -F '\t' '{ s[NR] = $$2 } END { printf "bf16 is %.2f times as fast\n", s[1] / s[2] }' $(OUT)/turns; \
	done

OTHER  ?= build/plain/bin/face-search
$(OUT)/gallery: $(OUT)/published.model | $(OUT)
	face-synth -q --identities 512 --images 2 --size 112 | embed -q -m $< -o $@.some
	for i in {1..100}; do cat $@.some; done >$@
$(OUT)/gallery-%: $(OUT)/published.model | $(OUT)
	face-synth -q --identities 512 --images 2 --size 112 | embed -q -m $< --store $* -o $@.some
	for i in {1..100}; do cat $@.some; done >$@
search: $(OUT)/gallery $(OUT)/gallery-bf16 $(OUT)/gallery-int8
	@python3 $(BENCH)/turns.py $(WARM) $(ROUNDS) \
	    "float=$(OTHER) -q --closed-set --gallery $< $<.some >$(OUT)/float" \
	    "bf16=face-search -q --closed-set --gallery $< $<.some >$(OUT)/bf16" \
	    "bf16-stored=face-search -q --closed-set --gallery $<-bf16 $<-bf16.some" \
	    "int8-stored=face-search -q --closed-set --gallery $<-int8 $<-int8.some" >$(OUT)/turns 2>/dev/null
	@awk -f $(BENCH)/turns.awk $(OUT)/turns
	@cmp $(OUT)/float $(OUT)/bf16

profile: $(OUT)/faces $(SUBJECTS:%=$(OUT)/%.model)
	@for net in $(SUBJECTS); do for precision in float bf16; do \
	    echo "$$net, $$precision"; \
	    embed -q -j 1 -m $(OUT)/$$net.model --precision $$precision --profile -o /dev/null $< 2>&1; \
	done; done

$(OUT)/lfw.faces: | $(OUT)
	face-pack -q --landmarks $(DATA)/lfw/landmarks250.txt --landmark-scale 0.6 -o $@ $(DATA)/lfw/lfw.tgz
$(OUT)/lfw-%.embeddings: $(OUT)/published.model $(OUT)/lfw.faces
	embed -q -m $< --precision $* --require-precision -o $@ $(OUT)/lfw.faces
accuracy: $(OUT)/lfw-float.embeddings $(OUT)/lfw-bf16.embeddings
	@for precision in float bf16; do \
	    echo "$$precision: $$(eval-roc --pairs $(DATA)/lfw/pairs.txt $(OUT)/lfw-$$precision.embeddings | grep accuracy)"; \
	done
	@python3 $(BENCH)/precision_cosines.py $^
