#!/usr/bin/env bats
# npc-train --validate: the figures of embed and eval-roc, the best model, the same bytes without it

load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    face-synth -q --identities 6 --images 6 --size 16 --hardness 0 -o faces
    face-synth -q --identities 10 --images 6 --size 16 --hardness 0 --seed 9 -o others
    export RECIPE="-i faces -b 6 --embedding 8 --lr 0.05 -e 5"
    export VALIDATE="--validate others --validate-every 7 --validate-far 0.1,1e-2,1e-6"
    # shellcheck disable=SC2086
    npc-train -q $RECIPE -o plain
    # shellcheck disable=SC2086
    npc-train $RECIPE $VALIDATE --keep-best tar@0.1 --log log.tsv -o out 2>said
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# tar MODEL FAR
tar_of() {
    embed -q -m "$1" others | eval-roc -q --tsv --far "$2" | awk -F'\t' '$1 == "tar" { printf "%.6f\n", $3 }'
}

@test "the same model with and without" {
    cmp plain out
}

@test "the log: before the first step, every N, at the end; the figures of eval-roc" {
    [ "$(head -n 1 log.validation.tsv)" = "$(printf 'step\tepoch\ttar@0.1\ttar@0.01\ttar@1e-06\taccuracy\tspread')" ]
    [ "$(cut -f 1 log.validation.tsv | tail -n +2 | tr '\n' ' ')" = "0 7 14 21 28 30 " ]
    [ "$(tail -n 1 log.validation.tsv | cut -f 3-7)" = "$(printf '%s\t%s\tNA\tNA\tNA' "$(tar_of out 0.1)" "$(tar_of out 1e-2)")" ]
    grep -Eq '^npc-train: step 30: tar@0.1 [0-9.]+, tar@0.01 [0-9.]+' said
}

@test "the best is the first that is best, and says what it is" {
    local best
    best=$(awk -F'\t' 'NR > 1 && $3 > most { most = $3; step = $1 } END { print step }' log.validation.tsv)
    [ "$(meta out.best step)" = "$best" ]
    [[ "$(meta out.best recipe)" =~ " validated=tar@0.1:"([0-9.]+) ]]
    [ "$(printf '%.6f' "${BASH_REMATCH[1]}")" = "$(tar_of out.best 0.1)" ]
    # and goes on to the same bytes
    # shellcheck disable=SC2086
    npc-train -q $RECIPE --resume out.best -o went
    cmp <(tensors plain) <(tensors went)
}

@test "interrupted and resumed: the same logs, the same best" {
    local i
    for i in 1 2 3 4 5; do
        # shellcheck disable=SC2086
        timeout -s "$([ $((i % 2)) = 0 ] && echo INT || echo KILL)" "0.$((25 + i * 8))" \
            npc-train -q $RECIPE $VALIDATE --keep-best tar@0.1 --best b --checkpoint ck --every 3 --log l -o o || true
    done
    # shellcheck disable=SC2086
    npc-train -q $RECIPE $VALIDATE --keep-best tar@0.1 --best b --checkpoint ck --every 3 --log l -o o
    cmp o plain
    cmp l.validation.tsv log.validation.tsv
    cmp b out.best
}

@test "pairs with folds: an accuracy" {
    perl -e 'print "2\t4\n"; for $f (0, 1) {
        printf "%06d\t1\t%d\n", 5 * $f + $_, 2 + $_ for 0 .. 3;
        printf "%06d\t1\t%06d\t3\n", 5 * $f + $_, 5 * $f + $_ + 1 for 0 .. 3 }' >pairs.txt
    # shellcheck disable=SC2086
    npc-train $RECIPE --validate others --validate-pairs pairs.txt --validate-far 0.1 \
        --keep-best accuracy --log p.tsv -o o 2>said
    cmp o plain
    [ "$(tail -n 1 p.validation.tsv | cut -f 4)" = "$(embed -q -m o others | eval-roc -q --pairs pairs.txt --tsv |
        awk -F'\t' '$1 == "accuracy" && $NF ~ /insightface/ { printf "%.6f\n", $3; exit }')" ]
    [ "$(tail -n 1 p.validation.tsv | cut -f 4)" != NA ]
    grep -q 'accuracy 0\.[0-9]*+-0\.[0-9]*' said
}

@test "what is wrong is told" {
    # shellcheck disable=SC2086
    misused npc-train $RECIPE --validate-every 3 -o no
    for bad in "--keep-best tar@0.5" "--keep-best acc" "--keep-best accuracy" "--validate-far 0" "--best x"; do
        # shellcheck disable=SC2086
        misused npc-train $RECIPE --validate others $bad -o no
    done
    # shellcheck disable=SC2086
    misused npc-train $RECIPE --validate - -o no
    # shellcheck disable=SC2086
    misused npc-train $RECIPE --validate others --keep-best tar@1e-3
    # shellcheck disable=SC2086
    fails npc-train -q $RECIPE --validate others --keep-best tar@1e-5 -o no
    [[ $output == *"tar@1e-5 cannot be measured with 150 genuine pairs and 1620 impostors"* ]]
    # shellcheck disable=SC2086
    fails npc-train -q $RECIPE --validate nowhere -o no
    face-synth -q --identities 2 --images 2 --size 32 -o large
    # shellcheck disable=SC2086
    fails npc-train -q $RECIPE --validate large -o no
    [[ $output == *"32x32"*"16x16"* ]]
    [ ! -e no ]
}

@test "roc-plot draws the logs" {
    command -v gnuplot >/dev/null || skip "no gnuplot"
    run -0 roc-plot --format text --title "A run" log.tsv log.validation.tsv
    [[ $output == *"A run"*"loss"*"step"* ]]
    roc-plot -o p.svg log.tsv other=log.tsv
    grep -q '>other<' p.svg
    fails roc-plot --kind roc log.tsv
}
