# eval-id: a gallery and probes, BLUFR's trials, missing images, what is refused
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

value() {
    awk -F'\t' -v m="$1" -v at="$2" '$1 == m && $2 == at { print $3 }' <<<"$output"
}

@test "ranks: the first finds his mate, the second another first" {
    run -0 eval-id --gallery gallery --probe probe five.emb
    [ "$(value rank 1)" = 0.5 ]
    [ "$(value rank 5)" = 1 ]
    [ "$(value dir 0.1)" = NA ]
}

@test "two trials of BLUFR: mean and deviation; threads change nothing" {
    printf 'train 1\ntest 1 2 3 4 5\ngallery 1 4\nprobe 2 3 5\n' >other
    eval-id --blufr trial --blufr other --images images -j 1 five.emb >one
    eval-id --blufr trial --blufr other --images images -j 2 five.emb >two
    cmp one two
    # in the second, a2 scores 1 with b2 of the gallery, and b1 .6
    awk '$1 == "rank" && $2 == 1 { exit !($3 == 0.5 && $4 == 0) }' one
}

@test "missing images: an error, or counted" {
    printf 'z9.pg\n' >>probe
    fails eval-id --gallery gallery --probe probe five.emb
    run -0 --separate-stderr eval-id --skip-missing --gallery gallery --probe probe five.emb
    [ "$(value missing NA)" = 1 ]
}

@test "wrong lists and options are refused" {
    misused eval-id five.emb
    misused eval-id --gallery gallery five.emb
    misused eval-id --blufr trial five.emb
    : >empty
    fails eval-id --gallery empty --probe probe five.emb
    printf 'test 9\n' >wrong
    fails eval-id --blufr wrong --images images five.emb
    [[ $output == *"there is no image 9"* ]]
}
