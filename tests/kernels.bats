#!/usr/bin/env bats
# --kernels: which library computes products, what depends on that and what does not

load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export TRAIN="npc-train -q -i faces --batch 16 --embedding 32 --lr 0.05"
    face-synth -q --identities 8 --images 6 --size 32 --hardness 0 -o faces
    $TRAIN --kernels openblas -o openblas.model
    EMBED="embed -q -m $PWD/openblas.model"
    export EMBED
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# Skips the test unless this machine and this build have these kernels.
need() {
    local why
    why=$($EMBED --kernels "$1" faces 2>&1 >/dev/null) || skip "$why"
}

numbers() {
    stream-cat --select embedding --to npy -o "$1.npy" "$1"
    od -A n -v -t f4 -w4 -j 128 "$1.npy"
}

same_bits() {
    need "$1"
    $EMBED --kernels "$1" -j 1 -o one faces
    $EMBED --kernels "$1" -j 2 faces | cmp one -
    for j in 1 2 3; do
        $TRAIN --kernels "$1" -j $j -o "model$j"
    done
    cmp model1 model2
    cmp model1 model3
}

@test "openblas: the same bits for any number of threads" {
    same_bits openblas
}

@test "onednn: the same bits for any number of threads" {
    same_bits onednn
}

@test "onednn:avx2: the same bits for any number of threads" {
    same_bits onednn:avx2
}

@test "embeddings differ in rounding only" {
    need onednn
    $EMBED --kernels openblas -o a faces
    $EMBED --kernels onednn -o b faces
    run awk '{ d = $1 - $2; d = d < 0 ? -d : d; if (d > most) most = d
               a = $1 < 0 ? -$1 : $1; if (a > largest) largest = a }
             END { print NR, (most > 0), (most < 1e-4 * largest) }' <(paste <(numbers a) <(numbers b))
    [ "$output" = "$((48 * 32)) 1 1" ]
}

@test "oneDNN's environment changes nothing, and nothing of it gets into the stream" {
    need onednn
    $EMBED --kernels onednn faces >plain
    ONEDNN_VERBOSE=2 DNNL_VERBOSE=2 ONEDNN_MAX_CPU_ISA=SSE41 DNNL_MAX_CPU_ISA=SSE41 \
        ONEDNN_DEFAULT_FPMATH_MODE=BF16 OMP_NUM_THREADS=4 $EMBED --kernels onednn faces >set
    cmp plain set
}

@test "the model names its kernels, and a run that goes on with others says so" {
    need onednn
    npc-train -i faces --batch 16 --resume openblas.model --epochs 2 --kernels onednn \
        -o both.model 2>said
    grep -q "was trained with OpenBLAS .* and goes on with oneDNN .*: rounding differs" said
    head -c 65536 both.model | grep -aq '"kernels":"OpenBLAS [^"]* to step 3, oneDNN [^"]*"'
    npc-train -i faces --batch 16 --resume both.model --epochs 3 --kernels onednn -o more.model 2>said
    ! grep -q rounding said || return 1
    head -c 65536 more.model | grep -aq '"kernels":"OpenBLAS [^"]* to step 3, oneDNN [^"]*"'
}

@test "--version and the log name the default, misuse exits with 2" {
    run embed --version
    [[ ${lines[1]} == "kernels: oneDNN "* || ${lines[1]} == "kernels: OpenBLAS "* ]]
    [[ $(npc-train -i faces --batch 16 --embedding 32 -o again 2>&1) == *"${lines[1]}"* ]]
    run -2 embed --kernels mkl -m openblas.model faces
    [[ $output == *"auto|openblas|onednn|onednn:avx2"* || $output == *"mkl"* ]]
}
