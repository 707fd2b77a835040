# pipelines/models.mk: published models under the names that the examples use
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
}

models() {
    make -C "$BATS_TEST_DIRNAME/.." -f pipelines/models.mk OUT="$PWD/models" "$@"
}

@test "from a folder of copies" {
    [ -f "$FACE_DATA/models/yunet_n_dynamic.onnx" ] || skip "no $FACE_DATA/models"
    run -0 models MODELS="$FACE_DATA/models"
    cmp models/detector.onnx "$FACE_DATA/models/yunet_n_dynamic.onnx"
    cmp models/recogniser.onnx "$FACE_DATA/models/faceplugin_fr_feature.onnx"
    [ "$(ls models)" = $'detector.onnx\nrecogniser.onnx' ]
}

@test "a file of other bytes is refused by name, and nothing is left of it" {
    mkdir copies
    echo other >copies/yunet_n_dynamic.onnx
    run -2 models MODELS="$PWD/copies"
    [[ $output == *"models/detector.onnx: not the file that is known by this name"* ]]
    [ -z "$(ls models)" ]
}

@test "what they are: origin, licence, accuracy" {
    run -0 models -s table
    [[ $output == *Apache-2.0* && $output == *MIT* ]]
}
