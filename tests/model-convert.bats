# model-convert: PyTorch's state_dicts become models, models ONNX, and ONNX models
load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export BATS_NO_PARALLELIZE_WITHIN_FILE=1
    face-synth -q --identities 4 --images 4 --size 32 -o faces
    npc-train -q -i faces --arch mobilefacenet --embedding 8 -b 8 -e 1 --lr 0.001 \
        --pixels bgr128 -o model
    embed -q -m model faces -o expected
    # shellcheck disable=SC2094 # the function, not the file
    state model >state
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# state MODEL [CHANGE]: its parameters as PyTorch would save them, without checksum and end mark,
# after CHANGE, Perl that may edit %$header and $data.
state() {
    perl -MJSON::PP -0777 -ne '
        BEGIN { binmode STDIN; binmode STDOUT; $change = @ARGV > 1 ? pop @ARGV : ""; }
        my $n = unpack "Q<", $_;
        my ($header, $data) = (decode_json(substr $_, 8, $n), substr $_, 8 + $n);
        my ($end, $out) = (0, "");
        delete $header->{__metadata__};
        delete @$header{grep { /^(head|momentum)\./ } keys %$header};
        for (sort { $header->{$a}{data_offsets}[0] <=> $header->{$b}{data_offsets}[0] }
             keys %$header) {
            my ($from, $to) = @{$header->{$_}{data_offsets}};
            $out .= substr $data, $from, $to - $from;
            $header->{$_}{data_offsets} = [$end + 0, $end + $to - $from];
            $end += $to - $from;
        }
        eval $change;
        die $@ if $@;
        my $json = encode_json $header;
        print pack("Q<", length $json), $json, $out;
    ' "$1" "${2:-}"
}

@test "architecture, sizes and pixels are recognised; embeddings stay the same to the bit" {
    run -0 model-convert state -o converted
    [[ $output == *"mobilefacenet, 32x32 pixels, 8 dimensions"*"0.0078125, blue first"* ]]
    embed -q -m converted faces -o found
    same_columns expected found embedding
}

@test "from standard input, to standard output" {
    model-convert -q - <state >piped
    model-convert -q state -o converted
    cmp <(column piped bn.weight) <(column converted bn.weight)
    [ "$(column piped bn.weight | wc -c)" = 32 ]
}

@test "a model can be trained on" {
    model-convert -q state -o converted
    npc-train -q -i faces --init converted -b 8 -e 1 --lr 0.001 -o on
    stream-ls on | grep -q model
}

@test "prefixes are taken off, heads left out, counts may be missing" {
    state model '%$header = map {; "backbone.$_" => $header->{$_} } keys %$header;
        $header->{"head.kernel"} = {dtype => "U8", shape => [3], data_offsets => [$end, $end + 3]};
        $out .= "abc"' >wrapped
    model-convert -q wrapped -o converted
    embed -q -m converted faces -o found
    same_columns expected found embedding
    # The counts, eight bytes each, come first in the file.
    state model 'my @counts = grep { /tracked/ } keys %$header; my $gone = 8 * @counts;
        delete @$header{@counts}; $out = substr $out, $gone;
        $_->{data_offsets} = [map { $_ - $gone } @{$_->{data_offsets}}] for values %$header' >few
    model-convert -q few -o converted
    embed -q -m converted faces -o found
    same_columns expected found embedding
}

@test "pixels may be stated" {
    run -0 model-convert state --mean 0 --scale 0.5 --order rgb -o converted
    [[ $output == *"(p - 0) * 0.5, red first"* ]]
    stream-ls -l converted | grep -E 'pixel_scale.*0\.5'
    stream-ls -l converted | grep -E 'pixel_order.*rgb'
}

@test "what is missing, too much or of another shape is named" {
    state model '$header->{"bn.wait"} = delete $header->{"bn.weight"}' >bad
    fails model-convert bad -o out
    [[ $output == *mobilefacenet*"'bn.weight' is missing"* ]]
    state model '$header->{"more"} = {dtype => "U8", shape => [0], data_offsets => [$end, $end]}' >bad
    fails model-convert bad -o out
    [[ $output == *"'more' is not a parameter of mobilefacenet"* ]]
    state model '$header->{"conv1.conv.weight"}{shape} = [64, 27]' >bad
    fails model-convert bad -o out
    [[ $output == *conv1.conv.weight*64,27* ]]
    fails model-convert state --arch iresnet18 -o out
    [[ $output == *iresnet18*conv1.weight* ]]
    fails model-convert state --arch resnet -o out
    [[ $output == *"unknown architecture 'resnet'"* ]]
    [ ! -e out ]
}

@test "what is no state_dict is refused" {
    fails model-convert faces -o out
    [[ $output == *"kind is 'faces'"* ]]
    fails model-convert --arch mobilefacenet model -o out
    fails model-convert nothing -o out
    head -c 1000000 state >cut
    fails model-convert cut -o out
    [[ $output == cut* || $output == *"cut: "* ]]
    echo hello, this is a text >text
    fails model-convert text -o out
    [ ! -e out ]
}

@test "to ONNX and back: the same embeddings but for rounding, in every form" {
    for form in "--opset 9" "--opset 13 --unfolded" "--opset 21"; do
        # shellcheck disable=SC2086
        run -0 model-convert model $form -o net.onnx
        [[ $output == *"read back and run on 4 random faces: the largest difference is "* ]]
        run -0 embed -m net.onnx faces -o found
        [[ $output == *"imported, 8 dimensions, 32x32 pixels"*"blue first"* ]]
        near expected found
        model-convert -q net.onnx -o back
        embed -q -m back faces -o again
        same_columns found again embedding
    done
    fails model-convert --arch mobilefacenet net.onnx -o out
}

# near A B: no number of the embeddings differs by more than 1e-5
near() {
    paste <(column "$1" embedding | od -An -v -w4 -tf4) <(column "$2" embedding | od -An -v -w4 -tf4) |
        awk '{ d = $1 - $2; if (d > 1e-5 || d < -1e-5) bad = 1 } END { exit bad || NR == 0 }'
}

@test "an ONNX model is trained on, and the model goes on" {
    model-convert -q model -o net.onnx
    npc-train -q -i faces --init net.onnx -b 8 -e 1 --lr 0.001 -o tuned
    embed -q -m tuned faces -o found
    run ! same_columns expected found embedding
    npc-train -q -i faces --resume tuned -b 8 -e 2 --lr 0.001 -o more
    npc-train -q -i faces --init net.onnx -b 8 -e 2 --lr 0.001 -o once
    same_columns more once conv1.conv.weight
}

@test "an ONNX model that was cut is refused" {
    model-convert -q model -o net.onnx
    head -c 1000000 net.onnx >cut.onnx
    fails embed -m cut.onnx faces -o out
    [[ $output == *"cut.onnx: it is not an ONNX model"* ]]
    fails npc-train -i faces --init cut.onnx -o out
    [ ! -e out ]
}

@test "misuse" {
    misused model-convert
    misused model-convert state state
    misused model-convert --order gbr state
}
