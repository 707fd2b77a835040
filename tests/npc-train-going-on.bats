#!/usr/bin/env bats
# npc-train: going on. A run that was killed anywhere and started again ends in the bytes of one
# that never was; what is not given again comes from the model's recipe; what differs is told.

load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    face-synth -q --identities 6 --images 6 --size 16 --hardness 0 -o faces
    face-synth -q --identities 6 --images 6 --size 16 --hardness 0 --seed 9 -o others
    export RECIPE="-i faces -b 8 --embedding 8 --lr 0.05 --schedule polynomial --clip 4 --flip 0.5
        --warmup 2 --weight-decay 3e-4 --spare batch-norm --accumulate 2"
    # shellcheck disable=SC2086
    npc-train -q $RECIPE -e 4 -o whole
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

@test "killed ten times at any moment: the bytes of a run that never was" {
    local i delay
    for every in 1 7; do
        rm -f ck out
        for i in 1 2 3 4 5; do
            delay=$(awk -v i="$i" -v every="$every" 'BEGIN { printf "%.3f", 0.05 + (i * 37 + every * 11) % 50 / 100 }')
            # shellcheck disable=SC2086
            timeout -s KILL "$delay" npc-train -q $RECIPE -e 4 -j $((1 + i % 3)) \
                --checkpoint ck --every $every -o out || true
        done
        # shellcheck disable=SC2086
        npc-train -q $RECIPE -e 4 --checkpoint ck --every $every -o out
        cmp whole out
    done
}

@test "killed between the last checkpoint and the output, and run again when all is done" {
    for every in 5 1000; do
        rm -f ck out
        # shellcheck disable=SC2086
        npc-train -q $RECIPE -e 4 --checkpoint ck --every $every -o out
        cmp whole out
        rm out
        # shellcheck disable=SC2086
        npc-train $RECIPE -e 4 --checkpoint ck --every $every -o out 2>said
        grep -q 'nothing is left to do: ck has its 20 steps$' said
        cmp whole out
        touch -d 2001-01-01 out ck
        # shellcheck disable=SC2086
        npc-train $RECIPE -e 4 --checkpoint ck --every $every -o out 2>said
        grep -q 'nothing is left to do: ck has its 20 steps; it stays as it is: out$' said
        cmp whole out
        cmp whole ck
        [ -z "$(find out ck -newermt 2002-01-01)" ]
    done
    echo another >out
    # shellcheck disable=SC2086
    npc-train -q $RECIPE -e 4 --checkpoint ck -o out
    cmp whole out
}

@test "the recipe is whole, its numbers as typed" {
    [ "$(meta whole recipe | sed 's/ data=.*//')" = "lr=0.05 optimizer=sgd momentum=0.9 beta1=0.9 beta2=0.999 epsilon=1e-08 weight_decay=0.0003 spare=batch-norm clip=4 schedule=polynomial milestones=none gamma=0.1 power=1 warmup=2 margin_warmup=0 dropout=0.4 nesterov=0 ema=0 label_smoothing=0 distil=cos distil_weight=1 centres=drawn freeze=none lr_scale=none freeze_norms=0 accumulate=2 slices=16 norm_group=0 seed=1 batch=8 epochs=4 no_shuffle=0 buffer=4096 drop_last=0 per_identity=0 flip=0.5 crop=0 low_res=0 photometric=0 total=20 total_from=batches order=2" ]
    [[ "$(meta whole recipe)" =~ data=pack:[0-9a-f]{8}$ ]]
    [[ "$(meta whole by)" == *"--lr=0.05"* ]]
    npc-train -q -i faces -b 8 --embedding 8 --milestones 1,3 --total 99 -o marked
    [[ "$(meta marked recipe)" == *"milestones=1,3 "*"total=99 total_from=option"* ]]
    npc-train -q -i faces --resume marked -e 2 -o more
    [[ "$(meta more recipe)" == *"milestones=1,3 "*"epochs=2 "*"total=99 total_from=option"* ]]
    npc-train -i faces --resume marked -e 2 --total 50 -o more 2>said
    grep -q 'total 50 (was 99)' said
}

@test "what is not given again comes from the recipe" {
    local more="--per-identity 2 --crop 0.5 --low-res 0.3 --photometric 0.2 --seed 7"
    # shellcheck disable=SC2086
    npc-train -q $RECIPE $more --schedule steps --milestones 1,2 --gamma 0.3 -e 1 -o part
    # shellcheck disable=SC2086
    npc-train -q $RECIPE $more --schedule steps --milestones 1,2 --gamma 0.3 -e 3 -o all
    npc-train -i faces --resume part -e 3 -o went 2>said
    cmp <(tensors all) <(tensors went)
    [ "$(meta all recipe)" = "$(meta went recipe)" ]
    grep -q 'resumes from part with step 3$' said
    grep -q 'differs from its recipe: epochs 3 (was 1)' said
    # each run has its line of provenance
    [ "$(meta went by | sed -n '$p')" = "npc-train $(npc-train --version | awk 'NR == 1 { print $2 }') --epochs=3" ]
    [ "$(meta went by | sed '$d')" = "$(meta part by)" ]
    # nothing more to do without more epochs
    npc-train -i faces --resume went -o again 2>said
    grep -q 'nothing is left' said
    cmp went again
}

