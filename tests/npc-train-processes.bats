#!/usr/bin/env bats
# npc-train as several processes: the bytes of one, for any number of them; one that fails ends all

load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export RECIPE="-q -i faces -b 50 -e 1 --embedding 16 --lr 0.02 --flip 0.5"
    mpi_here
    face-synth -q --identities 130 --images 1 --size 32 --hardness 0 -o faces
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# job P ARGUMENT...: npc-train as P processes.
job() {
    # shellcheck disable=SC2086
    timeout 180 mpirun -n "$1" npc-train $RECIPE "${@:2}" </dev/null
}

# same P OPTION...: P processes write what one does.
same() {
    # shellcheck disable=SC2086
    npc-train $RECIPE -j 1 "${@:2}" -o one
    job "$1" -j 2 "${@:2}" -o many
    cmp one many
}

@test "the same model by 1, 2, 4 and 8 processes, of 1 and 2 threads" {
    needs_mpi
    # shellcheck disable=SC2086
    npc-train $RECIPE -j 2 -o alone
    for p in 2 4 8; do
        job $p -j $((p % 4 / 2 + 1)) -o "of$p"
        cmp alone "of$p"
    done
}

@test "heads with a state, sampled identities, batches in parts" {
    needs_mpi
    same 4 --head curricularface --sample-rate 0.5
    same 2 --head adaface --accumulate 2 --slices 8 -b 48 --norm-group 6
    same 4 --head adacos --accumulate 2 --sample-rate 0.3 --clip 1
    same 4 --head adam-softmax --sample-rate 0.5
    same 4 --head uniformface --sample-rate 0.5
    same 2 --head softmax --optimizer adamw --ema 0.9
    # shellcheck disable=SC2086
    npc-train $RECIPE -o base
    same 4 --init base --centres mean --head arcface --head-option sub=2
}

@test "at the start it says what connects the processes, and what a step will wait; -q says nothing" {
    needs_mpi
    local loud="${RECIPE/-q /}"
    # shellcheck disable=SC2086
    npc-train $RECIPE -o one
    # shellcheck disable=SC2086
    mpirun -n 2 npc-train $loud -o many 2>said </dev/null
    cmp one many
    grep -Eq 'npc-train: 2 processes on 1 host (over [a-z0-9]+|through memory): [0-9]+ us for a short message, [0-9.e-]+ GB/s$' said
    grep -Eq 'a step sends [0-9.]+ MB beside the backward pass and [0-9.]+ MB that it waits for$' said
    grep -Eq 'waits for [1-9][0-9]* short messages; predicted: [0-9.e+]+ ms, of which [0-9]+ % is waiting$' said
    # a launcher may have something to say, npc-train has not
    job 2 -o many 2>said
    run ! grep npc-train: said
    # one image a process, past the shared memory: it is megabytes of gradients that take the time, more of it or
    # less as the machine is; most of it is told of
    mpirun --version | grep -q 'Open MPI' || return 0
    # shellcheck disable=SC2086
    OMPI_MCA_btl=tcp,self OMPI_MCA_btl_tcp_if_include=lo mpirun -n 2 npc-train $loud -b 2 -e 0 -o many 2>said </dev/null
    grep -q 'npc-train: 2 processes on 1 host over lo: ' said
    local share told=0
    share=$(sed -n 's/.*of which \([0-9]*\) % is waiting$/\1/p' said)
    grep -q 'npc-train: the network will take most of a step' said && told=1
    [ "$share" -gt 0 ]
    [ "$share" = 50 ] || [ "$told" = $((share > 50)) ]
}

@test "a pipe of batches: the first process reads and hands out" {
    needs_mpi
    # by name, for Open MPI 5 loses bytes of the standard input of who reads slowly
    mkfifo pipe
    face-batch -q -b 40 --flip 0.5 faces >batches
    npc-train -q --embedding 16 -o one <batches
    cat batches >pipe &
    mpirun -n 2 npc-train -q --embedding 16 -o many pipe
    cmp one many
    head -c 200000 batches >pipe &
    run -1 mpirun -n 2 npc-train -q --embedding 16 -o cut pipe
    [[ $output == *"process 0 on "*"the stream was cut"* ]]
    [ ! -e cut ]
}

# rank_below PID: one of the processes of npc-train that a launcher has started.
rank_below() {
    local child
    for child in $(pgrep -P "$1"); do
        if [ "$(cat "/proc/$child/comm")" = npc-train ]; then
            echo "$child"
        else
            rank_below "$child"
        fi
    done | tail -n 1
}

# strike SIGNAL: sends it to one of 4 processes once there is a checkpoint; their status and words.
strike() {
    local pid
    job 4 -e 4 --checkpoint ck --every 2 --keep-last 2 -o struck 2>words &
    pid=$!
    until [ -e ck ] || ! kill -0 $pid; do sleep 0.05; done
    kill "-$1" "$(rank_below $pid)"
    status=0
    wait $pid || status=$?
    [ ! -e struck ]
}

