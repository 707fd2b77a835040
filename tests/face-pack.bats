# face-pack: archives, folders, lists, landmarks, what is broken
load lib

# picture FILE RED [SIDE]: a PPM of one red on the left, one green on the right half
picture() {
    mkdir -p "$(dirname "$1")"
    perl -e 'my ($red, $n) = @ARGV; binmode STDOUT; print "P6 $n $n 255\n",
        (pack("C3", $red, 0, 0) x ($n / 2) . pack("C3", 0, $red, 0) x ($n - int($n / 2))) x $n' \
        "$2" "${3-8}" >"$1"
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    picture set/Bob/1.ppm 10
    picture set/Ann/1.ppm 20
    picture set/Ann/2.ppm 30
    picture set/Cy/1.ppm 40
}

# column FILE NAME: the column's bytes of all frames, by a reader of our own
column() {
    perl -MJSON::PP -0777 -ne '
        BEGIN { binmode STDIN; binmode STDOUT; $name = pop @ARGV; }
        for (my $at = 0; $at < length;) {
            my $n = unpack "Q<", substr $_, $at, 8;
            my $header = decode_json substr $_, $at + 8, $n;
            my $base = $at += 8 + $n;
            for my $tensor (grep { $_ ne "__metadata__" } keys %$header) {
                my ($begin, $end) = @{$header->{$tensor}{data_offsets}};
                print substr $_, $base + $begin, $end - $begin if $tensor eq $name;
                $at = $base + $end if $base + $end > $at;
            }
        }' "$1" "$2"
}
labels() {
    column "$1" label | perl -0777 -ne 'print join(" ", unpack "q<*"), "\n"'
}
bytes() {
    column "$1" "$2" | od -An -v -tu1 -w"$3"
}

@test "a folder: pixels, labels by the rank of the class, keys, in the order of names" {
    run face-pack set -o out
    [ "$status" -eq 0 ]
    [ "$output" = "face-pack: 4 faces of 3 identities, 0 skipped" ]
    [ "$(labels out)" = "0 0 1 2" ]
    [ "$(column out key)" = set/Ann/1.ppmset/Ann/2.ppmset/Bob/1.ppmset/Cy/1.ppm ]
    [ "$(column out image | wc -c)" -eq $((4 * 8 * 8 * 3)) ]
    [ "$(bytes out image 24 | sed -n 1p)" = \
        "$(printf '  20   0   0%.0s' 1 2 3 4)$(printf '   0  20   0%.0s' 1 2 3 4)" ]
    run stream-ls out
    [[ $output == *"faces"*"image U8[4,8,8,3]"* ]]
}

@test "tar, tar.gz, zip and folder give the same stream; standard input the same faces" {
    face-pack -q set -o folder --write-classes classes
    [ "$(cat classes)" = $'Ann\nBob\nCy' ]
    tar -cf t.tar --sort=name set
    tar -czf t.tgz --sort=name set
    python3 -c 'import os, zipfile
z = zipfile.ZipFile("t.zip", "w", zipfile.ZIP_DEFLATED)
for d, dirs, files in sorted(os.walk("set")):
    for f in sorted(files):
        z.write(os.path.join(d, f))'
    for archive in t.tar t.tgz t.zip ./t.tar; do
        face-pack -q "$archive" | cmp - folder
    done
    # read as it comes, it cannot say how many identities there will be; the faces are the same
    face-pack -q -o streamed - <t.tgz
    cmp <(tail -c 900 streamed) <(tail -c 900 folder)
    stream-ls --json folder | grep -q '"identities": *"3"'
    [ "$(stream-ls --json streamed | grep -c identities)" = 0 ]
    face-pack -q --classes classes -o given - <t.tar
    [ "$(labels given)" = "0 0 1 2" ]
}

@test "standard input numbers classes as they come" {
    tar -cf t.tar set/Cy set/Ann
    face-pack -q -o out --write-classes classes - <t.tar
    [ "$(labels out)" = "0 1 1" ]
    [ "$(cat classes)" = $'Cy\nAnn' ]
}

