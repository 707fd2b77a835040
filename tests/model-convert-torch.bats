# Checkpoints as torch.save() writes them: model-convert and embed read them as they are; and what is
# taken for a model and is none
load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    export BATS_NO_PARALLELIZE_WITHIN_FILE=1
    export PYTHONDONTWRITEBYTECODE=1
    face-synth -q --identities 4 --images 4 --size 32 -o faces
    npc-train -q -i faces --arch mobilefacenet --embedding 8 -b 8 -e 1 --lr 0.001 \
        --pixels bgr128 -o model
    embed -q -m model faces -o expected
    mkdir forms
    python3 "$BATS_TEST_DIRNAME/pth.py" model forms
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# near A B BOUND: no number of the embeddings differs by more than that
near() {
    paste <(column "$1" embedding | od -An -v -w4 -tf4) <(column "$2" embedding | od -An -v -w4 -tf4) |
        awk -v bound="$3" '{ d = $1 - $2; if (!(d < bound && d > -bound)) bad = 1 }
            END { exit bad || NR == 0 }'
}

@test "every form becomes the model it was made of" {
    for form in zip bare beside beside-bare wrapped parameter old-tensor double double-bare turned \
        turned-bare shared shared-bare big name two head protocol{3,4,5} bare{3,4,5}; do
        model-convert -q "forms/$form.pth" -o converted || { echo "$form" && return 1; }
        embed -q -m converted faces -o found
        same_columns expected found embedding || { echo "$form" && return 1; }
    done
}

@test "halves and bfloat16 become floats: nearly the same embeddings" {
    for form in half bf16; do
        model-convert -q "forms/$form.pth" -o converted
        embed -q -m converted faces -o found
        run ! same_columns expected found embedding
        near expected found 0.2
    done
}

@test "names of other alphabets, in any locale" {
    LC_ALL=C model-convert -q forms/name.pth -o converted
    LC_ALL=C.UTF-8 model-convert -q forms/name.pth -o converted
}

@test "what was taken, left out and assumed is told" {
    run -0 model-convert forms/two.pth -o converted
    [[ $output == *"the state_dict is 'net'"*"'ema' is another one, and was not taken"* ]]
    [[ $output == *"mobilefacenet, 32x32 pixels, 8 dimensions"* ]]
    run -0 model-convert forms/head.pth -o converted
    [[ $output == *"begin with 'backbone.' were taken; 'fc.weight' was left out, one of 1"* ]]
    run -0 embed -m forms/beside.pth faces -o found
    [[ $output == *"do not say how pixels are normalised: that of the net's authors is assumed"* ]]
    [[ $output == *"normalised as (p - 127.5) * 0.0078125, blue first"* ]]
    run -0 embed -m forms/zip.pth --mean 127.5 --scale 0.01 --bgr faces -o found
    [[ $output != *assumed* ]]
}

@test "embed takes a checkpoint as model-convert would, npc-train begins with one" {
    for form in zip bare; do
        embed -q -m "forms/$form.pth" faces -o found
        same_columns expected found embedding
    done
    model-convert -q forms/zip.pth -o converted
    npc-train -q -i faces --init forms/zip.pth -b 8 -e 1 --lr 0.001 -o a
    npc-train -q -i faces --init converted -b 8 -e 1 --lr 0.001 -o b
    same_columns a b conv1.conv.weight
    fails embed -m forms/zip.pth --output-name x faces -o none
    fails model-convert --arch iresnet18 forms/zip.pth -o none
    [[ $output == *iresnet18*"is missing"* ]]
}

@test "what is no state_dict is said to be what it is" {
    says() {
        fails model-convert "forms/bad-$1.pth" -o none
        [[ $output == *"forms/bad-$1.pth: "*$2* ]]
        fails embed -m "forms/bad-$1.pth" faces -o none
        [[ $output == *$2* ]]
    }
    says far "reaches beyond its storage of"
    says wide "reaches beyond its storage of"
    says packed "compressed"
    says lost "its storage, 3, is missing"
    says script "TorchScript"
    says module "a whole module, of class 'torch.nn.modules.linear.Linear'"
    says stranger "'os.system'"
    says nothing "no state_dict"
    says name "'x.y' is not a parameter of mobilefacenet"
    says cut "was cut"
    says cut-bare "was cut"
    says pickle "a Python pickle, but not a PyTorch checkpoint"
    [ ! -e none ]
}

@test "one bit wrong in a storage is noticed" {
    perl -0777 -pe 'substr($_, length($_) / 2, 1) ^= "\1"' forms/zip.pth >flipped.pth
    fails model-convert flipped.pth -o none
    [[ $output == *"checksum is wrong"* ]]
}

@test "files of other programs are named, with what to do" {
    says() {
        printf "%b" "$1" >other
        head -c 600 /dev/zero >>other
        fails embed -m other faces -o none
        [[ $output == *"other: "*$2* ]]
        fails model-convert other -o none
        [[ $output == *"other: "*$2* ]]
    }
    says '\x89HDF\r\n\x1a\n' Keras
    says '\x20\x00\x00\x00TFL3' "TensorFlow Lite"
    says '\x0a\x1f\x0a\x05input\x12\x0bPlaceholder' tf2onnx
    says '\x12\x01\x00\x00\x00\x00\x00\x00' MXNet
    says '<!DOCTYPE html>' HTML
    says 'version https://git-lfs.github.com/spec/v1' "git lfs pull"
    says '{"a": 1}' "not a model"
    python3 -c 'import zipfile; zipfile.ZipFile("a.npz", "w").writestr("a.npy", "x")'
    fails model-convert a.npz -o none
    [[ $output == *".npz"* ]]
    : >empty
    fails embed -m empty faces -o none
    [[ $output == *"empty: it is empty"* ]]
    mkdir -p folder
    fails embed -m folder faces -o none
    [[ $output == *"folder: a folder"* ]]
    tar cf some.tar expected
    fails model-convert some.tar -o none
    [[ $output == *"a tar archive"* ]]
}

@test "a model of any kind from a pipe" {
    model-convert -q model -o net.onnx
    embed -q -m net.onnx faces -o onnx
    for net in model forms/zip.pth forms/bare.pth net.onnx; do
        wanted=expected
        [ "$net" != net.onnx ] || wanted=onnx
        embed -q -m <(gzip <"$net" | gzip -d) faces -o found
        same_columns "$wanted" found embedding
        embed -q -m - faces -o found <"$net"
        same_columns "$wanted" found embedding
        embed -q -m /dev/stdin faces -o found < <(cat "$net")
        same_columns "$wanted" found embedding
        model-convert -q - -o back <"$net"
        embed -q -m back faces -o found
        same_columns "$wanted" found embedding
    done
    embed -q -m <(gzip <model) faces -o found
    same_columns expected found embedding
    fails embed -m <(head -c 100000 forms/bare.pth) faces -o none
    fails embed -m /dev/null faces -o none
    [[ $output == *"/dev/null: it is empty"* ]]
}

@test "a detector is no state_dict" {
    stream-cat -q --to folder -o photos faces
    fails face-align -m forms/zip.pth -o none photos
    [[ $output == *"not an ONNX model but PyTorch parameters, without their graph"*"torch.onnx.export()"* ]]
    fails face-align -m model -o none photos
    [[ $output == *"not an ONNX model but a tensor stream"* ]]
}
