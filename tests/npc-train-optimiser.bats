#!/usr/bin/env bats
# npc-train: Nesterov's momentum, AdamW, the cosine schedule, averages, smoothed labels: each resumes to the
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
    for more in "--nesterov" "--optimizer adamw --spare-norms --beta2 0.99" "--optimizer adamw --head sphereface2 --ema 0.5" \
        "--optimizer adamw --head adam-softmax --sample-rate 0.5 --accumulate 2 --clip 1" "--schedule cosine" "--ema 0.8" "--label-smoothing 0.2" \
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

@test "--optimizer adamw: its settings come from the model; sgd and adamw do not go on from each other" {
    # shellcheck disable=SC2086
    npc-train -q $RECIPE --optimizer adamw -e 1 -o adam
    npc-train -q -i faces -b 6 --embedding 8 -e 1 -o sgd
    stream-ls -l adam >names
    grep -q 'training.square.conv1.conv.weight F32' names
    grep -q 'head.weight.square F32' names
    run ! grep -q square <(stream-ls -l sgd)
    fails npc-train -q -i faces --resume adam -e 2 --optimizer sgd -o no
    [[ $output == *"its optimizer is adamw, not sgd"* ]]
    fails npc-train -q -i faces --resume sgd -e 2 --optimizer adamw --changed -o no
    [[ $output == *"its optimizer is sgd, not adamw"* ]]
    misused npc-train -q -i faces --optimizer adamw --nesterov -o no
    misused npc-train -q -i faces --resume adam -e 2 --momentum 0.5 -o no
    misused npc-train -q -i faces --beta1 0.5 -o no
    npc-train -q -i faces --init adam -e 1 -b 6 -o sgd
    npc-train -q -i faces --resume adam -e 2 -o went
    embed -q -m went faces >/dev/null
}

@test "--optimizer adamw: PyTorch's learning rate and decay, unless they are given" {
    npc-train -q -i faces -b 6 --embedding 8 -e 1 --optimizer adamw --log log -o a
    [ "$(awk 'NR == 2 { print $5 }' log)" = 0.001 ]
    run meta a recipe
    [[ $output == *" optimizer=adamw "*" beta1=0.9 beta2=0.999 epsilon=1e-08 weight_decay=0.01 "* ]]
    npc-train -q -i faces -b 6 --embedding 8 -e 1 --optimizer adamw --lr 0.1 --weight-decay 1e-4 -o b
    run meta b recipe
    [[ $output == "lr=0.1 "*" weight_decay=0.0001 "* ]]
}
