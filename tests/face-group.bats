# face-group: faces become groups; eval-id --groups: how these agree with identities
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    # In the plane: 0, 10, 20 degrees; 90, 100; 180
    frame kind=embeddings model=m note=kept \
        embedding:F32:4,2:1,0,0.9848078,0.1736482,0,1,0.9396926,0.3420201 \
        label:I64:4:7,7,8,7 key:U8:4:=abcd key_end:I64:4:1,2,3,4 weight:I64:4:5,6,7,8 \
        name:U8:4:=WXYZ name_end:I64:4:1,2,3,4 >plane
    frame kind=embeddings model=m last=1 embedding:F32:2,2:-0.1736482,0.9848078,-3,0 label:I64:2:8,9 \
        key:U8:2:=ef key_end:I64:2:1,2 >>plane
}

# groups OPTION...: the labels, in a line
groups() {
    face-group -q "$@" | stream-ls --table --fields label | tail -n +2 | paste -s -d ' '
}

# numbers: what the columns named hold, of the first three fields of $output
figures() {
    awk -F'\t' '$1 ~ /^(identities|groups|precision|recall|f|nmi)$/ { printf "%s%.6g", s, $3; s = " " }' <<<"$output"
}

@test "four methods on six faces" {
    # 15 degrees: 0.9659; 25 degrees: 0.9063
    [ "$(groups --by components --threshold 0.98 plane)" = "0 0 1 0 1 2" ]
    [ "$(groups --by average --threshold 0.98 plane)" = "0 0 1 2 1 3" ] ||
        [ "$(groups --by average --threshold 0.98 plane)" = "0 1 2 1 2 3" ]
    [ "$(groups --by average --threshold 0.96 plane)" = "0 0 1 0 1 2" ]
    [ "$(groups --by chinese-whispers --threshold 0.98 plane)" = "0 0 1 0 1 2" ]
    # b alone has three at 10 degrees: a core, with a and d; e and c have two.
    [ "$(groups --by dbscan --min-points 3 --threshold 0.98 plane)" = "0 0 -1 0 -1 -1" ]
    [ "$(groups --by dbscan --min-points 1 --threshold 0.98 plane)" = "0 0 1 0 1 2" ]
    [ "$(groups --threshold 1 plane)" = "0 1 2 3 4 5" ]
    [ "$(groups --threshold -1 plane)" = "0 0 0 0 0 0" ]
}

@test "what passes through: other columns and metadata, frame by frame; names do not" {
    run -0 face-group --threshold 0.96 -o out plane
    [ "$output" = "face-group: 6 faces in 3 groups; 0 in none" ]
    same_columns plane out embedding key key_end weight
    [ "$(column out name | wc -c)" = 0 ]
    [ "$(meta out note)" = kept ]
    [ "$(meta out model)" = m ]
    [ "$(meta out identities)" = 3 ]
    [[ $(meta out by) == *"face-group "* ]]
    [ "$(stream-ls --table --fields frame out | sort | uniq -c | awk '{ print $1 }' | paste -s -d ' ')" = "4 2 1" ]
    cmp <(face-group -q --threshold 0.96 <plane) <(face-group -q --threshold 0.96 plane)
}

# crowd PEOPLE IMAGES NOISE: random embeddings, of people in turn
crowd() {
    # shellcheck disable=SC2046
    set -- $(awk -v people="$1" -v images="$2" -v noise="$3" 'BEGIN {
        srand(3)
        for (i = 0; i < people * 16; i++)
            face[i] = rand() - .5
        for (j = 0; j < images; j++)
            for (i = 0; i < people; i++) {
                for (k = 0; k < 16; k++)
                    e = e sprintf(",%.4f", face[16 * i + k] + noise * (rand() - .5))
                l = l "," i
            }
        print people * images, substr(e, 2), substr(l, 2) }')
    frame kind=embeddings last=1 "embedding:F32:$1,16:$2" "label:I64:$1:$3"
}

@test "the same groups for any number of threads and any seed's repetition; they agree with who it is" {
    crowd 40 12 0.3 >people
    for by in components chinese-whispers average dbscan; do
        face-group -q -j 1 --by $by --threshold 0.8 -o one people
        face-group -q -j 3 --by $by --threshold 0.8 -o three people
        cmp one three
        run -0 eval-id --tsv --groups one people
        case $by in
        average | chinese-whispers) [ "$(figures)" = "40 40 1 1 1 1 1 1 1" ] ;;
        esac
    done
    # Harder: average linkage is the better one than components.
    run -0 eval-id --tsv --groups <(face-group -q --by components --threshold 0.7 people) people
    awk -F'\t' '$1 == "f" && $6 == "bcubed" { exit !($3 < .8) }' <<<"$output"
    run -0 eval-id --tsv --groups <(face-group -q --threshold 0.7 people) people
    awk -F'\t' '$1 == "f" && $6 == "bcubed" { exit !($3 > .9) }' <<<"$output"
}

