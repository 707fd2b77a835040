# eval-roc --failures: faces without a template (counts on random sets are tests/unit/test_verify_failures.c's)
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    # genuine 20 20 70; impostors 40 60 60 80 100 110 120 130 160 170 170 180, in degrees
    people_at all.emb 0 20 60 80 180 250
    # Three of the first person, and one whom no embedding has: 2 genuine, 11 impostor pairs more.
    printf 'a/x.jpg\t0\nf/y.jpg\t5\nz.jpg\t-1\n' >failures
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,1,-1,0 key:U8:8:=a1a2b1b2 key_end:I64:4:2,4,6,8 >keys.emb
    printf 'a1 a2 1\na1 b1 0\nb1 b2 1\na1 c1 0\na2 c2 0\nc1 c2 1\n' >pairs
}

@test "all pairs by label: failures are non-matches in FAR and FRR, and FMR and FNMR stay what they were" {
    eval-roc -q --tsv --far 0.25,0.01 --failures failures all.emb >with
    diff <(eval-roc -q --tsv --far 0.25,0.01 all.emb) with | grep '^[<>]' | cut -f 1-3 >new
    [ "$(cat new)" = $'> failed\tNA\t2\n> failed-unlabelled\tNA\t1\n> failed-genuine\tNA\t2
> failed-impostor\tNA\t11\n> fta\tNA\t0.25\n> far\t0.25\t0.130434783\n> frr\t0.25\t0.6
> far\t0.01\tNA\n> frr\t0.01\tNA' ]
    run -0 eval-roc -q --far 0.25,0.01 --failures failures all.emb
    [[ $output == *"failures    failures: 2 of 8 faces not acquired; 1 other without a label left out"* ]]
    [[ $output == *"their pairs are non-matches: 2 genuine, 11 impostor"* && $output == *"(FTA 0.25)"* ]]
    [[ $output =~ $'\n'"0.25 "+"0.130435 "+"0.600000 "+"3/23 "+"3/5"$'\n'"0.01 "+"not measurable" ]]
    eval-roc -q --json --far 0.25 --failures failures all.emb | perl -MJSON::PP -0777 -ne '
        $f = decode_json($_)->{failures}; die unless $f->{failed} == 2 && $f->{acquired} == 6
            && $f->{rates}[0]{frr}{wrong} == 3 && $f->{rates}[0]{far}{pairs} == 23 && $f->{fta} == 0.25'
    # Nobody failed: the rates of transactions are those of comparisons.
    : >nobody
    eval-roc -q --tsv --far 0.25 --bootstrap 10 --failures nobody all.emb >with
    [ "$(awk -F '\t' '$1 == "far" || $1 == "frr" || $1 == "fta" { printf "%s %.6f %s;", $1, $3, $8 }' with)" = \
        "fta 0.000000 NA;far 0.250000 NA;frr 0.333333 NA;" ]
}

@test "at a threshold from elsewhere" {
    rates='$1 ~ /^(fmr|fnmr|fta|far|frr)$/ { printf "%s %s/%s;", $1, $3, $4 }'
    expected="fmr 3/12;fnmr 1/3;fta 2/8;far 3/23;frr 3/5;"
    [ "$(eval-roc -q --tsv --threshold 0.49 --failures failures all.emb | awk -F '\t' "$rates")" = "$expected" ]
    # They are not those of the stream that the threshold is set on.
    [ "$(eval-roc -q --tsv --dev all.emb --at score=0.49 --failures failures all.emb | awk -F '\t' "$rates")" = "$expected" ]
    run -0 eval-roc -q --threshold 0.49 --failures failures all.emb
    [[ $output =~ $'\n'"FTA "+"0.25 ".*"2/8"$'\n'"FAR "+"0.1304 ".*"3/23"$'\n'"FRR "+"0.6 ".*"3/5" ]]
    eval-roc -q --json --threshold 0.49 --failures failures all.emb | perl -MJSON::PP -0777 -ne '
        $f = decode_json($_)->{failures}; die unless $f->{frr}{wrong} == 3 && $f->{far}{pairs} == 23'
}

@test "a list of pairs: images that failed are not missing, others are" {
    fails eval-roc -q --pairs pairs keys.emb
    [[ $output == *"2 of 6 images are missing"* ]]
    printf 'set/c1.jpg\t2\n' >one
    sed -i 's|^|set/|; s| | set/|' pairs # a path of two components
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,1,-1,0 key:U8:24:=set/a1set/a2set/b1set/b2 key_end:I64:4:6,12,18,24 >keys.emb
    fails eval-roc -q --pairs pairs --failures one keys.emb
    [[ $output == *"no embedding of set/c2"*"1 of 6 images are missing"* ]]
    # The pair of the one that failed and of the one that is missing is left out.
    eval-roc -q --tsv --far 1 --pairs pairs --skip-missing --failures one keys.emb >with
    [ "$(awk -F '\t' '/^(missing|failed|fta|far|frr)/ { printf "%s %.6g;", $1, $3 }' with)" = \
        "missing 1;failed 1;failed-unlabelled 0;failed-genuine 0;failed-impostor 1;fta 0.2;far 0.5;frr 0;" ]
    run -0 eval-roc -q --far 1 --pairs pairs --skip-missing --failures one keys.emb
    [[ $output == *"left out    2 pairs, because of 1 missing image"* ]]
    printf 'else/set/c2.png\t7\nset/nobody.jpg\t7\n' >>one
    eval-roc -q --tsv --far 1 --pairs pairs --failures one keys.emb >with
    [ "$(awk -F '\t' '/^(missing|failed|fta|far|frr)/ { printf "%s %.6g;", $1, $3 }' with)" = \
        "missing 0;failed 2;failed-unlabelled 0;failed-genuine 1;failed-impostor 2;fta 0.333333;far 0.333333;frr 0.333333;" ]
    printf 'x/set/a1.jpg\t0\n' >twice
    fails eval-roc -q --pairs pairs --skip-missing --failures twice keys.emb
    [[ $output == *"twice: x/set/a1.jpg has an embedding (row 0 of keys.emb)" ]]
    printf 'set/c1.jpg\t0\ny/set/c1.jpg\t0\n' >twice
    fails eval-roc -q --pairs pairs --skip-missing --failures twice keys.emb
    [[ $output == *"y/set/c1.jpg is an image of a pair that occurs before" ]]
}

@test "what is refused" {
    misused eval-roc --failures failures --groups g all.emb
    misused eval-roc --failures failures --edc q all.emb
    misused eval-roc --failures failures --markdown all.emb
    misused eval-roc --failures failures --operating-points all.emb
    misused eval-roc --failures failures --fit-calibration c all.emb
    misused eval-roc --failures failures --versus all.emb all.emb
    misused eval-roc --failures failures --hardest 3 all.emb
    misused eval-roc --failures failures --prove all.emb
    misused eval-roc --failures failures --convention histogram all.emb
    misused eval-roc --failures failures --from scores all.emb
    misused eval-roc --failures failures --pairs pairs --fold 1 all.emb
    misused eval-roc --failures - -
    fails eval-roc --failures nothing all.emb
    printf 'a.jpg\t1\nb.jpg\n' >bad
    fails eval-roc -q --failures bad all.emb
    [[ $output == *"bad: line 2: not a path, a tab and a label" ]]
}
