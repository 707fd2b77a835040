# eval-roc: tables for people and programs, LFW's pairs, what cannot be measured, what is refused
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    # Two genuine pairs of cosine .8; impostors 1-3 0, 1-4 and 2-3 .6, 2-4 .96.
    four=("embedding:F32:4,2:1,0,8,6,0,2,.6,.8" "label:I64:4:0,0,1,1")
    keys=("key:U8:76:=lfw/Ann/Ann_0001.jpglfw/Ann/Ann_0002.jpglfw/Bo/Bo_0001.jpglfw/Bo/Bo_0002.jpg"
        "key_end:I64:4:20,40,58,76")
    frame kind=embeddings by="maker 1" last=1 "${four[@]}" "${keys[@]}" >four.emb
    printf '2\t1\nAnn\t1\t2\nAnn\t1\tBo\t2\nBo\t1\t2\nAnn\t2\tBo\t1\n' >pairs.txt
}

# value MEASURE [CONVENTION]: from the TSV in $output; CONVENTION may be a FAR
value() {
    awk -F'\t' -v m="$1" -v c="${2:-}" '$1 == m && (c == "" || $2 == c || $7 == c) { print $3 }' \
        <<<"$output"
}

# random ROWS SEED FIRST LAST: rows FIRST to LAST of so many random embeddings, as a frame
random() {
    local n=$(($4 - $3 + 1)) columns
    columns=$(awk -v n="$1" -v seed="$2" -v first="$3" -v last="$4" 'BEGIN {
        srand(seed)
        for (i = 1; i <= n; i++)
            for (k = 0; k < 3; k++) {
                x = rand() - .5
                if (i >= first && i <= last)
                    e = e "," x
            }
        for (i = first; i <= last; i++)
            l = l "," i % 40
        print substr(e, 2), substr(l, 2)
    }')
    frame kind=embeddings ${5:+last=1} "embedding:F32:$n,3:${columns% *}" \
        "label:I64:$n:${columns#* }"
}

@test "all pairs by label: counts, TAR, EER and AUC" {
    run -0 eval-roc --tsv --far .5,.25,.1 four.emb
    [ "$(value genuine)" = 2 ]
    [ "$(value impostor)" = 4 ]
    [ "$(value tar 0.5)" = 1 ]
    [ "$(value tar 0.25)" = 0 ]
    [ "$(value tar 0.1)" = NA ]
    [ "$(value eer)" = 0.25 ]
    [ "$(value auc)" = 0.75 ]
}

@test "a tie at the threshold: its impostors are accepted together" {
    run -0 eval-roc --tsv --far .5 four.emb
    [[ $output == *$'tar\t0.5\t1\tNA\t0.600000024\t3\tblufr'* ]]
}

@test "the table says what was measured, by whom it was made, and what cannot be" {
    run -0 eval-roc <four.emb
    [[ $output == *"standard input: 4 of 2 numbers"*"maker 1"* ]]
    [[ $output == *"all by label: 2 genuine, 4 impostor"* ]]
    [[ $output == *"0.001       not measurable: less than one of 4 impostors"* ]]
    [[ $output == *"BLUFR"* ]]
}

@test "JSON: null for what cannot be measured" {
    eval-roc --json --far .5,1e-6 --pairs pairs.txt four.emb >out.json
    # shellcheck disable=SC2016
    run -0 perl -MJSON::PP -0777 -ne '
        my $r = decode_json $_;
        print join " ", $r->{by}, $r->{pairs}{genuine}, $r->{tar}[0]{tar},
            $r->{tar}[1]{tar} // "null", map { "$_->{convention} $_->{mean}" } @{$r->{accuracy}}' out.json
    [ "$output" = "maker 1 2 1 null insightface 1 facexzoo 1" ]
}

@test "LFW's pairs: accuracy by both rules; one fold" {
    run -0 eval-roc --tsv --pairs pairs.txt four.emb
    [ "$(value genuine)" = 2 ]
    [ "$(value impostor)" = 2 ]
    [ "$(value accuracy insightface)" = 1 ]
    [ "$(value accuracy facexzoo)" = 1 ]
    run -0 eval-roc --tsv --pairs pairs.txt --fold 2 four.emb
    [ "$(value impostor)" = 1 ]
    [ "$(value accuracy facexzoo)" = 1 ]
    run -0 eval-roc -p pairs.txt four.emb
    [[ $output == *"accuracy"*"InsightFace's rule, 2 folds"*"FaceX-Zoo's rule"* ]]
}

@test "a missing image: an error, or named, counted and left out" {
    sed -i 's/^Bo\t1\t2/Bo\t1\t3/' pairs.txt
    fails eval-roc --pairs pairs.txt four.emb
    [[ $output == *"Bo_0003"*"1 of 5 images"* ]]
    run -0 --separate-stderr eval-roc --tsv --skip-missing --pairs pairs.txt four.emb
    # shellcheck disable=SC2154
    [[ $stderr == *"Bo_0003"* ]]
    [ "$(value missing)" = 1 ]
    [ "$(value genuine)" = 1 ]
}

