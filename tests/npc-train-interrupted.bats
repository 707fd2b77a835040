#!/usr/bin/env bats
# npc-train: signals. Interrupted at any moment and gone on with, a run ends in the bytes of one that
# never was; what is kept of its checkpoints. INTERRUPTIONS: how many (make interruptions).

load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    face-synth -q --identities 6 --images 6 --size 16 --hardness 0 -o faces
    export RECIPE="-i faces -b 6 --embedding 8 --lr 0.02 --flip 0.5 -e $((3 * ${INTERRUPTIONS:-8} + 1))"
    # shellcheck disable=SC2086
    npc-train -q $RECIPE -o whole
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    rm -rf ck* out log
}

# interrupted SIGNAL SECONDS COMMAND...: its status
interrupted() {
    local status=0
    timeout --preserve-status -s "$1" "$2" "${@:3}" || status=$?
    echo "$status"
}

@test "interrupted by either signal at random moments: the same bytes" {
    local i status times=${INTERRUPTIONS:-8} delay saved=0 before=0 step
    for i in $(seq "$times"); do
        delay=$(awk -v i="$i" 'BEGIN { srand(i); printf "%.3f", 0.03 + 0.2 * rand() }')
        # shellcheck disable=SC2086
        status=$(interrupted "$([ $((i % 2)) = 1 ] && echo INT || echo TERM)" "$delay" \
            npc-train $RECIPE --checkpoint ck --every 1000000 --log log --log-every 5 -o out 2>said)
        case $status in
        130 | 143) ;;
        0) break ;;
        *) cat said; false ;;
        esac
        if grep -q 'interrupted after step' said; then
            saved=$((saved + 1))
            grep -Eq '^npc-train: interrupted after step [0-9]+, saved in ck: the same command resumes$' said
        fi
        [ ! -e ck ] || {
            step=$(meta ck step)
            [ "$step" -ge "$before" ]
            before=$step
        }
    done
    [ "$saved" -gt 0 ]
    # shellcheck disable=SC2086
    npc-train -q $RECIPE --checkpoint ck --every 1000000 --log log --log-every 5 -o out
    cmp whole out
    # every line once, in order
    awk -F'\t' 'NR > 2 && $1 <= last { exit 1 } { last = $1 }' log
}

@test "without a checkpoint: said at the start, ended at once" {
    # shellcheck disable=SC2086
    run npc-train $RECIPE -e 1 -o out
    [[ $output == *"without --checkpoint, an interrupted run is lost"* ]]
    # shellcheck disable=SC2086
    run npc-train $RECIPE -e 1 --checkpoint ck -o out
    [[ $output != *"is lost"* ]]
    rm out
    # shellcheck disable=SC2086
    [ "$(interrupted TERM 0.3 npc-train -q $RECIPE -e 100000 -o out)" = 143 ]
    [ ! -e out ]
}

@test "a second signal ends at once; an ignored one is ignored" {
    local pid status=0
    # a pipe without batches: the run waits where it cannot be stopped between two steps
    face-batch -q -b 6 -e 1 faces >batches
    mkfifo -m 600 pipe 2>/dev/null || true
    npc-train -q --embedding 8 --lr 0.02 --checkpoint ck -o out pipe &
    pid=$!
    exec 7>pipe
    head -c 30000 batches >&7
    sleep 0.4
    kill -TERM $pid
    sleep 0.1
    kill -0 $pid
    kill -TERM $pid
    wait $pid || status=$?
    exec 7>&-
    [ "$status" = 143 ]
    # shellcheck disable=SC2086
    (trap "" TERM; exec npc-train -q $RECIPE --checkpoint ck2 -o out) &
    pid=$!
    sleep 0.2
    kill -TERM $pid
    wait $pid
    cmp whole out
}

@test "a pipe whose writer ends by the same signal" {
    local status after
    for after in 0.3 2 10; do # on a busy machine it may not have begun
        status=$(interrupted INT $after bash -c 'face-batch -q -b 6 -e 100000 faces |
            npc-train --embedding 8 --lr 0.02 --checkpoint ck -o out 2>said; exit ${PIPESTATUS[1]}')
        [ "$status" = 130 ]
        ! grep -q 'saved in ck' said || break
    done
    grep -q 'saved in ck' said
    face-batch -q -b 6 -e 1000 faces >many
    run npc-train --resume ck -o out <(head -c 100000 many)
    [[ $output == *"resumes from ck"* ]]
}

@test "--keep-last: the last few under their own names, each to go on from" {
    # shellcheck disable=SC2086
    npc-train -q $RECIPE -e 2 --checkpoint ck --every 3 --keep 2 -o out
    [ "$(echo ck*)" = "ck ck.12 ck.9" ]
    cmp ck ck.12
    [ "$(meta ck.9 step)" = 9 ]
    touch ck.7x ck.99 ck.07 ck.
    # shellcheck disable=SC2086
    npc-train -q $RECIPE -e 3 --checkpoint ck --every 3 --keep-last 2 -o out
    [ "$(echo ck*)" = "ck ck. ck.07 ck.15 ck.18 ck.7x ck.99" ]
    # shellcheck disable=SC2086
    npc-train -q $RECIPE --resume ck.15 -o out
    cmp <(tensors whole) <(tensors out)
    mkdir folder
    ln -s folder/real ck2
    # shellcheck disable=SC2086
    npc-train -q $RECIPE -e 1 --checkpoint ck2 --every 3 --keep-last 1 -o out
    [ "$(echo ck2*) $(echo folder/*)" = "ck2 ck2.6 folder/real" ]
    cmp folder/real ck2.6
    misused npc-train -q -i faces --keep 2 -o out
    misused npc-train -q -i faces --checkpoint ck --keep-last 0 -o out
}
