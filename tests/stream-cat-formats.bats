# stream-cat --to and --from: what is written is read by other programs' rules, and comes back
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
}

# faces: two frames of pixels with labels and keys
make_faces() {
    face-synth --identities 5 --images 3 --size 24 --seed 7 -q -o faces
}

make_embeddings() {
    frame kind=embeddings last=1 embedding:F32:3,2:0.5,-1.25,3,4e-20,-7,0.1 label:I64:3:4,-1,4 \
        key:U8:21:=a/b_1.jpga/b_2.jpgc.p key_end:I64:3:9,18,21 >embeddings
}

# samples SHARD...: WebDataset's own rules (tariterators.py): "KEY EXTENSION CRC" a member. A key
# that was closed and comes again, or an extension twice, is an error.
samples() {
    python3 - "$@" <<'EOF'
import re, sys, tarfile, zlib
seen, current, extensions = set(), None, set()
for shard in sys.argv[1:]:
    for member in tarfile.open(shard, "r|"):
        match = re.match(r"^((?:.*/|)[^.]+)[.]([^/]*)$", member.name)
        assert member.isreg() and match and not re.search(r"__[^/]*__($|/)", member.name)
        key, extension = match.group(1), match.group(2).lower()
        if key != current:
            assert key not in seen, key
            seen.add(key)
            current, extensions = key, set()
        assert extension not in extensions and all(e < extension for e in extensions)
        extensions.add(extension)
        print(key, extension, member.size)
EOF
}

