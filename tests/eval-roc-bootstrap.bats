# eval-roc --bootstrap, --versus, --hardest, --histogram: intervals, differences, wrong decisions
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    people 60 4 1 >a.emb
}

# people N IMAGES SEED [NOISE]: so many people with as many images each, as random embeddings
people() {
    local columns
    columns=$(awk -v people="$1" -v images="$2" -v seed="$3" -v noise="${4:-1}" 'BEGIN {
        srand(7) # the people; a seed draws their images
        for (i = 0; i < people * 8; i++)
            face[i] = rand() - .5
        srand(seed)
        for (i = 0; i < people; i++)
            for (j = 0; j < images; j++) {
                for (k = 0; k < 8; k++)
                    e = e sprintf(",%.3f", face[8 * i + k] + noise * (rand() - .5))
                l = l "," i
                name = sprintf("set/P%d/P%d_%04d.jpg", i, i, j + 1)
                keys = keys name
                n += length(name)
                ends = ends "," n
            }
        print substr(e, 2), substr(l, 2), keys, substr(ends, 2), n
    }')
    # shellcheck disable=SC2086
    set -- $(($1 * $2)) $columns
    frame kind=embeddings last=1 "embedding:F32:$1,8:$2" "label:I64:$1:$3" "key:U8:$6:=$4" \
        "key_end:I64:$1:$5"
}

# cell MEASURE AT COLUMN: from the TSV in $output
cell() {
    awk -F'\t' -v m="$1" -v at="$2" -v c="$3" '
        NR == 1 { for (i = 1; i <= NF; i++) of[$i] = i }
        $1 == m && $2 == at { print $of[c] }' <<<"$output"
}

# holds CONDITION: in awk
holds() {
    awk "BEGIN { exit !($1) }"
}

@test "intervals hold the figures, and more people make them shorter" {
    run -0 eval-roc --tsv --far .1,.01,1e-9 --bootstrap 200 a.emb
    for at in 0.1 0.01; do
        holds "$(cell tar $at low) < $(cell tar $at value)"
        holds "$(cell tar $at value) < $(cell tar $at high)"
    done
    holds "$(cell eer NA low) < $(cell eer NA value) && $(cell eer NA value) < $(cell eer NA high)"
    [ "$(cell tar 1e-09 low)" = NA ]
    [ "$(cell auc NA low)" = NA ]
    few=$(awk "BEGIN { print $(cell eer NA high) - $(cell eer NA low) }")
    people 500 4 1 >more.emb
    run -0 eval-roc --tsv --bootstrap 200 more.emb
    holds "$(cell eer NA high) - $(cell eer NA low) < $few / 2"
}

@test "the table and JSON say the same" {
    run -0 eval-roc --far .1 --bootstrap 50 --seed 3 a.emb
    [[ $output == *"50 resamples of the 60 identities, seed 3"* ]]
    [[ $output =~ 0\.1\ +0\.[0-9]+\ +(0\.[0-9]+)\ \.\.\ (0\.[0-9]+) ]]
    low=${BASH_REMATCH[1]}
    eval-roc --json --far .1 --bootstrap 50 --seed 3 a.emb >out.json
    # shellcheck disable=SC2016
    run -0 perl -MJSON::PP -0777 -ne '
        my $r = decode_json $_;
        printf "%.6f %d %d %s", $r->{tar}[0]{interval}{low}, $r->{bootstrap}{resamples},
            $r->{bootstrap}{identities}, exists $r->{eer}{interval}{high} ? "eer" : ""' out.json
    [ "$output" = "$low 50 60 eer" ]
}

@test "threads change no digit, seeds do, and order does not" {
    eval-roc --tsv --bootstrap 40 -j 1 --roc one.roc a.emb >one
    eval-roc --tsv --bootstrap 40 -j 3 --roc two.roc a.emb >two
    cmp one two
    cmp one.roc two.roc
    eval-roc --tsv --bootstrap 40 --seed 2 a.emb >other
    run -1 cmp -s one other
    [ "$(head -n 1 one.roc)" = $'far\ttar\tthreshold\timpostors\tgenuine\tlow\thigh' ]
    awk 'NR > 2 && $6 != "NA" && ($6 > $7 || $6 < 0 || $7 > 1) { exit 1 }' one.roc
}

# A list of each person's first two images, and of the first image and the next person's third.
list() {
    awk 'BEGIN { print "2\t15"
        for (fold = 0; fold < 2; fold++) {
            for (i = 15 * fold; i < 15 * fold + 15; i++)
                printf "P%d\t1\t2\n", i
            for (i = 15 * fold; i < 15 * fold + 15; i++)
                printf "P%d\t1\tP%d\t3\n", i, i + 30
        } }'
}

