# face-sheet: which faces, where they stand, what it refuses
load lib

# solid COUNT SIDE: pixels of COUNT faces, face i having the colour (10 i + 10, 0, 200)
solid() {
    perl -e 'print join ",", map { ($_ * 10 + 10, 0, 200) x $ARGV[1] ** 2 } 0 .. $ARGV[0] - 1' "$@"
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    frame kind=faces last=1 "image:U8:4,8,8,3:$(solid 4 8)" label:I64:4:5,-1,5,7 \
        key:U8:56:=a/Ann_0001.jpga/Ann_0002.jpgb/Bob_0001.jpgb/Bob_0002.jpg \
        key_end:I64:4:14,28,42,56 >faces
}

# sheet X Y ... -- OPTION...: width, height and these pixels of the sheet
sheet() {
    local at=()
    while [ "$1" != -- ]; do
        at+=("$1")
        shift
    done
    face-sheet -q "${@:2}" -o sheet.png
    perl "$BATS_TEST_DIRNAME/png.pl" sheet.png "${at[@]}"
}

@test "all faces, in order, in a square; a place has borders, gaps and two lines of text" {
    # 8 + 2 * 2 wide, 4 apart; 2 + 2 * 10 below
    run -0 sheet 6 6 13 13 22 6 6 44 22 44 14 14 5 5 -- faces
    [ "$output" = "36 80 10,0,200 10,0,200 20,0,200 30,0,200 40,0,200 255,255,255 255,255,255" ]
}

@test "columns, size, no text" {
    run -0 sheet 6 6 22 6 38 6 54 6 -- --plain --columns 4 faces
    [ "$output" = "68 20 10,0,200 20,0,200 30,0,200 40,0,200" ]
    run -0 sheet 6 12 25 31 6 11 25 32 -- --plain --size 32x20 --columns 2 faces
    [ "$output" = "60 84 10,0,200 10,0,200 255,255,255 255,255,255" ]
}

@test "by key, by label, both; several" {
    run -0 sheet 6 6 22 6 -- --plain --columns 2 --key 'a/*' faces
    [ "$output" = "36 20 10,0,200 20,0,200" ]
    run -0 sheet 6 6 22 6 38 6 -- --plain --columns 3 -k 'Ann_*1.jpg' -k 'b/Bob*' faces
    [ "$output" = "52 20 10,0,200 30,0,200 40,0,200" ]
    run -0 sheet 6 6 22 6 -- --plain --columns 2 --label -1 --label 7 faces
    [ "$output" = "36 20 20,0,200 40,0,200" ]
    run -0 sheet 6 6 -- --plain --columns 1 --label 5 --key 'b/*' faces
    [ "$output" = "20 20 30,0,200" ]
}

@test "--group: by label, an identity in rows of its own" {
    run -0 sheet 6 6 22 6 6 22 22 22 6 38 -- --plain --group faces
    [ "$output" = "36 52 20,0,200 255,255,255 10,0,200 30,0,200 40,0,200" ]
}

@test "--random: so many, in order, by the seed alone" {
    face-synth --identities 10 --images 5 --size 32 -q -o many
    face-sheet --random 7 -o one.png many
    face-sheet --random 7 -o two.png - <many
    cmp one.png two.png
    face-sheet --random 7 --seed 2 -o three.png many
    run ! cmp -s one.png three.png
    run -0 face-sheet --random 7 --columns 7 --plain -o one.png many
    [ "$output" = "face-sheet: 7 of 50 faces on 284 x 44 pixels" ]
    face-sheet --random 50 -o one.png many
    face-sheet -o two.png many
    face-sheet --random 4000 -o three.png many
    cmp one.png two.png && cmp one.png three.png
    # every face is as likely as every other
    for seed in $(seq 40); do
        sheet 6 6 -- -n 1 --seed "$seed" --plain faces
    done | sort | uniq -c | awk '$1 < 3 { exit 1 } END { exit NR != 4 }'
}

@test "--pairs: side by side, framed green and red" {
    printf '1\t1\nAnn\t1\t2\nBob\t2\tAnn\t1\n' >pairs
    run -0 sheet 6 6 22 6 4 4 6 44 22 44 4 42 -- --pairs pairs --columns 1 faces
    [ "$output" = "36 80 10,0,200 20,0,200 0,150,0 40,0,200 10,0,200 210,0,0" ]
    for seed in 1 2 3 4 5 6; do
        sheet 4 4 -- --pairs pairs --random 1 --seed "$seed" faces
    done | sort -u >seen
    [ "$(cat seen)" = $'36 42 0,150,0\n36 42 210,0,0' ]
    printf '1\nAnn\t1\t3\nBob\t2\tAnn\t1\n' >pairs
    fails face-sheet --pairs pairs faces -o no.png
    [ "$output" = "face-sheet: the face Ann_0003 of a pair is missing" ]
    cat faces faces >twice
    printf '1\nAnn\t1\t2\nBob\t2\tAnn\t1\n' >pairs
    fails face-sheet --pairs pairs twice -o no.png
    [[ $output == *"an earlier row was already this image of a pair" ]]
    [ ! -e no.png ]
}

