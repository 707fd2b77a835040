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
    [ "$output" = "7 19 24 1" ]
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
    face-synth -q --identities 3 --images 4 --size 32 -o low
    face-synth -q --identities 3 --images 4 --size 32 --first-identity 20 -o high
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
    [[ "$output" == *"cannot resume from model"*"32 dimensions"* ]]
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

# Every head, with a share of the identities where that can be: nothing of its state is lost on the way
@test "stopped and resumed, every head goes on to the same bytes" {
    face-synth -q --identities 12 --images 4 --size 16 --hardness 0 -o tiny
    local recipe="--batch 16 --embedding 8 --lr 0.05 -j 1" more
    for head in $(npc-train --head none 2>&1 </dev/null | sed -n 's/.*there are: //p'); do
        more="--sample-rate 0.4"
        if [[ $head = triplet || $head = contrastive ]]; then # which have no centres to draw from
            # shellcheck disable=SC2086
            fails npc-train -q -i tiny $recipe $more --head "$head" -o no
            more="--per-identity 4"
        fi
        rm -f part*
        # shellcheck disable=SC2086
        npc-train -q -i tiny $recipe $more --head "$head" --epochs 2 --checkpoint part --every 3 --keep-last 2 -o whole
        npc-train -q -i tiny --resume part.3 -o went
        cmp <(tensors whole) <(tensors went) || { echo "$head $more"; false; }
    done
}

@test "sub-centres and the filter: as many centres, and a resumed run has the same bytes" {
    local recipe="--batch 16 --embedding 32 --lr 0.05 --head arcface --preset sub-center --head-option filter=0.4"
    # shellcheck disable=SC2086
    npc-train -q -i faces $recipe --epochs 2 -o whole
    # shellcheck disable=SC2086
    npc-train -q -i faces $recipe --epochs 1 -o part
    npc-train -q -i faces --resume part --epochs 2 -o went
    cmp <(tensors whole) <(tensors went)
    stream-ls --json whole | grep -A 3 '"head.weight"' | tr -d ' \n' | grep -q '24,32'
    # shellcheck disable=SC2086
    run ! npc-train -q -i faces $recipe --head-option sub=1.5 -o no
    [[ "$output" = *"cannot have 1.5 centres"* ]]
}

@test "triplet learns from batches of several faces an identity, through a pipe too" {
    npc-train -q -i faces --batch 16 --embedding 32 --lr 0.05 --flip 0.5 --head triplet --per-identity 4 \
        --epochs 12 --log triplet.tsv --log-every 4 -o tripled
    run awk -F'\t' 'NR == 2 { first = $7 } END { print ($7 > first) }' triplet.tsv
    [ "$output" = 1 ]
    face-batch -q --batch 16 --epochs 12 --flip 0.5 --per-identity 4 faces |
        npc-train -q --embedding 32 --lr 0.05 --head triplet -o piped
    cmp <(tensors tripled) <(tensors piped)
}

@test "--accumulate: the same bytes for any number of threads and after a resume" {
    local recipe="--batch 16 --embedding 32 --lr 0.05 --accumulate 3"
    # shellcheck disable=SC2086
    npc-train -q -i faces $recipe --epochs 4 -j 1 -o one
    # shellcheck disable=SC2086
    npc-train -q -i faces $recipe --epochs 4 -j 2 -o two
    cmp one two
    # shellcheck disable=SC2086
    npc-train -q -i faces $recipe --epochs 2 -o part
    # shellcheck disable=SC2086
    npc-train -q -i faces $recipe --epochs 4 --resume part -o went
    cmp <(tensors one) <(tensors went)
}

@test "--accumulate learns, and needs less memory" {
    npc-train -i faces --batch 16 --embedding 32 --lr 0.05 --epochs 10 --accumulate 2 \
        --log parts.tsv --log-every 4 -o parts 2>said
    run awk -F'\t' 'NR == 2 { first = $6 } END { print ($6 < first / 2) }' parts.tsv
    [ "$output" = 1 ]
    grep -q '(8 images of ' said
}

@test "--max-memory decides about the cosines, changes no byte, and refuses what does not fit" {
    # shellcheck disable=SC2086
    npc-train -i faces $SMALL --epochs 6 -o roomy 2>said
    grep -q 'cosines are kept' said
    cmp model roomy
    grep -Eq 'needs [0-9.]+ [MG]iB: ' said
    # shellcheck disable=SC2086
    run -1 npc-train -i faces $SMALL --epochs 6 --max-memory 1M -o tight
    [[ $output == *"training needs "*"--max-memory allows"* ]]
    [ ! -e tight ]
}

