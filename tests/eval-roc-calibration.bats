# eval-roc --fit-calibration: what it prints, writes and refuses (the figures are tests/unit/test_verify_calibration.c's)
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    awk 'BEGIN {
        srand(7)
        for (i = 0; i < 24; i++)
            for (k = 0; k < 3; k++) {
                v = v sprintf("%s%.4f,%.4f,%.4f", v == "" ? "" : ",", sin(i * 5) + rand() * 0.8,
                              sin(i * 7) + rand() * 0.8, sin(i * 11) + rand() * 0.8)
                l = l (l == "" ? "" : ",") i
            }
        print v > "v"; print l > "l"
    }'
    frame last=1 model=00000000000000aa "embedding:F32:72,3:$(cat v)" "label:I64:72:$(cat l)" >a.emb
}

@test "both rules, their costs, and a file that other tools read" {
    run -0 eval-roc -q --fit-calibration c.json a.emb
    [[ $output == *"72 genuine, 2484 impostor"*$'\nlogistic '*$'\nisotonic '*"least "*"5 folds of identities"* ]]
    eval-roc -q --tsv --fit-calibration c2.json -j 1 a.emb >t
    cmp <(grep -v '"by"' c.json) <(grep -v '"by"' c2.json)
    # A rule cannot cost less than the least, nor the fitted one more than none.
    awk -F '\t' '$1 == "logistic" { l = $5 } $1 == "isotonic" { i = $5 } $1 == "minimum" { m = $5 }
        END { exit !(m > 0 && m <= i && i < l && l < 1) }' t
    eval-roc -q --json --fit-calibration c2.json a.emb | perl -MJSON::PP -0777 -ne '
        $j = decode_json($_); die unless $j->{min_cllr} > 0 && $j->{logistic}{cllr_others} > 0 && $j->{isotonic}{steps} > 1'
    # Applied, it costs what it did; the scores alone say the same.
    eval-roc -q --tsv --threshold c.json --bootstrap 10 a.emb >applied
    [ "$(awk -F '\t' '$1 == "cllr" { printf "%.12f", $2 }' applied)" = \
        "$(awk -F '\t' '$1 == "logistic" { printf "%.12f", $5 }' t)" ]
    run -0 eval-roc -q --threshold c.json --bootstrap 10 a.emb
    [[ $output == *$'\nCllr '*"(min-Cllr)"* ]]
    eval-roc -q --json --threshold c.json --bootstrap 10 a.emb | grep -q '"min_cllr"'
    # The threshold is as any other.
    [ "$(eval-roc -q --threshold-out - --at min-hter a.emb | grep '"threshold":')" = "$(grep '"threshold":' c.json)" ]
    eval-roc -q --fit-calibration c3.json --at 0.01 --calibration isotonic a.emb >/dev/null
    grep -q '"asked_fmr": 0.01' c3.json && grep -q '"rule": "isotonic"' c3.json
}

@test "reliability: pairs are all there, and what was predicted lies in its bin" {
    eval-roc -q --fit-calibration c.json --reliability r.tsv a.emb
    awk -F '\t' 'NR > 1 { g += $3; n++; if ($5 != "NA" && ($5 < $1 || $5 > $2 || $6 < 0 || $6 > 1)) exit 1 }
        END { exit !(g == 72 && n == 20) }' r.tsv
    eval-roc -q --threshold c.json --reliability - --bootstrap 10 a.emb >r2.tsv
    awk -F '\t' 'NR > 1 { i += $4 } END { exit i != 2484 }' r2.tsv
    ! command -v gnuplot >/dev/null || roc-plot r.tsv b=r2.tsv | grep -q 'predicted probability'
}

@test "face-search tells ratios" {
    eval-roc -q --fit-calibration c.json a.emb
    face-search -q --gallery a.emb --threshold c.json a.emb | awk -F '\t' -v a="$(
        perl -MJSON::PP -0777 -ne '$c = decode_json($_)->{calibration}; print "$c->{slope} $c->{offset}"' c.json)" '
        BEGIN { split(a, c, " ") }
        NR == 1 { if ($6 != "llr") exit 1; next }
        { d = $6 - (c[1] * $5 + c[2]); if (d * d > 1e-6) exit 1 }'
    face-search -q --json --gallery a.emb --threshold c.json a.emb | perl -MJSON::PP -ne '
        $n = decode_json($_)->{neighbours}[0];
        die unless abs($n->{probability} - 1 / (1 + exp(-$n->{llr}))) < 1e-12'
    eval-roc -q --threshold-out t.json --at 0.1 a.emb
    [ "$(face-search -q --gallery a.emb --threshold t.json a.emb | head -1)" = \
        "$(printf 'probe\trank\tgallery\tidentity\tscore')" ]
}

@test "what cannot be calibrated" {
    frame last=1 embedding:F32:4,1:1,-1,1,-1 label:I64:4:0,0,1,1 >bad.emb
    fails eval-roc -q --fit-calibration c.json bad.emb
    [[ $output == *"bad.emb: genuine scores are not higher"* && ! -e c.json ]]
    frame last=1 embedding:F32:2,1:1,1 label:I64:2:0,0 >one.emb
    fails eval-roc -q --fit-calibration c.json one.emb
    eval-roc -q --threshold-out t.json --at 0.1 a.emb
    fails eval-roc -q --threshold t.json --reliability r.tsv a.emb
    [[ $output == *"t.json: no calibration for --reliability"* ]]
    misused eval-roc --calibration isotonic a.emb
    misused eval-roc --reliability r.tsv a.emb
    misused eval-roc --fit-calibration c.json --operating-points a.emb
    misused eval-roc --fit-calibration c.json --from scores a.tsv
}
