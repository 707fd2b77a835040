# face-synth: what it renders, and what it refuses
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
}

@test "a stream of faces: pixels, labels, keys, provenance" {
    face-synth --identities 3 --images 4 --size 32 -o faces
    run -0 stream-ls --long faces
    [[ $output == *" faces "*" 12 "*"(last)"* ]]
    [[ $output == *"image U8[12,32,32,3]"*"key U8[336]"* ]]
    [[ $output == *"by: face-synth "*"--identities=3 --images=4 --size=32"* ]]
    grep -aq 'synth/000002/000002_0003.jpg' faces
}

@test "the same bytes for any number of threads, to a file and to a pipe" {
    face-synth --identities 5 --images 7 --size 48 -j 1 -o one
    face-synth --identities 5 --images 7 --size 48 -j 3 | cmp - one
}

@test "many faces come in several frames, and stream-cat makes one of them" {
    face-synth --identities 60 --images 10 --size 16 -o faces
    run -0 stream-ls faces
    [[ ${lines[-1]} == "3 frames, 600 rows, "*", whole" ]]
}

@test "a person is the same whatever comes before; --first-identity numbers the labels" {
    face-synth --identities 3 --images 2 --size 32 -o all
    face-synth --first-identity 2 --identities 1 --images 2 --size 32 -o third
    python3 - <<'EOF'
import json, struct
def load(path):
    data = open(path, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + n])
    def tensor(name):
        a, b = header[name]["data_offsets"]
        return data[8 + n + a:8 + n + b]
    return tensor("image"), struct.unpack("<%dq" % header["label"]["shape"][0], tensor("label"))
image, label = load("all")
other, number = load("third")
assert label == (0, 0, 1, 1, 2, 2) and number == (2, 2)
assert image[4 * 32 * 32 * 3:] == other
EOF
}

@test "seed and hardness change the faces" {
    face-synth --identities 1 --images 2 --size 32 | stream-cat --select image -o plain
    face-synth --identities 1 --images 2 --size 32 --seed 2 | stream-cat --select image -o seed
    face-synth --identities 1 --images 2 --size 32 --hardness 0.9 | stream-cat --select image -o hard
    for other in seed hard; do
        [ "$(cmp -l plain $other | wc -l)" -gt 3000 ]
    done
}

@test "a tar of photographs in class folders, with landmarks inside the pictures" {
    face-synth --identities 2 --images 3 --format tar --landmarks-out marks -o tar
    [ "$(tar tf tar)" = "$(cut -f 1 marks)" ]
    [ "$(tar tf tar | tail -n 1)" = synth/000001/000001_0002.jpg ]
    tar xf tar
    for file in synth/*/*.jpg; do
        [ "$(head -c 3 "$file" | od -An -tx1)" = " ff d8 ff" ]
    done
    # shellcheck disable=SC2016
    run -0 awk -F '\t' 'NF != 11 { exit 1 }
        { for (i = 2; i <= 11; i++) if ($i < 0 || $i > 159) exit 1
          if ($2 >= $4 || $8 >= $10 || $3 >= $9) exit 1 }' marks
}

@test "the same tar for any number of threads" {
    face-synth --identities 3 --images 5 --format tar --landmarks-out marks1 -j 1 -o tar
    face-synth --identities 3 --images 5 --format tar --landmarks-out marks3 -j 3 | cmp - tar
    cmp marks1 marks3
}

@test "misuse" {
    misused face-synth operand
    misused face-synth --hardness 1.5
    misused face-synth --size 8
    misused face-synth --identities 0
    misused face-synth --format zip
    misused face-synth --landmarks-out marks
    [ ! -e marks ]
}

@test "what cannot be written" {
    fails face-synth --identities 1 --images 1 --size 16 -o /nowhere/faces
    fails face-synth --identities 1 --images 1 --size 16 -o /dev/full
    fails face-synth --identities 1 --images 1 --format tar -o /dev/full
    fails face-synth --identities 1 --images 1 --format tar -o /nowhere/tar
    [[ $output == *"cannot write /nowhere/tar: "* ]]
    fails face-synth --identities 1 --images 1 --format tar -o tar --landmarks-out /nowhere/marks
    fails face-synth --identities 1 --images 1 --format tar -o tar --landmarks-out /dev/full
    [ ! -e tar ]
    mkdir taken
    fails face-synth --identities 1 --images 1 --format tar -o taken --landmarks-out marks
    [ ! -e marks ]
}

@test "a reader that leaves ends it quietly" {
    run bash -c 'face-synth --identities 200 --images 10 --size 16 | head -c 100 >/dev/null'
    [ "$output" = "" ]
}
