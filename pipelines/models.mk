# make -f pipelines/models.mk         a detector and a recogniser, into models/, checked by their SHA-256
# make -f pipelines/models.mk table   what they are: origin, licence, size, accuracy
#
# With MODELS=FOLDER they are copied from there instead of fetched: for machines without a network, and
# for tests. A file of other bytes is refused, and never appears under its name. The recogniser's
# package is fetched by npm, the detector by curl.
#
#   models/detector.onnx     YuNet, five points (libfacedetection.train, Apache-2.0)
#   models/recogniser.onnx   a MobileFaceNet of 512 dimensions (npm: faceplugin-face-recognition-js, MIT)
#   models/recogniser.onnx.threshold
#                            its threshold for FMR 1e-4, set on all pairs of LFW with that detector:
#                            face-align --faces central, embed, eval-roc --at 1e-4 --threshold-out
#
# Accuracy is this project's own measurement: RESULTS.md, bench-onnx.mk.

OUT    ?= models
MODELS ?=
SHELL  := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

YUNET     := https://github.com/ShiqiYu/libfacedetection.train/raw/master/onnx/yunet_n_dynamic.onnx
YUNET_SUM := 104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12
FACEPLUGIN     := faceplugin-face-recognition-js@0.0.1
FACEPLUGIN_SUM := 87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581

.PHONY: all table
all: $(OUT)/detector.onnx $(OUT)/recogniser.onnx $(OUT)/recogniser.onnx.threshold
	@echo "a detector and a recogniser are in $(OUT)/"

# What could not be had leaves nothing behind.
drop = { rm -f $@.part; exit 1; }
# keep SUM: the target's .part becomes the target if it has that sum, and is removed if not
keep = echo "$(1)  $@.part" | sha256sum --check --status || \
       { echo "$@: not the file that is known by this name (SHA-256 $(1))" >&2; $(drop); }; mv $@.part $@

$(OUT):
	@mkdir -p $@

$(OUT)/recogniser.onnx.threshold: pipelines/models/recogniser.onnx.threshold | $(OUT)
	@cp $< $@

ifneq ($(MODELS),)
$(OUT)/detector.onnx: | $(OUT)
	@cat "$(MODELS)/yunet_n_dynamic.onnx" >$@.part || $(drop)
	@$(call keep,$(YUNET_SUM))
$(OUT)/recogniser.onnx: | $(OUT)
	@cat "$(MODELS)/faceplugin_fr_feature.onnx" >$@.part || $(drop)
	@$(call keep,$(FACEPLUGIN_SUM))
else
$(OUT)/detector.onnx: | $(OUT)
	@echo "fetching $(YUNET)"
	@curl --fail --location --silent --show-error --output $@.part $(YUNET) || $(drop)
	@$(call keep,$(YUNET_SUM))
$(OUT)/recogniser.onnx: | $(OUT)
	@echo "fetching $(FACEPLUGIN) with npm"
	@place=$$(mktemp -d) && trap 'rm -rf "$$place"' EXIT && \
	    npm pack --silent --pack-destination "$$place" $(FACEPLUGIN) >/dev/null && \
	    tar -xOzf "$$place"/*.tgz package/model/fr_feature.onnx >$@.part || $(drop)
	@$(call keep,$(FACEPLUGIN_SUM))
endif

table:
	@printf '%s\t%s\t%s\t%s\n' \
	    file 'what it is' licence accuracy \
	    $(OUT)/detector.onnx 'YuNet n, any size, five points' Apache-2.0 'its points: 99.15 % with the recogniser below' \
	    $(OUT)/recogniser.onnx 'MobileFaceNet, 512 dimensions, RGB (x - 127.5) / 127.5' MIT \
	    'LFW View 2, published points: 99.05 %'