names() { # PACK: label and name of each row
    stream-ls --table --fields label,name "$1" | sed 1d | tr '\t\n' '  '
}

@test "names: those of the classes, unless they are numbers; of a list's labels those in the file of classes" {
    face-pack -q -o pack set
    [ "$(names pack)" = "0 Ann 0 Ann 1 Bob 2 Cy " ]
    tar -cf - set/Bob set/Ann set/Cy | face-pack -q -o pipe -
    [ "$(names pipe)" = "0 Bob 1 Ann 1 Ann 2 Cy " ]
    printf 'Zoe\n7\nYan\n' >classes
    printf 'Ann/1.ppm 2\nBob/1.ppm 0\nCy/1.ppm 1\nAnn/2.ppm -1\n' | sed 's|^|set/|' >list
    face-pack -q --list list --classes classes -o listed set
    [ "$(names listed)" = "2 Yan -1  0 Zoe 1  " ]
    mv set/Ann set/17 && mv set/Bob set/18 && mv set/Cy set/19
    face-pack -q -o numbers set
    [ -z "$(column numbers name_end)" ]
    [ "$(names numbers)" = "0  0  1  2  " ]
}

@test "several operands, single images among them" {
    face-pack -q set/Cy set/Ann/2.ppm set/Bob -o out
    [ "$(column out key)" = Cy/1.ppmset/Ann/2.ppmBob/1.ppm ]
    [ "$(labels out)" = "2 0 1" ]
}

@test "the output does not depend on the threads, nor do the messages" {
    for i in {1..40}; do
        picture "many/$((i % 7))/$i.ppm" $((i * 5)) $((8 + i % 5))
    done
    echo junk >many/3/junk.ppm
    for j in 1 2 3 7; do
        face-pack -j $j --rows 6 --center-crop --size 9x7 --skip-bad -o out$j many 2>err$j
        cmp out1 out$j
        cmp err1 err$j
    done
    [[ $(cat err1) == *"skipped many: many/3/junk.ppm: not an image"*"40 faces"*"1 skipped" ]]
    [ "$(column out1 image | wc -c)" -eq $((40 * 9 * 7 * 3)) ]
}

@test "a list chooses images and labels them" {
    printf '%s\n' 'Ann/2.ppm 7' $'set/Cy/1.ppm\t3' >list
    run face-pack --list list set -o out
    [ "$output" = "face-pack: 2 faces of 2 identities, 0 skipped, 2 not listed" ]
    [ "$(labels out)" = "7 3" ]
}

@test "lists of other programs: columns are told apart by what they hold" {
    expected="face-pack: 2 faces of 2 identities, 0 skipped, 2 not listed"
    printf '%s\n' 'Ann/2.ppm 0 7 0' 'set/Cy/1.ppm 0 3 0' '' >magface
    printf '12\t7.000000\tAnn/2.ppm\n5\t3\tset/Cy/1.ppm\r\n' >im2rec
    printf '3\t7\t0.5\tAnn/2.ppm\n5\t3\t1\tset/Cy/1.ppm' >im2rec-more
    printf '1\tAnn/2.ppm\t7\n0\tset/Cy/1.ppm\t3\t1\t2\t3\t4\n' >face2rec2
    for list in magface im2rec im2rec-more face2rec2; do
        run -0 face-pack --list "$list" set -o out
        [ "${lines[0]}" = "face-pack: $list: read as ${list%-more}'s list" ] ||
            [ "${lines[0]}" = "face-pack: $list: read as MagFace's list" ]
        [ "${lines[1]}" = "$expected" ]
        [ "$(labels out)" = "7 3" ]
    done
    printf 'Ann/2.ppm\t7\nset/Cy/1.ppm\t3\n' >paddle
    run -0 face-pack --list paddle set -o out
    [ "$output" = "$expected" ]
    printf 'Ann/2.ppm 0 7 0\nAnn/2.ppm 0 3 0\n' >magface
    fails face-pack --list magface set -o no
    [[ $output == *"magface: line 2: Ann/2.ppm is already in line 1" ]]
    printf '1\t1.5\tAnn/2.ppm\n' >im2rec
    fails face-pack --list im2rec set -o no
    [[ $output == *"im2rec: line 1: the label 1.5 is not an integer"* ]]
    [ ! -e no ]
}

