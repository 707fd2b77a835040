# stream-ls: what it lists, and what it refuses
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    { frame kind=faces by='maker 1 --x' colour=blue label:I64:2:7,-1 key:U8:3:=abc key_end:I64:2:1,3
        frame kind=faces last=1 label:I64:1:9 key:U8:0: key_end:I64:1:0; } >faces
}

@test "a line a frame: offset, kind, rows, bytes, CRC, tensors; then the totals" {
    run -0 stream-ls faces
    [ "${#lines[@]}" -eq 5 ]
    [[ ${lines[1]} =~ ^\ +0\ +faces\ +2\ +35\ +ok\ +key_end\ I64\[2\]\ +label\ I64\[2\]\ +key\ U8\[3\]$ ]]
    [ "${lines[2]}" = "    by: maker 1 --x" ]
    second=$(frame kind=faces by='maker 1 --x' colour=blue label:I64:2:7,-1 key:U8:3:=abc \
        key_end:I64:2:1,3 | wc -c)
    [[ ${lines[3]} =~ ^\ +$second\ +faces\ +1\ +16\ +ok\ .*\(last\)$ ]]
    [ "${lines[4]}" = "2 frames, 3 rows, 51 bytes of tensors, whole" ]
}

@test "standard input, - and gzip give the same" {
    want=$(stream-ls faces)
    [ "$(stream-ls <faces)" = "$want" ]
    [ "$(stream-ls - <faces)" = "$want" ]
    gzip -k faces
    [ "$(stream-ls faces.gz)" = "$want" ]
}

@test "several files are told apart" {
    run -0 stream-ls faces faces
    [ "${lines[0]}" = "faces:" ]
    [ "${lines[6]}" = "faces:" ]
}

@test "--json: an object for each frame and one of totals" {
    stream-ls --json faces >json
    [ "$(wc -l <json)" -eq 3 ]
    run -0 python3 -c '
import json
one, two, total = map(json.loads, open("json"))
assert one["offset"] == 0 and one["kind"] == "faces" and one["rows"] == 2 and one["bytes"] == 35
assert one["crc"] == "ok" and not one["last"] and two["last"] and two["rows"] == 1
assert one["tensors"][2] == {"name": "key", "dtype": "U8", "shape": [3]}, one["tensors"]
assert one["metadata"] == {"kind": "faces", "by": "maker 1 --x", "colour": "blue"}
assert total == {"file": "faces", "frames": 2, "rows": 3, "bytes": 51, "error": None}'
}

@test "--long: every tensor and all metadata" {
    frame kind=model last=1 recipe=$'one\ntwo' a:F32:2,1:1,2 b:F32:1:3 c:F32:1:3 d:F32:1:3 \
        e:F32:1:3 f:F32:1:3 g:F32:1:3 s:F32::3 >model
    run -0 stream-ls model
    [[ ${lines[1]} =~ ^\ +0\ +model\ +-\ +36\ +ok.*\.\.\.\ of\ 8\ tensors ]]
    run -0 stream-ls -l model
    [ "${lines[2]}" = "    a F32[2,1]" ]
    [ "${lines[9]}" = "    s F32[]" ]
    [ "${lines[10]}" = "    recipe: one" ]
    [ "${lines[11]}" = "    recipe: two" ]
}

@test "a damaged frame is listed as such, the rest too, status 1" {
    { frame -c 12345678 kind=faces label:I64:1:7; frame kind=faces last=1 label:I64:1:9; } >bad
    run -1 --separate-stderr stream-ls bad
    [[ ${lines[1]} == *" DAMAGED "* && ${lines[2]} == *" ok "* ]]
    [ "${lines[3]}" = "2 frames, 2 rows, 16 bytes of tensors, DAMAGED" ]
    [ "$stderr" = "stream-ls: bad: frame at byte 0: its data is damaged (CRC-32 differs)" ]
    run -1 --separate-stderr stream-ls --json bad
    [[ ${lines[0]} == *'"crc":"damaged"'* && ${lines[2]} == *'"error":"damaged"'* ]]
}

@test "a cut stream: what there is, then the reason, status 1" {
    head -c 400 faces >cut
    run -1 --separate-stderr stream-ls cut
    [[ ${lines[1]} =~ ^\ +0\ +faces ]]
    [ "${lines[3]}" = "1 frame, 2 rows, 35 bytes of tensors, NOT WHOLE" ]
    [[ $stderr == "stream-ls: cut: the stream was cut"* ]]
    run -1 --separate-stderr stream-ls --json cut
    [[ ${lines[1]} == *'"error":"cut: the stream was cut'* ]]
    run -1 --separate-stderr stream-ls cut faces
    [[ $output == *"NOT WHOLE"*"whole"* ]]
}

@test "faces whose columns do not fit are an error" {
    frame kind=faces last=1 label:I64:2:1,2 key:U8:3:=abc key_end:I64:1:3 >bad
    run -1 stream-ls bad
    [[ $output == *"stream-ls: bad: frame at byte 0: tensor '"*" rows"* ]]
}

@test "--table --fields: any column of text or of one number a row" {
    frame kind=faces last=1 key:U8:3:=abc key_end:I64:2:1,3 quality:F32:2:0.1,-3 exact:F64:2:0.1,1e300 \
        count:I64:2:5,-6 wide:F32:2,2:1,2,3,4 >some
    stream-ls --table --fields key,quality,exact,count,row,label some >table
    [ "$(<table)" = "$(printf '%s\t%s\t%s\t%s\t%s\t%s\n' key quality exact count row label \
        a 0.100000001 0.10000000000000001 5 0 -1 bc -3 1.0000000000000001e+300 -6 1 -1)" ]
    run -1 stream-ls --table --fields key,colour some
    [[ $output == "stream-ls: some: frame at byte 0: no column 'colour'; there are: frame, row, "*wide* ]]
    fails stream-ls --table --fields wide some
    [[ $output == *"column 'wide' is neither text nor one number a row"* ]]
    misused stream-ls --table --fields key,,row some
    frame kind=faces last=1 >none
    [ "$(stream-ls --table --fields key,colour none)" = $'key\tcolour' ]
}

@test "names and texts cannot move the cursor" {
    frame kind=$'x\x7fy' last=1 by=$'\x7f[2J' label:I64:1:1 >evil
    run -0 stream-ls evil
    [[ $output == *'x\x7fy'*'by: \x7f[2J'* ]]
}

@test "no file, no stream, no room" {
    fails stream-ls nosuch
    [ "$output" = "stream-ls: cannot open nosuch: No such file or directory" ]
    : >empty
    run -1 --separate-stderr stream-ls empty
    [ "$stderr" = "stream-ls: empty: empty, not a tensor stream" ]
    run -1 stream-ls .
    run -1 bash -c 'stream-ls faces >/dev/full'
    [ "$output" = "stream-ls: cannot write standard output" ]
}

@test "a reader that leaves ends it quietly" {
    yes faces | head -n 1024 | xargs cat >many
    run -0 bash -c 'stream-ls many | head -n 1'
    [[ $output == *offset* ]]
}
