# eval-roc at thresholds that were set elsewhere (separation and intervals are tests/unit/test_verify_separation.c's)
load lib

# Cosines are those of the angles, in degrees: three people with two faces each.
setup() {
    cd "$BATS_TEST_TMPDIR"
    people_at dev.emb 0 20 60 80 180 250
    people_at eval.emb 0 10 30 90 180 200
}

# rates OPTION...: threshold in degrees, wrong and pairs of FMR and FNMR, HTER
rates() {
    eval-roc -q --tsv --bootstrap 20 "$@" | awk -F '\t' '
        $1 == "threshold" { t = $2; printf("%.1f", atan2(sqrt(t * t < 1 ? 1 - t * t : 0), t) * 180 / atan2(0, -1)) }
        $1 == "fmr" || $1 == "fnmr" { printf " %s/%s", $3, $4 }
        $1 == "hter" { printf " %.6f\n", $2 }'
}

@test "a threshold set on one stream, applied to another" {
    # dev: genuine 20 20 70; impostors 40 60 60 80 100 110 120 130 160 170 170 180
    # eval: genuine 10 60 20; impostors 20 30 80 90 90 110 150 160 170 170 170 180
    [ "$(rates --dev dev.emb --at min-hter eval.emb)" = "70.0 2/12 0/3 0.083333" ]
    [ "$(rates --dev dev.emb --at fmr=0.0833333333333333333 eval.emb)" = "40.0 2/12 1/3 0.250000" ]
    [ "$(rates --dev dev.emb --at 0.4167 eval.emb)" = "100.0 5/12 0/3 0.208333" ]
    [ "$(rates --dev dev.emb --at score=0.8 eval.emb)" = "36.9 2/12 1/3 0.250000" ]
    [ "$(rates --threshold 0.8 eval.emb)" = "36.9 2/12 1/3 0.250000" ]
    # The other way round: a score says the same of its own stream.
    [ "$(rates --threshold 0.8 dev.emb)" = "36.9 0/12 1/3 0.166667" ]
    [ "$(rates --threshold -1 eval.emb)" = "180.0 12/12 0/3 0.500000" ]
    run -0 eval-roc -q --dev dev.emb --at 0.1 eval.emb
    [[ $output == *"for an FMR of 0.1, set on dev.emb"* && $output == *$'\nhere '*$'\nwhere set '* ]]
    run -0 eval-roc -q --threshold 0.99 dev.emb
    [[ $output == *"0/12, below 0.25 (rule of 3)"* ]]
    eval-roc -q --json --dev dev.emb --at eer eval.emb | perl -MJSON::PP -0777 -ne '
        $j = decode_json($_); die unless $j->{data} eq "dev.emb" && $j->{at} eq "equal error rates"
            && $j->{here}{fmr}{pairs} == 12 && $j->{where_set}{fnmr}{pairs} == 3'
}