@test "JPEG files, of any size" {
    face-synth --identities 2 --images 2 --format tar --size 40 -q -o photos.tar
    face-pack -q --store jpeg -o jpeg photos.tar
    face-pack -q -o raw photos.tar
    face-sheet -q -o one.png jpeg
    face-sheet -q -o two.png raw
    cmp one.png two.png
    face-sheet -q --size 16 -o small.png jpeg raw
    face-synth --identities 1 --images 1 --size 64 -q | face-sheet -q -o three.png raw - jpeg
}

@test "text is written, and text beyond ASCII too" {
    frame kind=faces last=1 "image:U8:1,40,40,3:$(solid 1 40)" label:I64:1:7 key:U8:3:=A/I \
        key_end:I64:1:3 >one
    # A, /, I from (4, 50) on: the tip of the A, the foot of the slash, the stem of the I
    run -0 sheet 5 50 4 50 10 56 14 56 18 53 -- one
    [ "$output" = "52 74 0,0,0 255,255,255 0,0,0 255,255,255 0,0,0" ]
    frame kind=faces last=1 "image:U8:1,40,40,3:$(solid 1 40)" key:U8:4:195,171,195,171 \
        key_end:I64:1:4 >one
    run -0 sheet 4 50 8 56 10 50 9 50 16 50 -- one
    [ "$output" = "52 74 0,0,0 0,0,0 0,0,0 255,255,255 255,255,255" ]
}

# line WHICH SIDE LABEL KEY: the pixels of the first or second line of text below one face
line() {
    local key points=()
    key=$(printf %s "$4" | od -An -v -tu1 | xargs | tr ' ' ,)
    frame kind=faces last=1 "image:U8:1,$2,$2,3:$(solid 1 "$2")" label:I64:1:"$3" \
        "key:U8:$(tr -cd , <<<"$key," | wc -c):$key" "key_end:I64:1:$(tr -cd , <<<"$key," | wc -c)" |
        face-sheet -q -o line.png
    for y in 0 1 2 3 4 5 6 7; do
        for ((x = 4; x < $2 + 8; x++)); do
            points+=("$x" $(($2 + $1 * 10 + y)))
        done
    done
    perl "$BATS_TEST_DIRNAME/png.pl" line.png "${points[@]}"
}

@test "text too long for its line: a label without the word, a key behind an ellipsis" {
    # nine characters below a face of 48, three below one of 16
    [ "$(line 2 48 999 k)" = "$(line 1 48 1 'label 999')" ]
    [ "$(line 2 48 1000 k)" = "$(line 1 48 1 1000)" ]
    [ "$(line 2 48 -1 k)" = "$(line 1 48 1 unknown)" ]
    [ "$(line 2 16 -1 k)" = "$(line 1 16 1 -1)" ]
    [ "$(line 2 16 1000 k)" = "$(line 1 16 1 …00)" ]
    [ "$(line 1 48 1 abcdefghij)" = "$(line 1 48 1 …cdefghij)" ]
    [ "$(line 1 48 1 a/abcdefghi)" = "$(line 1 48 1 abcdefghi)" ]
    [ "$(line 1 48 1 …)" != "$(line 1 48 1 ë)" ]
}

@test "nothing asked for, too much, damage: an error, and no file" {
    fails face-sheet -o no.png --label 99 faces
    [ "$output" = "face-sheet: no face of 4 was selected" ]
    fails face-sheet -o no.png --columns 1 --size 4096 faces faces faces
    [[ $output == *"over the limit of 32768 a side"* ]]
    head -c 500 faces >cut
    fails face-sheet -o no.png cut
    frame kind=embeddings last=1 embedding:F32:1,1:1 >other
    fails face-sheet -o no.png other
    [ "$output" = "face-sheet: other: frame at byte 0: its kind is 'embeddings', not 'faces'" ]
    frame kind=faces last=1 jpeg:U8:3:=abc jpeg_end:I64:1:3 key:U8:1:=k key_end:I64:1:1 >broken
    fails face-sheet -o no.png broken
    [ "$output" = "face-sheet: row 0, k: not an image of a known kind" ]
    fails face-sheet -o no/such.png faces
    [ ! -e no.png ]
    run -1 bash -c 'face-sheet -q faces >/dev/full'
}

@test "misuse" {
    misused face-sheet --label x faces
    misused face-sheet --size 7 faces
    misused face-sheet --size 20x faces
    misused face-sheet --seed 3 faces
    misused face-sheet --pairs p --group faces
}