@test "a list of pairs: accuracy has intervals, by both rules" {
    list >pairs.txt
    run -0 eval-roc --tsv --far .1 --bootstrap 100 --pairs pairs.txt a.emb
    [ "$(awk -F'\t' '$1 == "accuracy" && $8 < $3 && $3 < $9 && $8 > .4' <<<"$output" | wc -l)" = 2 ]
    holds "$(cell tar 0.1 low) <= $(cell tar 0.1 value)"
    run -0 eval-roc --far .1 --bootstrap 100 --pairs pairs.txt a.emb
    [[ $output == *"resamples of the 60 identities"* ]]
    [[ $output == *"InsightFace's rule, 2 folds, population deviation, interval "* ]]
}

@test "an impostor pair of one person is no pair to resample" {
    printf 'set/P1/P1_0001.jpg set/P1/P1_0002.jpg 0\nset/P1/P1_0001.jpg set/P2/P2_0002.jpg 0\n' >pairs
    eval-roc --pairs pairs a.emb >/dev/null
    fails eval-roc --bootstrap 10 --pairs pairs a.emb
    [[ $output == *"P1_0001"*"P1_0002"*"one person"* ]]
}

@test "versus itself: no difference; versus a worse one: an interval above 0" {
    run -0 eval-roc --tsv --far .1 --versus a.emb --bootstrap 50 a.emb
    [ "$(cell tar-difference 0.1 value)" = 0 ]
    [ "$(cell tar-difference 0.1 low)" = 0 ]
    [ "$(cell tar-difference 0.1 high)" = 0 ]
    people 60 4 2 1.8 >worse.emb
    run -0 eval-roc --tsv --far .1 --versus worse.emb a.emb
    holds "$(cell tar-difference 0.1 low) > 0"
    holds "$(cell eer-difference NA high) < 0"
    holds "$(cell tar 0.1 value) - $(cell tar-other 0.1 value) - $(cell tar-difference 0.1 value) < 1e-8"
    list >pairs.txt
    run -0 eval-roc --far .1 --versus worse.emb --pairs pairs.txt a.emb
    [[ $output == *"The difference from worse.emb"*"TAR at 0.1"*"EER"*"accuracy, facexzoo"* ]]
}

@test "the other stream must be of the same images" {
    people 60 3 1 >fewer.emb
    fails eval-roc --versus fewer.emb a.emb
    [[ $output == *"fewer.emb"*"180 rows"*"240"* ]]
    people 60 4 1 | sed 's/P7_0002/P7_0009/' >other.emb
    fails eval-roc --versus other.emb a.emb
    people 60 4 1 >same.emb
    fails eval-roc --versus absent.emb a.emb
    misused eval-roc --versus - - <a.emb
    misused eval-roc --seed 3 a.emb
    misused eval-roc --bootstrap 5 a.emb
    misused eval-roc --bootstrap 50 --convention dropped a.emb
    misused eval-roc --versus same.emb --convention histogram a.emb
}

@test "one identity cannot be resampled" {
    frame last=1 embedding:F32:3,2:1,0,.8,.6,0,1 label:I64:3:5,5,5 >one
    fails eval-roc --bootstrap 10 one
    [[ $output == *"1 identity"* ]]
}

@test "few identities: resamples without a pair of a kind do not count" {
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,2,.6,.8 label:I64:4:0,0,1,1 >four
    run -0 eval-roc --far .5 --bootstrap 200 four
    [[ $output == *"some figures could be measured in only "*" of them"* ]]
}

@test "the hardest: as brute force finds them, in the order of scores" {
    run -0 eval-roc --hardest 1000000 --hardest-at .05 a.emb
    cp a.emb copy
    all=$output
    # At FAR 0.05 of 28,320 impostors 1,416 are accepted; the wrong ones are listed once each.
    [ "$(grep -c false-accept <<<"$all")" = 1416 ]
    sort -t $'\t' -k 4,4gr <<<"$all" | cut -f 4 | cmp - <(cut -f 4 <<<"$all")
    run -0 eval-roc --tsv --far .05 a.emb
    [ "$(awk -F'\t' '$1 == "tar" { printf "%d", (1 - $3) * 360 + .5 }' <<<"$output")" = \
        "$(grep -c false-reject <<<"$all")" ]
    threshold=$(cell tar 0.05 threshold)
    eval-roc -j 2 --hardest 3 --hardest-at .05 a.emb >few
    [ "$(wc -l <few)" = 12 ]
    { grep false-accept <<<"$all" | sed -n '1,3p'; grep false-accept <<<"$all" | tail -n 3
        grep false-reject <<<"$all" | sed -n '1,3p'; grep false-reject <<<"$all" | tail -n 3; } |
        cut -f 1-5 | cmp - <(cut -f 1-5 few)
    awk -F'\t' -v t="$threshold" '
        ($5 == "false-accept") != ($4 + 1e-6 >= t) || ($5 == "false-accept") == $3 { exit 1 }' few
    [ "$(cut -f 6 few | tr '\n' ' ')" = "far far far near near near near near near far far far " ]
}