@test "order, frames and threads change no digit" {
    random 700 1 1 700 last >one
    { random 700 1 601 700; random 700 1 1 600 last; } >two
    eval-roc --tsv -j 1 --roc one.roc one >one.tsv
    eval-roc --tsv -j 3 --roc two.roc two >two.tsv
    cmp one.tsv two.tsv
    cmp one.roc two.roc
    [ "$(wc -l <one.tsv)" -eq 14 ]
}

@test "the curve runs from the first impostor to (1, 1), rising" {
    random 300 2 1 300 last | eval-roc --roc curve - >/dev/null
    awk 'NR == 1 { if ($0 != "far\ttar\tthreshold\timpostors\tgenuine") exit 1; next }
         $1 < far || $2 < tar { exit 1 }
         { far = $1; tar = $2 }
         END { if (NR < 50 || far != 1 || tar != 1) exit 1 }' curve
    [ "$(sed -n 2p curve | cut -f 1,3)" = $'0\tNA' ]
}

@test "the plot of curves" {
    command -v gnuplot >/dev/null || skip "no gnuplot"
    script=$BATS_TEST_DIRNAME/../pipelines/roc.gp
    eval-roc --roc four.roc four.emb >/dev/null
    random 300 2 1 300 last | eval-roc --roc other.roc >/dev/null
    gnuplot -c "$script" out.svg four.roc other.roc
    grep -q '</svg>' out.svg
    grep -q 'other' out.svg
    run gnuplot -c "$script" none.svg absent.roc
    [ "$status" -ne 0 ]
    [ ! -e none.svg ]
}

@test "one identity, and no genuine pair: not measurable; no pair at all: an error" {
    frame last=1 "${four[0]}" label:I64:4:3,3,3,3 >same
    run -0 eval-roc --tsv same
    [ "$(value tar 0.1)" = NA ]
    [ "$(value eer)" = NA ]
    frame last=1 "${four[0]}" label:I64:4:0,1,2,3 >apart
    run -0 eval-roc --far .5 apart
    [[ $output == *"0.5         not measurable: no genuine pair"*"AUC         not measurable"* ]]
    frame last=1 "${four[0]}" label:I64:4:-1,1,-1,-1 >one
    fails eval-roc one
    [[ $output == *"no pairs"* ]]
}

@test "rows without a label are left out and counted" {
    frame last=1 "${four[0]}" label:I64:4:0,0,-1,1 >some
    run -0 eval-roc --tsv some
    [ "$(value unlabelled)" = 1 ]
    [ "$(value impostor)" = 2 ]
}

@test "embeddings without a direction are named" {
    frame last=1 embedding:F32:4,2:1,0,8,6,0,0,.6,.8 "${four[1]}" "${keys[@]}" >zero
    fails eval-roc zero
    [[ $output == *"row 2 (lfw/Bo/Bo_0001.jpg)"*"zero"* ]]
    fails eval-roc --pairs pairs.txt zero
    [[ $output == *"lfw/Bo/Bo_0001.jpg"* ]]
    frame last=1 embedding:F32:2,1:1,nan label:I64:2:0,1 >nan
    fails eval-roc nan
    [[ $output == *"row 1"*"not finite"* ]]
}

@test "streams that are no embeddings, or cut, or of two kinds" {
    frame last=1 label:I64:1:0 >label
    fails eval-roc label
    [[ $output == *"label: frame at byte 0"*"embedding"* ]]
    head -c 300 four.emb >short
    fails eval-roc short
    { frame "${four[@]}"; frame last=1 embedding:F32:1,3:1,2,3 label:I64:1:4; } >mixed
    fails eval-roc mixed
    [[ $output == *"embeddings of 3 numbers after some of 2"* ]]
    frame last=1 "${four[0]}" >bare
    fails eval-roc bare
    [[ $output == *"--pairs"* ]]
    fails eval-roc --pairs pairs.txt bare
    [[ $output == *"key"* ]]
    fails eval-roc absent
}

@test "wrong lists, wrong options" {
    echo 'Ann 1 2 3 4' >bad.txt
    fails eval-roc --pairs bad.txt four.emb
    [[ $output == *"bad.txt: line 1"* ]]
    fails eval-roc --pairs pairs.txt --fold 3 four.emb
    fails eval-roc --roc /nowhere/curve four.emb
    misused eval-roc --far 0.1,x four.emb
    misused eval-roc --far 0 four.emb
    misused eval-roc --far 1.5 four.emb
    misused eval-roc --far '' four.emb
    misused eval-roc --tsv --json four.emb
    misused eval-roc --fold 1 four.emb
    misused eval-roc four.emb four.emb
}

@test "a full disk is an error" {
    [ -e /dev/full ] || skip "no /dev/full"
    run -1 bash -c 'eval-roc four.emb >/dev/full'
    run -1 bash -c 'eval-roc --roc /dev/full four.emb'
}
