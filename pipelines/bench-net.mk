# make -f pipelines/bench-net.mk              training and embedding, against PyTorch and ONNX Runtime
# make -f pipelines/bench-net.mk check-torch  the nets' outputs and gradients against PyTorch's, then train-torch
# make -f pipelines/bench-net.mk train-torch  20 steps of each optimiser, schedule, average, smoothed labels and
#                                             distillation against PyTorch's, step by step
# make -f pipelines/bench-net.mk pth          checkpoints that PyTorch writes, each number compared
# make -f pipelines/bench-net.mk profile      where this project's time goes, layer by layer
# make -f pipelines/bench-net.mk train-iresnet50, embed-iresnet50, embed1-iresnet50, ...: one table
#
# Contenders take turns, REPEATS times, SECONDS each, after three warm-up steps or more that are not
# measured. A table has medians over all measured steps, seven at least, this project's rate as a multiple
# of each, the peak memory, and the rate of the first, unmeasured step. ONLY=tuned,project leaves the
# others out. "Tuned" is PyTorch with a malloc that keeps its memory: without it, it spends its time
# on page faults.

NETS       ?= mobilefacenet iresnet50
CHECKED    ?= mobilefacenet iresnet18 iresnet34 iresnet50 iresnet100 mbf resnet50-ir resnet100-ir
batch       = $(if $(findstring iresnet,$1),32,64)
REPEATS    ?= 3
SECONDS    ?= 5
OUT        ?= out/bench-net
BENCH      := pipelines/bench
PYTHON     := /usr/bin/python3
include pipelines/bench/shell.mk

.PHONY: all check-torch train-torch pth profile deps torch
all: $(foreach net,$(NETS),train-$(net) embed-$(net) embed1-$(net))

torch:
	@pipelines/need-packages python3-torch python3-numpy
deps: torch
	@command -v npm >/dev/null || pipelines/need-packages nodejs npm

$(OUT):
	mkdir -p $@

# 256 faces in batches of each size
$(OUT)/faces: | $(OUT)
	face-synth -q --identities 32 --images 8 -o $@
$(OUT)/faces-%: $(OUT)/faces
	face-batch -q -b $* --no-shuffle -o $@ $<

$(OUT)/%.model: $(OUT)/faces
	npc-train -q -i $< -a $* --epochs 0 -o $@

$(OUT)/node_modules: | deps $(OUT)
	npm install --prefix $(OUT) --ignore-scripts --no-audit --no-fund --silent onnxruntime-node

# arch-batch.onnx
$(OUT)/%.onnx: | deps $(OUT)
	$(PYTHON) $(BENCH)/net_torch.py $(firstword $(subst -, ,$*)) onnx $(lastword $(subst -, ,$*)) $@

# $(call table,TASK,ARCH,BATCH)
table = @$(PYTHON) $(BENCH)/net_bench.py $(OUT) $2 $1 $3 $(REPEATS) $(SECONDS)

define tables
.PHONY: train-$1 embed-$1 embed1-$1 profile-$1
train-$1: $(OUT)/faces-$(call batch,$1) | deps
	$(call table,train,$1,$(call batch,$1))
embed-$1: $(OUT)/faces-64 $(OUT)/$1.model $(OUT)/$1-64.onnx | $(OUT)/node_modules
	$(call table,embed,$1,64)
embed1-$1: $(OUT)/faces-1 $(OUT)/$1.model $(OUT)/$1-1.onnx | $(OUT)/node_modules
	$(call table,embed,$1,1)
profile-$1: $(OUT)/faces-$(call batch,$1) $(OUT)/faces-64 $(OUT)/$1.model
	npc-train -q -a $1 --head normface --lr 0.001 --identities 100 --profile -o /dev/null $$<
	embed -q -m $(OUT)/$1.model --profile -o /dev/null $(OUT)/faces-64
endef
$(foreach net,$(NETS),$(eval $(call tables,$(net))))

profile: $(foreach net,$(NETS),profile-$(net))

check-torch: | torch $(OUT)
	@$(PYTHON) $(BENCH)/net_check.py $(OUT) $(CHECKED)
	@$(PYTHON) $(BENCH)/train_check.py $(OUT)
train-torch: | torch $(OUT)
	@$(PYTHON) $(BENCH)/train_check.py $(OUT)

pth: $(OUT)/mobilefacenet.model | deps
	@$(PYTHON) $(BENCH)/pth_check.py $< $(OUT)/pth
