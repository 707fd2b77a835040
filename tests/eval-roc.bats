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
    [[ $output == *"standard input: 4 embeddings, 2 dimensions"*"maker 1"* ]]
    [[ $output == *"all by label: 2 genuine, 4 impostor"* ]]
    [[ $output == *"0.001       not measurable: less than one of 4 impostors"* ]]
    [[ $output == *"BLUFR"* ]]
    # Nobody wants blanks at the ends of lines.
    for options in '' '--far .5' '--far .5 --bootstrap 10' '--pairs pairs.txt --far .5' \
        '--operating-points --far .5'; do
        # shellcheck disable=SC2086
        run -0 eval-roc $options four.emb
        [[ ${#lines[@]} -gt 4 && ! $output$'\n' =~ " "$'\n' ]]
    done
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

@test "order, frames and threads change no digit, by any convention" {
    random 700 1 1 700 last >one
    { random 700 1 601 700; random 700 1 1 600 last; } >two
    { for ((i = 1; i < 700; i += 100)); do random 700 1 $i $((i + 99)); done; frame last=1; } >seven
    for convention in blufr nearest conservative dropped histogram; do
        eval-roc --tsv -j 1 --convention $convention --roc one.roc one >one.tsv
        eval-roc --tsv -j 3 --convention $convention --roc two.roc two >two.tsv
        eval-roc --tsv -j 2 --convention $convention --roc seven.roc seven >seven.tsv
        cmp one.tsv two.tsv
        cmp one.tsv seven.tsv
        cmp one.roc two.roc
        cmp one.roc seven.roc
        [ "$(wc -l <one.tsv)" -eq 14 ]
        [ "$(grep -c "$convention$" one.tsv)" -eq 6 ]
    done
}

@test "nor where thresholds are guessed from a sample" {
    random 4200 3 1 4200 last >one
    { random 4200 3 2001 4200; random 4200 3 1 2000 last; } >two
    eval-roc --tsv -j 1 one >one.tsv
    eval-roc --tsv -j 2 two >two.tsv
    cmp one.tsv two.tsv
    # the same thresholds where there are too many FARs to guess
    far=$(seq -s , 0.011 0.01 0.5)
    eval-roc --tsv --far "$far,1e-1,1e-2,1e-3,1e-4,1e-5,1e-6" one >many.tsv
    grep '^tar' one.tsv | while read -r line; do grep -qxF "$line" many.tsv; done
    grep -qxF "$(grep '^auc' one.tsv)" many.tsv
}

@test "scores in double precision prove it; what cannot be proved" {
    random 700 1 1 700 last >one
    run -0 eval-roc --prove --far 1e-1,1e-2,1e-9 one
    [ "${#lines[@]}" -eq 4 ]
    [[ ${lines[0]} == "# largest difference of 244650 scores"* ]]
    [[ ${lines[2]} == 0.1$'\t'*$'\t'same ]]
    [[ ${lines[3]} == 0.01$'\t'*$'\t'same ]]
    # the thresholds are those of the measurement
    k=$(cut -f 2 <<<"${lines[2]}") threshold=$(cut -f 3 <<<"${lines[2]}")
    run -0 eval-roc --tsv --far 1e-1 one
    [[ $output == *$'\t'"$threshold"$'\t'"$k"$'\tblufr'* ]]
    frame last=1 "${four[0]}" label:I64:4:3,3,3,3 >same
    fails eval-roc --prove same
    [[ $output == *"nothing to check"* ]]
    misused eval-roc --prove --pairs pairs.txt four.emb
    misused eval-roc --prove --json four.emb
}

@test "all scores equal: the documented answers" {
    frame last=1 embedding:F32:4,2:1,0,2,0,3,0,4,0 label:I64:4:0,0,1,1 >equal
    for convention in blufr nearest conservative dropped histogram; do
        run -0 eval-roc --tsv --convention $convention --far 1,.5,.25,.1 equal
        case $convention in
        blufr) tar="1 1 1" ;;
        nearest | dropped) tar="1 1 0" ;;
        conservative) tar="1 0 0" ;;
        histogram) tar="1 0.5 0.25" ;;
        esac
        [ "$(value tar 1) $(value tar 0.5) $(value tar 0.25)" = "$tar" ]
        [ "$(value tar 0.1)" = NA ]
        [ "$(value eer)" = 0.5 ]
        [ "$(value auc)" = 0.5 ]
    done
}

# Three genuine pairs and seven impostors, whose scores are the first numbers of the rows.
@test "conventions where the next lower score is like the one before" {
    frame last=1 embedding:F32:11,2:1,0,.9,.43589,.8,.6,.7,.714143,.6,.8,.5,.866025,.4,.916515,.3,.953939,.2,.979796,.1,.994987,0,1 \
        "key:U8:44:=a/00a/01a/02a/03a/04a/05a/06a/07a/08a/09a/10" \
        key_end:I64:11:4,8,12,16,20,24,28,32,36,40,44 >ten
    for i in 01:1 02:0 03:0 04:0 05:1 06:0 07:0 08:0 09:0 10:1; do
        echo "a/00 a/${i%:*} ${i#*:}"
    done >ten.txt
    # near FAR .3 scikit-learn's points are (2/7, 1/3), which it drops by default, and (3/7, 2/3)
    run -0 eval-roc --tsv --pairs ten.txt --far .3 --convention nearest ten
    [[ $output == *$'tar\t0.3\t0.333333333\tNA\t0.69999'*$'\t2\tnearest'* ]]
    run -0 eval-roc --tsv --pairs ten.txt --far .3 --convention dropped ten
    [[ $output == *$'tar\t0.3\t0.666666667\tNA\t0.5'*$'\t3\tdropped'* ]]
    run -0 eval-roc --pairs ten.txt --far .3 --convention dropped ten
    [[ $output == *"drop_intermediate=True"* ]]
    run -0 eval-roc --pairs ten.txt --far .3 --convention histogram ten
    [[ $output == *"0.3         0.333333  "*" -"* && $output == *"5000 bins"* ]]
    run -0 eval-roc --json --pairs ten.txt --far .3 --convention histogram ten
    [[ $output == *'"impostors_accepted": null'*'"convention": "histogram"'* ]]
}

