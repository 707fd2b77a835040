# embed: faces and a model in, embeddings out
load lib

# The tools that make faces and models are slow next to what is tested: once for all tests.
setup_file() {
    cd "$BATS_FILE_TMPDIR"
    face-synth -q --identities 5 --images 4 --size 32 -o faces
    npc-train -q -i faces --arch mobilefacenet --embedding 8 -b 10 -e 2 --lr 0.001 -o model
    embed -m model faces -o plain
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# column NAME TEMPLATE FILE: a tensor's values, one a line, by an independent reader
column() {
    perl -MJSON::PP -0777 -ne '
        BEGIN { ($name, $template) = splice @ARGV, 0, 2 }
        for (my $at = 0; $at < length;) {
            my $n = unpack "Q<", substr $_, $at, 8;
            my $header = decode_json substr $_, $at + 8, $n;
            my $base = $at += 8 + $n;
            for my $key (grep { $_ ne "__metadata__" } keys %$header) {
                my ($begin, $end) = @{$header->{$key}{data_offsets}};
                print "$_\n" for $key ne $name ? () :
                    unpack "($template)*", substr $_, $base + $begin, $end - $begin;
                $at = $base + $end if $base + $end > $at;
            }
        }' "$1" "$2" "$3"
}

@test "one embedding a face; labels, keys and unknown columns go through, in order" {
    [ "$(column embedding f plain | wc -l)" = 160 ]
    [ "$(column label q plain)" = "$(column label q faces)" ]
    [ "$(column key C plain)" = "$(column key C faces)" ]
    frame kind=faces colour=blue last=1 "image:U8:1,32,32,3:$(yes 7, | head -3071 | tr -d '\n')7" \
        weight:F64:1:.5 >one
    embed -m model one | stream-ls --json - >listed
    grep -q '"colour": *"blue"' listed
    grep -q weight listed
}

@test "the same bits for any batch and any number of threads" {
    embed -m model -j 1 <faces | cmp - plain
    embed -m model -j 3 faces | cmp - plain
    for n in 1 3 7; do
        face-batch --no-shuffle -b "$n" faces | embed -m model -j 2 -o cut
        [ "$(column embedding f cut)" = "$(column embedding f plain)" ]
    done
}

# with_bf16: skips where products in bf16 are not to be had
with_bf16() {
    embed -q -m model --precision bf16 --require-precision faces >/dev/null ||
        skip "no products in bf16 here"
}

@test "--precision bf16: near to float's, the same bits for any batch and any number of threads" {
    with_bf16
    embed -m model --precision bf16 faces -o half
    stream-ls --json half | grep -q '"precision": *"bf16"'
    [ "$(stream-ls --json plain | grep -c '"precision"')" = 0 ]
    [ "$(column embedding f half)" != "$(column embedding f plain)" ]
    paste -d ' ' <(column embedding f plain) <(column embedding f half) | perl -ane '
        $x += $F[0] * $F[1], $a += $F[0] ** 2, $b += $F[1] ** 2;
        END { die $x / sqrt($a * $b) unless $x / sqrt($a * $b) > .999 }'
    embed -m model --precision bf16 -j 1 <faces | cmp - half
    embed -m model --precision bf16 -j 3 faces | cmp - half
    for n in 1 7; do
        face-batch --no-shuffle -b "$n" faces | embed -m model --precision bf16 -j 2 -o cut
        [ "$(column embedding f cut)" = "$(column embedding f half)" ]
    done
}

@test "--precision bf16 where it is not to be had: told, and float; or a failure" {
    run embed -m model --kernels openblas --precision bf16 faces -o told
    [ "$status" = 0 ]
    [[ $output == *"no products in bf16"*"; computing in float"* ]]
    [ "$(stream-ls --json told | grep -c '"precision"')" = 0 ]
    embed -m model --kernels openblas faces -o openblas
    [ "$(column embedding f told)" = "$(column embedding f openblas)" ]
    run embed -m model --kernels openblas --precision bf16 --require-precision faces -o none
    [ "$status" = 1 ]
    [ ! -e none ]
    run embed -m model --require-precision faces -o none
    [ "$status" = 2 ]
}

@test "--profile changes no byte and lists every layer" {
    embed -q -m model --profile faces -o profiled 2>table
    cmp plain profiled
    [ "$(head -n 1 table | cut -d' ' -f1)" = layer ]
    grep -Eq '^conv1\.conv +conv +32x32x3 > 16x16x64 3x3/2 +[0-9.]+ +0\.0 ' table
    grep -Eq '^linear +linear ' table
    grep -q '^20 images, ' table
}

@test "several streams are embedded as one" {
    embed -m model faces faces -o twice
    [ "$(column embedding f twice)" = "$(column embedding f plain; column embedding f plain)" ]
}

@test "--flip sum and concat are made of the face and its mirror image" {
    embed -m model --mirror concat faces -o concat
    embed -m model --mirror sum faces -o sum
    face-batch --no-shuffle --flip 1 -b 20 faces | embed -m model -o mirrored
    paste -d ' ' <(column embedding f plain) <(column embedding f mirrored) \
        <(column embedding f sum) | perl -ane '
            die "$.: @F" if abs($F[0] + $F[1] - $F[2]) > 1e-5; $n++; END { die unless $n == 160 }'
    [ "$(column embedding f concat | head -8)" = "$(column embedding f plain | head -8)" ]
    [ "$(column embedding f concat | sed -n 9,16p)" = "$(column embedding f mirrored | head -8)" ]
}

@test "--normalize gives length 1 and the same direction" {
    embed -m model --normalize faces -o unit
    paste -d ' ' <(column embedding f plain) <(column embedding f unit) | perl -ane '
        $l += $F[1] ** 2; $d += $F[0] * $F[1]; $p += $F[0] ** 2;
        if ($. % 8 == 0) {
            die "row $.: $l" if abs($l - 1) > 1e-5 || abs($d / sqrt($p) - 1) > 1e-5;
            $l = $d = $p = 0;
        }'
}

@test "--face-quality: the length, the agreement with the mirror image; embeddings stay" {
    embed -m model --mirror concat faces -o both
    embed -m model --face-quality norm --normalize faces -o norm
    embed -m model --face-quality flip faces -o flip
    # Lengths are those of the first halves, agreement is the cosine of both.
    column embedding f both | awk '{ x[NR] = $1 } END {
        for (i = 0; i < NR; i += 16) {
            a = b = ab = 0
            for (k = 1; k <= 8; k++) { a += x[i + k] ^ 2; b += x[i + 8 + k] ^ 2; ab += x[i + k] * x[i + 8 + k] }
            print sqrt(a), ab / sqrt(a * b)
        } }' | paste - <(column quality_norm f norm) <(column quality_flip f flip) |
        awk '{ n++; if (($1 - $3) ^ 2 > 1e-9 * $1 ^ 2 || ($2 - $4) ^ 2 > 1e-10) exit 1 } END { exit n != 20 }'
    [ "$(column embedding f flip)" = "$(column embedding f plain)" ]
    [ "$(column quality_norm f plain | wc -l)" = 0 ]
    eval-roc -q --edc quality_flip --at eer flip | grep -q 'mean FNMR'
}

