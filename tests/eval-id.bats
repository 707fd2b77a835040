# eval-id: a gallery and probes, MegaFace, both against a direct evaluation; BLUFR's trials, missing images, what is refused
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    # a1 and a2 are one person of cosine .8, b1 and b2 another of .6; c is in no gallery
    frame kind=embeddings last=1 "embedding:F32:5,2:1,0,.8,.6,0,2,.8,.6,-.6,.8" \
        "label:I64:5:0,0,1,1,2" "key:U8:35:=x/a1.pgx/a2.pgx/b1.pgx/b2.pgx/c1.pg" \
        "key_end:I64:5:7,14,21,28,35" >five.emb
    printf 'a1.pg\nb1.pg\n' >gallery
    printf 'a2.pg\nb2.pg\nc1.pg\n' >probe
    printf 'a1.pg\na2.pg\nb1.pg\nb2.pg\nc1.pg\n' >images
    printf 'train 1\ntest 1 2 3 4 5\ngallery 1 3\nprobe 2 4 5\n' >trial
}

# made NAME...: the stream of each frame of tests/identify.py
made() {
    local name columns
    python3 "$BATS_TEST_DIRNAME/identify.py" "${SEED:-1}"
    for name; do
        mapfile -t columns <"$name.frame"
        frame kind=embeddings last=1 "${columns[@]}" >"$name.emb"
    done
}

# agrees FOUND EXPECTED N: all N figures that are expected were found, to 1e-6
agrees() {
    awk -F'\t' -v n="$3" 'NR == FNR { found[$1, $2] = $3; next }
        { n--; d = found[$1, $2] - $3 }
        !(($1, $2) in found) || d > 1e-6 || d < -1e-6 { print "not", $0, found[$1, $2]; bad = 1 }
        END { exit bad || n != 0 }' "$1" "$2"
}

value() {
    awk -F'\t' -v m="$1" -v at="$2" '$1 == m && $2 == at { print $3 }' <<<"$output"
}

@test "ranks: the first finds his mate, the second another first" {
    run -0 eval-id --tsv --gallery gallery --probe probe five.emb
    [ "$(value rank 1)" = 0.5 ]
    [ "$(value rank 5)" = 1 ]
    [ "$(value dir 0.1)" = NA ]
}

@test "ranks, DIR and FNIR of a split agree with a direct evaluation, and so does the CMC" {
    made split
    eval-id --tsv --components 2 -g gallery --probe probe --ranks 1,2,3,4,5,6,7 --fpir .05,.1,.3 \
        --cmc cmc split.emb >found
    agrees found split.expected 13
    awk -F'\t' '$1 == 40 { print "rank\t" $2 "\t" $3 }' cmc >curve
    grep rank split.expected >ranks
    agrees curve ranks 7
    [ "$(wc -l <cmc)" = 41 ]
}

@test "FNIR and selectivity against the size of the gallery; the last is the whole" {
    face-synth -q --identities 60 --images 3 --size 16 | stream-cat -q -o faces
    npc-train -q -i faces --epochs 1 --batch 30 --embedding 16 --lr 0.01 -o model
    embed -q -m model -o some.emb faces
    for i in $(seq 0 49); do printf '%06d_0000\n' "$i"; done >gallery
    for i in $(seq 0 59); do printf '%06d_0001\n%06d_0002\n' "$i" "$i"; done >probe
    run -0 eval-id --tsv -g gallery --probe probe --fpir 0.1,0.3 --by-size sizes some.emb
    [ "$(cut -f 1,3,8,9 sizes | sed 1d | tr '\t\n' ' :')" = \
        '10 0.1 20 20:20 0.1 40 20:50 0.1 100 20:10 0.3 20 20:20 0.3 40 20:50 0.3 100 20:' ]
    [ "$(awk '$1 == 50 && $3 == 0.3 { print $4, $5 }' sizes)" = "$(value fnir 0.3) $(value selectivity 0.3)" ]
    [ "$(awk -v s="$(value selectivity 0.3)" 'BEGIN { print (s >= 0.3) }')" = 1 ]
    eval-id --tsv -j 1 -g gallery --probe probe --fpir 0.1,0.3 --by-size again some.emb >/dev/null
    cmp sizes again
    eval-id --tsv -g gallery --probe probe --fpir 0.1,0.3 --by-size other --seed 2 some.emb >/dev/null
    run ! cmp -s sizes other
    misused eval-id --by-size sizes --distractors some.emb some.emb
}