@test "VAL@FAR of a list with folds" {
    run -0 eval-roc --tsv --pairs pairs.txt four.emb
    [[ $output == *$'val\t0.001\t'*$'\tinsightface\nval-far\t0.001\t'* ]]
    run -0 eval-roc --pairs pairs.txt four.emb
    [[ $output == *"VAL "*"at FAR 0.001 on the other folds"*"InsightFace's rule"* ]]
    run -0 eval-roc --json --pairs pairs.txt four.emb
    [[ $output == *'"val": {'*'"convention": "insightface"'* ]]
    run -0 eval-roc --json four.emb
    [[ $output == *'"val": null'* ]]
}

@test "the curve runs from the first impostor to (1, 1), rising" {
    random 300 2 1 300 last | eval-roc --roc curve - >/dev/null
    awk 'NR == 1 { if ($0 != "far\ttar\tthreshold\timpostors\tgenuine") exit 1; next }
         $1 < far || $2 < tar { exit 1 }
         { far = $1; tar = $2 }
         END { if (NR < 50 || far != 1 || tar != 1) exit 1 }' curve
    [ "$(sed -n 2p curve | cut -f 1,3)" = $'0\tNA' ]
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
    frame last=1 embedding:F32:2,1:1,inf label:I64:2:0,1 >infinite
    fails eval-roc infinite
    [[ $output == *"row 1"*"not finite"* ]]
    frame last=1 embedding:F32:3,1:1,nan,2 label:I64:3:0,-1,0 >unlabelled
    run -0 eval-roc --tsv unlabelled
    [ "$(value genuine)" = 1 ]
}

@test "streams that are not an embeddings, or cut, or of two kinds" {
    frame last=1 label:I64:1:0 >label
    fails eval-roc label
    [[ $output == *"label: frame at byte 0"*"embedding"* ]]
    head -c 300 four.emb >short
    fails eval-roc short
    { frame "${four[@]}"; frame last=1 embedding:F32:1,3:1,2,3 label:I64:1:4; } >mixed
    fails eval-roc mixed
    [[ $output == *"embeddings of 3 dimensions after some of 2"* ]]
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

@test "a key twice is told, -q or not: the picture would be compared with itself" {
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,2,.6,.8 label:I64:4:0,0,1,1 key:U8:4:=aaba \
        key_end:I64:4:1,2,3,4 >twice
    run -0 --separate-stderr eval-roc -q twice
    [[ $stderr == "eval-roc: twice: 2 rows have the same key as an earlier one (rows 0 and 1: a)"* ]]
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,2,.6,.8 label:I64:4:0,0,1,1 key:U8:2:=ab \
        key_end:I64:4:1,2,2,2 >empty
    run -0 --separate-stderr eval-roc -q empty
    [ -z "$stderr" ]
}

# four rows named "P 0/P 0_0001.jpg" ..., and a list for them in each form
lists() {
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,2,.6,.8 label:I64:4:0,0,1,1 \
        "key:U8:64:=P 0/P 0_0001.jpgP 0/P 0_0002.jpgQ,1/Q,1_0001.jpgQ,1/Q,1_0002.jpg" \
        key_end:I64:4:16,32,48,64 >named
    printf '%s\t%s\t%s\n' 'P 0/P 0_0001.jpg' 'P 0/P 0_0002.jpg' 1 \
        'P 0/P 0_0001.jpg' 'Q,1/Q,1_0001.jpg' 0 'Q,1/Q,1_0001.jpg' 'Q,1/Q,1_0002.jpg' 1 >paths
}

@test "lists of pairs as people have them: CSV, a heading, the kind first, names with spaces" {
    lists
    eval-roc --tsv --far .5 --pairs paths named >expected
    awk -F '\t' '{ print $3 "\t" $1 "\t" $2 }' paths >first
    awk -F '\t' '{ print $1 "\t" $2 "\t" ($3 == 1 ? "True" : "False") }' paths >words
    awk -F '\t' '{ print $1 "\t" $2 "\t" ($3 == 1 ? "1" : "-1") "\tmore" }' paths >signs
    awk -F '\t' 'BEGIN { print "a,b,same" } { print "\"" $1 "\",\"" $2 "\", " $3 ".0,\r" }' paths >csv
    { printf '\xef\xbb\xbf' && cat csv; } >mark
    printf 'name,imagenum1,imagenum2,\nP 0,1,2,\n"Q,1",1,2,\nP 0,1,"Q,1",1\n' >kaggle
    printf 'name\tone\ttwo\nP 0\t1\t2\nP 0\t1\tQ,1\t1\nQ,1\t1\t2\n' >numbers
    for list in first words signs csv mark kaggle numbers; do
        eval-roc --tsv --far .5 --pairs $list named >got || { echo $list && false; }
        cmp expected got || { echo $list && false; }
    done
    tr '\t' ' ' <paths >spaces
    fails eval-roc --pairs spaces named
    [[ $output == *"names with spaces need tabs"* ]]
    printf 'a b\tc d\n' >one-heading
    fails eval-roc --pairs one-heading named
}