@test "JPEG faces" {
    face-synth -q --identities 2 --images 2 --format tar -o photos.tar --landmarks-out points
    face-pack -q --landmarks points --size 32 --store jpeg photos.tar -o jpeg
    face-batch --no-shuffle -b 4 jpeg -o decoded
    embed -m model jpeg -o a
    embed -m model decoded -o b
    [ "$(column embedding f a | wc -l)" = 32 ]
    [ "$(column embedding f a)" = "$(column embedding f b)" ]
}

@test "a frame without faces, and one without rows" {
    frame kind=faces last=1 | embed -m model | stream-ls -
    frame kind=faces last=1 image:U8:0,32,32,3: | embed -m model | stream-ls - | grep 'F32\[0,8\]'
}

@test "what is no face, no model, or does not fit, is named" {
    frame kind=faces last=1 image:U8:1,2,2,3:1,2,3,4,5,6,7,8,9,10,11,12 >small
    fails embed -m model small
    [[ $output == *small*2x2*32x32* ]]
    frame kind=faces last=1 jpeg:U8:3:1,2,3 jpeg_end:I64:1:3 key:U8:2:=ab key_end:I64:1:2 >broken
    fails embed -m model broken
    [[ $output == *"row 0, ab"* ]]
    fails embed -m model model
    [[ $output == *"not 'faces'"* ]]
    fails embed -m faces faces
    [[ $output == *"not 'model'"* ]]
    fails embed -m nothing faces
    head -c 5000 faces >cut
    fails embed -m model cut -o out
    [ ! -e out ]
}

@test "misuse" {
    misused embed faces
    misused embed -m model --flip twice faces
    misused embed -m model -j 0 faces
}