@test "--assign: faces join groups, others make new ones" {
    face-group -q --threshold 0.96 -o old plane
    frame kind=embeddings model=m last=1 embedding:F32:4,2:1,0.1,0,-1,-0.1,-1,0.1,1 key:U8:4:=wxyz \
        key_end:I64:4:1,2,3,4 >new
    [ "$(groups --threshold 0.96 --assign old new)" = "0 3 3 1" ]
    run -0 face-group --threshold 0.96 --assign old -o both new
    [[ $output == *"2 faces joined groups of old"*"2 faces in 1 group of their own; 0 in none" ]]
    cat old both | stream-cat -q | stream-ls --table | tail -n +2 | wc -l | grep -qx 10
    # Of none: not joined, by dbscan none again.
    face-group -q --by dbscan --min-points 3 --threshold 0.98 -o old plane
    [ "$(groups --by dbscan --threshold 0.96 --assign old new)" = "0 -1 -1 -1" ]
    # All join: none is left to group.
    [ "$(groups --threshold 0.9 --assign plane plane)" = "7 7 8 7 8 9" ]
}

@test "--groups by key, by row; what cannot be" {
    face-group -q --threshold 0.96 -o grouped plane
    run -0 eval-id --tsv --groups grouped plane
    [ "$(figures)" = "3 3 1 1 1 1 1 1 1" ]
    # Two of group 0, who are 1 and 2; two alone, who are 1: pairs 0 of 1, 0 of 3; BCubed (1/2 + 1/2 + 1 + 1) / 4
    frame last=1 embedding:F32:4,1:1,1,1,1 label:I64:4:1,2,1,1 >truth
    frame last=1 embedding:F32:4,1:1,1,1,1 label:I64:4:0,0,-1,-1 >parts
    run -0 eval-id --tsv --groups parts truth
    [ "$(figures)" = "2 3 0 0 0 0.75 0.5 0.6 0.269356" ]
    fails eval-id --groups plane truth
    [[ $output == *"plane has 6 rows, not 4"* ]]
    cat plane plane >twice
    fails eval-id --groups twice plane
    [[ $output == *"same key"* ]]
    stream-cat -q -n 3 -o three plane
    fails eval-id --groups three plane
    [[ $output == *"three has no row of the key d"* ]]
    misused eval-id --groups grouped --cmc x plane
    misused eval-id --groups - - </dev/null
}

@test "what cannot be" {
    misused face-group plane
    misused face-group --threshold 0.5 --seed 3 plane
    misused face-group --threshold 0.5 --min-points 3 plane
    misused face-group --threshold -0.5 --by chinese-whispers plane
    misused face-group --threshold 0.5 --assign - - </dev/null
    misused face-group --threshold - </dev/null
    frame kind=embeddings model=other last=1 embedding:F32:1,2:1,0 label:I64:1:7 >other
    fails face-group --threshold 0.5 --assign other -o none plane
    [[ $output == *"of another one"* && ! -e none ]]
    [ "$(groups --threshold 0.99 --any-model --assign other plane)" = "7 8 9 10 11 12" ] ||
        [ "$(groups --threshold 0.99 --any-model --assign other plane | cut -c 1)" = 7 ]
    frame kind=embeddings last=1 embedding:F32:1,2:0,0 key:U8:1:=k key_end:I64:1:1 >zero
    fails face-group --threshold 0.5 zero
    [[ $output == *"zero: frame at byte 0: row 0 (k): the embedding is zero"* ]]
    frame kind=embeddings last=1 >none
    [ "$(groups --threshold 0.5 none)" = "" ]
    head -c 500 plane >cut
    fails face-group --threshold 0.5 -o never cut
    [ ! -e never ]
}

@test "faces of LFW: both pictures of each pair are in one group" {
    need_data fixtures/small_lfw_20_faceplugin_f32.npy
    stream-cat -q --from npy -o lfw.emb "$FACE_DATA/fixtures/small_lfw_20_faceplugin_f32.npy"
    for by in components average chinese-whispers; do
        [ "$(groups --by $by --threshold 0.4 lfw.emb)" = "0 0 1 1 1 1 2 2 3 3 3 3 4 4 4 4 4 4 5 5" ]
    done
}
