#!/usr/bin/env bats
# npc-train: fine-tuning. What is frozen stays to the byte; centres start at the means.

load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    face-synth -q --identities 6 --images 6 --size 16 --hardness 0 -o faces
    face-synth -q --identities 5 --images 6 --size 16 --hardness 0 --seed 9 -o others
    npc-train -q -i faces -b 6 --embedding 8 --lr 0.05 -e 10 -o base
    export TUNE="-i others -b 6 --lr 0.02 --init base"
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

same() { cmp -s <(column "$1" "$3") <(column "$2" "$3"); }

# at_means TUNED DRAWN SUB: of SUB centres of each identity in TUNED the first has the direction of the
# mean embedding, and the length it was drawn with; the others, and all of the sixth identity, which
# has no faces, are those of DRAWN.
at_means() {
    embed -q --normalize -m base others >e
    column e embedding >x
    column e label >y
    column "$1" head.weight >w
    column "$2" head.weight >v
    perl -e 'sub slurp { local $/; open my $f, "<:raw", shift; <$f> }
        my @x = unpack "f<*", slurp("x"); my @y = unpack "q<*", slurp("y"); my $sub = shift;
        my @w = unpack "f<*", slurp("w"); my @v = unpack "f<*", slurp("v"); my @s;
        die "size" unless @w == 6 * $sub * 8 && @v == @w;
        for my $i (0 .. $#y) { $s[8 * $y[$i] + $_] += $x[8 * $i + $_] for 0 .. 7 }
        for my $c (0 .. 4) {
            my ($dot, $ss, $ww, $vv, $at) = (0, 0, 0, 0, 8 * $c * $sub);
            for (0 .. 7) {
                $dot += $s[8 * $c + $_] * $w[$at + $_];
                $ss += $s[8 * $c + $_] ** 2; $ww += $w[$at + $_] ** 2; $vv += $v[$at + $_] ** 2 }
            die "direction $c" unless $dot / sqrt($ss * $ww) > 1 - 1e-6;
            die "length $c" unless abs($ww / $vv - 1) < 1e-5;
            splice @$_, $at, 8, (0) x 8 for \@w, \@v }
        die "others" unless "@w" eq "@v"' "$3"
}

@test "--freeze: what fits stays, the rest moves; several patterns" {
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 2 --freeze 'conv1.*' --freeze 'conv2_dw.*' -o o
    same base o conv1.conv.weight
    same base o conv1.bn.bias
    same base o conv2_dw.conv.weight
    run ! same base o conv_23.conv.conv.weight
    run ! same base o conv1.bn.running_mean
    [[ "$(meta o recipe)" == *" freeze=conv1.*,conv2_dw.* "* ]]
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 2 --lr-scale 'conv1.*=0' --lr-scale 'conv2_dw.*=0' -o o2
    cmp <(tensors o) <(tensors o2)
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 2 --freeze '*' -o o
    embed -q -m base others >/dev/null
    for name in conv1.conv.weight conv_23.conv.conv.weight; do same base o $name; done
    # the gradient of what is frozen is not in the norm
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 1 --freeze '*' --log l -o o
    [ "$(awk -F'\t' 'NR == 2 { print $10 }' l)" = 0 ]
}

@test "--lr-scale: a factor of the rate" {
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 1 --lr-scale 'conv1.*=0.5' --lr-scale 'conv1.*=2' -o o
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 1 -o o2
    cmp <(tensors o) <(tensors o2)
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 1 --lr-scale '*=0.1' -o o
    run ! same o o2 conv1.conv.weight
}

@test "--freeze-norms: statistics and affine stay, slopes do not; a batch of one face will do" {
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 2 --freeze-norms -o o
    for name in conv1.bn.weight conv1.bn.bias conv1.bn.running_mean conv1.bn.running_var; do
        same base o $name
    done
    run ! same base o conv1.conv.weight
    run ! same base o conv1.prelu.weight
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 1 -b 1 --freeze-norms -o o
    [ "$(meta o step)" = 30 ]
}

@test "--freeze-norms: the first batch has the embeddings of inference" {
    # cosine to a centre of its own, which is the mean of one face: 1, were it not for the batch
    face-synth -q --identities 6 --images 1 --size 16 --hardness 0 --seed 9 -o single
    npc-train -q -i single -b 6 --lr 0.001 --init base --centres mean --freeze-norms --log l -o o
    awk -F'\t' 'NR == 2 { exit !($7 > 0.99999) }' l
    npc-train -q -i single -b 6 --lr 0.001 --init base --centres mean --log l -o o
    awk -F'\t' 'NR == 2 { exit !($7 < 0.99999) }' l
}

@test "--centres mean: the mean of the unit embeddings; others stay as they are drawn" {
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 0 --identities 6 --centres mean -o o
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 0 --identities 6 -o drawn
    at_means o drawn 1
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 1 --centres mean --log l -o o -j 2
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 1 --centres mean -o o1 -j 1
    cmp o o1
}

@test "--centres mean: of several centres the first; heads that have none are refused" {
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 0 --identities 6 --head-option sub=3 --centres mean -o o
    # shellcheck disable=SC2086
    npc-train -q $TUNE -e 0 --identities 6 --head-option sub=3 -o drawn
    at_means o drawn 3
    for head in triplet contrastive; do
        # shellcheck disable=SC2086
        fails npc-train -q $TUNE --per-identity 2 --head $head --centres mean -o no
        [[ $output == *"head $head has no centres"* ]]
    done
}

@test "stopped and resumed: the same bytes, by the recipe" {
    local more="--freeze conv1.* --lr-scale conv2*=0.3 --freeze-norms --centres mean"
    # shellcheck disable=SC2086
    npc-train -q $TUNE $more -e 4 -o whole
    # shellcheck disable=SC2086
    npc-train -q $TUNE $more -e 2 -o part
    npc-train -i others --resume part -e 4 -o went 2>said
    cmp <(tensors whole) <(tensors went)
    grep -q 'differs from its recipe: epochs 4 (was 2)$' said
    npc-train -i others --resume part -e 4 --freeze 'conv1.*' --freeze 'x*' -o no 2>said || true
    grep -q "no parameter of mobilefacenet has a name like 'x\*'" said
}

@test "what is wrong is told" {
    # shellcheck disable=SC2086
    fails npc-train -q $TUNE --freeze nothing -o no
    [[ $output == *"no parameter of mobilefacenet has a name like 'nothing'"* ]]
    for bad in "--lr-scale x" "--lr-scale x=y" "--lr-scale =1" "--lr-scale x=-1" "--freeze a,b" "--freeze="; do
        # shellcheck disable=SC2086
        misused npc-train $TUNE "$bad" -o no
        # shellcheck disable=SC2086
        misused npc-train $TUNE $bad -o no
    done
    misused npc-train --init base --centres mean -o no others
    # shellcheck disable=SC2086
    fails npc-train -q $TUNE --identities 3 --centres mean -o no
    [[ $output == *"label 3"* ]]
    [ ! -e no ]
}
