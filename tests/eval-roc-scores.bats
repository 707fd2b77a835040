# eval-roc --from scores, and --scores
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    printf '1 0.9\n1 7\n0 0.5\n0 0.5\n1 0.5\n0 -80.25\n1 -3e2\n0 0.4\n' >text
}

tsv() {
    eval-roc -q --tsv --from scores --far 0.5,0.25 "$@"
}

@test "the figures of given scores, whatever their size, ties included" {
    tsv text >figures
    # impostors .5 .5 .4 -80.25; genuine 7 .9 .5 -300
    grep -q '^tar	0.5	0.75	NA	0.5	2	blufr' figures
    grep -q '^tar	0.25	0.75	NA	0.5	2	blufr' figures
    # AUC: 7 and .9 beat all four, .5 beats two and ties with two, -300 none: 11 of 16
    grep -q '^auc	NA	0.6875	' figures
    run -0 eval-roc -q --from scores --far 0.5 text
    [[ $output == "scores      text: 4 genuine, 4 impostor"* && $output != *cosines* ]]
    eval-roc -q --json --from scores --far 0.5 text | grep -q '"genuine": 4'
}

@test "text, CSV, TSV, headings, words, .npy, standard input" {
    tsv text >expected
    tr ' ' , <text >csv
    tr ' ' '\t' <text >tsv
    tsv csv | cmp - expected
    tsv tsv | cmp - expected
    tsv <text | cmp - expected
    { echo 'model,Score,x,Label' && awk '{ print "m," $2 ",3," ($1 ? "genuine" : "Impostor") }' text; } >heading
    tsv heading | cmp - expected
    awk '{ print "a b" NR "\tc,d\t" ($1 ? "true" : -1) "\t" $2 }' text >keys
    tsv keys | cmp - expected
    printf '\xef\xbb\xbf' | cat - csv | tsv | cmp - expected
    perl -ne 'BEGIN { binmode STDOUT;
            print "\x93NUMPY\x01\x00", pack("v", 118), sprintf("%-117s\n",
            "{\x27descr\x27: \x27<f8\x27, \x27fortran_order\x27: False, \x27shape\x27: (8, 2), }") }
        print pack("d<2", split)' text >x.npy
    tsv x.npy | cmp - expected
}

@test "a list that cannot be read is refused by file and line" {
    refuse() {
        printf '%b' "$1" >bad
        fails eval-roc -q --from scores bad
        [[ $output == *"bad"*"$2"* ]]
    }
    refuse '' 'no scores in it'
    refuse 'label score\n' 'no scores in it'
    refuse '1 0.5\n2 0.5\n' "line 2: '2' is no label"
    refuse '1 0.5\n1 nan\n' "line 2: 'nan' is no score"
    refuse '1 0.5\n1 1e300\n' "line 2: '1e300' is no score"
    refuse '1 0.5\n1\n' "line 2: fewer than 2 fields"
    refuse '1 2 3\n' 'line 1: neither a heading'
    refuse '1 0.5\0\n' 'NUL'
}

@test "thresholds on given scores have the intervals of Clopper and Pearson" {
    tsv --dev text --at min-hter text >rates
    # at .5: FMR 2/4, FNMR 1/4; at .9: 0/4, 2/4
    grep -q '^threshold	0.8999999' rates
    grep -q '^fmr	0	0	4	NA	NA	0	0.602364' rates
    grep -q '^fnmr	0.5	2	4	NA	NA	0.067585' rates
    tsv --dev text --at score=-50 text | grep -q '^fmr	0.75	3	4	'
    tsv --operating-points text | grep -q '^fmr	0.25	0.5	2	4	NA	NA	'
    ! tsv --operating-points text | grep -q distance || false
    misused eval-roc --from scores --bootstrap 20 text
    misused eval-roc --from scores --pairs x text
    misused eval-roc --from scores --threshold 0.5 text
    misused eval-roc --from scores --prove text
}

@test "doubles that are one float are counted" {
    printf '1 0.5\n0 0.500000000001\n0 0.1\n' >near
    run -0 eval-roc --from scores --far 0.5 near
    [[ $output == *"near: 1 score differs from another by less than floats can tell"* ]]
}

@test "--scores writes what --from scores reads, and both measure the same" {
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,1,-1,0 key:U8:8:=a1a2b1b2 key_end:I64:4:2,4,6,8 >k.emb
    printf 'a1 a2 1\na1 b1 0\nb1 b2 1\na2 b2 0\n' >list
    eval-roc -q --tsv --far 0.5 --pairs list --scores out k.emb | grep -E '^(tar|eer|auc)' >expected
    [ "$(head -2 out)" = "key	other	label	score
a1	a2	1	0.800000012" ]
    eval-roc -q --tsv --far 0.5 --from scores out | grep -E '^(tar|eer|auc)' | cmp - expected
    eval-roc -q --far 0.5 --pairs list --scores - k.emb | cmp - out
    misused eval-roc --scores out k.emb
}