# ustar FILE: checks every header of a tar byte by byte, and its end; prints the names
ustar() {
    perl -0777 -ne '
        my $at = 0;
        while (substr($_, $at, 512) ne "\0" x 512) {
            my $header = substr $_, $at, 512;
            my ($name, $mode, $uid, $gid, $size, $mtime, $sum, $type, $magic, $version) =
                unpack "Z100 a8 a8 a8 a12 a12 a8 a x100 a6 a2", $header;
            die "magic\n" unless $magic eq "ustar\0" && $version eq "00";
            die "type $type\n" unless $type eq "0";
            die "mode $mode\n" unless oct($mode =~ s/[ \0]//gr) == 0444;
            substr $header, 148, 8, " " x 8;
            die "sum\n" unless unpack("%32C*", $header) == oct $sum =~ s/[ \0]//gr;
            $size = oct $size =~ s/[ \0]//gr;
            my $padding = substr $_, $at + 512 + $size, -$size % 512;
            die "padding\n" unless $padding eq "\0" x (-$size % 512);
            print "$name\n";
            $at += 512 + $size + -$size % 512;
        }
        die "end\n" unless length == $at + 1024 && substr($_, $at) eq "\0" x 1024;' "$1"
}

@test "wds: shards by WebDataset's rules, headers by POSIX's, labels and images what they were" {
    make_faces
    stream-cat --to wds --image png --shard-rows 4 -o 's-%06d.tar' faces
    [ "$(echo s-*)" = "s-000000.tar s-000001.tar s-000002.tar s-000003.tar" ]
    samples s-*.tar >listing
    [ "$(wc -l <listing)" -eq 30 ]
    [ "$(sed -n '1p;2p' listing | cut -d' ' -f1,2 | tr '\n' ' ')" = \
        "synth/000000/000000_0000 cls synth/000000/000000_0000 png " ]
    [ "$(ustar s-000003.tar | wc -l)" -eq 6 ]
    for shard in s-*.tar; do
        ustar "$shard" >/dev/null
        tar -xf "$shard"
    done
    [ "$(cat synth/000004/*_0002.cls)" = 4 ]
    face-pack -q --exclude '*.cls' -o back synth
    same_columns faces back image key_end || [ "$(column back image | wc -c)" -gt 0 ]
    cmp <(column faces image) <(column back image)
    cmp <(column faces label) <(column back label)
}

@test "wds: JPEG files byte for byte, one shard into a pipe, shards by size" {
    face-synth --identities 3 --images 2 --format tar --size 40 -q -o photos.tar
    face-pack -q --store jpeg -o jpeg photos.tar
    stream-cat --to wds jpeg >one.tar
    ustar one.tar | grep -v cls >names
    tar -xOf one.tar -T names | cmp - <(column jpeg jpeg)
    stream-cat --to wds --shard-bytes 1 -o 'b%d.tar' jpeg
    [ "$(echo b*.tar)" = "b0.tar b1.tar b2.tar b3.tar b4.tar b5.tar" ]
    [ "$(ustar b5.tar | tr '\n' ' ')" = \
        "synth/000002/000002_0001.cls synth/000002/000002_0001.jpg " ]
}

@test "wds: no empty shard, none of an earlier run among them, numbers of few digits" {
    make_embeddings
    stream-cat --to wds --shard-rows 3 -o 'e-%d.tar' embeddings
    [ "$(echo e-*)" = e-0.tar ]
    stream-cat --to wds --shard-rows 1 -o 'e-%d.tar' embeddings
    [ "$(echo e-*)" = "e-0.tar e-1.tar e-2.tar" ]
    fails stream-cat --to wds --shard-rows 2 -o 'e-%d.tar' embeddings
    [[ $output == *"e-2.tar is left from an earlier run: all 2 shards of this run are written"* ]]
    [ "$(ustar e-0.tar | grep -c npy)" -eq 2 ]
    rm e-2.tar
    run -0 stream-cat --to wds --shard-rows 2 -o 'e-%d.tar' embeddings
    for bad in 'e%9999999999999d' 'e%19d' 'e%s' 'e%d%d' 'e%0d'; do
        fails stream-cat --to wds -o "$bad" embeddings
        [[ $output == *"the number of a shard is written as %06d, once" ]]
    done
}

@test "wds: keys with dots, without labels, embeddings" {
    make_embeddings
    stream-cat --to wds -o e.tar embeddings
    [ "$(ustar e.tar | tr '\n' ' ')" = "a/b_1.cls a/b_1.npy a/b_2.npy c.cls c.npy " ]
    tar -xOf e.tar a/b_1.npy | tail -c 8 | cmp - <(column embeddings embedding | head -c 8)
    frame kind=embeddings last=1 embedding:F32:1,1:1 key:U8:13:=v1.0/x.y.jpeg key_end:I64:1:13 >dots
    stream-cat --to wds -o d.tar dots
    [ "$(ustar d.tar)" = v1.0/x_y.npy ]
    frame kind=embeddings last=1 embedding:F32:2,1:1,2 key:U8:10:=a.jpga.png key_end:I64:2:5,10 >twice
    fails stream-cat --to wds -o t.tar twice
    [[ $output == *"row 1, a.png: there is already a sample a" ]]
    fails stream-cat --to wds --shard-rows 1 -o 't%d.tar' twice
    frame kind=embeddings last=1 embedding:F32:1,1:1 key:U8:7:=__a__/b key_end:I64:1:7 >meta
    fails stream-cat --to wds -o t.tar meta
    [ -z "$(ls t*.tar 2>/dev/null)" ]
}

@test "wds: embeddings there and back, over shards in braces" {
    make_embeddings
    stream-cat --to wds --shard-rows 1 -o 'e-%02d.tar' embeddings
    stream-cat --from wds -o back 'e-{00..02}.tar'
    same_columns embeddings back embedding
    [ "$(column back label | perl -0777 -ne 'print join " ", unpack "q<*"')" = "4 -1 4" ]
    [ "$(column back key)" = a/b_1a/b_2c ]
    stream-cat --to wds embeddings | stream-cat --from wds | stream-ls | grep -q 'F32\[3,2\]'
    make_faces
    stream-cat --to wds -o images.tar faces
    fails stream-cat --from wds -o no images.tar
    [[ $output == *"a sample without an array" ]]
    [ ! -e no ]
}

@test "npy: NumPy's layout to the byte" {
    make_embeddings
    stream-cat --to npy -o e.npy embeddings
    perl -0777 -ne '
        my ($magic, $major, $minor, $size) = unpack "a6 C C S<";
        die unless $magic eq "\x93NUMPY" && $major == 1 && $minor == 0 && (10 + $size) % 64 == 0;
        my $header = substr $_, 10, $size;
        die $header unless $header =~
            /^\{\x27descr\x27: \x27<f4\x27, \x27fortran_order\x27: False, \x27shape\x27: \(3, 2\), \} *\n$/;
        print substr $_, 10 + $size' e.npy | cmp - <(column embeddings embedding)
    make_faces
    stream-cat --to npy -o f.npy faces
    head -c 128 f.npy | grep -aq "'descr': '|u1', 'fortran_order': False, 'shape': (15, 24, 24, 3), }"
    tail -c +129 f.npy | cmp - <(column faces image)
}

@test "npz: a sound ZIP, whose arrays are what the stream has" {
    make_embeddings
    stream-cat --to npz -o e.npz embeddings
    python3 - e.npz <<'EOF'
import ast, struct, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None and z.namelist() == ["embs.npy", "label.npy", "names.npy"]
def array(name):
    data = z.read(name)
    assert data[:8] == b"\x93NUMPY\1\0"
    size, = struct.unpack("<H", data[8:10])
    return ast.literal_eval(data[10:10 + size].decode()), data[10 + size:]
form, data = array("embs.npy")
assert form == {"descr": "<f4", "fortran_order": False, "shape": (3, 2)}
assert data == struct.pack("<6f", .5, -1.25, 3, 4e-20, -7, .1)
form, data = array("label.npy")
assert form["descr"] == "<i8" and form["shape"] == (3,) and struct.unpack("<3q", data) == (4, -1, 4)
form, data = array("names.npy")
assert form["descr"] == "<U9" and form["shape"] == (3,)
names = [data[i:i + 36].decode("utf-32-le").rstrip("\0") for i in (0, 36, 72)]
assert names == ["a/b_1.jpg", "a/b_2.jpg", "c.p"], names
EOF
}

@test "npz: names beyond ASCII, and bytes that are no UTF-8" {
    frame kind=embeddings last=1 embedding:F32:2,1:1,2 \
        key:U8:12:195,171,226,130,172,240,159,152,128,65,255,66 key_end:I64:2:9,12 >names
    stream-cat --to npz -o n.npz names
    python3 -c 'import zipfile
data = zipfile.ZipFile("n.npz").read("names.npy")[128:]
assert data == "\xeb\u20ac\U0001f600".encode("utf-32-le").ljust(36, b"\0") + "A\xffB".encode(
    "utf-32-le").ljust(36, b"\0")'
    stream-cat --from npz -o back n.npz
    [ "$(column back key | head -c 9 | od -An -tx1)" = " c3 ab e2 82 ac f0 9f 98 80" ]
}

@test "megaface: OpenCV's matrix of a column, a file an image" {
    make_embeddings
    stream-cat --to megaface --algorithm net -o features embeddings
    [ "$(cd features && find . -type f | sort | tr '\n' ' ')" = \
        "./a/b_1.jpg_net.bin ./a/b_2.jpg_net.bin ./c.p_net.bin " ]
    perl -0777 -ne 'print "@{[unpack q(l<4)]} @{[unpack q(x16 f<*)]} ", length' \
        features/a/b_1.jpg_net.bin >fields
    [ "$(cat fields)" = "2 1 4 5 0.5 -1.25 24" ]
    stream-cat --from megaface -o back features
    same_columns embeddings back embedding key key_end
    tar -cf features.tar --sort=name -C features .
    stream-cat --from megaface -o back features.tar
    same_columns embeddings back embedding key key_end
}

@test "magface: a line a face, and every float comes back" {
    make_embeddings
    stream-cat --to magface -o feat.list embeddings
    [ "$(sed -n 1p feat.list)" = "a/b_1.jpg 0.5 -1.25 " ]
    [ "$(awk '{ print NF }' feat.list | sort -u)" = 3 ]
    stream-cat --from magface -o back feat.list
    same_columns embeddings back embedding key key_end
    stream-cat --to magface embeddings | stream-cat --from magface - | cmp - back
}

@test "folder and tar: names from keys, extensions of the image, the same files" {
    make_faces
    stream-cat --to folder --image png -o out faces
    stream-cat --to tar --image png -o out.tar faces
    [ "$(cd out && find synth -type f | sort)" = "$(ustar out.tar | sort)" ]
    [ "$(find out -name '*.png' | wc -l)" -eq 15 ]
    face-pack -q -o back out.tar
    same_columns faces back image label
    face-pack -q -o back out/synth
    same_columns faces back image label
    frame kind=faces last=1 image:U8:1,1,1,3:1,2,3 >keyless
    stream-cat --to tar keyless >k.tar
    [ "$(ustar k.tar)" = 000000000.jpg ]
}

@test "--labels: a number a line, CSV, TSV" {
    make_embeddings
    stream-cat --to npy -o e.npy embeddings
    printf '4\n-1\n4\n' >plain
    printf 'path,label,fold\n"a",4,1\nb,"-1",2\nc,4,3\n' >csv
    printf 'a\t4\r\nb\t-1\r\nc\t4\r\n' >tsv
    printf 'label\n4\n-1\n4\n\n' >headed
    for file in plain csv tsv headed; do
        stream-cat --from npy --labels $file -o back e.npy
        same_columns embeddings back embedding label
        [ -z "$(column back key)" ]
    done
    printf 'a/b_1.jpg 1\na/b_2.jpg 2\nc.p 3\n' >list
    stream-cat --from npy --list list --labels plain -o back e.npy
    same_columns embeddings back embedding label key key_end
    printf '4\n-1\n' >short
    fails stream-cat --from npy --labels short -o no e.npy
    [[ $output == *"more rows than there are labels, 2"* ]]
    printf '1\n2\n3\n4\n' >long
    fails stream-cat --from npy --labels long -o no e.npy
    [[ $output == *"3 rows, fewer than the 4 labels"* ]]
    for bad in '1\n2.5\n3\n' '1\nAnn\n3\n' '1\n-2\n3\n' 'path,label\na,1\nb\nc,2\n' 'who\n1\n2\n3\n'; do
        # shellcheck disable=SC2059
        printf "$bad" >bad
        fails stream-cat --from npy --labels bad -o no e.npy
        [[ $output == *"bad, line "*"is no label"* ]]
    done
    [ ! -e no ]
    misused stream-cat --labels plain embeddings
}

@test "npz and npy of embeddings: there and back; --list goes before" {
    make_embeddings
    stream-cat --to npz -o e.npz embeddings
    stream-cat --from npz -o back e.npz
    same_columns embeddings back embedding label key key_end
    stream-cat --to npy -o e.npy embeddings
    printf 'a/b_1.jpg 4\na/b_2.jpg -1\nc.p\t4\n' >list
    stream-cat --from npy --list list -o back e.npy
    same_columns embeddings back embedding label key key_end
    printf 'a\nb c\nd 4\n' >list
    gzip -c e.npy | stream-cat --from npy --list list -o back -
    [ "$(column back key)" = "ab cd 4" ]
    [ -z "$(column back label)" ]
    head -n 2 list >short
    fails stream-cat --from npy --list short -o no e.npy
    [[ $output == *"more rows than the list has lines, 2" ]]
    { cat list && echo more; } >long
    fails stream-cat --from npy --list long -o no e.npy
    [[ $output == *"3 rows, fewer than the 4 lines of the list" ]]
    [ ! -e no ]
    stream-cat --from npz --first 2 --select embedding e.npz --to npy -o two.npy
    [ "$(wc -c <two.npy)" -eq 144 ]
}

# npy DICTIONARY FORMAT VALUES...: an array with that header, padded as NumPy once did, to 16
npy() {
    perl -e 'my ($header, $form, @values) = @ARGV;
        $header .= " " x (-(11 + length $header) % 16) . "\n"; binmode STDOUT;
        print "\x93NUMPY\1\0", pack("S<", length $header), $header, pack $form, @values' "$@"
}

@test "npy: other types, the other end first, Fortran's order, other spellings" {
    frame kind=embeddings last=1 embedding:F32:2,3:1,2,3,4,5,6 >want
    npy "{'descr': '>f8', 'fortran_order': False, 'shape': (2, 3), }" 'd>*' 1 2 3 4 5 6 >a.npy
    npy '{"shape": (2L, 3L), "descr": "<i4", "fortran_order": True}' 'l<*' 1 4 2 5 3 6 >b.npy
    npy "{'descr':'|u1','fortran_order':False,'shape':(2,3)}" 'C*' 1 2 3 4 5 6 >c.npy
    npy "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }" 'S<*' \
        15360 16384 16896 17408 17664 17920 >d.npy
    for file in ?.npy; do
        stream-cat --from npy "$file" -o got
        same_columns want got embedding
    done
}

@test "npy: what is no array of embeddings is refused" {
    refuse() {
        npy "$1" 'f<*' 1 2 3 4 5 6 >bad.npy
        fails stream-cat --from npy bad.npy -o no
        [[ $output == "stream-cat: bad.npy: "*"$2"* ]]
    }
    refuse "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }" "pickle"
    refuse "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }" "ends within its elements"
    refuse "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }" "continues after its elements"
    refuse "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }" "rows and columns"
    refuse "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3), }" "header"
    refuse "{'descr': '<f4', 'fortran_order': False, }" "header"
    refuse "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'shape': (2, 3), }" "header"
    refuse "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }" "header"
    refuse "{'descr': '<c8', 'fortran_order': False, 'shape': (1, 3), }" "not supported"
    refuse "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }" "limit"
    refuse "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 9223372036854775807), }" "limit"
    refuse "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 0), }" "empty"
    refuse "{'descr': '<f4', 'fortran_order': True, 'shape': (1000000, 1000), }" "ends within"
    refuse "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 4, 3), }" "face-pack"
    [ ! -e no ]
}

@test "npz: found by name or by being the only one; text, columns that do not fit" {
    python3 - <<'EOF'
import struct, zipfile
def npy(descr, shape, data):
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode() + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data
def write(name, method=zipfile.ZIP_STORED, **arrays):
    with zipfile.ZipFile(name, "w", method) as z:
        for key, value in arrays.items():
            z.writestr(key + ".npy", npy(*value))
f = ("<f4", (2, 1), struct.pack("<2f", 5, 6))
write("only.npz", zipfile.ZIP_DEFLATED, scores=("<f8", (3,), bytes(24)), what=f,
      key=("|S3", (2,), b"a\0\0bcd"), y=("<i2", (2,), struct.pack("<2h", 7, -1)))
write("two.npz", one=f, other=f)
write("named.npz", one=f, embs=f)
write("short.npz", embs=f, label=("<i8", (1,), bytes(8)))
write("text.npz", embs=f, label=("<U1", (2,), bytes(8)))
write("object.npz", embs=("|O", (2,), b"pickle"))
EOF
    stream-cat --from npz -o got only.npz
    frame kind=embeddings last=1 embedding:F32:2,1:5,6 label:I64:2:7,-1 key:U8:4:=abcd \
        key_end:I64:2:1,4 >want
    same_columns want got embedding label key key_end
    stream-cat --from npz named.npz | stream-ls | grep -q 'F32\[2,1\]'
    for file in two short text object; do
        fails stream-cat --from npz $file.npz -o no
        [[ $output == "stream-cat: $file.npz: "* ]]
    done
    fails stream-cat --from npz nosuch.npz -o no
    [ ! -e no ]
}

@test "keys that lead out of the folder, or meet, are refused; nothing is left" {
    for key in ../x /x a//b a/../../x . ''/ "a/$(printf '%0300d' 0)"; do
        frame kind=embeddings last=1 embedding:F32:1,1:1 "key:U8:${#key}:=$key" \
            "key_end:I64:1:${#key}" >bad
        for to in megaface wds; do
            fails stream-cat --to $to -o no bad
            [[ $output == *"cannot be the name of a file below a folder" ]]
        done
    done
    for key in $'a\nb' $'\e[31m' $'a\x7f' $'d\t/a'; do
        frame kind=embeddings last=1 embedding:F32:1,1:1 "key:U8:${#key}:=$key" \
            "key_end:I64:1:${#key}" >bad
        for to in megaface wds; do
            fails stream-cat --to $to -o no bad
            [[ $output == *"cannot be the name of a file below a folder: it has control characters" ]]
        done
    done
    frame kind=embeddings last=1 embedding:F32:2,1:1,2 key:U8:2:=aa key_end:I64:2:1,2 >twice
    fails stream-cat --to megaface -o no twice
    [[ $output == *"row 1, a: there is already a file a_npcface.bin" ]]
    frame kind=embeddings last=1 embedding:F32:1,1:1 key:U8:3:='a b' key_end:I64:1:3 >space
    fails stream-cat --to magface -o no space
    mkdir there && touch there/file
    make_embeddings
    fails stream-cat --to megaface -o there embeddings
    [[ $output == *"exists already" ]]
    head -c 300 embeddings >cut
    fails stream-cat --to megaface -o no cut
    fails stream-cat --to wds -o no cut
    fails stream-cat --to npz -o no cut
    [ ! -e no ]
    [ -z "$(find . -name '.*' ! -name . ! -name ..)" ]
}

@test "features and lists that are none" {
    printf 'a 1 2\nb 1 x\n' >list
    fails stream-cat --from magface -o no list
    [ "$output" = "stream-cat: list: line 2: 'x' is not a number" ]
    printf 'a 1 2\nb 1\n' | { run -1 stream-cat --from magface -o no; [[ $output == *"1 number, not 2"* ]]; }
    printf 'a\n' | { run -1 stream-cat --from magface -o no; [[ $output == *"without numbers"* ]]; }
    printf 'a nan\n' | { run -1 stream-cat --from magface -o no; [[ $output == *"'nan'"* ]]; }
    printf '' | { run -1 stream-cat --from magface -o no; [[ $output == *"no embeddings"* ]]; }
    mkdir features
    perl -e 'print pack "l<4 f<2", 2, 1, 4, 5, 1, 2' >features/a.jpg_x.bin
    stream-cat --from megaface features -o fine
    for head in "3 1 4 5" "2 2 4 5" "2 1 8 5" "2 1 4 6" "-1 1 4 5" "0 1 4 5" "2147483647 1 4 5"; do
        # shellcheck disable=SC2086
        perl -e 'print pack "l<4 f<2", @ARGV, 1, 2' -- $head >features/a.jpg_x.bin
        fails stream-cat --from megaface features -o no
        [[ $output == "stream-cat: features: features/a.jpg_x.bin: "* ]]
    done
    [ ! -e no ]
}

@test "what a format cannot hold" {
    make_faces
    make_embeddings
    for to in megaface magface; do
        fails stream-cat --to $to -o no faces
        [[ $output == "stream-cat: faces: frame at byte 0: faces cannot be written as "* ]] ||
            [[ $output == *"faces cannot be written as "* ]]
    done
    fails stream-cat --to folder -o no embeddings
    frame kind=model last=1 weight:F32:2:1,2 >model
    fails stream-cat --to npz -o no model
    face-synth --identities 1 --images 1 --size 32 -q -o other
    fails stream-cat --to npy -o no faces other
    [[ $output == *"not of the same shape as the rows before"* ]]
    fails stream-cat --to npy -n 0 -o no faces
    [ ! -e no ]
}

@test "misuse" {
    make_embeddings
    misused stream-cat --to npz embeddings
    misused stream-cat --to folder embeddings
    misused stream-cat --to nothing embeddings
    misused stream-cat --to npz --merge -o no embeddings
    misused stream-cat --list x embeddings
    misused stream-cat --to npy --image png -o no embeddings
    misused stream-cat --to tar --shard-rows 3 -o no embeddings
    misused stream-cat --to wds --algorithm x -o no embeddings
    fails stream-cat --to npz -o /dev/null embeddings
    [[ $output == *"not for pipes"* ]]
    fails stream-cat --to wds -o 'x%06d-%d.tar' embeddings
    [[ $output == *"written as %06d, once"* ]]
    fails stream-cat --to wds -o 'x%s.tar' embeddings
}

@test "magface: a list without names is told from one with them" {
    printf '0.1 0.2 0.3\n0.4 0.5 0.6\n' >plain
    fails stream-cat --from magface -o out plain
    [[ $output == *"plain: line 1: it begins with the number 0.1, not with a name; save features without names as .npy" ]]
    printf '1.000000000000000056e-01 2.0e+00\n' >savetxt
    fails stream-cat --from magface -o out savetxt
    printf 'a 1 2\n-1.5e+00 2 3\n' >later
    fails stream-cat --from magface -o out later
    [[ $output == *"line 2: "* ]]
    printf 'a/1.jpg 1 2\n17 2 3\nx.5 3 4\ninf 1 2\n1.jpg 1 2\n' >named
    run -0 stream-cat --from magface -o out named
    [ "$(column out key)" = a/1.jpg17x.5inf1.jpg ]
}
