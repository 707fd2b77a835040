#!/usr/bin/env bats
# npc-train --teacher: embeddings of another model as targets. (The terms are compared in tests/unit.)

load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    face-synth -q --identities 6 --images 6 --size 16 --hardness 0 -o faces
    npc-train -q -i faces -b 6 -e 3 --embedding 8 --lr 0.05 -o big
    npc-train -q -i faces -b 6 -e 1 --embedding 12 --lr 0.05 -o wide
    embed -q -m big --mirror sum faces >teacher
    embed -q -m wide faces >other
    export RECIPE="-i faces -b 6 --embedding 8 --lr 0.05 --seed 2"
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    rm -f ck* no
}

# last LOG COLUMN
last() {
    awk -F '\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i } END { print $at }' "$1"
}

@test "cos, mse and rkd: the term falls, is logged, and at weight 0 changes nothing" {
    # shellcheck disable=SC2086
    npc-train -q $RECIPE -e 4 --log log --log-every 6 -o plain
    [ "$(last log distillation)" = NA ]
    for kind in cos mse rkd; do
        # shellcheck disable=SC2086
        npc-train -q $RECIPE -e 4 --teacher teacher --distil $kind --distil-weight 0 --log log --log-every 6 -o none
        cmp <(tensors plain) <(tensors none)
        # shellcheck disable=SC2086
        npc-train -q $RECIPE -e 4 --teacher teacher --distil $kind --distil-weight 10 --log near --log-every 6 -o with
        awk -v a="$(last log distillation)" -v b="$(last near distillation)" 'BEGIN { exit !(b > 0 && b < a) }'
    done
}

@test "stopped and resumed: the same bytes, by the recipe, for any number of threads, in parts, from a pipe" {
    for more in "--teacher teacher" "--teacher other --distil rkd --accumulate 2" "--teacher teacher --distil mse --distil-weight 3 --head triplet --per-identity 2"; do
        local teacher=${more#--teacher }
        teacher=${teacher%% *}
        # shellcheck disable=SC2086
        npc-train -q $RECIPE $more -e 2 -j 1 -o whole
        rm -f ck
        # shellcheck disable=SC2086
        npc-train -q $RECIPE $more -e 1 --total 12 --checkpoint ck -o part
        npc-train -q -i faces -e 2 -j 2 --teacher "$teacher" --checkpoint ck -o went
        cmp <(tensors whole) <(tensors went) || { echo "$more"; false; }
    done
    # shellcheck disable=SC2086
    npc-train -q $RECIPE --teacher teacher -e 2 -o whole
    face-batch -q -b 6 -e 2 --seed 2 faces | npc-train -q --embedding 8 --lr 0.05 --seed 2 --teacher teacher -o piped
    cmp <(tensors whole) <(tensors piped)
}

@test "a model goes on only with its teacher" {
    # shellcheck disable=SC2086
    npc-train -q $RECIPE --teacher teacher -e 1 -o taught
    [[ $(meta taught recipe) == *" distil=cos distil_weight=1 "*" teacher="* ]]
    [[ $(meta taught by) == *"--teacher=teacher"* ]]
    # shellcheck disable=SC2086
    npc-train -q $RECIPE -e 1 -o untaught
    run ! grep -q 'teacher=' <(meta untaught recipe)
    fails npc-train -q -i faces --resume taught -e 2 -o no
    [[ $output == *"cannot resume from taught: teacher none (was "* ]]
    fails npc-train -q -i faces --resume untaught -e 2 --teacher teacher -o no
    embed -q -m big faces >plainer
    fails npc-train -q -i faces --resume taught -e 2 --teacher plainer -o no
    npc-train -q -i faces --resume taught -e 2 --teacher plainer --changed -o went
}

@test "what a teacher lacks, and what it cannot be" {
    stream-cat -q --keep 3-30 faces >fewer 2>/dev/null || stream-cat -q --split 0.5 faces -o fewer
    embed -q -m big fewer >less
    n=$((36 - $(stream-ls less | awk '/ rows, / { print $3 }')))
    # shellcheck disable=SC2086
    fails npc-train -q $RECIPE --teacher less -e 1 -o no
    [[ $output == *"less lacks $n of 36 faces of faces, the first with the key '"* ]]
    face-batch -q -b 6 faces >batches
    fails npc-train -q --embedding 8 --teacher less -o no batches
    [[ $output == *"less lacks "*" of 6 faces of batch "* ]]
    # shellcheck disable=SC2086
    for kind in cos mse; do
        fails npc-train -q $RECIPE --teacher other --distil $kind -e 1 -o no
        [[ $output == *"the teacher's embeddings have 12 dimensions, those to train 8: only relations (rkd) can be compared"* ]]
    done
    stream-cat -q less less >twice
    # shellcheck disable=SC2086
    fails npc-train -q $RECIPE --teacher twice -e 1 -o no
    [[ $output == *"twice: two rows have the key '"* ]]
    frame kind=embeddings last=1 embedding:F32:2,2:1,2,3,4 >keyless
    # shellcheck disable=SC2086
    fails npc-train -q $RECIPE --teacher keyless -e 1 -o no
    [[ $output == *"keyless: row 0 has no key"* ]]
    frame kind=embeddings last=1 embedding:F32:1,2:0,0 key:U8:1:97 key_end:I64:1:1 >zero
    # shellcheck disable=SC2086
    fails npc-train -q $RECIPE --teacher zero -e 1 -o no
    [[ $output == *"zero: the embedding of 'a' has no direction"* ]]
    # shellcheck disable=SC2086
    fails npc-train -q $RECIPE --teacher faces -e 1 -o no
    misused npc-train -q -i faces --distil rkd -o no
    [ ! -e no ]
}