@test "MegaFace: CMC by distractors, TAR and noise agree with a direct evaluation" {
    made probes distractors
    eval-id --tsv --distractors distractors.emb --noise noise --distractor-noise distractor-noise \
        --ranks 1,2,5,30 --far .1,.01,.001 -j 2 --cmc cmc probes.emb >found
    agrees found megaface.expected 23
    # from a pipe, with one thread
    eval-id --tsv --distractors - --noise noise --distractor-noise distractor-noise \
        --ranks 1,2,5,30 --far .1,.01,.001 -j 1 probes.emb <distractors.emb >piped
    cmp found piped
    awk -F'\t' '$1 == 1000 && $2 == 30 { print "rank:1000\t30\t" $3 }' cmc >curve
    grep -P 'rank:1000\t30' megaface.expected >ranks
    agrees curve ranks 1
}

@test "MegaFace: feature files, labels from a list" {
    made probes distractors
    eval-id --tsv --distractors distractors.emb --noise noise --distractor-noise distractor-noise \
        probes.emb >found
    stream-cat --to megaface -o probes probes.emb
    stream-cat --to megaface -o distractors distractors.emb
    # rows come in the order of the files' names
    (cd probes && find . -name '*.bin' | sort | sed 's|^./||; s|_npcface.bin$||') |
        awk -F/ '{ print $0 "\t" $2 }' >list
    stream-cat --from megaface --list list -o again.emb probes
    stream-cat --from megaface distractors >others.emb
    # the order of the distractors differs, so only what all of them decide is the same
    eval-id --tsv --distractors others.emb --noise noise --distractor-noise distractor-noise \
        again.emb >read
    for measure in rank:1175 tar searches distractors noisy; do
        grep "^$measure" found >>want
        grep "^$measure" read >>have
    done
    [ "$(wc -l <want)" = 10 ]
    cmp want have
}

@test "MegaFace: a distractor that scores as much as the mate does not pass it" {
    # d1 is a2 itself; d2 is a1, nearer to a1 than a2
    frame kind=embeddings last=1 "embedding:F32:2,2:1,0,.8,.6" "label:I64:2:0,0" \
        "key:U8:4:=a1a2" "key_end:I64:2:2,4" >two.emb
    frame kind=embeddings last=1 "embedding:F32:1,2:.8,.6" >d1.emb
    frame kind=embeddings last=1 "embedding:F32:1,2:1,0" >d2.emb
    run -0 eval-id --tsv --distractors d1.emb two.emb
    [ "$(value rank:1 1)" = 0.5 ]
    run -0 eval-id --tsv --distractors d2.emb two.emb
    [ "$(value rank:1 1)" = 0.5 ]
    cat d1.emb d2.emb >both.emb
    run -0 eval-id --tsv --distractors both.emb two.emb
    [ "$(value rank:2 1)" = 0 ]
    [ "$(value rank:2 5)" = 1 ]
    [ "$(value tar 1e-06)" = NA ]
}

@test "MegaFace: what is refused" {
    made probes distractors
    frame kind=embeddings last=1 "embedding:F32:1,6:1,1,1,1,1,1" "label:I64:1:0" >bare.emb
    fails eval-id --distractors distractors.emb --noise noise bare.emb
    [[ $output == *"bare.emb: no column 'key'"* ]]
    fails eval-id --distractors distractors.emb bare.emb
    [[ $output == *"no person has two probes"* ]]
    fails eval-id --distractors bare.emb --distractor-noise distractor-noise probes.emb
    [[ $output == *"bare.emb: no column 'key'"* ]]
    misused eval-id --noise noise -g gallery --probe probe probes.emb
    misused eval-id --distractors - -
    misused eval-id --distractors distractors.emb --ranks 1.5 probes.emb
    misused eval-id --distractors distractors.emb --far 2 probes.emb
    fails eval-id --distractors five.emb probes.emb
    [[ $output == *"embeddings of 2 dimensions, but the probes have 6"* ]]
    grep -o '[0-9]*_[0-9]*.png' probes.frame >every
    fails eval-id --distractors distractors.emb --noise every probes.emb
    [[ $output == *"no clean probe"* ]]
    printf 'a/b.jpg\nc.jpg\n' >mixed
    fails eval-id --distractors distractors.emb --noise mixed probes.emb
    [[ $output == *"mixed: line 2: 'c.jpg' does not have 2 components"* ]]
    frame kind=embeddings last=1 "embedding:F32:1,6:0,0,0,0,0,0" >zero.emb
    fails eval-id --distractors zero.emb probes.emb
    [[ $output == *"zero.emb: row 0"*"zero"* ]]
    head -c 5000 distractors.emb >cut.emb
    fails eval-id --distractors cut.emb --cmc cmc probes.emb
    [ ! -e cmc ]
}

