#!/usr/bin/env bats
# npc-train: Nesterov's momentum, the cosine schedule, averages, smoothed labels: each resumes to the
# same bytes. (Their formulas are compared in tests/unit.)

load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    face-synth -q --identities 6 --images 6 --size 16 --hardness 0 -o faces
    export RECIPE="-i faces -b 6 --embedding 8 --lr 0.05"
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    rm -f ck* part*
}

@test "stopped and resumed: the same bytes, by the recipe, for any number of threads" {
    local more
    # shellcheck disable=SC2086
    npc-train -q $RECIPE -e 2 -o plain
    for more in "--nesterov" "--schedule cosine" "--ema 0.8" "--label-smoothing 0.2" \
        "--nesterov --sample-rate 0.5 --ema 0.5 --label-smoothing 0.1 --schedule cosine --head softmax"; do
        # shellcheck disable=SC2086
        npc-train -q $RECIPE $more -e 2 -j 1 -o whole
        run ! cmp -s <(tensors plain) <(tensors whole)
        rm -f ck
        # shellcheck disable=SC2086
        npc-train -q $RECIPE $more -e 1 --total 12 --checkpoint ck -o part
        npc-train -q -i faces -e 2 -j 2 --checkpoint ck -o went
        cmp <(tensors whole) <(tensors went) || { echo "$more"; false; }
    done
}

@test "--ema: the average of the weights after each step, in the output and beside them in the checkpoint" {
    # shellcheck disable=SC2086
    npc-train -q $RECIPE --ema 0.8 -e 1 --checkpoint ck --every 1 --keep-last 9 -o out
    for name in conv1.conv.weight conv1.bn.running_var; do
        for step in 1 2 3 4 5 6; do column ck.$step $name; done >all
        perl -e 'local $/; my @w = unpack "f<*", <STDIN>; my $n = @w / 6; my @a = @w[0 .. $n - 1];
            for my $s (1 .. 5) { $a[$_] = 0.8 * $a[$_] + 0.2 * $w[$s * $n + $_] for 0 .. $n - 1 }
            print "$_\n" for @a' <all >want
        column out $name | perl -e 'local $/; print "$_\n" for unpack "f<*", <STDIN>' >got
        paste want got | awk '{ d = $1 - $2; if (d * d > 1e-12 * (1 + $1 * $1)) exit 1 }'
        same_columns_as ck "training.average.$name" out $name
    done
    fails npc-train -q -i faces --resume out -e 2 -o no
    [[ $output == *"averaged weights only"* ]]
    embed -q -m out faces >/dev/null
    embed -q -m ck faces >/dev/null
}

same_columns_as() {
    cmp <(column "$1" "$2") <(column "$3" "$4")
}

@test "--schedule cosine from a pipe needs --total" {
    frame kind=faces last=1 identities=3 "image:U8:2,16,16,3:$(perl -e 'print join ",", map { $_ % 251 } 1 .. 1536')" label:I64:2:1,2 >s
    fails npc-train -q --embedding 8 --schedule cosine -o no s
    [[ $output == *"--total"* ]]
    npc-train -q --embedding 8 --schedule cosine --total 3 -o out s
}