@test "the hardest of a list, beside the figures; a list itself" {
    list >pairs.txt
    run -0 eval-roc --tsv --far .5,.2,1e-5 --pairs pairs.txt --hardest 2 --hardest-out hard a.emb
    [[ $output == measure* ]]
    [ "$(grep -c . hard)" -ge 4 ]
    run -0 eval-roc --tsv --far .5 --pairs hard a.emb # all are wrong: genuine below impostors
    [ "$(cell auc NA value)" = 0 ]
}

@test "no keys, or keys that a list cannot hold: nothing is listed" {
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,2,.6,.8 label:I64:4:0,0,1,1 >nameless
    fails eval-roc --hardest 2 --hardest-at .5 nameless
    [[ $output == *"'key'"* ]]
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,2,.6,.8 label:I64:4:0,0,1,1 "key:U8:12:=a 1a,2b 1b,2" \
        key_end:I64:4:3,6,9,12 >spaced
    eval-roc --hardest 2 --hardest-at .5 --hardest-out list spaced >/dev/null
    [ "$(cut -f 1 list | sort -u)" != "" ] && [ "$(awk -F '\t' 'NF != 6' list)" = "" ]
    run -0 eval-roc --pairs list spaced # names with spaces and commas, between tabs
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,2,.6,.8 label:I64:4:0,0,1,1 \
        "key:U8:12:=a"$'\t'"1a"$'\t'"2b"$'\t'"1b"$'\t'"2" key_end:I64:4:3,6,9,12 >tabs
    fails eval-roc --hardest 2 --hardest-at .5 --hardest-out no-list tabs
    [[ $output == *"row "*"tab"* ]]
    [ ! -e no-list ]
    misused eval-roc --hardest-at .1 a.emb
}

@test "histograms count every score" {
    eval-roc --histogram hist a.emb >/dev/null
    [ "$(head -n 1 hist)" = $'low\thigh\tgenuine\timpostor' ]
    [ "$(awk -F'\t' '{ g += $3; i += $4 } END { print g, i }' hist)" = "360 28320" ]
    list >pairs.txt
    eval-roc --histogram hist --pairs pairs.txt a.emb >/dev/null
    [ "$(awk -F'\t' '{ g += $3; i += $4 } END { print g, i }' hist)" = "30 30" ]
    awk -F'\t' 'NR > 2 && $1 != last { exit 1 } { last = $2 }' hist
}

@test "a threshold is a file: score, rates, data and model, for any number of threads" {
    run -0 eval-roc --threshold-out t --at .02 --bootstrap 50 --far .02 --tsv a.emb
    holds "$(cell tar 0.02 value) - (1 - $(perl -MJSON::PP -0777 -ne '
            print decode_json($_)->{fnmr}{value}' t)) < 1e-8"
    perl -MJSON::PP -0777 -ne '
        $t = decode_json $_;
        exit 1 unless $t->{fmr}{wrong} == 566 && $t->{fmr}{pairs} == 28320 && $t->{fnmr}{pairs} == 360
            && $t->{fmr}{low} < $t->{fmr}{value} && $t->{fmr}{value} < $t->{fmr}{high}
            && $t->{data} eq "a.emb" && $t->{model} eq "" && $t->{asked_fmr} == .02
            && $t->{resamples} == 50 && $t->{identities} == 60 && $t->{by} =~ /^eval-roc|\neval-roc/' t
    eval-roc -j 3 --threshold-out again --at .02 --bootstrap 50 --far .02 --tsv a.emb >/dev/null
    cmp t again
    # The score that was printed is the file's.
    [ "$(cell tar 0.02 threshold | cut -c 1-6)" = "$(sed -n 's/.*"threshold": \(......\).*/\1/p' t)" ]
    [ "$(eval-roc --threshold-out - --at .02 --data Ours a.emb | sed -n 's/.*"data": //p')" = '"Ours",' ]
}

@test "a threshold that cannot be" {
    misused eval-roc --threshold-out t a.emb
    misused eval-roc --at .1 a.emb
    misused eval-roc --threshold-out t --at 2 a.emb
    misused eval-roc --threshold-out t --at .1 --convention histogram a.emb
    misused eval-roc --data x a.emb
    fails eval-roc --threshold-out t --at 1e-9 a.emb
    [[ $output == *"--at 1e-09 is less than one of 28320 impostors"* ]]
    [ ! -e t ]
    # Of impostors that tie, conservative accepts none.
    frame kind=embeddings last=1 embedding:F32:4,2:1,0,1,1,0,1,0,1 label:I64:4:1,1,2,3 >ties
    eval-roc --threshold-out t --at .5 --convention conservative ties >/dev/null
    perl -MJSON::PP -0777 -ne '$t = decode_json $_; exit 1 unless $t->{fmr}{wrong} <= 2 && $t->{threshold} > .707' t
}