@test "two trials of BLUFR: mean and deviation; threads change nothing" {
    printf 'train 1\ntest 1 2 3 4 5\ngallery 1 4\nprobe 2 3 5\n' >other
    eval-id --tsv --blufr trial --blufr other --image-list images -j 1 five.emb >one
    eval-id --tsv --blufr trial --blufr other --image-list images -j 2 five.emb >two
    cmp one two
    # in the second, a2 scores 1 with b2 of the gallery, and b1 .6
    awk '$1 == "rank" && $2 == 1 { exit !($3 == 0.5 && $4 == 0) }' one
}

@test "missing images: an error, or counted" {
    printf 'z9.pg\n' >>probe
    fails eval-id --gallery gallery --probe probe five.emb
    [[ $output == *"no embedding of z9.pg"*"1 of "*" images are missing"* ]]
    # shellcheck disable=SC2154
    run -0 --separate-stderr eval-id --tsv --skip-missing --gallery gallery --probe probe five.emb
    [ "$(value missing NA)" = 1 ]
    [[ $stderr == *"no embedding of z9.pg"* ]]
    # of a trial only images that it tests can be missing
    printf 'a1.pg\na2.pg\nb1.pg\nb2.pg\nc1.pg\ny7.pg\ny8.pg\n' >images
    eval-id --tsv --blufr trial --image-list images five.emb >plenty
    printf 'train 1\ntest 1 2 3 4 5 7\ngallery 1 3\nprobe 2 4 5\n' >trial
    fails eval-id --blufr trial --image-list images five.emb
    [[ $output == *"y8.pg"* && $output != *"y7.pg"* ]]
}

@test "wrong lists and options are refused" {
    misused eval-id five.emb
    misused eval-id --gallery gallery five.emb
    misused eval-id --blufr trial five.emb
    : >empty
    fails eval-id --gallery empty --probe probe five.emb
    printf 'test 9\n' >wrong
    fails eval-id --blufr wrong --image-list images five.emb
    [[ $output == *"there is no image 9"* ]]
}

@test "names with spaces and commas, a line each" {
    frame last=1 embedding:F32:4,2:1,0,.8,.6,0,2,.6,.8 label:I64:4:0,0,1,1 \
        "key:U8:64:=P 0/P 0_0001.jpgP 0/P 0_0002.jpgQ,1/Q,1_0001.jpgQ,1/Q,1_0002.jpg" \
        key_end:I64:4:16,32,48,64 >named
    printf '%s\n' 'P 0/P 0_0001.jpg' 'Q,1/Q,1_0001.jpg' >gallery
    printf '%s\r\n' 'P 0/P 0_0002.jpg' '  Q,1/Q,1_0002.jpg ' >probes
    eval-id --tsv -g gallery --probe probes named >table
    awk '$1 == "rank" && $2 == 1 { found = $3 == 1 } END { exit !found }' table
}

@test "for people: the same figures, dashes for what is not there, deviations of several trials only" {
    eval-id --gallery gallery --probe probe five.emb >table
    head -1 table | grep -qx 'measure  *at  *value  *convention'
    grep -q '^rank  *1  *0.5  *cmc$' table
    grep -q '^dir  *0.1  *-  *' table
    [ "$(grep -c 'NA' table)" = 0 ]
    cp trial other
    eval-id --blufr trial --blufr other --image-list images five.emb | head -1 | grep -q 'mean - dev'
    LC_ALL=C awk '/ $/ { exit 1 }' table
}
