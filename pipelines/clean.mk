# make -f pipelines/clean.mk MODEL=FILE          both tables below
# make -f pipelines/clean.mk MODEL=FILE flipped  wrong labels found among LFW's people of five pictures
# make -f pipelines/clean.mk MODEL=FILE overlap  people of CFP found in LFW by their faces
#
# MODEL is one of npc-train's or an ONNX file. Input, in $(DATA) (../shared/data unless FACE_DATA
# says otherwise; nothing of it is copied): lfw/lfw.tgz, landmarks250.txt, cfp/cfp112.tgz and
# cfp/overlap_with_lfw_by_name.txt, the people who have the same name in both. Those found under another
# name, and those who are missing, are written to $(OUT)/overlap.txt.
# Settings: OUT, SHARES (of wrong labels), ANGLES, SEED. What cleaning is worth to a training is in noise.mk.

DATA   ?= $(or $(FACE_DATA),../shared/data)
OUT    ?= out/clean
MODEL  ?= $(error say MODEL=FILE)
SHARES ?= 0 0.1 0.2 0.4
ANGLES ?= 70 75 80
SEED   ?= 1
include pipelines/shell.mk

.PHONY: all flipped overlap
all: flipped overlap

$(OUT):
	@mkdir -p $@
$(OUT)/lfw.faces: $(DATA)/lfw/lfw.tgz $(DATA)/lfw/landmarks250.txt | $(OUT)
	face-pack -q --landmarks $(word 2,$^) --landmark-scale 0.6 -o $@ $<
$(OUT)/cfp.faces: $(DATA)/cfp/cfp112.tgz | $(OUT)
	face-pack -q --class-level 2 -o $@ $<
$(OUT)/%.embeddings: $(OUT)/%.faces $(MODEL)
	embed -q -m $(MODEL) -o $@ $<
$(OUT)/%.names: $(OUT)/%.embeddings
	stream-ls --table --fields label,key $< | awk -F'[\t/]' 'NR > 1 && !met[$$1]++ { print $$1 "\t" $$3 }' >$@
$(OUT)/five.embeddings: $(OUT)/lfw.embeddings
	stream-cat -q --min-images 5 -o $@ $<
$(OUT)/five.txt: $(OUT)/five.embeddings
	stream-ls --table --fields key,label $< | tail -n +2 >$@

$(OUT)/flipped-%.txt: $(OUT)/five.txt pipelines/flip-labels.awk
	awk -f pipelines/flip-labels.awk -v share=$* -v seed=$(SEED) $< >$@

flipped: $(SHARES:%=$(OUT)/flipped-%.txt) $(OUT)/five.embeddings
	@echo "| share flipped | angle | flipped | listed | of them flipped | precision | recall |"
	@echo "| --- | --- | --- | --- | --- | --- | --- |"
	@for share in $(SHARES); do for angle in $(ANGLES); do \
	    stream-cat -q --by key --keep $(OUT)/flipped-$$share.txt $(OUT)/five.embeddings | \
	        face-clean -q --find outliers --angle $$angle -o $(OUT)/outliers.txt; \
	    awk -F'\t' -v share=$$share -v angle=$$angle 'FNR == 1 { file++ } file == 1 { was[$$1] = $$2 } \
	        file == 2 { wrong[$$1] = $$2 != was[$$1]; all += wrong[$$1] } \
	        file == 3 && FNR > 1 { n++; right += wrong[$$1] } \
	        END { printf "| %s | %s | %d | %d | %d | %s | %s |\n", share, angle, all, n, right, \
	            n ? sprintf("%.3f", right / n) : "-", all ? sprintf("%.3f", right / all) : "-" }' \
	        $(OUT)/five.txt $(OUT)/flipped-$$share.txt $(OUT)/outliers.txt; \
	done; done

overlap: $(OUT)/cfp.embeddings $(OUT)/lfw.embeddings $(OUT)/cfp.names $(OUT)/lfw.names
	@face-clean -q --find overlap --with $(OUT)/lfw.embeddings -o $(OUT)/found.txt $<
	@awk -F'\t' 'FNR == 1 { file++ } file == 1 { cfp[$$1] = $$2 } file == 2 { lfw[$$1] = $$2 } \
	    file == 3 { name[$$1] = $$3; all++ } \
	    file == 4 && FNR > 1 { who = cfp[$$1]; n++; met[who]; if (name[who] == lfw[$$2]) right++; \
	        else print "another name\t" who "\t" lfw[$$2] "\t" $$3 >"$(OUT)/overlap.txt" } \
	    END { for (who in name) if (name[who] != "" && !(who in met)) \
	            print "missing\t" who "\t" name[who] >"$(OUT)/overlap.txt"; \
	        printf "%d people listed, %d of the %d by name: precision %.3f, recall %.3f\n", \
	            n, right, all, right / n, right / all }' \
	    $(OUT)/cfp.names $(OUT)/lfw.names $(DATA)/cfp/overlap_with_lfw_by_name.txt $(OUT)/found.txt
