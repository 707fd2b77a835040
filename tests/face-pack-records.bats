# face-pack: InsightFace's train.rec and verification sets
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
}

labels() {
    column "$1" label | perl -0777 -ne 'print join(" ", unpack "q<*"), "\n"'
}
keys() {
    perl -e 'my ($k, $e) = map { local $/; open my $f, "<", $_ or die; <$f> } @ARGV; my $at = 0;
        print join(" ", map { my $s = substr $k, $at, $_ - $at; $at = $_; $s } unpack "q<*", $e), "\n"' \
        <(column "$1" key) <(column "$1" key_end)
}
# record FLAG LABEL ID ID2 DATA: one record of RecordIO; \xNN in its data is a byte
record() {
    perl -e 'binmode STDOUT; my ($flag, $label, $id, $id2, $data) = @ARGV;
        $data =~ s/\\x(..)/chr hex $1/ge;
        my $r = pack("L<f<Q<Q<", $flag, $label, $id, $id2) . $data;
        print pack("L<2", 0xced7230a, length $r), $r, "\0" x (-length($r) & 3)' "$@"
}
# made: 4 people with 3 pictures each, as faces.jpeg (JPEG) and set/ (records)
made() {
    face-synth --identities 4 --images 3 --format tar --size 24 -q -o photos.tar
    face-pack -q --store jpeg -o faces photos.tar
    stream-cat --to rec -o set faces
}

