# face-search: neighbours, strangers, what a neighbour is
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    # Four rows in the plane: 0, 60, 90 and 180 degrees; two people and one nobody knows
    frame kind=embeddings model=m last=1 embedding:F32:4,2:1,0,1,1.7320508,0,2,-3,0 label:I64:4:7,7,9,-1 \
        key:U8:4:=abcd key_end:I64:4:1,2,3,4 >gallery
    # 0, 30, 85 and 120 degrees
    frame kind=embeddings model=m last=1 embedding:F32:3,2:1,0,8.660254,5,-1,1.7320508 \
        key:U8:6:=p1p2p3 key_end:I64:3:2,4,6 >probes
}

# answers OPTION...: without the heading
answers() {
    face-search --gallery gallery "$@" probes | tail -n +2
}

@test "the nearest, with a threshold and without" {
    [ "$(face-search --gallery gallery --closed-set probes)" = "probe	rank	gallery	identity	score
p1	1	a	7	1.000000
p2	1	a	7	0.866025
p3	1	c	9	0.866025" ]
    [ "$(answers --threshold 0.9)" = "p1	1	a	7	1.000000
p2	0		unknown	0.866025
p3	0		unknown	0.866025" ]
    [ "$(answers --threshold 0.6 --top 9)" = "p1	1	a	7	1.000000
p2	1	a	7	0.866025
p2	2	b	7	0.866025
p3	1	c	9	0.866025" ]
    # What is as good as the threshold is accepted.
    [ "$(answers --threshold 1 | cut -f 2 | paste -s -d ' ')" = "1 0 0" ]
}

@test "a neighbour is a row, the best of a person, or a person's mean" {
    [ "$(answers --closed-set --top 9 --per-identity best | grep p2)" = "p2	1	a	7	0.866025
p2	2	c	9	0.500000
p2	3	d		-0.866025" ]
    # The mean of 0 and 60 degrees is 30; nobody known has none.
    [ "$(answers --closed-set --top 9 --per-identity mean | sed s/-0.000000/0.000000/)" = "p1	1		7	0.866025
p1	2		9	0.000000
p2	1		7	1.000000
p2	2		9	0.500000
p3	1		9	0.866025
p3	2		7	0.000000" ]
}

@test "names, JSON, control characters" {
    frame kind=embeddings last=1 embedding:F32:3,2:1,0,0,1,-1,0 label:I64:3:5,5,5 name:U8:11:=Ann$'\t'LeeBob7 \
        name_end:I64:3:7,10,11 >gallery
    [ "$(answers --closed-set -q)" = 'p1	1	0	Ann\tLee	1.000000
p2	1	0	Ann\tLee	0.866025
p3	1	1	Bob	0.866025' ]
    face-search -q --gallery gallery --threshold 0.9 --json probes >lines
    [ "$(wc -l <lines)" = 3 ]
    perl -MJSON::PP -ne '
        my $x = decode_json $_;
        my $id = defined $x->{identity} ? $x->{identity} : "null";
        print "$x->{probe} $id $x->{neighbours}[0]{identity} ", $x->{neighbours}[0]{known} ? 1 : 0, "\n"' \
        lines >read
    [ "$(cat read)" = $'p1 Ann\tLee Ann\tLee 1\np2 null Ann\tLee 0\np3 null Bob 0' ]
}

@test "the gallery in pieces, from a pipe, for any number of threads and either library: the same answers" {
    face-synth -q --size 32 --identities 30 --images 6 -o some.faces
    npc-train -q -i some.faces --embedding 32 --epochs 0 -o model
    embed -q -m model some.faces -o all.emb
    stream-cat --sample 50 --rest gallery.emb -o probes.emb all.emb
    face-search -j 1 --gallery gallery.emb --closed-set --top 5 --per-identity best probes.emb >one
    face-search -j 3 --gallery gallery.emb --closed-set --top 5 --per-identity best <probes.emb >three
    cmp one three
    face-search --kernels openblas --gallery gallery.emb --closed-set --top 5 --per-identity best probes.emb >three
    cmp one three
    [ "$(wc -l <one)" = 251 ]
    # Cut into frames of ten rows
    for n in 10 20 30 40 50 60 70 80 90 100 110 120 130; do
        stream-cat -n $n gallery.emb | stream-cat --drop <(stream-cat -n $((n - 10)) gallery.emb |
            stream-ls --table --fields key) --by key
    done | stream-cat -q | face-search --gallery - --closed-set --top 5 --per-identity best probes.emb >pieces
    cmp one pieces
    # Each line's score against its definition
    stream-cat -q --to npy -o p.npy probes.emb
    stream-cat -q --to npy -o g.npy gallery.emb
    face-search --gallery gallery.emb --closed-set --top 3 probes.emb >top
    awk -F '\t' 'FNR > 1 { if ($1 == last && $5 > score) exit 1; last = $1; score = $5 }' top
}

@test "what cannot be: words, and nothing is printed" {
    misused face-search --gallery gallery probes
    misused face-search --threshold 0.5 probes
    misused face-search --gallery gallery --threshold 0.5 --closed-set probes
    misused face-search --gallery - --closed-set - </dev/null
    misused face-search --gallery gallery --threshold 2 probes
    frame kind=embeddings model=other last=1 embedding:F32:1,2:1,0 label:I64:1:7 >other
    fails face-search --gallery other --closed-set probes
    [[ $output == *"probes has embeddings of the model m and other of another one, other; --any-model"* ]]
    face-search --gallery other --closed-set --any-model probes | grep -q 'p1	1	0	7	1.000000'
    # Known from the first frame, before the rest is read, and also of a later one.
    { frame kind=embeddings model=other embedding:F32:1,2:1,0 label:I64:1:7 && head -c 300 gallery; } >broken
    fails face-search --gallery broken --closed-set probes
    [[ $output == *"the model m and broken of another one"* ]]
    { frame kind=embeddings model=m embedding:F32:1,2:1,0 label:I64:1:7 && cat other; } >mixed
    fails face-search --gallery mixed --closed-set probes
    [[ $output == *"mixed has embeddings of different models, m and other"* ]]
    frame kind=embeddings last=1 embedding:F32:1,2:1,0 label:I64:1:7 >silent
    face-search --gallery silent --closed-set probes 2>said >/dev/null
    [[ $(cat said) == "face-search: silent does not say which model made it; it is compared as if it were the same" ]]
    frame kind=embeddings last=1 embedding:F32:1,3:1,0,0 label:I64:1:7 >three
    fails face-search --gallery three --closed-set probes
    [[ $output == *"three: embeddings of 3 dimensions, but the probes have 2"* ]]
    frame kind=embeddings last=1 embedding:F32:1,2:0,0 label:I64:1:7 >zero
    fails face-search --gallery zero --closed-set probes
    [[ $output == *"zero: "* ]]
    frame kind=embeddings last=1 >none
    fails face-search --gallery none --closed-set probes
    [ "$(face-search -q --gallery gallery --closed-set none | wc -l)" = 1 ]
    head -c 300 gallery >cut
    fails face-search --gallery cut --closed-set probes
    fails face-search --gallery nowhere --closed-set probes
}

# threshold SCORE MODEL: a file
threshold() {
    echo '{"kind": "threshold", "score": "cosine", "threshold": '"$1"', "asked_fmr": 0.1,
        "fmr": {"value": 0.1, "low": 0, "high": 0.2, "wrong": 1, "pairs": 10},
        "fnmr": {"value": null, "low": null, "high": null, "wrong": 0, "pairs": 0},
        "resamples": 9, "identities": 5, "seed": 1, "data": "d", "model": "'"$2"'", "by": ""}'
}

@test "a threshold from a file: its score, and its model" {
    threshold 0.9 m >t
    cmp <(answers --threshold t) <(answers --threshold 0.9)
    cmp <(answers --threshold - <t) <(answers --threshold 0.9)
    threshold 0.9 other >t
    fails face-search --gallery gallery --threshold t probes
    [[ $output == *"the threshold t was set with the model other, but probes has embeddings of m; --any-model"* ]]
    cmp <(answers --any-model --threshold t) <(answers --threshold 0.9)
    threshold 0.9 "" >t
    cmp <(answers --threshold t) <(answers --threshold 0.9)
    echo 0.9 >0.5
    fails face-search --gallery gallery --threshold ./0.5 probes
    [[ $output == *"./0.5: not a threshold"* ]]
    fails face-search --gallery gallery --threshold nowhere probes
    misused face-search --gallery gallery --threshold - - <t
    fails face-search --gallery gallery --threshold probes probes
}

@test "the same answers by 2 and 4 processes" {
    needs_mpi
    mpi_here
    cd "$BATS_TEST_TMPDIR"
    face-synth -q --identities 150 --images 6 --size 16 --hardness 0 -o faces
    npc-train -q -i faces --epochs 0 --embedding 16 -o model
    embed -q -m model -o some.emb faces
    stream-cat -q --split 0.5 -o gallery.emb --rest probes.emb some.emb
    cat gallery.emb probes.emb >all.emb
    for asked in "2 --closed-set --top 3" "4 --threshold 0.9 --per-identity best --json" "2 --closed-set --per-identity mean"; do
        p=${asked%% *} asked=${asked#?}
        # shellcheck disable=SC2086
        face-search -q $asked --gallery gallery.emb all.emb >one
        # shellcheck disable=SC2086
        mpirun -n "$p" face-search -q $asked --gallery gallery.emb all.emb >many
        cmp one many
        [ "$(wc -l <one)" -ge 900 ]
    done
    run -1 mpirun -n 2 face-search -q --closed-set --gallery gallery.emb - <probes.emb
    [[ $output == *"none can be standard input"* ]]
}
