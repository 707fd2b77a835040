# make -f pipelines/noise.mk   what wrong labels cost a training, and what cleaning brings back
#
# Four trainings a seed on rendered faces: with the right labels; with SHARE of them flipped; without the pictures that the
# net of that training puts farthest from their identity (face-clean), as many as were flipped; and without those that
# were flipped, as if all were known. The table: TAR on other people, what it differs by from that of the flipped labels,
# and the 95 % interval of that over people. Needs no data. Settings: OUT, SHARE, SEEDS, PEOPLE, HEAD, RECIPE, CLUSTER.

OUT    ?= out/noise
SHARE  ?= 0.2
SEEDS  ?= 1 2 3
PEOPLE ?= 500
HEAD   ?= --head npcface --head-option s=32 --margin-warmup 300 --lr 0.04
RECIPE ?= --batch 128 --epochs 12 --schedule steps --milestones 6,9,10 --warmup 100 --weight-decay 5e-4 --clip 5 --flip 0.5
LABELS := right flipped cleaned known
FARS   := 1e-3,1e-4,1e-5
include pipelines/shell.mk

.PHONY: all
all: $(foreach s,$(SEEDS),$(foreach l,$(LABELS),$(OUT)/$(l)-$(s).embeddings))
	@printf 'seed\tlabels\tfar\ttar\tdifference\tlow\thigh\n'
	@for s in $(SEEDS); do for l in $(LABELS); do \
	    eval-roc -q --tsv --far $(FARS) --bootstrap 500 --versus $(OUT)/flipped-$$s.embeddings --any-model $(OUT)/$$l-$$s.embeddings | \
	        awk -F'\t' -v OFS='\t' -v seed=$$s -v labels=$$l '$$1 == "tar" { tar[$$2] = $$3 } \
	            $$1 == "tar-difference" { print seed, labels, $$2, tar[$$2], $$3, $$8, $$9 }'; \
	    done; done
	@for s in $(SEEDS); do awk -v seed=$$s 'NR == FNR { wrong[$$1]; all++; next } { n++; right += $$1 in wrong } \
	    END { printf "seed %d: %d flipped, %d of the %d dropped\n", seed, all, right, n }' $(OUT)/wrong-$$s.txt $(OUT)/found-$$s.txt; done

$(OUT):
	@mkdir -p $@
$(OUT)/train.faces: | $(OUT)
	face-synth -q --identities $(PEOPLE) --images 10 --size 32 --hardness 0.5 -o $@
$(OUT)/test.faces: | $(OUT)
	face-synth -q --identities 1000 --images 10 --size 32 --hardness 0.5 --first-identity 1000000 -o $@
$(OUT)/train.txt: $(OUT)/train.faces
	stream-ls --table --fields key,label $< | tail -n +2 >$@
$(OUT)/flipped-%.txt: $(OUT)/train.txt
	awk -f pipelines/flip-labels.awk -v share=$(SHARE) -v seed=$* $< >$@
$(OUT)/wrong-%.txt: $(OUT)/train.txt $(OUT)/flipped-%.txt
	paste $^ | awk -F'\t' '$$2 != $$4 { print $$1 }' >$@

$(OUT)/right-%.faces: $(OUT)/train.faces
	ln -f $< $@
$(OUT)/flipped-%.faces: $(OUT)/flipped-%.txt $(OUT)/train.faces
	stream-cat -q --by key --keep $< -o $@ $(OUT)/train.faces
$(OUT)/found-%.txt: $(OUT)/flipped-%.model $(OUT)/flipped-%.faces $(OUT)/wrong-%.txt
	embed -q -m $< $(OUT)/flipped-$*.faces | face-clean -q --find outliers --angle 0 | tail -n +2 | sort -k3,3gr | \
	    awk -F'\t' -v n="$$(wc -l <$(OUT)/wrong-$*.txt)" 'NR <= n { print $$1 }' >$@
$(OUT)/cleaned-%.faces: $(OUT)/found-%.txt $(OUT)/flipped-%.faces
	stream-cat -q --by key --drop $< -o $@ $(OUT)/flipped-$*.faces
$(OUT)/known-%.faces: $(OUT)/wrong-%.txt $(OUT)/flipped-%.faces
	stream-cat -q --by key --drop $< -o $@ $(OUT)/flipped-$*.faces

seed = $(lastword $(subst -, ,$*))
$(OUT)/%.model: $(OUT)/%.faces
	$(CLUSTER) npc-train -q -i $< $(HEAD) $(RECIPE) --seed $(seed) --checkpoint $@.checkpoint --every 200 -o $@
	rm -f $@.checkpoint
$(OUT)/%.embeddings: $(OUT)/%.model $(OUT)/test.faces
	embed -q -m $< -o $@ $(OUT)/test.faces
