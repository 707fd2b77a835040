# stream-cat: joining, cutting, selecting, merging
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    { frame kind=faces by='maker 1' colour=blue label:I64:2:7,-1 key:U8:3:=abc key_end:I64:2:1,3
        frame kind=faces last=1 size=big label:I64:1:9 key:U8:2:=de key_end:I64:1:2; } >faces
    frame kind=model by=trainer last=1 weight:F32:2,2:1,2,3,4 bias:F64:1:.5 >model
    frame by=trainer last=1 >end
}

# rows FILE: its labels and keys, a line a row, by an independent reader
rows() {
    perl -MJSON::PP -0777 -ne '
        for (my $at = 0; $at < length;) {
            my $n = unpack "Q<", substr $_, $at, 8;
            my $header = decode_json substr $_, $at + 8, $n;
            my $base = $at += 8 + $n;
            my $tensor = sub {
                my ($begin, $end) = @{$header->{$_[0]}{data_offsets}};
                return substr $_, $base + $begin, $end - $begin;
            };
            for my $name (grep { $_ ne "__metadata__" } keys %$header) {
                my $end = $base + $header->{$name}{data_offsets}[1];
                $at = $end if $end > $at;
            }
            next unless $header->{label};
            my @end = unpack "q<*", $tensor->("key_end");
            my $begin = 0;
            for my $label (unpack "q<*", $tensor->("label")) {
                my $end = shift @end;
                print "$label ", substr($tensor->("key"), $begin, $end - $begin), "\n";
                $begin = $end;
            }
        }' "$1"
}

@test "joining: all rows, in order, one end, each part's provenance and metadata" {
    stream-cat faces faces -o joined
    [ "$(rows joined)" = "$(rows faces; rows faces)" ]
    run -0 stream-ls -l joined
    [ "$(grep -c '(last)' <<<"$output")" -eq 1 ]
    [[ ${lines[1]} =~ ^\ +0\ +faces ]]
    [ "$(grep -c 'by: maker 1' <<<"$output")" -eq 2 ]
    [[ $output == *"by: maker 1"*"by: stream-cat "*"size: big"*"by: maker 1"*"size: big"* ]]
}

@test "frames of different form can be joined" {
    run -0 bash -c 'stream-cat faces model | stream-ls'
    [[ $output == *faces*faces*model*"3 frames, 3 rows"* ]]
}

@test "a model stays a safetensors file: one frame, the same tensors" {
    stream-cat model >copy
    run -0 stream-ls copy
    [[ ${lines[1]} =~ ^\ +0\ +model\ +-\ +24\ +ok\ +bias\ F64\[1\]\ +weight\ F32\[2,2\]\ +\(last\)$ ]]
    [ "${#lines[@]}" -eq 5 ]
    [ "$(tail -c 24 copy | od -An -tx1)" = "$(tail -c 24 model | od -An -tx1)" ]
}

@test "frames that only mark an end are left out, also in the middle" {
    run -0 bash -c 'stream-cat end faces end model end | stream-ls'
    [[ $output == *"3 frames, "* ]]
    run -0 bash -c 'stream-cat end | stream-ls'
    [[ $output == *"by: trainer"*"1 frame, 0 rows"* ]]
}

@test "standard input, named or not, and gzip" {
    stream-cat <faces >one
    stream-cat - <faces >two
    gzip -c faces | stream-cat >three
    cmp one two && cmp one three
    run -0 bash -c 'stream-cat faces - <faces | stream-ls'
    [[ $output == *"4 frames, 6 rows"* ]]
}

@test "--head cuts between frames and within them" {
    for n in 0 1 2 3 9; do
        stream-cat --first $n faces -o "cut$n"
        [ "$(rows "cut$n")" = "$(rows faces | head -n $n)" ]
        stream-ls "cut$n"
    done
    stream-cat -n 4 faces faces -o cut
    [ "$(rows cut)" = "$({ rows faces; rows faces; } | head -n 4)" ]
    run -0 stream-ls -l cut1
    [[ $output == *"colour: blue"* ]]
}

@test "--head reads standard input to its end, so that the writer ends well" {
    yes faces | head -n 1024 | xargs cat >many
    run -0 bash -c 'set -o pipefail; cat many | stream-cat -n 1 | stream-ls'
    [[ $output == *"1 frame, 1 row,"* ]]
    run -1 bash -c 'head -c 100000 many | stream-cat -n 1 -o out'
    [[ $output == *"cut"* ]]
    [ ! -e out ]
}

@test "--select: columns by name, ragged ones with their ends" {
    run -0 bash -c 'stream-cat --select key faces | stream-ls'
    [[ ${lines[1]} =~ ok\ +key_end\ I64\[2\]\ +key\ U8\[3\]$ ]]
    run -0 bash -c 'stream-cat --select label faces | stream-ls'
    [[ ${lines[1]} =~ ok\ +label\ I64\[2\]$ ]]
    stream-cat --select label,key faces >all
    [ "$(rows all)" = "$(rows faces)" ]
    run -0 bash -c 'stream-cat --select bias model | stream-ls'
    [[ ${lines[1]} =~ ok\ +bias\ F64\[1\] ]]
    fails stream-cat --select key,nose faces -o out
    [ "$output" = "stream-cat: faces: frame at byte 0: there is no tensor 'nose' to select" ]
    fails stream-cat --select '' faces -o out
    [ ! -e out ]
}

