# model-convert --quantize int8, embed --precision int8, and both through ONNX
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    face-synth -q --identities 10 --images 4 --size 32 -o faces
    face-synth -q --identities 10 --images 2 --first-identity 50 --size 32 -o others
    npc-train -q -i faces -e 3 -b 20 --lr 0.02 --embedding 32 -o net 2>/dev/null
}

# the cosines of two streams of embeddings, a line a face: least and mean
cosines() {
    stream-cat -q --to npy -o a.npy "$1"
    stream-cat -q --to npy -o b.npy "$2"
    python3 - <<'END'
import struct
def rows(path):
    data = open(path, "rb").read()
    size = struct.unpack("<H", data[8:10])[0]
    shape = eval(data[10:10 + size])["shape"]
    x = struct.unpack("<%df" % (shape[0] * shape[1]), data[10 + size:])
    return [x[i * shape[1]:(i + 1) * shape[1]] for i in range(shape[0])]
dot = lambda a, b: sum(x * y for x, y in zip(a, b))
c = [dot(a, b) / (dot(a, a) * dot(b, b)) ** .5 for a, b in zip(rows("a.npy"), rows("b.npy"))]
print("%.6f %.6f" % (min(c), sum(c) / len(c)))
END
}

@test "a quantised net: near the one in float, the same bytes for any threads and frames" {
    run -0 --separate-stderr model-convert --quantize int8 --calibration-faces faces -o whole net
    [[ $stderr == *"convolutions in whole numbers"*"1 % quantile 0.99"* ]]
    embed -q -m net -o float.emb others
    embed -q --precision int8 -m whole -o whole.emb others
    read -r least mean <<<"$(cosines float.emb whole.emb)"
    awk -v l="$least" -v m="$mean" 'BEGIN { exit !(l > 0.98 && m > 0.99 && m < 1) }'
    # in float it computes the same, but for what rounding to levels makes of another sum
    embed -q -m whole -o same.emb others
    read -r least mean <<<"$(cosines same.emb whole.emb)"
    awk -v l="$least" 'BEGIN { exit !(l > 0.999) }'
    [ "$(meta whole.emb precision)" = int8 ]
    [ "$(meta whole.emb model)" = "$(meta same.emb model)" ]
    for j in 1 3; do
        embed -q --precision int8 -j $j -m whole others | cmp - whole.emb
    done
    stream-cat -q --rows-per-frame 7 others 2>/dev/null >pieces || cp others pieces
    cmp <(embed -q --precision int8 -m whole pieces | stream-cat -q --merge | column embedding) \
        <(stream-cat -q --merge whole.emb | column embedding)
}

@test "QDQ in ONNX, and read again: the same" {
    model-convert -q --quantize int8 --calibration-faces faces -o whole net
    run -0 model-convert -o whole.onnx whole
    model-convert -q --quantize int8 --calibration-faces faces -o direct.onnx net
    cmp whole.onnx direct.onnx
    grep -q QuantizeLinear whole.onnx
    grep -q DequantizeLinear whole.onnx
    # weights in bytes: a quarter of those in float
    model-convert -q -o net.onnx net
    [ $(($(stat -c %s whole.onnx) * 2)) -lt "$(stat -c %s net.onnx)" ]
    embed -q --precision int8 -m whole -o whole.emb others
    embed -q --precision int8 -m whole.onnx -o again.emb others
    read -r least mean <<<"$(cosines again.emb whole.emb)"
    awk -v l="$least" 'BEGIN { exit !(l > 0.999) }'
    # before opset 13 weights are floats of the same value
    model-convert -q --opset 11 -o old.onnx whole
    embed -q --precision int8 -m old.onnx -o old.emb others
    read -r least mean <<<"$(cosines old.emb whole.emb)"
    awk -v l="$least" 'BEGIN { exit !(l > 0.999) }'
    fails model-convert --opset 9 -o none.onnx whole
    [[ $output == *"a quantised net needs opset 10"* ]]
}

# What one level must hold beside the other is lost: the second number of a is 10,000 times as large, and
# b does not look at it.
@test "the gate" {
    awk 'BEGIN { srand(1); for (i = 0; i < 6144; i++) printf "%s%g", i ? "," : "", (i < 3072 ? 1 : 10000) * (rand() - .5) }' >a
    frame kind=model last=1 arch=imported embedding=4 size=32 pixel_mean=127.5 pixel_scale=0.0078125 \
        pixel_order=rgb nodes=$'conv 0 a 2 32 32 0\nconv 1 b 4 1 1 0\n' "a.weight:F32:2,3,32,32:$(<a)" \
        b.weight:F32:4,2,1,1:1,0,-2,0,3,0,0.5,0 >odd
    embed -q -m odd -o odd.emb faces
    fails model-convert --quantize int8 --calibration-faces faces -o whole odd
    [[ $output == *"too far from those in float: the 1 % quantile of their cosine is "*"--force"* ]]
    [ ! -e whole ]
    model-convert -q --quantize int8 --calibration-faces faces --force -o whole odd
    embed -q --precision int8 -m whole -o whole.emb faces
}

@test "what it refuses" {
    fails embed --precision int8 -m net faces
    [[ $output == *"net: no convolution is quantised; model-convert --quantize int8 does that"* ]]
    misused model-convert --quantize int8 net
    misused model-convert --calibration-faces faces net
    misused model-convert --force net
    frame kind=faces last=1 >none
    fails model-convert --quantize int8 --calibration-faces none -o whole net
    face-synth -q --identities 2 --images 2 --size 48 -o large
    fails model-convert --quantize int8 --calibration-faces large -o whole net
    [[ $output == *"48x48"*"32x32"* ]]
    fails model-convert --quantize int8 --calibration-faces absent -o whole net
    [ ! -e whole ]
    misused npc-train --precision int8 -i faces -o x
}
