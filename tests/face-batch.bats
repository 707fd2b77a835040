# face-batch: order, batches, augmentation, pipes, failures
load lib

# 20 faces of 4x4 pixels in two frames: face i is grey level 10 i on its left half and black on the
# right, belongs to identity i / 4 and is called by the i-th letter
setup_file() {
    cd "$BATS_FILE_TMPDIR"
    { part 0 12; part 12 20 last=1; } >faces.pack
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# letter I: the I-th, from 0
letter() {
    local letters=abcdefghijklmnopqrst
    echo "${letters:$1:1}"
}

# part FIRST END [META]: faces FIRST .. END-1 as a frame
part() {
    local first=$1 end=$2 n=$(($2 - $1)) i k v image='' label='' key='' key_end=''
    shift 2
    for ((i = first; i < end; i++)); do
        v=$((10 * i))
        for ((k = 0; k < 4; k++)); do
            image+="$v,$v,$v,$v,$v,$v,0,0,0,0,0,0,"
        done
        label+=$((i / 4)),
        key+=$(letter "$i")
        key_end+=$((i + 1 - first)),
    done
    frame kind=faces by=test "$@" "image:U8:$n,4,4,3:${image%,}" "label:I64:$n:${label%,}" \
        "key:U8:$n:=$key" "key_end:I64:$n:${key_end%,}"
}

# list: one line a frame of the stream on stdin, "EPOCH BATCH BATCHES KEYS LABELS SHAPE"
list() {
    perl -e '
        local $/; my $s = <STDIN>;
        for (my $at = 0; $at < length $s;) {
            my $n = unpack "Q<", substr $s, $at, 8;
            my $json = substr $s, $at + 8, $n;
            my ($data, $size) = ($at + 8 + $n, 0);
            my %t;
            while ($json =~ /"(\w+)":\{"dtype":"(\w+)","shape":\[([\d,]*)\],"data_offsets":\[(\d+),(\d+)\]/g) {
                $t{$1} = [$3, substr $s, $data + $4, $5 - $4];
                $size = $5 if $5 > $size;
            }
            my %m = map { $_ => $json =~ /"$_":"(\d+)"/ ? $1 : "-" } qw(epoch batch batches);
            print "$m{epoch} $m{batch} $m{batches} $t{key}[1] ",
                join(",", unpack "q<*", $t{label}[1]), " $t{image}[0]\n" if %t;
            $at = $data + $size;
        }'
}

# from K: the stream on stdin without its first K frames
from() {
    perl -e '
        my $skip = shift; local $/; my $s = <STDIN>;
        for (my ($at, $k) = (0, 0); $at < length $s; $k++) {
            my $n = unpack "Q<", substr $s, $at, 8;
            my ($json, $size) = (substr($s, $at + 8, $n), 0);
            while ($json =~ /"data_offsets":\[\d+,(\d+)\]/g) { $size = $1 if $1 > $size }
            print substr $s, $at, 8 + $n + $size if $k >= $skip;
            $at += 8 + $n + $size;
        }' "$1"
}

# pixels: those of all frames on stdin in hex, a line a face
pixels() {
    perl -e '
        local $/; my $s = <STDIN>;
        for (my $at = 0; $at < length $s;) {
            my $n = unpack "Q<", substr $s, $at, 8;
            my ($json, $data, $size) = (substr($s, $at + 8, $n), $at + 8 + $n, 0);
            while ($json =~ /"(\w+)":\{"dtype":"\w+","shape":\[[\d,]*\],"data_offsets":\[(\d+),(\d+)\]/g) {
                print map { "$_\n" } unpack("(H96)*", substr $s, $data + $2, $3 - $2) if $1 eq "image";
                $size = $3 if $3 > $size;
            }
            $at = $data + $size;
        }'
}

keys() {
    list | cut -d' ' -f4 | tr -d '\n'
}

sorted() {
    fold -w1 | sort | tr -d '\n'
}

@test "batches in order: numbered, with label and key, the last one short" {
    face-batch --no-shuffle -b 8 faces.pack >out
    run list <out
    [ "${lines[0]}" = "0 0 3 abcdefgh 0,0,0,0,1,1,1,1 8,4,4,3" ]
    [ "${lines[1]}" = "0 1 3 ijklmnop 2,2,2,2,3,3,3,3 8,4,4,3" ]
    [ "${lines[2]}" = "0 2 3 qrst 4,4,4,4 4,4,4,3" ]
    [ "${#lines[@]}" -eq 3 ]
    cmp <(pixels <out) <(pixels <faces.pack)
}

@test "--drop-last leaves out the short one" {
    run list < <(face-batch --no-shuffle --drop-last -b 8 -e 2 faces.pack)
    [ "${#lines[@]}" -eq 4 ]
    [[ ${lines[2]} == "1 2 4 abcdefgh "* ]]
}

@test "every epoch has every face once, in another order" {
    face-batch -b 8 -e 2 faces.pack | list >lines
    first=$(head -n 3 lines | cut -d' ' -f4 | tr -d '\n')
    second=$(tail -n 3 lines | cut -d' ' -f4 | tr -d '\n')
    [ "$(sorted <<<"$first")" = abcdefghijklmnopqrst ]
    [ "$(sorted <<<"$second")" = abcdefghijklmnopqrst ]
    [ "$first" != "$second" ]
    [ "$first" != abcdefghijklmnopqrst ]
    [ "$(cut -d' ' -f1,2,3 lines | tr '\n' ';')" = "0 0 6;0 1 6;0 2 6;1 3 6;1 4 6;1 5 6;" ]
}

@test "the seed matters" {
    [ "$(face-batch -s 1 faces.pack | keys)" != "$(face-batch -s 2 faces.pack | keys)" ]
}

@test "the same bytes for any number of threads" {
    options=(-b 3 -e 3 --flip 0.5 --crop 0.5 --low-res 0.5 --photometric 0.5 faces.pack)
    face-batch -j 1 "${options[@]}" >one
    face-batch -j 3 "${options[@]}" >three
    face-batch -j 8 "${options[@]}" >eight
    cmp one three
    cmp one eight
}

@test "--start-batch gives the tail of the whole run, byte for byte behind the first frame" {
    options=(-b 3 -e 3 --flip 0.5 --crop 0.5 --low-res 0.5 --photometric 0.5 faces.pack)
    face-batch "${options[@]}" >all
    for k in 1 7 20; do # 7 batches an epoch, 21 in all
        face-batch --start-batch "$k" "${options[@]}" >rest
        [ "$(list <all | tail -n +$((k + 1)))" = "$(list <rest)" ]
        cmp <(from "$k" <all | pixels) <(pixels <rest)
        cmp <(from $((k + 1)) <all) <(from 1 <rest)
    done
    [ -z "$(face-batch --start-batch 21 "${options[@]}" | list)" ]
}

@test "--per-identity: K faces of each of N/K identities, all identities an epoch" {
    face-batch -b 8 --per-identity 4 -e 2 faces.pack | list >lines
    [ "$(wc -l <lines)" -eq 6 ]
    while read -r _ _ _ keys labels _; do
        for ((i = 0; i < ${#keys}; i += 4)); do
            [ "$(sorted <<<"${keys:i:4}" | wc -c)" -eq 4 ]
        done
        [ "$(tr , '\n' <<<"$labels" | uniq -c | awk '$1 != 4' | wc -l)" -eq 0 ]
    done <lines
    [ "$(head -n 3 lines | cut -d' ' -f4 | tr -d '\n' | sorted)" = abcdefghijklmnopqrst ]
}

@test "--flip 1 is the mirror image, --flip 0 nothing" {
    face-batch --no-shuffle --flip 1 faces.pack | pixels >flipped
    pixels <faces.pack | perl -pe 's/((?:..){6})((?:..){6})/$2$1/g' >want
    cmp flipped want
    cmp <(face-batch --no-shuffle --flip 0 faces.pack | pixels) <(pixels <faces.pack)
}

@test "crop, low-res and photometric change the pixels and nothing else, grey stays grey" {
    for change in crop low-res photometric; do
        face-batch --no-shuffle --$change 1 faces.pack >out
        [ "$(list <out)" = "$(face-batch --no-shuffle faces.pack | list)" ]
        run ! cmp -s <(pixels <out) <(pixels <faces.pack)
        run ! grep -qvE '^((..)\2\2)*$' <(pixels <out)
    done
}

@test "a pipe: all faces once, none from beyond the buffer; gzip is as good" {
    face-batch -b 8 --buffer 4 <faces.pack >out
    order=$(keys <out)
    [ "$(sorted <<<"$order")" = abcdefghijklmnopqrst ]
    [ "$order" != abcdefghijklmnopqrst ]
    for ((i = 0; i < 20; i++)); do
        [ "$(printf '%d' "'${order:i:1}")" -lt $((97 + i + 4)) ]
    done
    [ "$(list <out | head -n 1 | cut -d' ' -f1-3)" = "0 0 -" ]
    gzip -c faces.pack >faces.gz
    cmp out <(face-batch -b 8 --buffer 4 faces.gz)
    cmp out <(gzip -c faces.pack | face-batch -b 8 --buffer 4 -)
    [ "$(face-batch --no-shuffle <faces.pack | keys)" = abcdefghijklmnopqrst ]
}

@test "a pipe from batch K on" {
    options=(-b 3 --buffer 5 --flip 0.5 --photometric 0.5)
    face-batch "${options[@]}" <faces.pack >all
    face-batch --start-batch 4 "${options[@]}" <faces.pack >rest
    [ "$(list <all | tail -n 3)" = "$(list <rest)" ]
    cmp <(from 5 <all) <(from 1 <rest)
}

# 60 times 64 faces of 112x112 pixels, 145 MB
large() {
    head -c $((64 * 112 * 112 * 3)) /dev/zero >zeros
    perl -e 'use Compress::Zlib (); local $/; my $data = <STDIN>;
        for my $last ("", ",\"last\":\"1\"") {
            my $json = sprintf "{\"__metadata__\":{\"crc32\":\"%08x\",\"kind\":\"faces\"%s},"
                . "\"image\":{\"dtype\":\"U8\",\"shape\":[64,112,112,3],\"data_offsets\":[0,%d]}}",
                Compress::Zlib::crc32($data), $last, length $data;
            $json .= " " x (-(8 + length $json) % 64);
            open my $f, ">:raw", $last ? "end" : "middle" or die;
            print $f pack("Q<", length $json), $json, $data;
        }' <zeros
    for ((i = 0; i < 59; i++)); do cat middle; done
    cat end
}

# held [ARGUMENT...]: the kB of memory, but for mapped files, that face-batch has when it has written
# 120 MB
held() {
    local kilobytes pid
    rm -f batches
    mkfifo batches
    face-batch -j 2 -b 64 "$@" <&0 >batches 3>&- &
    pid=$!
    {
        head -c 120000000 >/dev/null
        kilobytes=$(awk '/^RssAnon/ { print $2 }' "/proc/$pid/status")
        cat >/dev/null
    } <batches
    wait "$pid" || return
    echo "$kilobytes"
}

@test "neither a pipe nor a pack is held in memory" {
    ! sanitized '[at]san' || skip "sanitizers need memory of their own"
    large >large.pack
    kilobytes=$(held --buffer 64 - <large.pack)
    [ "$kilobytes" -lt 60000 ]
    kilobytes=$(held large.pack)
    [ "$kilobytes" -lt 60000 ]
    rm large.pack
}

@test "a reader that leaves ends it quietly" {
    run bash -c 'face-batch -e 1000000 faces.pack | head -c 1000 >/dev/null; echo "${PIPESTATUS[0]}"'
    [ "$output" = 141 ]
}

@test "-o: the file appears when it is whole, and not at all after a failure" {
    face-batch -o whole faces.pack
    cmp whole <(face-batch faces.pack)
    head -c -1 faces.pack | fails face-batch --no-shuffle -b 4 -o none
    [ ! -e none ]
}

@test "provenance and unknown metadata pass through" {
    { part 0 4 colour=red; part 4 8 last=1; } | face-batch -b 4 -s 7 >out
    head -c 1000 out | grep -aq '"by":"test\\nface-batch [0-9.]* --batch=4 --seed=7"'
    head -c 1000 out | grep -aq '"colour":"red"'
}

@test "an empty stream has no batches" {
    frame kind=faces last=1 >empty
    [ -z "$(face-batch empty | list)" ]
    [ -z "$(face-batch <empty | list)" ]
}

@test "failures: the input" {
    fails face-batch nosuch.pack
    head -c 1500 faces.pack >short
    fails face-batch short
    [[ $output == *"short: "*cut*byte* ]]
    frame kind=embeddings last=1 embedding:F32:1,2:1,2 >wrong
    fails face-batch wrong
    [[ $output == *"not 'faces'"* ]]
    frame -c 00000000 kind=faces last=1 image:U8:1,1,1,3:1,2,3 >damaged
    fails face-batch damaged
    [[ $output == *CRC* ]]
    frame kind=faces last=1 jpeg:U8:3:=abc jpeg_end:I64:1:3 key:U8:2:=me key_end:I64:1:2 >bad
    fails face-batch bad
    [[ $output == *"bad: row 0 (me): "* ]]
    { frame kind=faces image:U8:1,1,1,3:1,2,3; frame kind=faces last=1 image:U8:1,1,2,3:1,2,3,4,5,6; } >sizes
    fails face-batch --no-shuffle sizes
    [[ $output == *"row 1: "* ]]
}

@test "failures: what the input cannot give" {
    fails face-batch --start-batch 2 faces.pack
    [[ $output == *"it has 1 in all" ]]
    fails face-batch --drop-last -b 21 faces.pack
    fails face-batch -e 2 - <faces.pack
    [[ $output == *"only once" ]]
    fails face-batch --per-identity 4 - <faces.pack
    frame kind=faces last=1 image:U8:1,1,1,3:1,2,3 >nobody
    fails face-batch --per-identity 4 nobody
    [[ $output == *"nobody: row 0 has no identity"* ]]
}

@test "failures: the output" {
    fails face-batch -o /nosuch/folder/file faces.pack
    run -1 bash -c 'face-batch faces.pack >/dev/full'
    [[ $output == "face-batch: "* ]]
}

@test "misuse" {
    misused face-batch --nosuch
    misused face-batch faces.pack faces.pack
    misused face-batch --batch 0 faces.pack
    misused face-batch --epochs 0 faces.pack
    misused face-batch --flip 1.5 faces.pack
    misused face-batch --photometric -0.1 faces.pack
    misused face-batch --per-identity 3 --batch 8 faces.pack
    misused face-batch --per-identity 4 --no-shuffle faces.pack
}

@test "--help and --version go to stdout" {
    run -0 --separate-stderr face-batch --help
    [[ $output == "usage: face-batch "* && -z $stderr ]]
    run -0 --separate-stderr face-batch --version
    [[ $output == "face-batch "* && -z $stderr ]]
}

@test "the manual's examples work" {
    awk '/^\.Dl/ { sub(/^\.Dl /, ""); print } /^\.Ed/ { p = 0 } p { gsub(/\\e/, "\\"); print }
        /^\.Bd -literal/ { p = 1 }' "$BATS_TEST_DIRNAME/../man/face-batch.1" >examples
    [ "$(grep -c face-batch examples)" -eq 4 ]
    # shellcheck disable=SC1091
    bash -eo pipefail examples
}
