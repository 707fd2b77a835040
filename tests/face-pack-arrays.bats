# face-pack: WebDataset's shards and NumPy's arrays of images
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
}

labels() {
    column "$1" label | perl -0777 -ne 'print join(" ", unpack "q<*"), "\n"'
}
# shard FILE NAME=TEXT...: a tar of such members, in this order; a text of "@N" is a picture of
# which all is N
shard() {
    python3 - "$@" <<'EOF'
import io, sys, tarfile
with tarfile.open(sys.argv[1], "w", format=tarfile.USTAR_FORMAT) as tar:
    for argument in sys.argv[2:]:
        name, text = argument.split("=", 1)
        data = b"P6 2 2 255\n" + bytes([int(text[1:])]) * 12 if text[:1] == "@" else text.encode()
        info = tarfile.TarInfo(name)
        info.size = len(data)
        if text == "link":
            info.type, info.linkname, info.size = tarfile.SYMTYPE, "x", 0
        tar.addfile(info, io.BytesIO(data))
EOF
}

@test "wds: there and back, shards in braces: the same images, labels, keys" {
    face-synth --identities 20 --images 3 --size 24 -q >pixels
    face-synth --identities 4 --images 3 --format tar --size 40 -q -o photos.tar
    face-pack -q --store jpeg -o faces photos.tar
    stream-cat --to wds --shard-rows 5 -o 's-%03d.tar' faces
    run -0 face-pack --store jpeg -o back 's-{000..002}.tar'
    [ "$output" = $'face-pack: s-000.tar: read as WebDataset\nface-pack: 12 faces of 4 identities, 0 skipped' ]
    same_columns faces back jpeg jpeg_end label key key_end
    stream-cat --to wds --image png --shard-rows 25 -o 'p-%06d.tar' pixels
    face-pack -q -o back 'p-{000000..000002}.tar'
    same_columns pixels back image label key_end || cmp <(column pixels image) <(column back image)
    cmp <(column pixels label) <(column back label)
    face-pack -q --from wds -o piped - <s-000.tar
    face-pack -q -o plain s-000.tar
    same_columns plain piped image label key
    gzip s-001.tar
    face-pack -q --store jpeg -o back s-000.tar s-001.tar.gz 's-{002,}.tar' 2>message || true
    grep -q 's-.tar' message
}

@test "wds: keys end at the first dot, extensions in any case, what is passed over" {
    shard a.tar v1.0/x.y.jpg=words v1.0/x.CLS=' 7
' v1.0/x.JPG=@10 nodot=words __meta__/a.jpg=no v1.0/__z__=no .hidden.jpg=no l.jpg=link \
        v1.0/y.id=3 v1.0/y.cls=5 v1.0/y.json='{}' v1.0/y.ppm=@20
    run -0 face-pack -o out a.tar
    [ "$(labels out)" = "7 5" ]
    [ "$(column out key)" = v1.0/x.JPGv1.0/y.ppm ]
    [ "$(column out image | od -An -tu1 -w12 | awk '{ print $1 }' | tr '\n' ' ')" = "10 20 " ]
    run -0 stream-ls -l out
    [[ $output == *"identities: 8"* ]]
}

@test "wds: members apart, extensions twice, bad labels, no image" {
    shard bad.tar a.cls=1 a.ppm=@1 b.cls=1 b.ppm=@1 a.txt=x
    fails face-pack -o no bad.tar
    [ "$output" = "face-pack: bad.tar: a.txt: the members of its sample are not consecutive" ] ||
        [[ $output == *"a.txt: the members of its sample are not consecutive" ]]
    shard bad.tar a.cls=1 a.ppm=@1 a.PPM=@2
    fails face-pack -o no bad.tar
    [[ $output == *"a.PPM: its sample already has a member with this extension" ]]
    for label in x 1.5 '' -2 99999999999; do
        shard bad.tar "a.cls=$label" a.ppm=@1 b.cls=2 b.ppm=@1
        fails face-pack -o no bad.tar
        [[ $output == "face-pack: bad.tar: a.ppm: its label is not an integer"* ]] ||
            [[ $output == *"a.ppm: its label is not an integer"* ]]
    done
    shard bad.tar a.cls=1 a.txt=x b.cls=2 b.ppm=@1 c.cls=3 c.ppm=@1 c.png=@1
    fails face-pack -o no bad.tar
    [[ $output == *"a: a sample without an image" ]]
    [ ! -e no ]
    run -0 face-pack --skip-bad -o some bad.tar
    [ "$(labels some)" = 2 ]
    [[ $output == *"c.ppm: two images in one sample"*"1 face of 1 identity, 2 skipped" ]]
}

