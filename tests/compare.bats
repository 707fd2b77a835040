# pipelines/compare.mk and what heads.mk is made of
load lib

setup() {
    cd "$BATS_TEST_DIRNAME/.."
}

# paired ROW...: rows as pair.sh writes them: seed, TAR of a, of b, difference, low, high
paired() {
    printf 'set\thead\tsettings\tseed\tother\tother_settings\tfar\ttar\tother_tar\tdifference\tlow\thigh\n'
    local row
    for row; do
        # shellcheck disable=SC2086 # words
        printf 's\ta\tlr=1\t%s\tb\tlr=2\t1e-05\t%s\t%s\t%s\t%s\t%s\n' $row
    done
}

verdict() {
    paired "$@" | awk -f pipelines/heads/interval.awk -f pipelines/heads/verdict.awk -v faces=test.faces | tail -n 1
}

@test "the verdict: who leads, or that it is not shown" {
    # Half widths: .055 over identities; 4.303 (Student, 2 degrees of freedom) x .01 / sqrt(3) over seeds.
    [ "$(verdict '1 .5 .4 .1 .05 .15' '2 .52 .4 .12 .06 .18' '3 .51 .4 .11 .055 .165')" = "a leads b: +0.1100 in TAR \
at FAR 1e-05 on test.faces, 95 % interval [+0.0496, +0.1704] over identities and 3 seeds, whose standard deviation is 0.0100." ]
    [[ $(verdict '1 .4 .5 -.1 -.15 -.05') == "b leads a: -0.1000 "*"one seed (a less b)." ]]
    [[ $(verdict '1 .5 .4 .1 -.05 .15' '2 .52 .4 .12 -.06 .18') == "Not shown that a or b leads: "* ]]
    # Each seed's own interval is clear of 0, and two seeds say too little about others; or they disagree.
    [[ $(verdict '1 .5 .4 .1 .05 .15' '2 .52 .4 .12 .06 .18') == "Not shown that a or b leads: "* ]]
    [[ $(verdict '1 .9 .4 .5 .4 .6' '2 .39 .4 -.01 -.02 -.01') == "Not shown that a or b leads: "* ]]
    [[ $(verdict '1 NA NA NA NA NA') == "Not shown: TAR at FAR 1e-05 cannot be measured on test.faces"* ]]
}

@test "the best settings, and with one changed" {
    printf 'set\thead\tsettings\tseed\tvalidation_1e-4\tvalidation_1e-5\tvalidation_1e-6\n' >"$BATS_TEST_TMPDIR/rows"
    printf 's\ta\t%s\t1\t%s\t%s\tNA\n' lr=1,m=2 .5 .4 lr=3,m=2 .6 .5 lr=4,m=2 .5 .5 >>"$BATS_TEST_TMPDIR/rows"
    best() {
        awk -f pipelines/heads/best.awk -v set=s -v head="$1" -v with="${2-}" "$BATS_TEST_TMPDIR/rows"
    }
    [ "$(best a)" = lr=3,m=2 ]
    [ "$(best a m=7)" = lr=3,m=7 ]
    [ "$(best a margin-warmup=9)" = lr=3,m=2,margin-warmup=9 ]
    [ -z "$(best b)" ]
}

@test "compare.mk in miniature: searches, trains, tells; goes on where it stopped" {
    cd "$BATS_TEST_TMPDIR"
    face-synth -q --size 16 --identities 12 --images 4 -o faces
    face-synth -q --size 16 --first-identity 100 --identities 12 --images 4 -o test
    cd "$BATS_TEST_DIRNAME/.."
    small=(-f pipelines/compare.mk A=npcface B=softmax FACES="$BATS_TEST_TMPDIR/faces" TEST="$BATS_TEST_TMPDIR/test"
        OUT="$BATS_TEST_TMPDIR/out" FAR=1e-1 SEEDS=1 SCALES=16 RATES=0.08 HELD_OUT=0.4 EPOCHS=1 MILESTONES=1 BATCH=16
        MARGIN_WARMUP=2)
    make -s "${small[@]}" stage_1
    [ "$(wc -l <"$BATS_TEST_TMPDIR/out/runs.tsv")" = 3 ]
    make -s "${small[@]}" >"$BATS_TEST_TMPDIR/said"
    # npcface: scale, margin, rate, warm-up; softmax: rate twice; the best of each is one of them
    [ "$(wc -l <"$BATS_TEST_TMPDIR/out/runs.tsv")" = 7 ]
    [ "$(awk -F '\t' '{ print NF }' "$BATS_TEST_TMPDIR/out/runs.tsv" | sort -u)" = 22 ]
    [[ $(tail -n 1 "$BATS_TEST_TMPDIR/said") == *"in TAR at FAR 0.1 on "* ]]
    [ -s "$BATS_TEST_TMPDIR/out/roc.png" ]
    make -s "${small[@]}" runs pairs
    [ "$(wc -l <"$BATS_TEST_TMPDIR/out/runs.tsv")" = 7 ]
    make -s -f pipelines/heads.mk tables RESULTS="$BATS_TEST_TMPDIR/out/runs" | grep -q '^| softmax | lr='
}