@test "SIGTERM in one: a checkpoint and 143; SIGKILL: all end; other numbers go on to the same bytes" {
    needs_mpi
    # shellcheck disable=SC2086
    npc-train $RECIPE -e 4 -o whole
    strike TERM
    [ "$status" -eq 143 ]
    # shellcheck disable=SC2086
    npc-train $RECIPE -e 4 --checkpoint ck --every 2 -o struck
    cmp whole struck
    rm -f ck* struck
    strike KILL
    [ "$status" -ne 0 ]
    grep -q 'rank [0-3]' words
    job 2 -e 4 --checkpoint ck --every 2 -o struck
    cmp whole struck
}

@test "a process that does not go on ends the job, and the others say where they are" {
    needs_mpi
    job 2 -e 400 --stall 2 --checkpoint stalled --every 1 -o never 2>words &
    pid=$!
    until [ -e stalled ] || ! kill -0 $pid; do sleep 0.05; done
    kill -STOP "$(rank_below $pid)"
    status=0
    wait $pid || status=$?
    [ "$status" -ne 0 ]
    grep -Eq 'process [01] on [^ ]+: no progress for [0-9]+ s: it is at ' words
    [ ! -e never ]
}

# apart OPTIONS...: two processes that disagree, for the last option has each one's rank as argument
apart() {
    # shellcheck disable=SC2016 # the launcher's, of Open MPI or MPICH
    mpirun -n 2 sh -c 'exec npc-train "$@" "${OMPI_COMM_WORLD_RANK-$PMI_RANK}" -o x' sh "$@"
}

@test "what does not go together is refused by name" {
    needs_mpi
    # shellcheck disable=SC2086
    run -1 apart $RECIPE --seed
    [[ $output == *"process 1 on "*" has another recipe than process 0 on "*"seed=1"* ]]
    ln -s faces 0
    face-synth -q --identities 130 --images 1 --size 32 --seed 9 -o 1
    # shellcheck disable=SC2086
    run -1 apart ${RECIPE/-i faces/} -i
    [[ $output == *"has another set of data than process 0"* ]]
    run -1 job 4 --slices 2 -o x
    [[ $output == *"2 slices cannot be shared out to 4 processes"* ]]
    run -1 job 3 -o x
    [[ $output == *"3 processes: their number must be a power of two"* ]]
    [ ! -e x ]
}

@test "two hosts on a network of 10 Gbit/s: the same bytes, over their interface" {
    needs_mpi
    mpirun --version | grep -q 'Open MPI' || skip "not Open MPI"
    ip netns add npcface-try 2>/dev/null || skip "no network namespaces here"
    ip netns del npcface-try
    # shellcheck disable=SC2086
    npc-train $RECIPE -o one
    # shellcheck disable=SC2086
    timeout 300 "$BATS_TEST_DIRNAME/../pipelines/bench/two-hosts" 10gbit \
        npc-train ${RECIPE/-q /} -j 1 -o many 2>said </dev/null
    cmp one many
    grep -q 'npc-train: 2 processes on 2 hosts over eth0: ' said
    run ! grep -q npcface- <(ip netns)
}

@test "a launcher of another MPI than the module's, whose processes would each be alone, is refused" {
    needs_mpi
    run -1 mpirun -n 1 env OMPI_COMM_WORLD_SIZE=2 npc-train -q -i faces -e 1 -o x
    [[ $output == *"one of 2 processes, but MPI knows only this one"* ]]
    [ ! -e x ]
}

@test "several processes without the module, or without MPI, are refused" {
    mkdir -p elsewhere/bin
    cp "$(command -v npc-train)" elsewhere/bin
    run -1 env OMPI_COMM_WORLD_SIZE=2 elsewhere/bin/npc-train -q -i faces -e 1 -o x
    [[ $output == *"one of 2 processes, but there is no module for MPI"* ]]
    run -1 env PMI_SIZE=4 PMI_RANK=1 elsewhere/bin/npc-train -q -i faces -e 1 -o x
    [[ $output == *"one of 4 processes"* ]]
    run -1 env SLURM_STEP_NUM_TASKS=8 npc-train -q -i faces -e 1 -o x
    [[ $output == *"srun started 8 processes that know nothing of each other"* ]]
    # a batch script has a job of several tasks, and is alone all the same
    SLURM_NTASKS=8 SLURM_PROCID=0 npc-train -q -i faces -e 0 --embedding 16 -o x
    SLURM_STEP_NUM_TASKS=1 PMIX_RANK=0 npc-train -q -i faces -e 0 --embedding 16 -o y
    cmp x y
    misused npc-train --slices 12 -i faces -o x
}

@test "a pipeline with CLUSTER trains as several processes, in the same bytes" {
    needs_mpi
    for cluster in "" "mpirun -n 2"; do
        make -s -C "$BATS_TEST_DIRNAME/.." -f pipelines/noise.mk OUT="$PWD/noise${cluster%% *}" PEOPLE=12 SEEDS=1 CLUSTER="$cluster" \
            RECIPE="--batch 32 --epochs 1" PATH="$PATH" "$PWD/noise${cluster%% *}/right-1.model" </dev/null
    done
    cmp noise/right-1.model noisempirun/right-1.model
}