@test "what differs is told, and refused where it decides which faces a step gets" {
    # shellcheck disable=SC2086
    npc-train -q $RECIPE -e 1 -o part
    npc-train -i faces --resume part -e 2 --lr 0.02 --flip 0 -o went 2>said
    grep -q 'differs from its recipe: lr 0.02 (was 0.05), epochs 2 (was 1), flip 0 (was 0.5)' said
    for other in "--seed 2" "-b 6" "--no-shuffle" "--drop-last" "--per-identity 4"; do
        # shellcheck disable=SC2086
        fails npc-train -q -i faces --resume part -e 2 $other -o no
        [[ $output == *"cannot resume from part: "*"(was "*"--changed"* ]]
        [ ! -e no ]
        # shellcheck disable=SC2086
        npc-train -q -i faces --resume part -e 3 $other --changed -o yes
    done
    fails npc-train -q -i others --resume part -e 2 -o no
    [[ $output == *"data pack:"*"(was pack:"* ]]
    npc-train -q -i others --resume part -e 2 --changed -o yes
    [[ "$(meta yes by)" == "$(meta part by)"$'\n'"face-synth"*"--seed=9"*$'\n'"npc-train "*" --epochs=2 --changed" ]]
    # now these are its data
    npc-train -q -i others --resume yes -e 3 -o more
}

@test "a pipe: other batches are told by the first one" {
    face-batch -q -b 8 -e 1 faces >one
    face-batch -q -b 8 -e 2 faces >two
    face-batch -q -b 8 -e 2 --seed 3 faces >three
    face-batch -q -b 6 -e 2 faces >six
    npc-train -q --embedding 8 --lr 0.03 -o part one
    [[ "$(meta part recipe)" == *"batch=8 total=5 total_from=batches order=2 data=batch:"* ]]
    npc-train -q --resume part -o went two
    npc-train -q --embedding 8 --lr 0.03 -o all two
    cmp <(tensors all) <(tensors went)
    fails npc-train -q --resume part -o no three
    [[ $output == *"data batch:"* ]]
    fails npc-train -q --resume part -o no six
    [[ $output == *"batch 6 (was 8)"* ]]
    npc-train -q --resume part --changed -o yes six
    # nothing left, the output missing: batch stays what it was
    npc-train -q --resume all -o again two
    cmp all again
}

@test "what version 0.1.0 wrote at first goes on as it would have" {
    local early="$BATS_TEST_DIRNAME/golden/early"
    for kind in "" sampled-; do
        npc-train -i "$early/faces" --resume "$early/${kind}part.model" -e 4 -o went 2>said
        grep -q 'earlier version: faces are shuffled as they were' said
        perl "$BATS_TEST_DIRNAME/distance.pl" "$early/${kind}whole.model" went >far
        awk '{ exit !($1 < 1e-3) }' far || { cat far; false; }
        # and once more, from what is no early model any longer
        npc-train -q -i "$early/faces" --resume "$early/${kind}part.model" -e 2 -o half
        npc-train -q -i "$early/faces" --resume half -e 4 -o went2
        cmp <(tensors went) <(tensors went2)
    done
    [[ "$(meta went recipe)" == *"spare=norms"*"milestones=1,2 gamma=0.5"*"dropout=0 "*"per_identity=2 flip=0.5"*"order=1"* ]]
    npc-train -q -i "$early/faces" --resume "$early/part.model" -o same
    # Nothing is left to do; the options that its head has got since are named, with what they were.
    cmp <(tensors "$early/part.model") <(tensors same)
    [ "$(meta same recipe)" = "$(meta "$early/part.model" recipe)" ]
    [ "$(meta same head_options)" = "$(meta "$early/part.model" head_options) filter=0 sub=1" ]
    face-batch -q -b 6 -e 4 "$early/faces" >batches
    fails npc-train -q --resume "$early/part.model" -o no batches
    [[ $output == *"shuffled differently"*"--changed"* ]]
}

@test "a recipe that cannot be is refused by name" {
    npc-train -q -i faces -b 8 --embedding 8 -e 1 -o part
    perl -0777 -pe 's/flip=0 /flip=7 /' part >bad
    fails npc-train -q -i faces --resume bad -e 2 -o no
    [[ $output == *"its recipe has flip=7"* ]]
}