@test "heads.mk ablation in miniature: rows, differences to the whole, a table; the search does not see them" {
    local out=$BATS_TEST_TMPDIR/out results=$BATS_TEST_TMPDIR/results
    small=(-f pipelines/heads.mk OUT="$out" RESULTS="$results" SEARCH=h0.5-n12 SETS=h0.5-n12 ABLATION=h0.5-n12 SEEDS=1
        SIZE=16 TEST=12 VALIDATION=12 RECIPE="-b 16 --embedding 16 -j 1")
    run -2 make -s "${small[@]}" ablation
    [[ $output == *"make search first"* ]]
    make -s "${small[@]}" HEADS=npcface SCALES=16 stage_1
    make -s "${small[@]}" ablation
    settings=$(awk -F '\t' 'NR > 1 && $2 == "npcface" { print $3; exit }' "$results.tsv")
    # five variants beside the searched settings, whose run the search had made
    [ "$(wc -l <"$results.tsv")" = 7 ]
    [ "$(cut -f 3 "$results.tsv" | grep -c "^ablation=m0-alone,$settings,m1=0,t=1,a=0$")" = 1 ]
    [ "$(cut -f 3 "$results.tsv" | grep -c '^ablation=facexzoo,lr=0.04,preset=facexzoo$')" = 1 ]
    [ "$(sed 1d "$results-paired.tsv" | cut -f 5,6 | sort -u)" = "npcface	$settings" ]
    [ "$(cut -f 3,4 "$results-paired.tsv" | sort -u | wc -l)" = 6 ]
    [[ $(meta "$out/h0.5-n12/npcface/ablation=plain-negatives,$settings,t=1,a=0/1.model" head_options) == *" t=1 a=0 "* ]]
    [ "$(awk -f pipelines/heads/best.awk -v set=h0.5-n12 -v head=npcface "$results.tsv")" = "$settings" ]
    make -s "${small[@]}" ablation # again: nothing
    [ "$(wc -l <"$results.tsv")" = 7 ]
    make -s "${small[@]}" tables >"$BATS_TEST_TMPDIR/said"
    [ "$(grep -c "^| npcface |" "$BATS_TEST_TMPDIR/said")" = 1 ]
    grep -q "^| the whole | $settings | 1 |" "$BATS_TEST_TMPDIR/said"
    [ "$(grep -c '^| \(fixed-margin\|plain-negatives\|m0-alone\|paper-v1\|facexzoo\) | lr=' "$BATS_TEST_TMPDIR/said")" = 5 ]
}

@test "tune.mk: what the evaluations print becomes rows, the rows a table" {
    local said=$BATS_TEST_TMPDIR/said rows=$BATS_TEST_TMPDIR/rows
    {
        printf 'list\t%s\n' $'genuine\tNA\t9' $'tar\t0.1\t.5\tNA\tNA\tNA\tNA\t.4\t.6' \
            $'accuracy\tNA\t.9\tNA\tNA\tNA\tNA\t.8\t1' $'accuracy\tNA\t.7\tNA\tNA\tNA\tNA\t.6\t.8' \
            $'tar-other\t0.1\t.3' $'tar-difference\t0.1\t.2\tNA\tNA\tNA\tNA\t.1\t.3' $'accuracy-other\tNA\t.8' \
            $'accuracy-difference\tNA\t.1\tNA\tNA\tNA\tNA\t-.1\t.3' $'accuracy-other\tNA\t.7' \
            $'accuracy-difference\tNA\t0\tNA\tNA\tNA\tNA\t-.2\t.2'
        printf 'before\t%s\n' $'dir\t0.01\t.9\t.1\t.8\trank 1, blufr' $'rank\t1\t.9\t.1\t.8\tcmc'
        printf 'blufr\t%s\n' $'dir\t0.01\t.9\t.2\t.7\trank 1, blufr' $'rank\t1\t.9\t.1\t.8\tcmc'
    } | awk -f pipelines/tune/rows.awk -v test=lfw -v head=npcface -v seed=1 -v commit=c >"$said"
    printf 'lfw\t%s\n' $'list\tnpcface\t1\tc\ttar\t0.1\t.3\t.5\t.2\t.1\t.3' \
        $'list\tnpcface\t1\tc\taccuracy\tNA\t.8\t.9\t.1\t-.1\t.3' \
        $'blufr\tnpcface\t1\tc\tdir\t0.01\t.8\t.7\t-0.1\tNA\tNA' | diff - "$said"
    { echo heading && cat "$said" && sed 's/npcface/arcface/; s/^lfw/cfp/' "$said"; } >"$rows"
    run -0 awk -f pipelines/tune/table.awk "$rows"
    [ "${lines[0]}" = "| lfw | before | npcface |" ]
    [ "${lines[2]}" = "| TAR at 0.1 | 0.3000 | +0.2000 [+0.1000, +0.3000] |" ]
    [ "${lines[4]}" = "| BLUFR, DIR at 0.01 | 0.8000 | -0.1000 |" ]
    [[ $output == *"| cfp | before | arcface |"* ]]
}
