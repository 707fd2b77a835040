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
    [ "$(ls models)" = $'detector.onnx\nrecogniser.onnx\nrecogniser.onnx.threshold' ]
}

@test "a file of other bytes is refused by name, and nothing is left of it" {
    mkdir copies
    echo other >copies/yunet_n_dynamic.onnx
    run -2 models -j2 MODELS="$PWD/copies" # of which one is missing
    [[ $output == *"models/detector.onnx: not the file that is known by this name"* ]]
    [ -z "$(ls models)" ]
}

@test "README's commands for photographs: one person, two people, who it is" {
    [ -f "$FACE_DATA/lfw/lfw.tgz" ] || skip "no $FACE_DATA/lfw"
    models MODELS="$FACE_DATA/models"
    tar -xzf "$FACE_DATA/lfw/lfw.tgz" --wildcards '*/Colin_Powell_000[12].jpg' '*/Tony_Blair_000[12].jpg' '*/Hans_Blix_0001.jpg'
    mv lfw photos
    match() {
        face-match -q --detector models/detector.onnx -m models/recogniser.onnx "$@"
    }
    run -0 match photos/Colin_Powell/*
    [[ $output == same* ]]
    run -0 match photos/Colin_Powell/*_0001.jpg photos/Tony_Blair/*_0001.jpg
    [[ $output == different* ]]
    mkdir -p people/Colin_Powell people/Tony_Blair
    mv photos/Colin_Powell/*_0001.jpg people/Colin_Powell
    mv photos/Tony_Blair/*_0001.jpg people/Tony_Blair
    run -0 match --gallery people photos/Tony_Blair/*_0002.jpg
    [[ $output == *Tony_Blair* ]]
    run -0 match --gallery people photos/Hans_Blix/*
    [[ $output == *unknown* ]]
}

@test "what they are: origin, licence, accuracy" {
    run -0 models -s table
    [[ $output == *Apache-2.0* && $output == *MIT* ]]
}
