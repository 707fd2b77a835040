# face-pack: whole sets as they come: joined, linked, given twice, in parts, with the points of others
load lib

# pgm FILE GREY: a picture of 8 x 8
pgm() {
    mkdir -p "$(dirname "$1")"
    perl -e 'binmode STDOUT; print "P5 8 8 255\n", chr($ARGV[0]) x 64' "$2" >"$1"
}
labels() {
    column "$1" label | perl -0777 -ne 'print join(" ", unpack "q<*"), "\n"'
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    pgm a/ann/1.pgm 1
    pgm b/bob/1.pgm 2
}

# record ID LABEL GREY: one of a train.rec
record() {
    perl -e 'binmode STDOUT; my ($id, $label, $grey) = @ARGV;
        my $body = pack("V f< Q< Q<", 0, $label, $id, 0) . "P5 8 8 255\n" . chr($grey) x 64;
        print pack("V V", 0xced7230a, length $body), $body, "\0" x (-length($body) % 4)' "$@"
}

@test "tars that were joined are read to the end, or the end is told" {
    tar -cf a.tar a
    tar -cf b.tar b
    cat a.tar b.tar >ab.tar
    gzip -k a.tar b.tar
    cat a.tar.gz b.tar.gz >ab.tgz
    { cat a.tar; head -c 5120 /dev/zero; cat b.tar; } >zeros.tar
    for tar in ab.tar ab.tgz zeros.tar; do
        run -0 face-pack -o out "$tar"
        [ "$(column out key)" = a/ann/1.pgmb/bob/1.pgm ]
        run -0 face-pack -o out - <"$tar"
        [ "$(column out key)" = a/ann/1.pgmb/bob/1.pgm ]
    done
    { cat a.tar.gz; head -c 700 /dev/zero; } >padded.tgz
    face-pack -q -o out padded.tgz
    face-pack -q -o out - <padded.tgz
    { cat a.tar.gz; echo junk; } >junk.tgz
    { cat a.tar; echo junk; } >junk.tar
    { cat a.tar; head -c 1024 /dev/urandom; } >random.tar
    cat a.tar b.tar.gz >mixed.tar
    for tar in junk.tgz junk.tar random.tar mixed.tar; do
        fails face-pack -o out2 "$tar"
        fails face-pack -o out2 - <"$tar"
    done
    fails face-pack -o out2 junk.tgz
    [[ $output == *"junk.tgz: byte $(wc -c <a.tar.gz): the archive ends here, but more follows that is not part of it" ]]
    [ ! -e out2 ]
}

@test "ZIPs that were joined are no ZIP" {
    python3 -c 'import sys, zipfile
for name in "ab":
    with zipfile.ZipFile(name + ".zip", "w") as z:
        z.write("%s/%s/1.pgm" % (name, {"a": "ann", "b": "bob"}[name]))'
    face-pack -q -o out a.zip
    face-pack -q -o out - <a.zip
    cat a.zip b.zip >ab.zip
    fails face-pack -o out2 ab.zip
    [[ $output == *"ab.zip: $(wc -c <a.zip) bytes, perhaps of another ZIP, precede the archive and would not be read" ]]
    fails face-pack -o out2 - <ab.zip
    [[ $output == *"standard input: byte "*": the archive ends here, but more follows that is not part of it" ]]
}

@test "links are followed; those that lead nowhere or back are told" {
    mkdir linked
    ln -s ../a/ann linked/ann
    mkdir linked/bob
    ln -s ../../b/bob/1.pgm linked/bob/1.pgm
    run -0 face-pack -o out linked
    [ "$(column out key)" = linked/ann/1.pgmlinked/bob/1.pgm ]
    [ "$(labels out)" = "0 1" ]
    ln -s ../nowhere.pgm linked/bob/2.pgm
    fails face-pack -o out2 linked
    [[ $output == *"linked/bob/2.pgm: a symbolic link to ../nowhere.pgm, which cannot be found" ]]
    ln -sf 2.pgm linked/bob/2.pgm
    fails face-pack -o out2 linked
    [[ $output == *"linked/bob/2.pgm: a symbolic link to 2.pgm, which cannot be found" ]]
    rm linked/bob/2.pgm
    ln -s .. linked/bob/up
    fails face-pack -o out2 linked
    [[ $output == *"linked/bob/up: a link that leads back to a folder that contains it" ]]
    run -0 face-pack --skip-bad -o out linked
    [[ $output == *"2 faces of 2 identities, 1 skipped" ]]
    rm linked/bob/up
    tar -cf linked.tar linked
    fails face-pack -o out2 linked.tar
    [[ $output == *"tar -h packs its target"* ]]
    tar -chf linked.tar linked
    face-pack -q -o out linked.tar
}

@test "a file that cannot be opened: the reason" {
    [ "$(id -u)" -ne 0 ] || skip "root opens everything"
    chmod 0 a/ann/1.pgm
    fails face-pack -o out a
    [[ $output == *"a/ann/1.pgm: cannot be opened: Permission denied" ]]
}