@test "--init: the net of a model, a new head" {
    npc-train -q -i faces --epochs 0 --init model --head arcface --identities 9 -o tuned
    run stream-ls tuned
    [[ $output == *"head.weight"* && $output == *"arcface"* ]] || stream-ls --json tuned | grep -q arcface
    embed -q -m model -o a faces
    embed -q -m tuned -o b faces
    cmp <(tail -c 4000 a) <(tail -c 4000 b)
    run -1 npc-train -q -i faces --epochs 0 --init model --embedding 16 -o other
    [[ $output == *"cannot start with model"* ]]
    run -2 npc-train -i faces --init model --resume model
}

@test "what does not fit is told before where the batches end" {
    run -1 npc-train -q -i faces --batch 16 --epochs 1 --embedding 64 --resume model -o other
    [[ $output == *"cannot resume from model"* ]]
}

@test "a file is named in the provenance without its folders" {
    npc-train -q -i faces --epochs 0 --init "$PWD/model" -o named
    head -c 4000 named | grep -q -e '--init=model'
}

# images N [SIDE]: the numbers of N pictures, all different
images() {
    perl -e 'srand 3; print join ",", map { int rand 256 } 1 .. $ARGV[0] * ($ARGV[1] // 16) ** 2 * 3' "$@"
}

@test "streams with frames of no rows, of one, of more, of other sizes, without labels" {
    frame kind=faces identities=3 image:U8:0,16,16,3: label:I64:0: >none
    frame kind=faces last=1 identities=3 image:U8:0,16,16,3: label:I64:0: >end
    frame kind=faces "image:U8:4,16,16,3:$(images 4)" label:I64:4:0,1,2,0 >four
    frame kind=faces "image:U8:1,16,16,3:$(images 1)" label:I64:1:1 >one
    frame kind=faces last=1 "image:U8:4,16,16,3:$(images 4)" label:I64:4:1,2,2,0 >last
    cat none four none last >s
    npc-train --embedding 8 --lr 0.01 -o o s 2>said
    grep -q ' 3 identities' said
    [ "$(meta o step)" = 2 ]
    npc-train -q --embedding 8 --lr 0.01 -b 4 -i s -o o
    fails npc-train -q -o no end
    [[ $output == *"no batches"* ]]
    fails npc-train -q -i end -o no
    cat four one last >s
    npc-train --identities 3 --embedding 8 --lr 0.01 -o o s 2>said
    grep -q 'batch 1 has a single face' said
    [ "$(meta o step)" = 3 ]
    fails npc-train -q --identities 3 --embedding 8 -o no - < <(cat one last)
    [[ $output == *"batches of one face"* ]]
    frame kind=faces last=1 "image:U8:5,16,16,3:$(images 5)" label:I64:5:1,2,2,0,0 >five
    cat four five >s
    fails npc-train -q --identities 3 --embedding 8 -o no s
    [[ $output == *"batch 1 has 5 faces, the first one had 4"* ]]
    frame kind=faces last=1 "image:U8:2,32,32,3:$(images 2 32)" label:I64:2:1,2 >large
    cat four large >s
    fails npc-train -q --identities 3 --embedding 8 -o no s
    [[ $output == *"batch 1 has faces of 32x32 pixels, the net takes 16x16"* ]]
    frame kind=faces last=1 identities=3 label:I64:2:1,2 >blind
    fails npc-train -q --embedding 8 -o no blind
    [[ $output == *"'image'"* ]]
    frame kind=faces last=1 "image:U8:2,16,16,3:$(images 2)" >nameless
    fails npc-train -q --embedding 8 -o no -i nameless
    [[ $output == *"nameless: no face has a label"* ]]
    fails npc-train -q --embedding 8 --identities 3 -o no nameless
    [[ $output == *"label -1"* ]]
    frame kind=faces last=1 batch=9223372036854775807 "image:U8:2,16,16,3:$(images 2)" label:I64:2:0,1 >far
    npc-train -q --embedding 8 --identities 3 --lr 0.01 -o o far
    [ ! -e no ]
}

@test "labels no head can have are refused by the pack's name" {
    for label in 9223372036854775807 2147483647; do
        frame kind=faces last=1 "image:U8:2,16,16,3:$(images 2)" label:I64:2:$label,0 >s
        fails npc-train -q --embedding 8 -i s -o no
        [[ $output == *"s: the largest label is $label"* ]]
        fails npc-train -q --embedding 8 --identities 3 -o no s
        [[ $output == *"label $label"* ]]
    done
}

@test "a last batch of one face is left out, whole and in parts, and counts as a step" {
    face-synth -q --identities 9 --images 1 --size 16 -o nine
    npc-train -i nine -b 4 -e 2 --embedding 8 --lr 0.01 -o o 2>said
    [ "$(grep -c 'has a single face' said)" = 1 ]
    [ "$(meta o step)" = 6 ]
    npc-train -q -i nine -b 4 -e 1 --embedding 8 --lr 0.01 -o part
    npc-train -q -i nine -e 2 --resume part -o went
    cmp <(tensors o) <(tensors went)
    npc-train -q -i nine -b 4 -e 1 --embedding 8 --lr 0.01 --accumulate 4 -o parts
    fails npc-train -q -i nine -b 1 --embedding 8 -o no
    [[ $output == *"--batch"* ]]
    face-batch -b 4 nine 2>said >/dev/null
    grep -q 'has one face' said
}

