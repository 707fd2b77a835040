#!/usr/bin/env bats
# npc-train: a loss that runs away. Where that begins is told; going back to the checkpoint repeats
# itself to the byte, whatever interrupts the run.

load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    face-synth -q --identities 6 --images 6 --size 16 --hardness 0 -o faces
    # Decay makes it diverge, not chance: each step multiplies the weights by 1 - rate, and by -9 at
    # last. Two halvings of the rate are enough, whatever kernels compute.
    RECIPE="-i faces -b 6 --embedding 8 --lr 10 --weight-decay 1 --momentum 0 --warmup 60"
    export RECIPE="$RECIPE --every 5 -e 10 --on-divergence rewind"
    # shellcheck disable=SC2086
    npc-train $RECIPE --checkpoint first --log log --log-every 5 -o whole 2>said
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

@test "stop: step, rate, layer, advice" {
    fails npc-train -q -i faces -b 6 --embedding 8 --lr 1e6 -e 3 -o no
    [[ $output == *"step "*"learning rate 1e+06"*"first in the "*" of conv"*"a lower learning rate"* ]]
    fails npc-train -q -i faces -b 6 --embedding 8 --lr 1e6 -e 3 --on-divergence stop -o no
    [ ! -e no ]
}

@test "rewind: said, in the log, in the model; the file to go back to is gone at the end" {
    grep -Eq '^npc-train: goes back to step [0-9]+ with half the rate \(1 of 5 times\)$' said
    [[ "$(meta whole recipe)" =~ " rewound="[0-9]+:[0-9]+ ]]
    [ "$(meta whole step)" = 60 ]
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        NR > 1 && ($at["step"] != 5 * (NR - 1) || $at["rewinds"] < before) { exit 1 }
        NR > 1 { before = $at["rewinds"] }
        END { exit !(NR == 13 && $at["rewinds"] > 0 && $at["lr"] < 10) }' log
    [ ! -e first.rewind ]
    cmp first whole
}

@test "rewound and interrupted at any moment: the same bytes" {
    local i
    rm -f ck*
    for i in $(seq 12); do
        # shellcheck disable=SC2086
        timeout -s "$([ $((i % 2)) = 0 ] && echo INT || echo KILL)" "0.$((15 + i * 7))" \
            npc-train -q $RECIPE -j $((1 + i % 2)) --checkpoint ck -o out || true
    done
    # shellcheck disable=SC2086
    npc-train -q $RECIPE --checkpoint ck -o out
    cmp whole out
}

@test "rewound, and killed between the last checkpoint and the output: the same bytes, nothing left over" {
    cp first complete
    cp first complete.rewind
    # shellcheck disable=SC2086
    npc-train -q $RECIPE --checkpoint complete -o out
    cmp whole out
    [ ! -e complete.rewind ]
}

@test "it goes back five times at most" {
    rm -f ck*
    run -1 npc-train -i faces -b 6 --embedding 8 --lr 1e6 -e 3 --checkpoint ck --every 2 \
        --on-divergence rewind -o no
    [ "$(grep -c 'goes back' <<<"$output")" = 5 ]
    [[ $output == *"it went back 5 times already"* ]]
    [ ! -e no ]
}

@test "rewind needs a pack and a checkpoint" {
    misused npc-train -i faces --on-divergence rewind -o no
    [[ $output == *"--checkpoint"* ]]
    misused npc-train --checkpoint ck --on-divergence rewind -o no faces
    [[ $output == *"--input"* ]]
}

@test "columns of the log: what a head does not have is NA" {
    npc-train -q -i faces -b 6 --embedding 8 --lr 0.01 --head cosface --log l -o o
    awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { exit !($at["hard_negatives"] == "NA" && $at["margin"] > 0 && $at["past_pi"] == "NA" &&
            $at["norm_q05"] <= $at["norm_q50"] && $at["norm_q50"] <= $at["norm_q95"] &&
            $at["nearest_correlation"] >= -1 && $at["nearest_correlation"] <= 1 && $at["nearest_correlation"] != 0 &&
            $at["distillation"] == "NA" && $at["norm_q05"] > 0 && $at["top1"] >= 0 && $at["top1"] <= 1) }' l
    npc-train -q -i faces -b 6 --embedding 8 --lr 0.01 --head softmax --log l -o o
    [ "$(awk -F'\t' 'NR == 2 { print $8, $9 }' l)" = "NA NA" ]
    npc-train -q -i faces -b 6 --embedding 8 --lr 0.01 --head arcface --head-option m=3 --log l -o o
    awk -F'\t' 'NR == 2 { exit !($15 > 0.9) }' l
}

@test "a log of an earlier version goes on, with NA where it has no numbers" {
    npc-train -q -i faces -b 6 --embedding 8 --lr 0.01 -e 2 --log-every 3 --log l -o part
    cut -f 1-10 l >old
    npc-train -q -i faces --resume part -e 4 --log-every 3 --log old -o o
    [ "$(cut -f 1 old | tr '\n' ' ')" = "step 3 6 9 12 15 18 21 24 " ]
    [ "$(awk -F'\t' '{ print NF }' old | sort -u)" = 19 ]
    [ "$(awk -F'\t' 'NR == 3 { print $17 }' old)" = NA ]
    [ "$(awk -F'\t' 'NR == 6 { print $17 }' old)" = 0 ]
}

@test "lines fit a terminal; epochs, the time left, - for what there is none of" {
    npc-train -i faces -b 6 --embedding 8 --lr 0.01 -e 3 --head softmax --log-every 6 -o o 2>said
    awk 'length > 80 { print; bad = 1 } END { exit bad }' said
    grep -Eq '^npc-train: step 6, epoch 1 of 3: loss [0-9.]+, own cosine ' said
    grep -Eq '^npc-train:   - hard, margin -; [0-9.]+ images/s, [0-9]+% waiting, [0-9]+ s left$' said
    grep -Eq ' 0 s left$' said
}
