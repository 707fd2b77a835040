# make -f pipelines/bench-onnx.mk            nets of others through this project, against their own programs
# make -f pipelines/bench-onnx.mk models     ONNX recognisers of DATA/models, against ONNX Runtime
# make -f pipelines/bench-onnx.mk torch      nets that PyTorch exported, and what model-convert makes of them
# make -f pipelines/bench-onnx.mk operators  the operators those do not have
# make -f pipelines/bench-onnx.mk random     random small nets of those and others (NETS_RANDOM, SEED)
# make -f pipelines/bench-onnx.mk golden     what ONNX Runtime makes of some of them, for the tests
# make -f pipelines/bench-onnx.mk lfw        LFW's accuracy with each recogniser; minutes
# make -f pipelines/bench-onnx.mk align      the same with the points that face-align found itself
#
# Differences are of 20 faces, relative to the largest number; above BOUND the run fails.

DATA       ?= $(or $(FACE_DATA),../shared/data)
OUT        ?= out/bench-onnx
NETS       ?= mobilefacenet iresnet50
BOUND      ?= 1e-4
NETS_RANDOM ?= 200
SEED       ?= 1
BENCH      := pipelines/bench
PYTHON     := /usr/bin/python3
DETECTOR   ?= $(DATA)/models/yunet_n_dynamic.onnx
MODELS     := $(filter-out %/yunet_n_dynamic.onnx %/yunet_n_320_320.onnx,$(wildcard $(DATA)/models/*.onnx))
include pipelines/bench/shell.mk

.PHONY: all models torch operators random golden lfw align deps npm
all: models torch operators random

deps:
	@pipelines/need-packages python3-torch python3-numpy
npm:
	@command -v npm >/dev/null || pipelines/need-packages nodejs npm

$(OUT):
	mkdir -p $@

$(OUT)/node_modules: | npm $(OUT)
	npm install --prefix $(OUT) --ignore-scripts --no-audit --no-fund --silent onnxruntime-node

$(OUT)/faces: | $(OUT)
	face-pack -q --from npy -o $@ $(DATA)/fixtures/small_lfw_20_rgb_u8.npy

check = @$(PYTHON) $(BENCH)/onnx_check.py $(OUT) $(BOUND) $@
random: | $(OUT)/node_modules
	@python3 $(BENCH)/onnx_random.py $(OUT) $(BOUND) $(SEED) $(NETS_RANDOM)
golden: | $(OUT)/node_modules
	@python3 $(BENCH)/onnx_random.py $(OUT) $(BOUND) golden 30 write tests/golden/onnx-random.txt
models: $(OUT)/faces | deps $(OUT)/node_modules
	$(check) $(MODELS)
torch: $(OUT)/faces | deps $(OUT)/node_modules
	$(check) $(NETS)
operators: $(OUT)/faces | deps $(OUT)/node_modules
	$(check)

$(OUT)/lfw.faces: | $(OUT)
	face-pack -q --landmarks $(DATA)/lfw/landmarks250.txt --landmark-scale 0.6 -o $@ \
	    $(DATA)/lfw/lfw.tgz
$(OUT)/found.faces: | $(OUT)
	face-align -m $(DETECTOR) --faces central --landmarks-out $(OUT)/found.points -o $@ $(DATA)/lfw/lfw.tgz

define accuracy
$(OUT)/$2-$(notdir $1).embeddings: $1 $(OUT)/$2.faces
	embed -m $1 -o $$@ $(OUT)/$2.faces
$(OUT)/$2-$(notdir $1).table: $(OUT)/$2-$(notdir $1).embeddings
	eval-roc --pairs $(DATA)/lfw/pairs.txt $$< > $$@
endef
$(foreach m,$(MODELS),$(eval $(call accuracy,$m,lfw))$(eval $(call accuracy,$m,found)))
lfw: $(foreach m,$(MODELS),$(OUT)/lfw-$(notdir $m).table)
	@grep -H accuracy $^
align: lfw $(foreach m,$(MODELS),$(OUT)/found-$(notdir $m).table)
	@grep -H accuracy $(filter %.table,$^)
