# face-clean: lists of what is doubtful, which stream-cat and face-pack apply
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    # In the plane: label 0 at 0, 5, 90, 10 degrees; label 1 at 180, 185; label 2 at 0, 2; label 3
    # at 60, 62, 64, 150, 152, 154
    faces 0,5,90,10,180,185,0,2,60,62,64,150,152,154 0,0,0,0,1,1,2,2,3,3,3,3,3,3 abcdefghijklmn >plane
}

# faces DEGREES LABELS KEYS: embeddings
faces() {
    local n=${#3} xy
    xy=$(awk -v list="$1" 'BEGIN { n = split(list, a, ","); for (i = 1; i <= n; i++)
        printf "%s%.6f,%.6f", (i > 1 ? "," : ""), cos(a[i] * atan2(0, -1) / 180), sin(a[i] * atan2(0, -1) / 180) }')
    frame kind=embeddings model="${4-m}" last=1 "embedding:F32:$n,2:$xy" "label:I64:$n:$2" \
        "key:U8:$n:=$3" "key_end:I64:$n:$(seq -s , "$n")"
}

# listed FIELDS COMMAND...: those fields, without the heading, in a line
listed() {
    "${@:2}" | tail -n +2 | cut -f "$1" | tr '\t' : | paste -s -d ' '
}

@test "outliers, split, merge, duplicates, overlap" {
    [ "$(listed 1-3 face-clean -q --find outliers plane)" = "c:0:85.00 l:3:90.00 m:3:92.00 n:3:94.00" ] ||
        [ "$(listed 1,2 face-clean -q --find outliers plane)" = "c:0 l:3 m:3 n:3" ]
    [ "$(listed 1,2,4 face-clean -q --find split plane)" = "l:4:3 m:4:3 n:4:3" ]
    [ "$(listed 1,2 face-clean -q --find merge --angle 10 plane)" = "2:0" ]
    [ "$(listed 1 face-clean -q --find merge --angle 1 plane)" = "" ]
    [ "$(listed 1,2,4,5 face-clean -q --find duplicates --angle 1 plane)" = "g:a:2:0" ]
    faces 183,61,270 7,8,9 xyz >test
    [ "$(listed 1,2 face-clean -q --find overlap --angle 10 --with test plane)" = "1:7 3:8" ]
    run -0 face-clean --find outliers -o list plane
    [ "$output" = "face-clean: 4 of 14 faces of 4 identities listed" ]
    [ "$(head -n 1 list)" = $'key\tlabel\tangle\tname' ]
    run -0 face-clean --find overlap --with test -o list --angle 10 plane
    [ "$output" = "face-clean: 2 of 4 identities listed" ]
    cmp <(face-clean -q --find split <plane) <(face-clean -q --find split plane)
}

@test "the lists are applied by stream-cat" {
    face-clean -q --find outliers plane | stream-cat -q --drop - -o clean plane
    [ "$(listed 1 stream-ls --table --fields key clean)" = "a b d e f g h i j k" ]
    face-clean -q --find duplicates --angle 1 plane | stream-cat -q --drop - plane |
        stream-ls --table --fields key | grep -c '^[a-n]$' | grep -qx 13
    faces 183,61,270 7,8,9 xyz >test
    face-clean -q --find overlap --angle 10 --with test plane | stream-cat -q --drop - -o apart plane
    [ "$(listed 1 stream-ls --table --fields label apart)" = "0 0 0 0 2 2" ]
    # Who is split off, or merged, is kept under the new label, and joined with the rest.
    face-clean -q --find split plane >off.txt
    stream-cat -q --keep off.txt --rest others -o off plane
    [ "$(listed 1,2 stream-ls --table --fields key,label off)" = "l:4 m:4 n:4" ]
    [ "$(cat off others | stream-cat -q | stream-ls --table --fields label | tail -n +2 | sort | uniq -c |
        awk '{ print $2 ":" $1 }' | paste -s -d ' ')" = "0:4 1:2 2:2 3:3 4:3" ]
    face-clean -q --find merge --angle 10 plane | stream-cat -q --keep - --rest others -o one plane
    [ "$(listed 1,2 stream-ls --table --fields key,label one)" = "g:0 h:0" ]
}

@test "the lists are applied by face-pack and face-align" {
    face-synth -q --size 32 --identities 3 --images 2 -o all.faces
    stream-cat -q -t folder -o folder all.faces
    face-pack -q -o whole folder
    key=$(listed 1 stream-ls --table --fields key whole | cut -d ' ' -f 3)
    printf 'key\tlabel\tangle\n%s\t1\t80.00\n' "$key" >list
    face-pack -q --exclude-list list -o some folder
    [ "$(listed 1 stream-ls --table --fields key some)" = \
        "$(listed 1 stream-ls --table --fields key whole | sed "s|$key ||")" ]
    # Two people of three are left: the classes are those of the files that are packed.
    stream-ls --table --fields key whole | grep -e ^key -e "${key%/*}" >list
    face-pack -q --exclude-list list -o some folder
    [ "$(listed 1 stream-ls --table --fields label some)" = "0 0 1 1" ]
    printf 'label\n3\n' >labels
    fails face-pack --exclude-list labels -o none folder
    [[ $output == *"labels: a list of labels or names"* ]]
    fails face-pack --exclude-list nowhere -o none folder
}

@test "names are told; a label of two names is refused" {
    frame last=1 embedding:F32:3,2:1,0,1,0,0,1 label:I64:3:4,4,5 key:U8:3:=abc key_end:I64:3:1,2,3 \
        name:U8:6:=AnnAnn name_end:I64:3:3,6,6 >named
    frame last=1 embedding:F32:1,2:1,0 label:I64:1:1 key:U8:1:=z key_end:I64:1:1 name:U8:3:=Bob \
        name_end:I64:1:3 >bob
    [ "$(face-clean -q --find overlap --with bob named | tail -n 1)" = $'4\t1\t0.00\tAnn\tBob' ]
    cat named bob >both
    stream-cat -q --relabel -o good both
    face-clean -q --find merge good | grep -qF $'Bob\tAnn'
    frame last=1 embedding:F32:1,2:1,0 label:I64:1:4 key:U8:1:=z key_end:I64:1:1 name:U8:3:=Bob \
        name_end:I64:1:3 >clash
    cat named clash >both
    fails face-clean --find merge both
    [[ $output == *"the label 4 is of 'Ann' and of 'Bob'"*"--relabel"* ]]
}

# crowd FLIPPED: 40 people, 10 pictures each, in turn; that many of 10 labels wrong
crowd() {
    # shellcheck disable=SC2046
    set -- $(awk -v flipped="$1" 'BEGIN {
        srand(3)
        for (i = 0; i < 40 * 32; i++)
            face[i] = rand() + rand() + rand() - 1.5
        for (j = 0; j < 10; j++)
            for (i = 0; i < 40; i++) {
                for (k = 0; k < 32; k++)
                    e = e sprintf(",%.4f", face[32 * i + k] + .8 * (rand() - .5))
                l = l "," ((i + j) % 10 < flipped ? (i + 1 + 3 * j) % 40 : i)
                key = key sprintf("%02d-%d", i, j)
                end = end "," 4 * ++n
            }
        print n, substr(e, 2), substr(l, 2), key, substr(end, 2) }')
    frame kind=embeddings last=1 "embedding:F32:$1,32:$2" "label:I64:$1:$3" "key:U8:${#4}:=$4" \
        "key_end:I64:$1:$5"
}

@test "of wrong labels most are listed, and few others; threads change nothing" {
    for flipped in 1 2 4; do
        crowd $flipped >faces
        face-clean -q -j 1 --find outliers --angle 65 -o one faces
        face-clean -q -j 3 --find outliers --angle 65 -o three faces
        cmp one three
        run -0 awk -F'\t' -v flipped=$flipped 'NR > 1 { n++; right += substr($1, 1, 2) + 0 != $2 }
            END { exit !(right > .9 * n && right > .85 * 40 * flipped) }' one
    done
    for find in split merge duplicates; do
        cmp <(face-clean -q -j 1 --find $find faces) <(face-clean -q -j 3 --find $find faces)
    done
}

@test "what cannot be" {
    misused face-clean plane
    misused face-clean --find overlap plane
    misused face-clean --find outliers --with plane plane
    misused face-clean --find merge --min-images 3 plane
    misused face-clean --find duplicates --sub-centres 3 plane
    misused face-clean --find overlap --with - - <plane
    misused face-clean --find outliers --angle 181 plane
    faces 1,2 0,1 ab other >strange
    fails face-clean --find overlap --with strange plane
    [[ $output == *"of another one"* ]]
    [ "$(listed 1 face-clean -q --find overlap --any-model --with strange plane)" = "0 2" ]
    frame last=1 embedding:F32:2,2:1,0,0,1 key:U8:2:=ab key_end:I64:2:1,2 >unlabelled
    fails face-clean --find outliers unlabelled
    [[ $output == *"unlabelled: no column 'label'"* ]]
    [ "$(listed 1 face-clean -q --find duplicates --angle 90.1 unlabelled)" = b ]
    frame last=1 embedding:F32:4,2:1,0,1,0,1,0,-1,0 label:I64:4:1,1,1,1 >unkeyed
    fails face-clean --find outliers -o never unkeyed
    [[ $output == *"row 3 has no key"* && ! -e never ]]
    frame last=1 embedding:F32:1,3:1,0,0 label:I64:1:1 >three
    fails face-clean --find overlap --with three plane
    [[ $output == *"plane has embeddings of 2 dimensions, three of 3"* ]]
    frame last=1 kind=embeddings >none
    for find in outliers split merge duplicates; do
        [ "$(face-clean -q --find $find none | wc -l)" = 1 ]
    done
    [ "$(face-clean -q --find overlap --with plane none | wc -l)" = 1 ]
    head -c 700 plane >cut
    fails face-clean --find outliers -o never cut
    [ ! -e never ]
}
