# face-pack --part: the parts, joined, are the whole
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    face-synth -q --identities 6 --images 4 --size 24 -o faces
    stream-cat -q --to folder -o set faces
}

# parts N ARGUMENT...: the whole, and N parts of it joined; both have the same rows in the same order
parts() {
    local n=$1 i images
    shift
    face-pack -q "$@" >whole
    : >joined
    for ((i = 1; i <= n; i++)); do
        face-pack -q --part "$i/$n" "$@" >part
        [ "$(meta part identities)" = "$(meta whole identities)" ]
        cat part >>joined
    done
    images=image
    [[ " $* " == *" jpeg "* ]] && images=jpeg
    same_columns whole joined $images label key
    cmp <(stream-ls --table --fields key,label whole) <(stream-ls --table --fields key,label joined)
}

@test "of a folder: any number of parts, rows of a frame and threads" {
    parts 2 set
    parts 5 --rows 3 -j 2 set
    parts 24 set
    parts 3 --center-crop --size 16 set
    parts 3 --store jpeg --center-crop --size 16 set
    parts 3 --class-level 1 --exclude '*1*' set
    # each has some of it
    face-pack -q --part 2/5 set >part
    [ "$(stream-ls --table part | wc -l)" = 6 ]
}

@test "of archives, arrays and records" {
    tar cf set.tar set
    parts 3 set.tar
    mv set other
    tar cf other.tar other
    parts 4 set.tar other.tar --exclude '*2.jpg'
    for form in wds npz rec; do
        stream-cat -q --to $form -o made.$form faces
        made=made.$form
        [ $form != rec ] || made=made.rec/train.rec
        parts 3 --from $form $made
    done
}

@test "of a list; what is broken is left out of its part, and fails no other" {
    find set -type f | sort | awk '{ print $0 "\t" NR % 4 }' >list
    sed -i 5,9d list
    parts 3 --list list set
    victim=$(find set -type f | sort | sed -n 7p)
    echo none >"$victim"
    fails face-pack set
    parts 3 --skip-bad set
    face-pack -q --part 3/3 set >part
    fails face-pack --part 1/3 set
    [[ $output == *"$victim"* ]]
}

@test "the first picture decides the size in every part; names count in all of them" {
    mkdir -p mixed/a
    face-synth -q --identities 1 --images 1 --size 32 -o large
    stream-cat -q --to folder -o other large
    cp "$(find other -type f | head -n 1)" mixed/a/1.png
    cp "$(find set -type f | head -n 1)" mixed/a/2.png
    fails face-pack mixed
    said=${output#*: }
    fails face-pack --part 2/2 mixed
    [ "${output#*: }" = "$said" ]
    fails face-pack --part 2/2 set set
    [[ $output == *"a picture of the same name came before"* ]]
}

@test "what is refused" {
    for wrong in 0/3 4/3 1 1/ /2 1/0 a/b 1/3x -1/3; do
        misused face-pack --part $wrong set
    done
    misused face-pack --part 1/2 - <faces
    misused face-pack --part 1/2 --check set
    fails face-pack --part 1/30 set
    [[ $output == *"part 1 of 30 has none of the 24 photographs"* ]]
}