@test "the expected performance curve: the least weighted cost on one stream, HTER on another" {
    # dev: genuine 20 20 70; impostors 40 60 60 80 100 110 120 130 160 170 170 180
    # eval: genuine 10 60 20; impostors 20 30 80 90 90 110 150 160 170 170 170 180
    eval-roc -q --tsv --dev dev.emb --epc curve eval.emb >rates
    grep -q '^hter	0.083333333333333329	' rates # of --at min-hter
    [ "$(wc -l <curve)" = 102 ]
    point() {
        awk -F '\t' -v alpha="$1" '$1 == alpha {
            printf "%.1f %d/12 %d/3 %.6f %.6f %.6f", atan2(sqrt(1 - $2 * $2), $2) * 180 / atan2(0, -1), $7, $8,
                $5, $6, $11 }' curve
    }
    # At 70 degrees alpha 3/12 on dev, at 20 (1 - alpha) / 3: equal at 4/7.
    [ "$(point 0)" = "70.0 2/12 0/3 0.083333 0.000000 0.000000" ]
    [ "$(point 0.57)" = "70.0 2/12 0/3 0.083333 0.095000 0.142500" ]
    [ "$(point 0.58)" = "20.0 1/12 1/3 0.208333 0.188333 0.140000" ]
    [ "$(point 1)" = "20.0 1/12 1/3 0.208333 0.083333 0.000000" ]
    [ "$(eval-roc -q --dev dev.emb --epc - eval.emb | cmp - curve && echo same)" = same ]
    # The best score is an impostor's: nobody but who is above it, from where a false match costs enough.
    printf '1 0.5\n1 0.4\n0 0.6\n0 0.1\n' >dev.txt
    printf '1 0.7\n1 0.55\n0 0.65\n0 0.1\n' >eval.txt
    eval-roc -q --from scores --dev dev.txt --epc curve eval.txt >/dev/null
    [ "$(awk -F '\t' 'NR > 1 && $2 != last { print $1, sprintf("%.5f", $2), $3, $4; last = $2 }' curve)" = \
        $'0 0.40000 0.5 0\n0.67 0.60000 0.5 0.5' ]
    misused eval-roc --epc curve eval.emb
    misused eval-roc --epc curve --threshold 0.5 eval.emb
    misused eval-roc --epc curve --dev dev.emb --groups g eval.emb
    frame last=1 embedding:F32:2,1:1,1 label:I64:2:0,1 >few.emb
    fails eval-roc -q --any-model --dev few.emb --at score=0 --epc none eval.emb
    [[ $output == *"few.emb: needs pairs of both kinds: there are 0 genuine, 1 impostor"* && ! -e none ]]
}

@test "a threshold as a file; groups at it" {
    eval-roc -q --threshold-out t.json --at score=0.8 dev.emb >/dev/null
    [ "$(rates --threshold t.json eval.emb)" = "36.9 2/12 1/3 0.250000" ]
    run -0 eval-roc -q --threshold t.json eval.emb
    [[ $output == *"set on dev.emb"* && $output == *"where set"* ]]
    eval-roc -q --threshold-out - --at min-hter dev.emb | eval-roc -q --tsv --threshold - eval.emb |
        grep -q '^set-fmr	0.25	3	12	'
    printf '0 x\n1 x\n2 y\n' >groups
    eval-roc -q --tsv --threshold 0.8 --groups groups eval.emb | grep -q '^fmr	x	x	0.5	2	4	'
    eval-roc -q --tsv --dev dev.emb --at score=0.8 --groups groups eval.emb |
        grep -q '^fmr	x	x	0.5	2	4	'
}

@test "a threshold of another model is refused, and one that cannot be set" {
    frame last=1 model=00000000000000aa embedding:F32:2,1:1,1 label:I64:2:0,1 >a.emb
    frame last=1 model=00000000000000bb embedding:F32:3,1:1,1,-1 label:I64:3:0,0,1 >b.emb
    fails eval-roc -q --dev a.emb --at 0.5 b.emb
    [[ $output == *"--any-model"* ]]
    eval-roc -q --any-model --dev a.emb --at 1 b.emb
    eval-roc -q --threshold-out a.json --at 1 a.emb >/dev/null
    fails eval-roc -q --threshold a.json b.emb
    [[ $output == *"a.json was set with the model 00000000000000aa"*"--any-model"* ]]
    eval-roc -q --any-model --threshold a.json b.emb
    fails eval-roc -q --dev a.emb --at eer --any-model b.emb
    [[ $output == *"a.emb: --at eer needs pairs of both kinds"* ]]
    fails eval-roc -q --dev a.emb --at min-hter --any-model b.emb
    fails eval-roc -q --dev a.emb --at 0.1 --any-model b.emb
    [[ $output == *"a.emb: --at 0.1 is less than one of 1 impostor" ]]
}

@test "options of thresholds" {
    misused eval-roc --dev dev.emb eval.emb
    misused eval-roc --at 0.1 eval.emb
    misused eval-roc --dev dev.emb --at 2 eval.emb
    misused eval-roc --dev dev.emb --at zero eval.emb
    misused eval-roc --dev dev.emb --at score=1.5 eval.emb
    misused eval-roc --dev dev.emb --at fmr= eval.emb
    misused eval-roc --dev - --at eer -
    misused eval-roc --threshold - -
    misused eval-roc --threshold 0.5 --dev dev.emb --at eer eval.emb
    misused eval-roc --threshold 2 eval.emb
    misused eval-roc --threshold 0.5 --hardest 3 eval.emb
    misused eval-roc --dev-pairs x eval.emb
}

