# make -f pipelines/bench-mpi.mk: npc-train as 1, 2 and 4 processes on this machine, and what a model of
# a step, fed with what was measured here, predicts for 2 to 256 machines at 1, 10 and 25 Gbit/s.
#
# scaling.tsv has a line for each run: net, processes, threads of each, images/s (the median of the lines
# of the log but the first), milliseconds a step waited in exchanges and for gradients behind the
# backward pass, megabytes a step sent. All runs of a net write the same model, which is checked.
# prediction is by pipelines/bench/mpi_step.awk, which states the model; of what is measured it takes
# the time of an image on one thread. Here processes share cores and memory, so what the network costs
# is not measured by this: pipelines/bench/two-hosts runs two processes in namespaces joined by a slowed link.
#
# Nothing else should be running.

export LC_ALL := C
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
export OMPI_MCA_rmaps_base_oversubscribe := 1
export OMPI_MCA_mpi_yield_when_idle := 1
OUT     ?= out/bench-mpi
NETS    ?= mobilefacenet iresnet50
SIZE    ?= 112
BATCH   ?= 128
STEPS   ?= 6
FACES   := $(shell expr $(BATCH) \* $(STEPS))
# processes x threads
WAYS    ?= 1x1 1x2 2x1 4x1
SHELL   := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:

.PHONY: all
all: $(OUT)/scaling.tsv $(OUT)/prediction
	@cat $(OUT)/scaling.tsv $(OUT)/prediction

$(OUT):
	mkdir -p $@

$(OUT)/faces: | $(OUT)
	face-synth -q --identities $(FACES) --images 1 --size $(SIZE) -o $@

# NET-PxT.log, .said (with the profile) and .model
$(OUT)/%.log: $(OUT)/faces
	way=$(lastword $(subst -, ,$*)); net=$(firstword $(subst -, ,$*)); p=$${way%x*}; rm -f $@; \
	mpirun --bind-to none -n $$p npc-train -i $< -a $$net -b $(BATCH) -e 1 -j $${way#*x} --profile \
	    --log $@.part --log-every 1 -o $(OUT)/$*.model </dev/null 2>$(OUT)/$*.said
	mv $@.part $@

$(OUT)/scaling.tsv: $(foreach net,$(NETS),$(WAYS:%=$(OUT)/$(net)-%.log)) pipelines/bench/mpi_scaling.awk
	for net in $(NETS); do for way in $(WAYS); do \
	    cmp <(tail -c 100000 $(OUT)/$$net-$$way.model) <(tail -c 100000 $(OUT)/$$net-$(firstword $(WAYS)).model); \
	    awk -v net=$$net -v way=$$way -f pipelines/bench/mpi_scaling.awk \
	        $(OUT)/$$net-$$way.log $(OUT)/$$net-$$way.said; done; done >$@.part
	sort -s -k 1,1 $@.part >$@
	rm $@.part

$(OUT)/prediction: $(OUT)/scaling.tsv pipelines/bench/mpi_step.awk pipelines/bench/mpi_model.awk
	awk -f $(word 2,$^) -f $(word 3,$^) $< >$@
