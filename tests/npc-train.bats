#!/usr/bin/env bats
# npc-train: what it learns, that it repeats itself, goes on exactly, and refuses

load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export SMALL="--batch 16 --embedding 32 --lr 0.05 --flip 0.5"
    face-synth -q --identities 8 --images 8 --size 32 --hardness 0 -o faces
    # shellcheck disable=SC2086
    npc-train -q -i faces $SMALL --epochs 6 -j 1 --log log.tsv --log-every 4 -o model
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

@test "the loss falls, and the log says so" {
    run awk -F'\t' 'NR == 2 { first = $6 } END { print NR, NF, $1, ($6 < first / 2) }' log.tsv
    [ "$output" = "7 10 24 1" ]
    [ "$(head -n 1 log.tsv | cut -f 1-6)" = "$(printf 'step\tepoch\timages_per_second\twaiting\tlr\tloss')" ]
}

@test "the same bytes with 1, 2 and 3 threads" {
    for j in 2 3; do
        # shellcheck disable=SC2086
        npc-train -q -i faces $SMALL --epochs 6 -j $j -o "again$j"
        cmp model "again$j"
    done
}

@test "--profile changes no byte and knows the backward pass" {
    # shellcheck disable=SC2086
    npc-train -q -i faces $SMALL --epochs 6 -j 1 --profile -o profiled 2>table
    cmp model profiled
    grep -Eq '^conv1\.bn +norm +16x16x64 > 16x16x64 +[0-9.]+ +[1-9][0-9.]* ' table
    grep -Eq '^head +[0-9.]+ ' table
    grep -q '^384 images, ' table
}

@test "killed and started again: the same bytes, and a whole log" {
    # shellcheck disable=SC2086
    npc-train -q -i faces $SMALL --epochs 6 --checkpoint ck --every 1 --log ck.tsv --log-every 4 -o killed &
    pid=$!
    while [ ! -e ck ]; do sleep 0.01; done
    kill -9 $pid
    wait $pid || true
    [ ! -e killed ]
    # shellcheck disable=SC2086
    npc-train -q -i faces $SMALL --epochs 6 --checkpoint ck --every 1 --log ck.tsv --log-every 4 -o killed
    cmp model killed
    # each multiple of 4 once: lines before the kill are kept, those after the checkpoint dropped
    run awk -F'\t' 'NR > 1 { n[$1 % 4 == 0]++; last = $1 } END { print last, n[1] + 0 }' ck.tsv
    [[ "$output" = "24 "* ]]
}

@test "a pipe of batches gives the weights that a pack gives" {
    face-batch -q --batch 16 --epochs 6 --flip 0.5 faces |
        npc-train -q --embedding 32 --lr 0.05 -o piped
    [ "$(stream-ls --json model | grep -c conv1)" = "$(stream-ls --json piped | grep -c conv1)" ]
    tail -c 7000000 model >a
    tail -c 7000000 piped >b
    cmp a b
}

@test "a pack of joined streams has the identities of all of them" {
    face-synth -q -n 3 -m 4 --size 32 -o low
    face-synth -q -n 3 -m 4 --size 32 --first-identity 20 -o high
    cat low high >both
    run npc-train -i both --embedding 32 -b 8 -o joined
    [ "$status" -eq 0 ]
    [[ $output == *"23 identities"* ]]
}

@test "resumed from a pipe, it skips what it has seen" {
    face-batch -q --batch 16 --epochs 3 --flip 0.5 faces |
        npc-train -q --embedding 32 --lr 0.05 -o half
    face-batch -q --batch 16 --epochs 6 --flip 0.5 faces |
        npc-train -q --resume half --lr 0.05 -o whole
    tail -c 7000000 model >a
    tail -c 7000000 whole >b
    cmp a b
}

@test "a loss that is not finite stops with step and rate, and writes nothing" {
    cp model precious
    run npc-train -q -i faces --batch 16 --epochs 6 --embedding 32 --lr 1e6 -o precious
    [ "$status" -eq 1 ]
    [[ "$output" == *"step "*"learning rate 1e+06"* ]]
    cmp model precious
}

@test "a model of another kind is not gone on with" {
    run npc-train -q -i faces --batch 16 --epochs 7 --embedding 64 --resume model -o other
    [ "$status" -eq 1 ]
    [[ "$output" == *"cannot go on from model"*"32 numbers"* ]]
    run npc-train -q -i faces --batch 16 --epochs 7 --head-option m0=0.3 --resume model -o other
    [ "$status" -eq 1 ]
    [[ "$output" == *"head"* ]]
    run npc-train -q -i faces --resume faces -o other
    [ "$status" -eq 1 ]
    [[ "$output" == *"kind is 'faces'"* ]]
}

@test "labels out of range, cut and empty input are errors that say so" {
    run npc-train -q -i faces --identities 7 --epochs 1 -o bad
    [ "$status" -eq 1 ]
    [[ "$output" == *"label 7"* ]]
    head -c 100000 faces >cut
    run npc-train -q -i cut -o bad
    [ "$status" -eq 1 ]
    [[ "$output" == *"cut"* ]]
    run npc-train -q -o bad </dev/null
    [ "$status" -eq 1 ]
    [[ "$output" == *"empty"* ]]
    [ ! -e bad ]
}

@test "a full disk and a missing directory are found before training" {
    run npc-train -q -i faces --epochs 1 --batch 16 --embedding 32 -o /nowhere/model
    [ "$status" -eq 1 ]
    [[ "$output" == *"/nowhere/model"* ]]
    run npc-train -q -i faces --epochs 1 --batch 16 --embedding 32 -o /dev/full
    [ "$status" -eq 1 ]
    [[ "$output" == *"No space"* ]]
}

@test "misuse exits with 2" {
    for bad in "--lr x" "--arch" "--head nohead" "--preset nopreset" "--head-option m9=1" \
               "--milestones 3,2" "--batch 16" "a b" "--nonsense"; do
        # shellcheck disable=SC2086
        run npc-train $bad </dev/null
        [ "$status" -eq 2 ] || { echo "$bad: $status $output"; false; }
    done
}