@test "wds: samples without a label are of nobody known; --list goes before" {
    shard some.tar a.cls=4 a.ppm=@1 d/b.ppm=@2
    face-pack -q -o out some.tar
    [ "$(labels out)" = "4 -1" ]
    printf 'b.ppm 9\n' >list
    face-pack -q --list list -o out some.tar
    [ "$(labels out)" = 9 ]
    shard none.tar x/a.ppm=@1 y/b.ppm=@2
    face-pack -q --from wds -o out none.tar
    [ "$(labels out)" = "0 1" ]
    run -1 face-pack --from photos -o no some.tar
    [[ $output == *"a.cls"* ]]
}

@test "npz and npy: there and back" {
    face-synth --identities 7 --images 3 --size 24 -q -o faces
    stream-cat --to npz -o f.npz faces
    run -0 face-pack -o back f.npz
    [[ $output == "face-pack: f.npz: read as an .npz of images"* ]]
    same_columns faces back image label key key_end
    stream-cat --to npy -o f.npy faces
    run -0 face-pack -o back f.npy
    [[ $output == "face-pack: f.npy: read as an .npy of images"*"21 faces of 0 identities"* ]]
    same_columns faces back image
    [ "$(column back key | head -c 11)" = f/000000000 ]
    [ "$(labels back | tr -d ' ')" = "$(printf -- '-1%.0s' {1..21})" ]
    gzip -c f.npy | face-pack -q --from npy -o piped -
    same_columns back piped image
    printf 'f/000000000 3\nf/000000020 4\n' >list
    face-pack -q --list list -o back f.npy
    [ "$(labels back)" = "3 4" ]
    face-pack -q --store jpeg -o jpeg f.npz
}

# npy SHAPE DESCR BYTE...: an array on stdout
npy() {
    perl -e 'my ($shape, $descr, @bytes) = @ARGV; binmode STDOUT;
        my $header = "{\x27descr\x27: \x27$descr\x27, \x27fortran_order\x27: False, \x27shape\x27: ($shape), }\n";
        print "\x93NUMPY\1\0", pack("S<", length $header), $header, pack "C*", @bytes' "$@"
}

@test "npy: grey, planes, and what holds no images" {
    npy '2, 1, 2' '|u1' 1 2 3 4 >grey.npy
    npy '2, 1, 2, 1' '|u1' 1 2 3 4 >grey1.npy
    npy '1, 3, 1, 2' '|u1' 1 2 3 4 5 6 >planes.npy
    for file in grey grey1; do
        face-pack -q -o out $file.npy
        [ "$(column out image | od -An -tu1 | tr -s ' ')" = " 1 1 1 2 2 2 3 3 3 4 4 4" ]
    done
    face-pack -q -o out planes.npy
    [ "$(column out image | od -An -tu1 | tr -s ' ')" = " 1 3 5 2 4 6" ]
    refuse() {
        npy "$1" "$2" 1 2 3 4 >bad.npy
        fails face-pack -o no bad.npy
        [[ $output == "face-pack: bad.npy: "*"$3"* ]]
    }
    refuse '2, 2' '|u1' "uint8"
    refuse '1, 1, 1' '<f4' "uint8"
    refuse '1, 2, 2, 2' '|u1' "uint8"
    refuse '1, 1, 5' '|u1' "ends within"
    refuse '1, 1, 3' '|u1' "continues after"
    refuse '1, 40000, 1' '|u1' "limit"
    refuse '0, 1, 1' '|u1' "continues after"
    refuse '2,' '|O' "pickle"
    fails face-pack --from npz -o no grey.npy
    fails face-pack --from npy -o no nosuch.npy
    [ ! -e no ]
}

@test "the field's own .npy of images" {
    need_data fixtures/small_lfw_20_rgb_u8.npy
    face-pack -q -o out "$FACE_DATA/fixtures/small_lfw_20_rgb_u8.npy"
    tail -c 752640 "$FACE_DATA/fixtures/small_lfw_20_rgb_u8.npy" | cmp - <(column out image)
}

@test "braces" {
    fails face-pack -o no 'none-{08..11}.tar'
    [[ $output == *"none-08.tar"* ]]
    fails face-pack -o no 'none-{8..11}.tar'
    [[ $output == *"none-8.tar"* ]]
    fails face-pack -o no 'none-{x}.tar'
    [[ $output == *"none-{x}.tar"* ]]
    misused face-pack -o no 'none-{0..99999999}.tar'
    shard 'odd{a,b}.tar' a.cls=1 a.ppm=@1
    face-pack -q -o out 'odd{a,b}.tar'
    shard 2b.tar b.cls=1 b.ppm=@2
    shard 1a.tar c.cls=1 c.ppm=@3
    shard 2a.tar d.cls=1 d.ppm=@4
    shard 1b.tar e.cls=1 e.ppm=@5
    face-pack -q -o out '{2..1}{a,b}.tar'
    [ "$(column out key)" = d.ppmb.ppmc.ppme.ppm ]
}
