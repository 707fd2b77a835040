# stream-cat --to rec and bin: InsightFace's training and verification sets
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
}

# The rules of dmlc's recordio.h, MXNet's recordio.py and InsightFace's MXFaceDataset: keys, labels
# and sizes of the images, after all checks
read_rec() {
    python3 - "$1" <<'EOF'
import struct, sys
rec = open(sys.argv[1] + "/train.rec", "rb").read()
index = [tuple(map(int, line.split("\t"))) for line in open(sys.argv[1] + "/train.idx")]
def record(at):
    parts, first = [], True
    while True:
        magic, length = struct.unpack("<II", rec[at:at + 8])
        assert magic == 0xced7230a
        flag, length = length >> 29, length & (1 << 29) - 1
        assert flag in ((0, 1) if first else (2, 3))
        parts.append(rec[at + 8:at + 8 + length])
        pad = -length % 4
        assert rec[at + 8 + length:at + 8 + length + pad] == bytes(pad)
        at, first = at + 8 + length + pad, False
        if flag in (0, 3):
            return struct.pack("<I", 0xced7230a).join(parts), at
def unpack(data):
    flag, label, id, id2 = struct.unpack("<IfQQ", data[:24])
    if flag:
        label = struct.unpack("<%df" % flag, data[24:24 + 4 * flag])
    return flag, label, id, id2, data[24 + 4 * flag:]
offsets, at = {key: offset for key, offset in index}, 0
assert len(offsets) == len(index)
count = 0
while at < len(rec):
    at, count = record(at)[1], count + 1
assert at == len(rec) and count == len(index) and index[-1][0] == 0
flag, label, id, id2, rest = unpack(record(offsets[0])[0])
assert flag == 2 and (id, id2, rest) == (0, 1, b"")
images, end = map(int, label)
assert sorted(offsets) == list(range(end))
last, labels = 0, []
for key in range(images, end):
    flag, (first, stop), id, id2, rest = unpack(record(offsets[key])[0])
    assert flag == 2 and (id, id2, rest) == (key, 0, b"") and first == last + 1
    of = {unpack(record(offsets[k])[0])[1] for k in range(int(first), int(stop))}
    assert len(of) == 1
    labels.append(of.pop())
    last = int(stop) - 1
assert last == images - 1 and labels == sorted(set(labels))
classes, h, w = map(int, open(sys.argv[1] + "/property").read().split(","))
assert classes == max(labels) + 1
for key in range(1, images):
    flag, label, id, id2, image = unpack(record(offsets[key])[0])
    assert flag == 0 and (id, id2) == (key, 0)
    print(key, int(label), h, w, image.hex())
EOF
}

@test "rec: RecordIO by dmlc's rules, keys and ranges by InsightFace's" {
    face-synth --identities 4 --images 3 --format tar --size 40 -q -o photos.tar
    face-pack -q --store jpeg -o jpeg photos.tar
    stream-cat --to rec -o set jpeg
    read_rec set >images
    [ "$(cut -d' ' -f1-4 images | sed -n '1p;4p;12p' | tr '\n' ';')" = "1 0 40 40;4 1 40 40;12 3 40 40;" ]
    cut -d' ' -f5 images | tr -d '\n' | perl -ne 'print pack "H*", $_' | cmp - <(column jpeg jpeg)
    [ "$(cat set/property)" = 4,40,40 ]
    # identities that do not stand together: the keys do
    cat jpeg jpeg >twice
    stream-cat --to rec -o mixed twice
    read_rec mixed >images
    [ "$(cut -d' ' -f2 images | uniq -c | tr -s ' ' | tr '\n' ';')" = " 6 0; 6 1; 6 2; 6 3;" ]
    fails stream-cat --to rec -o set jpeg
    stream-cat --select jpeg jpeg -o nobody
    fails stream-cat --to rec -o none nobody
    [[ $output == *"row 0: the label -1 is not in 0 .. 16777215, as a record requires" ]]
    [ ! -e none ]
}

@test "rec: a record is cut where the magic stands in it" {
    # what looks like a JPEG, with the magic at even and at odd places
    python3 - <<'EOF'
import struct
magic = struct.pack("<I", 0xced7230a)
for pad in range(4):
    jpeg = b"\xff\xd8\xff" + b"x" * pad + magic * 2 + b"y" * pad + magic
    open("p%d" % pad, "wb").write(jpeg)
EOF
    face-synth --identities 1 --images 1 --format tar --size 40 -q -o photos.tar
    face-pack -q --store jpeg -o sound photos.tar
    for pad in 0 1 2 3; do
        size=$(wc -c <p$pad)
        frame kind=faces last=1 label:I64:1:3 "jpeg:U8:$size:$(perl -0777 -ne \
            'print join ",", unpack "C*"' p$pad)" "jpeg_end:I64:1:$size" >odd
        rm -rf set
        cat sound odd >both
        stream-cat --to rec -o set both
        read_rec set | sed -n 2p | cut -d' ' -f5 | tr -d '\n' | perl -ne 'print pack "H*", $_' |
            cmp - p$pad
    done
}

@test "bin: Python's unpickler reads it; pairs of a list, or faces in twos" {
    face-synth --identities 3 --images 2 --format tar --size 40 -q -o photos.tar
    face-pack -q --store jpeg -o jpeg photos.tar
    load_bin() {
        python3 -c 'import pickle, sys, zlib
bins, same = pickle.load(open(sys.argv[1], "rb"), encoding="bytes")
assert isinstance(bins, list) and isinstance(same, list) and len(bins) == 2 * len(same)
print(same, len(bins), zlib.crc32(b"".join(bins)), sum(map(len, bins)))' "$1"
    }
    crc() {
        perl -MCompress::Zlib -0777 -ne 'printf "%d %d", crc32($_), length' "$@"
    }
    stream-cat --to bin -o all.bin jpeg
    [ "$(load_bin all.bin)" = "[True, True, True] 6 $(column jpeg jpeg | crc)" ]
    tar -xf photos.tar
    printf '2\n000000\t1\t1\n000001\t1\t1\n000001\t1\t000002\t1\n000002\t1\t000000\t1\n' >pairs
    stream-cat --to bin --pairs pairs jpeg >pairs.bin
    p() { cat "$(find . -name "00000$1_0001.jpg")"; }
    { p 0; p 0; p 1; p 1; p 1; p 2; p 2; p 0; } >images
    [ "$(load_bin pairs.bin)" = "[True, True, False, False] 8 $(crc images)" ]
    [ "$(head -c 7 pairs.bin | od -An -tx1)" = " 80 03 5d 71 00 28 42" ]
    printf '1\n000000\t1\t7\n000001\t1\t000002\t1\n' >pairs
    fails stream-cat --to bin --pairs pairs -o no jpeg
    [[ $output == *"the face 000000_0007 of a pair is missing" ]]
    fails stream-cat --to bin --first 3 -o no jpeg
    [[ $output == *"3 faces cannot be paired two by two" ]]
    misused stream-cat --pairs pairs --to rec -o no jpeg
    [ ! -e no ]
}
