# model-convert: PyTorch's state_dicts become models
load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export BATS_NO_PARALLELIZE_WITHIN_FILE=1
    face-synth -q -n 4 -m 4 --size 32 -o faces
    npc-train -q -i faces --arch mobilefacenet --embedding 8 -b 8 -e 1 --lr 0.001 \
        --pixels bgr128 -o model
    embed -q -m model faces -o expected
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
    [[ $output == *"mobilefacenet, 32x32 pixels, embedding of 8"*"0.0078125, blue first"* ]]
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
    [[ $output == *"'more' is no parameter of mobilefacenet"* ]]
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
    fails model-convert model -o out
    [[ $output == *"kind is 'model'"* ]]
    fails model-convert nothing -o out
    head -c 1000000 state >cut
    fails model-convert cut -o out
    [[ $output == cut* || $output == *"cut: "* ]]
    echo hello, this is a text >text
    fails model-convert text -o out
    [ ! -e out ]
}

@test "misuse" {
    misused model-convert
    misused model-convert state state
    misused model-convert --order gbr state
}