@test "MegaFace's lists in JSON: people are numbered as they come, distractors are nobody" {
    echo '{"path": ["set/Cy/1.ppm", "Ann/2.ppm", "Ann/1.ppm"], "id": ["Cy", "Ann", "Ann"]}' >list.json
    run -0 face-pack --list list.json set -o out
    [ "${lines[0]}" = "face-pack: list.json: read as MegaFace's list" ]
    [ "$(labels out)" = "1 1 0" ]
    printf '\n {"path": ["Cy/1.ppm", "Ann/2.ppm"]}' >list.json
    face-pack -q --list list.json set -o out
    [ "$(labels out)" = "-1 -1" ]
    while IFS=: read -r list message; do
        tr '=' ':' <<<"$list" >list.json
        fails face-pack --list list.json set -o no
        [[ $output == *"list.json: $message"* ]] || { echo "$list: $output" && false; }
    done <<'END'
{"path"= 3}:no array 'path'
{"id"= []}:no array 'path'
{"path"= []}:empty
{"path"= ["a", ""]}:path 2 is no text
{"path"= ["a", "b"], "id"= ["c"]}:'id' is no array with an identity for each of 2 paths
{"path"= ["a", "b"], "id"= ["c", null]}:identity 2 is neither a name nor a number
{"path"= ["a", "b", "a"]}:line 3: a is already in line 1
{"path"= ["a":not a list in JSON
{"path"= ["a"]} {}:not a list in JSON
{"path"= ["a"], "path"= ["b"]}:not a list in JSON
END
    [ ! -e no ]
}

@test "a wrong list: named with its line" {
    printf 'Ann/2.ppm 1\nAnn/3.ppm 1\n' >list
    fails face-pack --list list set -o out
    [ "$output" = "face-pack: list: line 2: no image Ann/3.ppm" ]
    [ ! -e out ]
    face-pack -q --list list --skip-bad set -o out
    [ "$(labels out)" = 1 ]
    printf 'Ann/2.ppm 1\nAnn/1.ppm\n' >list
    fails face-pack --list list set -o out2
    [[ $output == *"list: line 2: not a path and 1 number" ]]
    printf 'Ann/2.ppm one\n' >list
    fails face-pack --list list set -o out2
    [[ $output == *"list: line 1: 'one' is not a number" ]]
    printf 'Ann/1.ppm 0\nAnn/2.ppm 3\n' >list
    printf 'a\nb\nc\n' >classes
    fails face-pack --list list --classes classes set -o out2
    [[ $output == *"list: line 2: the label 3 is not an integer in -1 .. 2" ]]
    fails face-pack --list nowhere set -o out2
    [ ! -e out2 ]
}

@test "classes from a file; a class it does not name" {
    printf 'Cy\nZed\nAnn\nBob\n' >classes
    face-pack -q --classes classes set -o out
    [ "$(labels out)" = "2 2 3 0" ]
    printf 'Cy\nAnn\n' >classes
    fails face-pack --classes classes set -o out2
    [ "$output" = "face-pack: set: set/Bob/1.ppm: the class Bob is not in classes" ]
    [ ! -e out2 ]
    face-pack -q --classes classes --skip-bad set -o out2
    [ "$(labels out2)" = "1 1 0" ]
}

@test "the class may be a folder further up" {
    picture deep/Eve/side/1.ppm 1
    picture deep/Dan/front/1.ppm 1
    picture deep/Eve/front/1.ppm 1
    face-pack -q --class-level 2 deep -o out --write-classes classes
    [ "$(labels out)" = "0 1 1" ]
    [ "$(cat classes)" = $'Dan\nEve' ]
}

@test "images without a folder have no label" {
    (cd set/Ann && tar -cf ../../flat.tar ./*.ppm)
    run face-pack flat.tar -o out
    [ "$output" = "face-pack: 2 faces of 0 identities, 0 skipped" ]
    [ "$(labels out)" = "-1 -1" ]
}

@test "landmarks: the identity where they lie on the template, with a scale, from any path" {
    picture one/1.ppm 200 112
    echo 'one/1.ppm 38.2946 51.6963 73.5318 51.5014 56.0252 71.7366 41.5493 92.3655 70.7299 92.2041' \
        >points
    face-pack -q --landmarks points one -o out
    face-pack -q one -o same
    cmp <(column out image) <(column same image)
    perl -ane 'print join(" ", $F[0], map { 4 * $_ } @F[1 .. 10]), "\n"' points >points4
    face-pack -q --landmarks points4 --landmark-scale 0.25 one -o out
    cmp <(column out image) <(column same image)
    # Moved 56 to the left, the picture's middle is the face's edge: left of it all is green.
    perl -ane 'print join(" ", $F[0], map { $F[$_] + ($_ % 2 ? 56 : 0) } 1 .. 10), "\n"' points >moved
    face-pack -q --landmarks moved one -o out
    [ "$(bytes out image 336 | sed -n 50p | cut -c1-24)" = "   0 200   0   0 200   0" ]
    [ "$(bytes out image 336 | sed -n 50p | tail -c 25)" = "   0   0   0   0   0   0" ]
    face-pack -q --landmarks points --size 112x96 one -o out
    run stream-ls out
    [[ $output == *"image U8[1,112,96,3]"* ]]
}

@test "missing and broken landmarks" {
    echo 'Ann/1.ppm 38 51 73 51 56 71 41 92 70 92' >points
    fails face-pack --landmarks points set -o out
    [ "$output" = "face-pack: set: set/Ann/2.ppm: no landmarks in points" ]
    [ ! -e out ]
    run face-pack --landmarks points --skip-bad set -o out
    [ "$status" -eq 0 ]
    [[ $output == *"skipped set: set/Bob/1.ppm: no landmarks in points"*"1 face of 1 identity, 3 skipped" ]]
    echo 'Ann/1.ppm 38 51 73 51 56 71 41 92 70' >points
    fails face-pack --landmarks points set -o out2
    [[ $output == *"points: line 1: not a path and 10 numbers" ]]
    echo 'Ann/1.ppm 5 5 5 5 5 5 5 5 5 5' >points
    fails face-pack --landmarks points set/Ann/1.ppm -o out2
    [[ $output == *"set/Ann/1.ppm: all five landmarks coincide" ]]
    [ ! -e out2 ]
}

@test "cropping: the middle, resized" {
    face-pack -q --center-crop --crop-side 4 --size 4 set/Ann/1.ppm -o out
    [ "$(bytes out image 12 | head -1)" = "  20   0   0  20   0   0   0  20   0   0  20   0" ]
    face-pack -q --center-crop --size 4x2 set -o out
    run stream-ls out
    [[ $output == *"image U8[4,4,2,3]"* ]]
    face-pack -q --center-crop --size 2 --antialias set/Ann/1.ppm -o out
    [ "$(bytes out image 6 | head -1)" = "  20   0   0   0  20   0" ]
}

@test "pictures of different sizes need a crop" {
    picture set/Dee/1.ppm 1 10
    fails face-pack set -o out
    [ "$output" = "face-pack: set: set/Dee/1.ppm: 10 x 10 pixels (w x h), not 8 x 8" ]
    [ ! -e out ]
}

@test "--store jpeg: made anew from pixels, kept as it is when it is a JPEG already" {
    face-pack -q --store jpeg --quality 90 set/Ann -o first
    mkdir jpegs
    column first jpeg | perl -0777 -ne '
        my $i = 0;
        for (split /(?<=\xff\xd9)(?=\xff\xd8)/) {
            open my $f, ">", "jpegs/" . $i++ . ".jpg" or die;
            print $f $_;
        }'
    [ "$(ls jpegs)" = $'0.jpg\n1.jpg' ]
    face-pack -q --store jpeg jpegs -o second
    cmp <(column first jpeg) <(column second jpeg)
    face-pack -q --store jpeg --unchecked jpegs -o third
    cmp <(column first jpeg) <(column third jpeg)
    face-pack -q jpegs -o pixels
    run -0 stream-ls pixels
    [[ $output == *"image U8[2,8,8,3]"* ]]
    # A cut one is seen, but for --unchecked.
    size=$(wc -c <jpegs/1.jpg)
    truncate -s $((size - 20)) jpegs/1.jpg
    fails face-pack --store jpeg jpegs -o fourth
    [[ $output == "face-pack: jpegs: jpegs/1.jpg: broken JPEG: "* ]]
    fails face-pack jpegs -o fourth
    [ ! -e fourth ]
    run -0 face-pack --store jpeg --unchecked jpegs -o fourth
}

@test "what is no image: an error, passed over, or skipped" {
    echo hello >set/Ann/notes.txt
    : >set/Ann/empty.jpg
    fails face-pack set -o out
    [ "$output" = "face-pack: set: set/Ann/empty.jpg: empty" ]
    [ ! -e out ]
    run -0 face-pack --exclude '*.txt' --exclude set/Ann/empty.jpg set -o out
    [ "$output" = "face-pack: 4 faces of 3 identities, 0 skipped" ]
    run -0 face-pack --skip-bad set -o out
    [[ $output == *"skipped set: set/Ann/empty.jpg: empty"* ]]
    [[ $output == *"skipped set: set/Ann/notes.txt: not an image of a known kind"* ]]
    [[ $output == *"4 faces of 3 identities, 2 skipped" ]]
    rm set/Ann/{notes.txt,empty.jpg}
    echo junk >set/Ann/.DS_Store
    mkdir set/__MACOSX
    echo junk >set/.hidden
    run -0 face-pack set -o out
    mkfifo set/Ann/fifo.ppm
    fails face-pack set -o out2
    [[ $output == *"set/Ann/fifo.ppm: not a regular file" ]]
}

@test "cut and foreign archives" {
    tar -czf t.tgz set
    head -c 200 t.tgz >cut.tgz
    fails face-pack cut.tgz -o out
    [[ $output == "face-pack: cut.tgz: "* ]]
    fails face-pack --skip-bad - -o out <cut.tgz
    [[ $output == "face-pack: standard input: "* ]]
    echo hello >text
    fails face-pack text -o out
    fails face-pack nowhere -o out
    mkdir empty
    fails face-pack empty -o out
    [ "$output" = "face-pack: no face at all" ]
    [ ! -e out ]
}

@test "misuse: status 2" {
    misused face-pack
    misused face-pack --center-crop --landmarks x set
    misused face-pack --size 100 set
    misused face-pack --center-crop --size 0 set
    misused face-pack --center-crop --size 10x set
    misused face-pack --center-crop --size 10xx3 set
    misused face-pack --antialias set
    misused face-pack --landmark-scale 2 set
    misused face-pack --crop-side 3 set
    misused face-pack --quality 3 set
    misused face-pack --store jpeg --unchecked --center-crop set
    misused face-pack --list x --class-level 2 set
    misused face-pack --rows 0 set
    misused face-pack --nonsense set
}

@test "output that cannot be written: status 1" {
    fails face-pack set -o /nowhere/out
    fails face-pack set -o /dev/full
    fails face-pack set -o out --write-classes /nowhere/classes
    [ ! -e out ]
}

@test "a frame of large faces has fewer rows" {
    for i in {1..22}; do
        picture "large/$i.ppm" "$i" 64
    done
    run -0 bash -c 'face-pack -q --center-crop --size 4096 --rows 65536 large | stream-ls'
    [[ $output == *"image U8[21,4096,4096,3]"*"image U8[1,4096,4096,3]"* ]]
}

@test "LFW: every photograph, aligned" {
    need_data lfw/lfw.tgz lfw/landmarks250.txt
    run -0 face-pack --landmarks "$FACE_DATA/lfw/landmarks250.txt" --landmark-scale 0.6 \
        -o out "$FACE_DATA/lfw/lfw.tgz"
    # before it there may be lines of progress
    [ "${lines[-1]}" = "face-pack: 13232 faces of 5748 identities, 0 skipped" ]
}
