# eval-roc --edc (the figures are tests/unit/test_verify_discard.c's)
load lib

# Eight people on a circle with four faces each, which are off by more the lower their quality is.
setup() {
    cd "$BATS_TEST_TMPDIR"
    awk 'BEGIN {
        seed = 3
        for (i = 0; i < 32; i++) {
            off = i % 4 * 0.16
            a = int(i / 4) * 0.7 + (i % 2 ? off : -off)
            e = e "," cos(a) "," sin(a); l = l "," int(i / 4); q = q "," 1 - off; seed = seed * 16807 % 2147483647; r = r "," seed / 2147483647
        }
        print substr(e, 2) > "e"; print substr(l, 2) > "l"; print substr(q, 2) > "q"; print substr(r, 2) > "r"
    }'
    frame last=1 "embedding:F32:32,2:$(cat e)" "label:I64:32:$(cat l)" "quality:F32:32:$(cat q)" \
        "random:F64:32:$(cat r)" "odd:F32:32,2:$(cat e)" >some.emb
}

@test "what quality says falls, what chance says does not; ties together" {
    eval-roc -q --tsv --edc quality --at score=0.85 some.emb >table
    # Of a person's six pairs three have the worst face, two more the next: 0 and 50 %; the last is left.
    [ "$(awk -F '\t' 'NR > 1 { printf "%g/%s ", $1, $3 }' table)" = "0/48 0.5/24 " ]
    awk -F '\t' 'NR == 2 { a = $4 } NR == 3 { exit !($4 < a / 2) }' table
    grep -q 'NA$' table
    eval-roc -q --tsv --edc random --at score=0.85 some.emb |
        awk -F '\t' 'NR == 2 { a = $4 } END { exit !($4 > a * 0.4) }'
    # Set again: at 0 discarded both are one.
    eval-roc -q --tsv --edc random --at 0.01 some.emb |
        awk -F '\t' 'NR == 2 { d = $4 - $6; exit !(d * d < 1e-20) }'
    cmp <(eval-roc -q --edc random --at 0.01 -j 1 some.emb) <(eval-roc -q --edc random --at 0.01 -j 3 some.emb)
    run -0 eval-roc -q --edc quality --at 0.01 some.emb
    [[ $output == *"quality"*"mean FNMR"*"up to 20 %"* ]]
    ! command -v gnuplot >/dev/null || roc-plot table | grep -q 'pairs discarded'
}

@test "what is no quality" {
    fails eval-roc -q --edc absent --at eer some.emb
    [[ $output == *"no column 'absent'"* ]]
    fails eval-roc -q --edc odd --at eer some.emb
    misused eval-roc --edc quality --json some.emb
    misused eval-roc --edc quality <some.emb
    misused eval-roc --edc quality --groups x some.emb
}