@test "listed pairs on either side" {
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,1,-1,0 key:U8:8:=a1a2b1b2 key_end:I64:4:2,4,6,8 >k.emb
    printf 'a1 a2 1\na1 b1 0\nb1 b2 1\n' >dev.txt
    printf 'a2 b1 0\na1 b2 0\nb1 b2 1\n' >eval.txt
    [ "$(rates --dev k.emb --dev-pairs dev.txt --at min-hter --pairs eval.txt k.emb)" = "36.9 0/2 1/1 0.500000" ]
    [ "$(rates --threshold 0.6 --pairs eval.txt k.emb)" = "53.1 1/2 1/1 0.750000" ] || false
}

@test "operating points: thresholds for FARs, false matches a day, figures that need no target" {
    # genuine 20 20 70; impostors 40 60 60 80 100 110 120 130 160 170 170 180
    eval-roc -q --tsv --operating-points --far 0.25,0.01 --bootstrap 20 --gallery-size 30 \
        --probes-per-day 2 dev.emb >points
    value() {
        awk -F '\t' -v measure="$1" -v at="$2" '
            $1 == measure && (at == "" || $2 == at) { print $3 == "NA" ? "NA" : sprintf("%.6f", $3) }' points
    }
    [ "$(value threshold 0.25)" = 0.500000 ]
    [ "$(value squared-distance 0.25)" = 1.000000 ]
    grep -q '^fmr	0.25	0.25	3	12	' points
    grep -q '^fnmr	0.25	0.33333333333333331	1	3	' points
    [ "$(value per-million 0.25)" = 250000.000000 ]
    [ "$(value per-day 0.25)" = 15.000000 ]
    [ "$(value rule-of-30 0.25)" = 0.000000 ]
    [ "$(value threshold 0.01)" = NA ]
    [ "$(value zero-fmr)" = 0.333333 ]
    [ "$(value zero-fnmr)" = 0.250000 ]
    [ "$(value fmr100)" = NA ]
    [ "$(value youden)" = 0.750000 ]
    # 20 20 alone, then 70 among three impostors: (2/3 log2(1) + 1/3 log2(1 + 3/4) + 1/4 log2(1 + 4/3)) / 2
    [ "$(value min-cllr)" = 0.287358 ]
    [ "$(value d-prime)" = "$(echo 20 20 70 40 60 60 80 100 110 120 130 160 170 170 180 | awk '{
        for (i = 1; i <= NF; i++) {
            k = i > 3; x = cos($i * atan2(0, -1) / 180); n[k]++; sum[k] += x; square[k] += x * x
        }
        for (k = 0; k < 2; k++)
            v[k] = square[k] / n[k] - (sum[k] / n[k]) ^ 2
        printf "%.6f", (sum[0] / n[0] - sum[1] / n[1]) / sqrt((v[0] + v[1]) / 2) }')" ]
    run -0 eval-roc -q --operating-points --far 0.25,0.01 --gallery-size 30 --probes-per-day 2 dev.emb
    [[ $output == *"250000 in 10^6 comparisons, 15 a day"*"rule of 30"*"less than one of 12 impostors"* ]]
    eval-roc -q --json --operating-points --far 0.25,0.01 dev.emb | perl -MJSON::PP -0777 -ne '
        $j = decode_json($_); die unless $j->{points}[0]{fmr}{wrong} == 3 && !defined $j->{points}[1]{threshold}
            && $j->{marks}{"zero-fnmr"}{value} == 0.25 && !defined $j->{points}[0]{per_day}'
    misused eval-roc --operating-points --gallery-size 3 dev.emb
    misused eval-roc --operating-points --convention histogram dev.emb
    misused eval-roc --operating-points --threshold 0.5 dev.emb
}