@test "--merge: one frame with all rows, metadata and provenance" {
    frame by='maker 2' kind=faces last=1 colour=red age=old label:I64:1:5 key:U8:1:=z \
        key_end:I64:1:1 >more
    stream-cat --merge faces more faces -o merged
    [ "$(rows merged)" = "$(rows faces; rows more; rows faces)" ]
    run -0 stream-ls -l merged
    [ "$(grep -c ' ok ' <<<"$output")" -eq 1 ]
    [[ $output == *"colour: blue"* && $output == *"size: big"* && $output == *"age: old"* ]]
    [[ $output == *"by: maker 1"*"by: maker 2"*"by: stream-cat "*"--merge"* ]]
    [ "$(grep -c 'by: maker 1' <<<"$output")" -eq 1 ]
    stream-cat --merge -n 4 --select key,label faces faces >four
    [ "$(rows four)" = "$({ rows faces; rows faces; } | head -n 4)" ]
}

@test "--merge of one frame changes nothing but provenance, whatever it is" {
    stream-cat --merge model >one
    run -0 stream-ls one
    [[ $output == *"1 frame"* ]]
    [ "$(tail -c 24 one | od -An -tx1)" = "$(tail -c 24 model | od -An -tx1)" ]
}

@test "--merge of frames without rows keeps the columns" {
    frame kind=faces last=1 label:I64:0: key:U8:0: key_end:I64:0: >none
    run -0 bash -c 'stream-cat --merge none none | stream-ls'
    [[ $output == *"label I64[0]"*"1 frame, 0 rows"* ]]
    stream-cat --merge none faces none >some
    [ "$(rows some)" = "$(rows faces)" ]
}

@test "--merge refuses frames of different form, and models" {
    frame kind=faces last=1 label:I64:1:5 >bare
    fails stream-cat --merge faces bare -o out
    [[ $output == "stream-cat: bare: frame at byte 0: cannot be merged: a column "* ]]
    frame kind=faces last=1 label:F32:1:5 key:U8:1:=z key_end:I64:1:1 >typed
    fails stream-cat --merge faces typed -o out
    [[ $output == *"cannot be merged: column 'label' "* ]]
    fails stream-cat --merge faces model -o out
    [[ $output == *"its kind is 'model', so it cannot be merged with 'faces'" ]]
    fails stream-cat --merge model model -o out
    [[ $output == *"cannot be merged: tensor '"*" rows"* ]]
    [ ! -e out ]
}

@test "what joined files have in common is told: keys, and people" {
    frame kind=embeddings last=1 embedding:F32:2,1:1,2 label:I64:2:0,-1 key:U8:2:=ab key_end:I64:2:1,2 >a
    frame kind=embeddings last=1 embedding:F32:2,1:1,2 label:I64:2:0,1 key:U8:2:=cd key_end:I64:2:1,2 >b
    run -0 stream-cat -o out a b
    [ "$output" = "stream-cat: 1 label occurs in more than one file and now means one person \
(the first: 0, of a and b); --relabel keeps the files' people apart" ]
    run -0 stream-cat -o out a a
    [ "$output" = "stream-cat: 2 rows have the key of an earlier row (the first: a); keys of a stream should be \
unique" ]
    run -0 stream-cat -q --merge -o out b b b
    [[ $output == *"4 rows have the key of an earlier row"* ]]
    run -0 stream-cat -q -o out a b
    [ -z "$output" ]
    run -0 stream-cat -o out a
    [ -z "$output" ]
}

@test "damaged and cut streams are refused, and nothing is left behind" {
    { frame kind=faces label:I64:1:1; frame -c 12345678 kind=faces last=1 label:I64:1:7; } >bad
    fails stream-cat bad -o out
    [[ $output == *"CRC-32"* ]]
    size=$(wc -c <faces)
    for ((n = 0; n < size; n += 37)); do
        head -c "$n" faces >cut
        fails stream-cat cut -o out
        [[ $output == "stream-cat: cut: "* ]]
    done
    [ ! -e out ]
    [ -z "$(find . -name '.*' -type f)" ]
    fails stream-cat nosuch
    fails stream-cat -n 1 model
    [[ $output == *"tensor '"*" rows"* ]]
}

@test "an output that cannot be written" {
    fails stream-cat faces -o no/such/folder
    run -1 bash -c 'stream-cat faces >/dev/full'
    [[ $output == "stream-cat: cannot write standard output: No space left on device" ]]
    cp faces same
    stream-cat -n 2 same -o same
    [ "$(rows same)" = "$(rows faces | head -n 2)" ]
}

@test "misuse" {
    misused stream-cat --first x faces
    [[ $output == *"--first: 'x'"* ]]
    misused stream-cat -n -1 faces
    misused stream-cat --select
    misused stream-cat --nonsense
}
