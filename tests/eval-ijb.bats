# eval-ijb: all switches against a direct evaluation, missing images, what is refused
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    python3 "$BATS_TEST_DIRNAME/ijb.py" "${SEED:-1}"
    local side columns
    for side in plain mirrored; do
        mapfile -t columns <"$side.frame"
        frame kind=embeddings last=1 "${columns[@]}" >"$side.emb"
    done
}

# agrees FOUND EXPECTED N: all N figures that are expected were found, to 1e-6
agrees() {
    awk -v n="$3" 'function far(a, b) { return a - b > 1e-6 || b - a > 1e-6 }
        NR == FNR { value[$1, $2, $3] = $4; threshold[$1, $2, $3] = $5; next }
        { n-- }
        !(($1, $2, $3) in value) || far(value[$1, $2, $3], $4) ||
            (NF > 4 && far(threshold[$1, $2, $3], $5)) { print "not", $0; bad = 1 }
        END { exit bad || n != 0 }' "$1" "$2"
}

@test "all eight switches, 1:1 and 1:N, agree with a direct evaluation" {
    eval-ijb --tsv --meta meta --detections detections --pairs pairs --gallery G1 --gallery G2 --probe probe \
        plain.emb mirrored.emb >found
    agrees found expected 112
    eval-ijb --tsv --meta meta --detections detections --pairs pairs --convention dropped \
        plain.emb mirrored.emb >found
    agrees found dropped 16
    awk '$2 == "tar" && $6 != "dropped" { exit 1 }' found
}

@test "one setting, any number of threads, another convention" {
    eval-ijb --tsv --meta meta --pairs pairs --switches N1D0F0 -j 1 plain.emb >one
    eval-ijb --tsv --meta meta --pairs pairs --switches N1D0F0 -j 2 plain.emb >two
    cmp one two
    [ "$(grep -c tar one)" = 6 ]
    eval-ijb --tsv --meta meta --pairs pairs --switches N1D0F0 --convention blufr plain.emb | grep -q blufr
}

@test "missing images: an error, or counted" {
    printf '999.jpg 5 1\n' >>meta
    fails eval-ijb --meta meta --pairs pairs plain.emb
    [[ $output == *"1 of "*"missing"* ]]
    [[ $output == *"no embedding of 999.jpg"* ]]
    run -0 eval-ijb --tsv --meta meta --pairs pairs --skip-missing plain.emb
    [[ $output == *"no embedding of 999.jpg"* ]]
    [[ $output == *$'missing_images\tNA\t1\t'* ]]
}

@test "wrong lists and options are refused" {
    misused eval-ijb --pairs pairs plain.emb
    misused eval-ijb --meta meta plain.emb
    misused eval-ijb --meta meta --pairs pairs --switches N1 plain.emb
    misused eval-ijb --meta meta --pairs pairs --switches N1D1F0 plain.emb
    misused eval-ijb --meta meta --gallery G1 plain.emb
    printf '5 77777 1\n' >>pairs
    fails eval-ijb --meta meta --pairs pairs plain.emb
    [[ $output == *"pairs: line "*"no image of template 77777"* ]]
    : >nothing
    fails eval-ijb --meta meta --pairs nothing plain.emb
    [[ $output == *"nothing: no pairs"* ]]
    head -n 3 detections >few
    fails eval-ijb --meta meta --detections few --pairs pairs plain.emb
    [[ $output == *"few: no line for the image '4.jpg'"* ]]
    cat detections few >repeated
    fails eval-ijb --meta meta --detections repeated --pairs pairs plain.emb
    [[ $output == *"repeated: '1.jpg' occurs twice"* ]]
    sed 's/ [^ ]*$/ x/' few >no-score
    fails eval-ijb --meta meta --detections no-score --pairs pairs plain.emb
    [[ $output == *"no-score: line 1: 'x' is not a score"* ]]
    printf '1.jpg x 3\n' >wrong
    fails eval-ijb --meta wrong --pairs pairs plain.emb
    [[ $output == *"wrong: line 1: field 2"* ]]
    printf 'T,S\n5,1\n5,2\n' >two
    fails eval-ijb --meta meta --gallery two --probe probe plain.emb
    [[ $output == *"two: line 3: template 5 has two subjects"* ]]
    printf 'T,S\n4,1\n' >nobody
    fails eval-ijb --meta meta --gallery G1 --probe nobody plain.emb
    [[ $output == *"nobody: line 2: no image of template 4"* ]]
}

@test "numbers of templates may lie far apart" {
    sed 's/ \([0-9]*\) / \100000000000000 /' meta >far-meta
    sed 's/^\([0-9]*\) \([0-9]*\)/\100000000000000 \200000000000000/' pairs >far-pairs
    eval-ijb --tsv --meta meta --pairs pairs --switches N0D0F0 plain.emb >near
    eval-ijb --tsv --meta far-meta --pairs far-pairs --switches N0D0F0 plain.emb >far
    grep -q tar near
    cmp near far
}

@test "scores of detection are those of the image they name, in whatever order" {
    eval-ijb --tsv --meta meta --detections detections --pairs pairs --switches N1D1F0 plain.emb >expected
    tac detections >reversed
    eval-ijb --tsv --meta meta --detections reversed --pairs pairs --switches N1D1F0 plain.emb >got
    cmp expected got
    sed 's|^|loose_crop/|' reversed >paths
    { cat paths && echo 'other.jpg 1 2 3 0.5'; } >more
    eval-ijb --tsv --meta meta --detections more --pairs pairs --switches N1D1F0 plain.emb >got
    cmp expected got
    eval-ijb --tsv --meta meta --pairs pairs --switches N1D0F0 plain.emb >without
    run -1 cmp -s <(cut -f 2- expected) <(cut -f 2- without)
}

@test "one stream that says which model made it: nothing is told of another" {
    printf '%s.jpg %s %s\n' 1 1 1 2 2 2 3 3 3 >few
    printf '1 2 1\n1 3 0\n' >two-pairs
    frame kind=embeddings model=m last=1 embedding:F32:3,2:1,0,1,0.1,0,1 key:U8:15:=1.jpg2.jpg3.jpg \
        key_end:I64:3:5,10,15 >few.emb
    eval-ijb --tsv --meta few --pairs two-pairs --switches N1D0F0 few.emb 2>said >/dev/null
    [ ! -s said ] || { cat said && false; }
}

@test "for people: as many lines as TSV has, dashes for what is not there" {
    eval-ijb --meta meta --pairs pairs --switches N1D0F0 plain.emb >table
    [ "$(wc -l <table)" = "$(eval-ijb --tsv --meta meta --pairs pairs --switches N1D0F0 plain.emb | wc -l)" ]
    grep -q '^N1D0F0  *tar  *0.1  *[01]' table
    grep -q '^N1D0F0  *missing_images  *-  *0  *-  *-$' table
    [ "$(grep -c 'NA' table)" = 0 ]
}