@test "--log: what is no file gets its lines too" {
    local quick="-i faces --batch 16 --embedding 8 --lr 0.01 --log-every 2"
    # shellcheck disable=SC2086
    npc-train -q $quick --log - -o o >lines
    [ "$(wc -l <lines)" -eq 3 ]
    [ "$(head -c 5 lines)" = "step	" ]
    # shellcheck disable=SC2086
    npc-train -q $quick --log /dev/stderr -o o 2>lines
    [ "$(grep -c '^[0-9]' lines)" -eq 2 ]
    # shellcheck disable=SC2086
    npc-train -q $quick --log /dev/null -o o
    mkfifo fifo
    cat fifo >lines &
    # shellcheck disable=SC2086
    npc-train -q $quick --log fifo -o o
    wait $!
    [ "$(wc -l <lines)" -eq 3 ]
    # shellcheck disable=SC2086
    misused npc-train -q $quick --log - </dev/null
    # shellcheck disable=SC2086
    fails npc-train -q $quick --log /dev/full -o o
    # shellcheck disable=SC2086
    fails npc-train -q $quick --log nowhere/log -o o
}

@test "a training that turns away from its centres is told once, one that learns never" {
    npc-train -i faces --batch 16 --embedding 32 --epochs 20 --head arcface \
        --head-option m=3 --head-option past=0 --lr 0.1 --log-every 80 -o o 2>said
    [ "$(grep -c 'turn away from their own centres' said)" -eq 1 ]
    # shellcheck disable=SC2086
    npc-train -i faces $SMALL --epochs 12 -o o 2>said
    run ! grep -q 'turn away' said
}

@test "--spare and --dropout" {
    local quick="-i faces --batch 16 --embedding 8 --lr 0.01 --weight-decay 0.1"
    for spare in none batch-norm norms; do
        # shellcheck disable=SC2086
        npc-train -q $quick --spare $spare -o "$spare"
    done
    # shellcheck disable=SC2086
    npc-train -q $quick --spare-norms -o old
    cmp <(tensors old) <(tensors norms)
    for other in none batch-norm; do
        run ! cmp -s <(tensors $other) <(tensors norms)
    done
    # shellcheck disable=SC2086
    misused npc-train $quick --spare none --spare-norms -o no
    # shellcheck disable=SC2086
    fails npc-train -q $quick --dropout 0.5 -o no
    [[ $output == *"mobilefacenet has no dropout"* ]]
}

@test "heads that compare a batch warn where it has no pairs to compare" {
    cd "$BATS_TEST_TMPDIR"
    face-synth -q --identities 12 --images 4 --size 16 -o faces
    for head in triplet contrastive; do
        npc-train -q -i faces --head $head -b 8 --embedding 8 --lr 0.01 -o m 2>said
        grep -q "^npc-train: head $head compares the faces .* of 8 faces of batch 0 only [0-8] share an identity; --per-identity K" said
        npc-train -q -i faces --head $head -b 8 --per-identity 1 --embedding 8 --lr 0.01 -o m 2>said
        grep -q 'only 0 share an identity' said
        npc-train -q -i faces --head $head -b 8 --per-identity 2 --embedding 8 --lr 0.01 -o m 2>said
        run ! grep . said
        face-batch -q -b 8 --per-identity 4 faces | npc-train -q --head $head --embedding 8 --lr 0.01 -o m 2>said
        run ! grep . said
        face-batch -q -b 8 --per-identity 1 faces | npc-train -q --head $head --embedding 8 --lr 0.01 -o m 2>said
        grep -q 'only 0 share an identity' said
    done
    npc-train -q -i faces --head npcface -b 8 --embedding 8 --lr 0.01 -o m 2>said
    run ! grep . said
}

@test "--precision bf16: the same bytes for any number of threads, the loss falls; told in the model" {
    # shellcheck disable=SC2086
    npc-train -q -i faces $SMALL --epochs 6 --precision bf16 --require-precision -j 1 \
        --log half.tsv --log-every 4 -o half || skip "no products in bf16 here"
    # shellcheck disable=SC2086
    npc-train -q -i faces $SMALL --epochs 6 --precision bf16 -j 3 -o three
    cmp half three
    stream-ls --json half | grep -q '"kernels": *"oneDNN [^"]* bf16"'
    [ "$(cut -f 6 half.tsv | sed 1d)" != "$(cut -f 6 log.tsv | sed 1d)" ]
    paste log.tsv half.tsv | awk -F'\t' 'NR == 2 { first = $6 } { half = $25 }
        END { exit !(half < first / 2) }'
    run npc-train -q -i faces --kernels openblas --precision bf16 --require-precision -o none
    [ "$status" = 1 ]
    [[ $output == *"no products in bf16"* ]]
}