@test "records: there and back, with and without the index" {
    made
    run -0 face-pack --store jpeg -o back set/train.rec
    [ "$output" = "face-pack: set/train.rec: read as RecordIO with its index, identities grouped
face-pack: 12 faces of 4 identities, 0 skipped" ]
    same_columns faces back jpeg jpeg_end label
    [ "$(keys back)" = "1 2 3 4 5 6 7 8 9 10 11 12" ]
    stream-cat --to rec -o again back
    diff -r set again
    mv set/train.idx index
    run -0 face-pack --store jpeg -o plain set/train.rec
    [[ $output == *"read as RecordIO without an index"* ]]
    same_columns back plain jpeg jpeg_end label key key_end
    run -0 face-pack --reindex set/train.rec
    [ "$output" = "face-pack: set/train.idx: 17 records" ]
    cmp set/train.idx index
    run -0 stream-ls -l back
    [[ $output == *"identities: 4"* ]]
}

@test "records: keys without 0, of the index, those that it does not name" {
    { record 0 1 7 0 aaaa && record 2 5 8 0 '\x00\x00\x40\x40\x00\x00\x10\x41bb' &&
        record 0 -1 9 0 cc; } >a.rec
    perl -e 'print map { "$_\n" } "11\t0", "10\t" . shift' 36 >a.idx
    fails face-pack a.rec -o out
    [[ $output == "face-pack: a.rec: read as RecordIO with its index, no key 0"* ]]
    [[ $output == *"face-pack: a.rec: 11: byte 0: not an image"* ]]
    sed -i 's/36/40/' a.idx
    fails face-pack --skip-bad a.rec -o out
    [[ $output == *"a.rec: no record begins at byte 40, where a.idx has key 10"* ]]
    echo 'x' >a.idx
    fails face-pack a.rec -o out
    [[ $output == *"a.idx: line 1: not a key and an offset"* ]]
    [ ! -e out ]
}

@test "records: labels that are none, property" {
    made
    echo 3,24,24 >set/property
    fails face-pack set/train.rec -o out
    [[ $output == *"the label is 3, but property says 3 classes"* ]]
    run -0 face-pack --skip-bad set/train.rec -o out
    [[ $output == *"9 faces of 3 identities, 3 skipped"* ]]
    echo x >set/property
    fails face-pack set/train.rec -o out2
    record 0 1.5 1 0 aaaa >a.rec
    fails face-pack a.rec -o out2
    [[ $output == *"a.rec: 1: byte 0: the label 1.5 is not an integer from -1"* ]]
    [ ! -e out2 ]
}

@test "records: damage is named with its place; what follows it is still found" {
    made
    offset=$(sed -n 5p set/train.idx | cut -f2)
    printf 'x' | dd of=set/train.rec bs=1 seek="$offset" conv=notrunc status=none
    fails face-pack set/train.rec -o out
    [[ $output == *"set/train.rec: damage: byte $offset: no record begins here"* ]]
    [ ! -e out ]
    run -0 face-pack --skip-bad set/train.rec -o out
    [[ $output == *"11 faces of 4 identities, 1 skipped"* ]]
    fails face-pack --reindex set/train.rec
    [[ $output == *"byte $offset: no record begins here"* ]]
    truncate -s 1000 set/train.rec
    rm set/train.idx
    fails face-pack set/train.rec -o out2
    [[ $output == *"cut: "* ]]
    { record 0 1 7 0 aaaa && record 0 1 7 0 aaaa; } >twice.rec
    fails face-pack --reindex twice.rec
    [[ $output == *"twice.rec: the records at bytes 0 and 36 both have the number 7"* ]]
}

@test "a verification set: there and back with its pairs" {
    face-synth --identities 2 --images 4 --format tar --size 24 -q -o photos.tar
    mkdir one P
    tar -xf photos.tar -C one
    i=1
    find one -type f | sort | while read -r file; do
        mv "$file" "P/P_000$i.${file##*.}"
        i=$((i + 1))
    done
    printf '2\t1\nP\t1\t2\nP\t3\tP\t5\nP\t6\t7\nP\t8\tP\t4\n' >pairs
    face-pack -q --store jpeg -o faces P
    stream-cat --to bin --pairs pairs -o lfw.bin faces
    run -0 face-pack --store jpeg --pairs-out list -o back lfw.bin
    [ "$output" = "face-pack: lfw.bin: read as a verification set
face-pack: list: 4 pairs in 2 folds, in LFW's format
face-pack: 8 faces of 0 identities, 0 skipped" ]
    [ "$(cat list)" = $'2\t1\nlfw\t1\t2\nlfw\t3\tlfw\t4\nlfw\t5\t6\nlfw\t7\tlfw\t8' ]
    [ "$(labels back)" = "-1 -1 -1 -1 -1 -1 -1 -1" ]
    stream-cat --to bin --pairs list -o again.bin back
    cmp lfw.bin again.bin
    printf '\x80\x03cos\nsystem\n.' >evil.bin
    fails face-pack --from bin evil.bin -o out
    [[ $output == *"evil.bin: not a verification set: byte 2: it names something that verification sets do not have" ]]
    misused face-pack --pairs-out x lfw.bin lfw.bin
    fails face-pack --pairs-out x --skip-bad -o out P
    [ ! -e out ] && [ ! -e x ]
}

@test "--check tells what there is, and writes nothing" {
    made
    run -0 --separate-stderr face-pack --check set/train.rec
    # shellcheck disable=SC2154
    [ "$stderr" = "face-pack: set/train.rec: read as RecordIO with its index, identities grouped" ]
    [ "$output" = $'images\t12\nmeta records\t5\nidentities\t4\nimages of nobody known\t0
identities with 2..3 images\t4\nsize 24x24\t12\ncolour\t12\ngrey\t0\nduplicates\t0\nbroken\t0' ]
    offset=$(sed -n 5p set/train.idx | cut -f2)
    printf 'x' | dd of=set/train.rec bs=1 seek="$offset" conv=notrunc status=none
    run -1 face-pack -q --check set/train.rec
    [[ $output == *$'broken\tset/train.rec\tdamage\tbyte '"$offset: no record begins here"$'\n'* ]]
    [[ $output == *$'images\t11\n'*"1 of 12 images are broken" ]]
    mkdir twins
    perl -e 'binmode STDOUT; print "P6 2 2 255\n", "abc" x 4' | tee twins/1.ppm >twins/2.ppm
    perl -e 'binmode STDOUT; print "P5 3 2 255\n", "a" x 6' >twins/3.pgm
    echo junk >twins/4.ppm
    run -1 --separate-stderr face-pack -j 3 --check -o told twins
    [ "$(cat told)" = $'broken\ttwins\ttwins/4.ppm\tnot an image of a known kind
images\t3\nmeta records\t0\nidentities\t1\nimages of nobody known\t0
identities with 2..3 images\t1\nsize 2x2\t2\nsize 2x3\t1\ncolour\t2\ngrey\t1
duplicate\ttwins/1.ppm\ttwins/2.ppm\nduplicates\t1\nbroken\t1' ]
    misused face-pack --check --reindex set/train.rec
}

@test "the real ones, to the last byte" {
    need_data fixtures/train.rec fixtures/small_lfw.bin
    run -0 face-pack --store jpeg -o rec "$FACE_DATA/fixtures/train.rec"
    [[ $output == *"read as RecordIO with its index, flat"*"8 faces of 2 identities, 0 skipped" ]]
    [ "$(keys rec)" = "0 4 7 5 1 6 3 2" ]
    [ "$(labels rec)" = "0 1 1 1 0 1 0 0" ]
    face-pack -q --reindex -o index "$FACE_DATA/fixtures/train.rec"
    cmp index "$FACE_DATA/fixtures/train.idx"
    run -0 face-pack --pairs-out pairs -o bin "$FACE_DATA/fixtures/small_lfw.bin"
    [[ $output == *"20 faces of 0 identities, 0 skipped" ]]
    [ "$(wc -l <pairs)" -eq 10 ]
    [ "$(sed -n 1p pairs)" = "small_lfw_0001.jpg small_lfw_0002.jpg 1" ]
    tail -c 752640 "$FACE_DATA/fixtures/small_lfw_20_rgb_u8.npy" >pixels
    cmp <(column bin image) pixels
}
