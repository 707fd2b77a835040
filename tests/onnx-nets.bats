# ONNX nets of others: what they compute, and which of their outputs is the embedding
load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export BATS_NO_PARALLELIZE_WITHIN_FILE=1
    export PYTHONDONTWRITEBYTECODE=1
    python3 "$BATS_TEST_DIRNAME/onnx_nets.py"
    face-synth -q --identities 3 --images 1 --size 32 -o faces
    embed -q -m plain.onnx -o plain faces
    embed -q --normalize -m plain.onnx -o unit faces
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# near A B: no number of the embeddings differs by more than 1e-6
near() {
    paste <(column "$1" embedding | od -An -v -w4 -tf4) <(column "$2" embedding | od -An -v -w4 -tf4) |
        awk '{ d = $1 - $2; if (!(d < 1e-6 && d > -1e-6)) bad = 1 } END { exit bad || NR == 0 }'
}

@test "random nets compute what ONNX Runtime makes of them" {
    run -0 python3 "$BATS_TEST_DIRNAME/../pipelines/bench/onnx_random.py" . 1e-4 golden 30 \
        read "$BATS_TEST_DIRNAME/golden/onnx-random.txt"
    [[ $output == *"30 random nets, seed golden: 30 compared, 0 at fault"* ]]
}

@test "x / |x| in every spelling is what --normalize makes" {
    for net in unit_*.onnx; do
        embed -q -m "$net" -o found faces
        near unit found
        model-convert -q -o back.model "$net"
        embed -q -m back.model -o found faces
        near unit found
        model-convert -q --opset 18 -o back.onnx "$net"
        embed -q -m back.onnx -o found faces
        near unit found
    done
}

@test "of several outputs the one that can be an embedding, or the one that is named" {
    embed -q -m quality_first.onnx -o found faces
    same_columns plain found embedding
    fails embed -m two_rows.onnx -o none faces
    [[ $output == *"must be named: its outputs are 'o' [1,8], 'e' [1,8]"* ]]
    embed -q -m two_rows.onnx --output-name e -o found faces
    same_columns plain found embedding
    model-convert -q --output-name e -o found.model two_rows.onnx
    embed -q -m found.model -o found faces
    same_columns plain found embedding
    fails embed -m two_rows.onnx --output-name x -o none faces
    [[ $output == *"no output 'x', but 'o' [1,8], 'e' [1,8]"* ]]
    fails embed -m one_number.onnx -o none faces
    [[ $output == *"has no output that can be an embedding"*"'q' [1,1]"* ]]
    fails embed -m one_number.onnx --output-name q -o none faces
    [[ $output == *"'q' is one number, not an embedding"* ]]
    fails embed -m picture.onnx -o none faces
    [[ $output == *"has no output that can be an embedding"*"'r' [1,4,16,16]"* ]]
    fails embed -m found.model --output-name e -o none faces
    fails model-convert --output-name e -o none found.model
    [ ! -e none ]
}

@test "a detector has no output that can be an embeddings" {
    need_data models/yunet_n_dynamic.onnx
    fails embed -m "$FACE_DATA/models/yunet_n_dynamic.onnx" -o none faces
    [[ $output == *"'cls_8' ["*"'kps_32' ["* ]]
}

@test "operators of version 7 to 25" {
    for opset in 7 22 25; do
        embed -q -m opset$opset.onnx -o found faces
        same_columns plain found embedding
    done
    fails embed -m opset26.onnx -o none faces
    [[ $output == *"opset 26; 7 to 25 are supported"* ]]
}

@test "each colour may have its own mean and scale, which models keep" {
    embed -q -m colours.onnx --mean 0 --scale 1 -o expected faces
    colours=(--mean "123.5,116,103.5" --scale "0.0625,0.03125,0.015625")
    run -0 embed -m plain.onnx "${colours[@]}" -o found faces
    [[ $output == *"(p - 123.5,116,103.5) * 0.0625,0.03125,0.015625, red first"* ]]
    near expected found
    model-convert -q "${colours[@]}" -o stated.model plain.onnx
    embed -q -m stated.model -o again faces
    same_columns found again embedding
    stream-ls -l stated.model | grep -q 'pixel_mean.*123\.5,116,103\.5'
    model-convert -q -o stated.onnx stated.model
    embed -q -m stated.onnx -o again faces
    near found again
    # The colours keep theirs whichever comes first.
    embed -q -m stated.model --bgr -o swapped faces
    run ! near found swapped
    embed -q -m plain.onnx --mean 3,3,3 --scale 2 -o one faces
    embed -q -m plain.onnx --mean 3 --scale 2,2,2 -o three faces
    same_columns one three embedding
    model-convert -q --mean 3,3,3 --scale 2 -o alike.model plain.onnx
    stream-ls -l alike.model | grep -Eq 'pixel_mean[^,]*3($|[^0-9,])'
    misused embed -m plain.onnx --mean 1,2 -o none faces
    misused embed -m plain.onnx --mean 1,2,3,4 -o none faces
    misused embed -m plain.onnx --scale 1,x,2 -o none faces
    misused model-convert --scale 1,,2 -o none plain.onnx
}

@test "numbers that are not finite are named, in weights and in embeddings" {
    fails embed -m zero.onnx -o none faces
    [[ $output == *"row 0, "*"numbers for it that are not finite"* ]]
    fails model-convert -o none.model zero.onnx
    [[ $output == *"not finite"* ]]
    fails embed -m infinite.onnx -o none faces
    [[ $output == *"tensor 'inf.weight' has numbers that are not finite"* ]]
    fails model-convert -o none.onnx infinite.onnx
    [ ! -e none ] && [ ! -e none.model ] && [ ! -e none.onnx ]
}