@test "embeddings say what made them, and those of different models are not compared" {
    face-synth -q --size 32 --identities 6 --images 4 -o some.faces
    npc-train -q -i some.faces --embedding 16 --epochs 0 -o a.model
    npc-train -q -i some.faces --embedding 16 --epochs 0 --seed 2 -o b.model
    embed -q -m a.model some.faces -o a.emb
    embed -q -m b.model some.faces -o b.emb
    embed -q -m a.model -j 1 --normalize --kernels openblas some.faces -o again.emb
    embed -q -m a.model --mirror sum some.faces -o sum.emb
    made_by() {
        stream-ls -l "$1" | sed -n 's/^ *model: //p'
    }
    [[ $(made_by a.emb) =~ ^[0-9a-f]{16}$ ]]
    [ "$(made_by a.emb)" = "$(made_by again.emb)" ]
    [ "$(made_by a.emb)" != "$(made_by b.emb)" ]
    [ "$(made_by a.emb)" != "$(made_by sum.emb)" ]
    # Weights and running statistics alone decide: the same net from another file is the same.
    npc-train -q -i some.faces --embedding 16 --epochs 0 --head arcface -o c.model
    embed -q -m c.model some.faces -o c.emb
    cmp <(column a.emb embedding) <(column c.emb embedding)
    [ "$(made_by a.emb)" = "$(made_by c.emb)" ]
    stream-cat -q a.emb b.emb -o both.emb
    fails eval-roc -q both.emb
    [[ $output == *"both.emb has embeddings of different models, $(made_by a.emb) and $(made_by b.emb); --any-model"* ]]
    eval-roc -q --any-model --far 1e-1 both.emb >/dev/null
    eval-roc -q --far 1e-1 --versus a.emb --bootstrap 10 b.emb >/dev/null
    fails stream-cat -q --merge a.emb b.emb -o no
    [[ $output == *"cannot be merged"* ]]
    stream-ls --table --fields key both.emb | tail -n +2 | sort -u >keys
    head -n 6 keys >gallery
    tail -n 6 keys >probe
    fails eval-id -q --gallery gallery --probe probe both.emb
    [[ $output == *"--any-model"* ]]
    # What does not say is compared with anything.
    stream-cat -q --to npy -o plain.npy a.emb
    stream-cat -q --from npy plain.npy -o plain.emb
    [ -z "$(made_by plain.emb)" ]
}

@test "--store: half and a quarter of the bytes, read by whatever reads embeddings" {
    for store in bf16 int8; do
        embed -q -m model --store $store -o $store.emb faces
        [ "$(meta $store.emb model)" = "$(meta plain model)" ]
        stream-cat -q --to npy -o $store.npy $store.emb
        stream-cat -q --from npy -o $store.back $store.npy
        # As near as 8 bits are, of the largest of a face
        paste <(column embedding f plain) <(column embedding f $store.back) | awk '
            { x[NR] = $1; y[NR] = $2; a = $1 < 0 ? -$1 : $1; if (a > most) most = a }
            NR % 8 == 0 { for (i = NR - 7; i <= NR; i++) if ((x[i] - y[i]) ^ 2 > (most / 250) ^ 2) exit 1; most = 0 }'
        # The tools agree with those numbers as floats, but for the model, which these do not know.
        cmp <(eval-roc -q --tsv $store.emb) <(stream-cat -q $store.emb | eval-roc -q --tsv)
        face-search --closed-set --gallery plain $store.emb | awk -F'\t' 'NR > 1 && $5 < .999 { exit 1 }'
        face-group -q --threshold 0.5 $store.emb | stream-ls >/dev/null
        face-clean -q --find outliers $store.emb >/dev/null
        eval-id --tsv -q --groups plain $store.emb >/dev/null
    done
    [ "$(column embedding C bf16.emb | wc -l)" = 320 ]
    [ "$(column embedding C int8.emb | wc -l)" = 160 ]
    [ "$(column embedding_scale f int8.emb | wc -l)" = 20 ]
    [ "$(column embedding c int8.emb | awk 'NR % 8 == 1 { if (NR > 1 && most != 127) exit 1; most = 0 }
        { a = $1 < 0 ? -$1 : $1; if (a > most) most = a } END { print most }')" = 127 ]
    misused embed -m model --store half faces
}

@test "on a terminal, percentage and time left of regular files; of a pipe only what was done" {
    command -v script >/dev/null || skip "no script(1)"
    face-synth -q --identities 60 --images 10 --size 32 -o many
    run -0 script -qec "embed -m model -j 1 -o out many" /dev/null
    [[ $output == *"%"*" faces, "*" s left"* ]]
    run -0 script -qec "cat many | embed -m model -j 1 -o out" /dev/null
    [[ $output != *" s left"* && $output == *" faces, "* ]]
    rm many out
}