@test "a name comes once" {
    tar -cf a.tar a
    pgm a/ann/1.pgm 7
    tar -rf a.tar a
    fails face-pack -o out a.tar
    [[ $output == *"a.tar: a/ann/1.pgm: a picture of the same name came before" ]]
    run -0 face-pack --skip-bad -o out a.tar
    [[ $output == *"1 face of 1 identity, 1 skipped" ]]
    fails face-pack -o out2 a a
    [[ $output == *"a: a/ann/1.pgm: a picture of the same name came before" ]]
    run -1 face-pack --check a a
    [[ $output == *$'broken\ta\ta/ann/1.pgm\ta picture of the same name came before'* ]]
    mkdir other
    cp -r a other
    fails face-pack -o out2 a other/a
    [[ $output == *"other/a: a/ann/1.pgm: a already has a picture of the same name; names and labels of both would be mixed up" ]]
    { record 0 0 1; record 0 1 2; } >zero.rec
    fails face-pack -o out2 zero.rec
    [[ $output == *"0: "*"a picture of the same name came before (--reindex makes an index)" ]]
    run -0 face-pack --reindex zero.rec
    face-pack -q -o out zero.rec
    [ "$(column out key)" = 01 ]
}

@test "one label of two sets is told" {
    pgm A/0001/x.pgm 1
    pgm B/0001/y.pgm 2
    run -0 face-pack -o out A B
    [[ $output == *"1 label occurs in more than one operand and now means one person (the first: 0, of A and B)"* ]]
    run -0 face-pack -q -o out A B
    [ -z "$output" ]
    echo 0001 >classes
    run -0 face-pack --classes classes -o out A B
    [[ $output != *"more than one operand"* ]]
    { record 1 0 1; record 2 1 2; } >a.rec
    { record 3 0 3; record 4 7 4; } >b.rec
    run -0 face-pack -q -o out a.rec b.rec
    [ "$output" = "face-pack: 1 label occurs in more than one operand and now means one person (the first: 0, of a.rec and b.rec)" ]
    { record 1 0 3; record 4 7 4; } >b.rec
    fails face-pack -o out2 a.rec b.rec
    [[ $output == *"a.rec already has a picture of the same name; names and labels of both would be mixed up" ]]
}

@test "records that the index does not name are counted" {
    { record 0 0 1; record 1 0 2; record 2 1 3; } >t.rec
    face-pack -q --reindex t.rec
    sed -i 2,3d t.idx
    run -0 face-pack -q -o out t.rec
    [ "$output" = "face-pack: 2 records are not in the index beside them and were ignored (--reindex makes a new index)" ]
    run -0 face-pack -q --check t.rec
    [[ $output == *$'records not in the index\t2'* ]]
}

@test "img2dataset's shards are samples" {
    pgm s/000000000.pgm 1
    echo '{"key": "000000000"}' >s/000000000.json
    echo 'a face' >s/000000000.txt
    tar -cf s.tar -C s 000000000.pgm 000000000.json 000000000.txt
    run -0 face-pack -o out s.tar
    [[ $output == *"s.tar: read as WebDataset"* ]]
    [ "$(column out key)" = 000000000.pgm ]
    tar -cf t.tar -C s 000000000.txt 000000000.pgm
    fails face-pack -o out2 t.tar # a text that stands alone is none
}

@test "points that are no face's are told, with what they may be" {
    face-synth -q --identities 3 --images 3 --format tar --landmarks-out good -o p.tar
    run -0 face-pack --landmarks good -o out p.tar
    [ "$output" = "face-pack: 9 faces of 3 identities, 0 skipped" ]
    # how @p, ten numbers, are changed, and what is said of it
    while IFS='|' read -r change text; do
        perl -e 'my $change = shift; while (<>) { my ($key, @p) = split; my @q = eval $change;
            print join(" ", $key, @q), "\n" }' "$change" good >bad
        run -0 face-pack -q --landmarks bad -o out p.tar
        [[ $output == *"bad: the points of synth/000000/000000_0000.jpg are $text"* || $text == outside* ]]
        [[ $output == *"bad: the points of 9 of 9 faces are $text"* ]]
    done <<'END'
@p[0, 2, 4, 6, 8, 1, 3, 5, 7, 9]|not those of a face: x1 ... x5 y1 ... y5, not x1 y1 ... x5 y5 as expected
@p[2, 3, 0, 1, 4, 5, 8, 9, 6, 7]|not those of a face: left and right are swapped
@p[1, 0, 3, 2, 5, 4, 7, 6, 9, 8]|not those of a face: y comes before x
map { $_ / 160 } @p|fractions of width and height, not pixels
map { $_ * 10 } @p|outside the picture: for a picture of another size? (--landmark-scale)
@p[4, 5, 4, 5, 0, 1, 2, 3, 6, 7]|not those of a face
END
}

@test "LFW's points are a face's, and those of the larger pictures are told" {
    need_data lfw/lfw.tgz lfw/landmarks250.txt
    run -0 face-pack -q --store jpeg --landmarks "$FACE_DATA/lfw/landmarks250.txt" \
        -o out "$FACE_DATA/lfw/lfw.tgz"
    [[ $output == *"faces are outside the picture: for a picture of another size? (--landmark-scale)" ]]
}
