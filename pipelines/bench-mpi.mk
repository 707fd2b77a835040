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
# make -f pipelines/bench-mpi.mk head    the npcface head, 512 rows and 85,742 identities: ms a step, by two
#                                        threads and by two processes
# make -f pipelines/bench-mpi.mk sums    ms that the sum of a net's gradients takes by the fixed tree, which
#                                        gives the same bytes for any number of processes, and by MPI_Allreduce
# make -f pipelines/bench-mpi.mk hosts   as root: two processes here and as two hosts at each of RATES; images/s,
#                                        ms a step, of that waited, what npc-train predicted before the first,
#                                        and what the model does of a step as over loopback
# make -f pipelines/bench-mpi.mk huge    HUGE identities in four processes, sampled: MiB of each process
#
# Nothing else should be running.

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
RATES   ?= 1gbit 10gbit
HUGE    ?= 4000000
FLOATS  ?= 1200000 43600000
B       ?= build
include pipelines/bench/shell.mk

.PHONY: all head sums hosts huge
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

$(OUT)/scaling.tsv: $(foreach net,$(NETS),$(WAYS:%=$(OUT)/$(net)-%.log)) pipelines/bench/mpi_run.awk pipelines/bench/mpi_scaling.awk
	for net in $(NETS); do for way in $(WAYS); do \
	    cmp <(tail -c 100000 $(OUT)/$$net-$$way.model) <(tail -c 100000 $(OUT)/$$net-$(firstword $(WAYS)).model); \
	    awk -v net=$$net -v way=$$way -f pipelines/bench/median.awk -f pipelines/bench/mpi_run.awk \
	        -f pipelines/bench/mpi_scaling.awk \
	        $(OUT)/$$net-$$way.log $(OUT)/$$net-$$way.said; done; done >$@.part
	sort -s -k 1,1 $@.part >$@
	rm $@.part

$(OUT)/prediction: $(OUT)/scaling.tsv pipelines/bench/mpi_step.awk pipelines/bench/mpi_model.awk
	awk -f $(word 2,$^) -f $(word 3,$^) $< >$@

# 512 rows of 32x32 pixels, four steps. The profile has microseconds of all threads of a process for an image of
# its own: of 512 rows and two threads, or 256 and one.
HEAD = npc-train -q -i $< -b 512 -e 1 --identities 85742 --embedding 512 --profile -o /dev/null
$(OUT)/small: | $(OUT)
	face-synth -q --identities 512 --images 4 --size 32 -o $@
head: $(OUT)/small
	@for way in 1x2 2x1 1x2 2x1 1x2 2x1; do \
	    mpirun --bind-to none -n $${way%x*} $(HEAD) -j $${way#*x} </dev/null 2>&1 | \
	    awk -v way=$$way '/^head / { printf "head %s %.0f ms\n", way, $$2 * 256 / 1000 }'; done

sums: $(B)/bench/mpi-sum
	@echo "processes	floats	way	ms	least	most"
	@for n in $(FLOATS); do for p in 2 4; do \
	    mpirun --bind-to none -n $$p $< $(B)/lib/npcface/npcface-mpi.so $$n 15; done; done
$(B)/bench/mpi-sum:
	$(MAKE) -s $@

# where 0: over loopback, as one host; what it takes there is what the model is fed with
hosts: $(OUT)/faces
	@for net in $(NETS); do alone=0; for rate in 0 $(RATES); do \
	    run="mpirun --bind-to none -n 2 --mca btl tcp,self"; \
	    [ $$rate = 0 ] || run="pipelines/bench/two-hosts $$rate"; \
	    $$run $(shell command -v npc-train) -i $< -a $$net -b $(BATCH) -e 1 -j 1 --profile --log $(OUT)/hosts.log \
	        --log-every 1 -o $(OUT)/hosts-$$net-$$rate.model </dev/null 2>$(OUT)/hosts-$$net-$$rate.said; \
	    cmp $(OUT)/hosts-$$net-$$rate.model $(OUT)/hosts-$$net-0.model; \
	    line=$$(awk -F '\t' -v net=$$net -v rate=$$rate -v batch=$(BATCH) -v alone=$$alone -f pipelines/bench/median.awk \
	        -f pipelines/bench/mpi_step.awk -f pipelines/bench/mpi_run.awk -f pipelines/bench/mpi_hosts.awk $(OUT)/hosts.log \
	        $(OUT)/hosts-$$net-$$rate.said); echo "$$line"; \
	    [ $$rate != 0 ] || alone=$$(cut -f 4 <<<"$$line" | cut -d ' ' -f 1); done; done

huge: $(OUT)/small
	@mpirun --bind-to none -n 4 bash -c 'exec /usr/bin/env time -f "%M KiB at the peak of a process" \
	    npc-train -i $< -b 512 -e 1 -j 1 --identities $(HUGE) --sample-rate 0.1 --embedding 512 -o $(OUT)/huge.model' </dev/null
	@rm $(OUT)/huge.model
