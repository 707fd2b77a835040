# face-align: faces are found on photographs and aligned
load lib

setup_file() {
    export YUNET=$FACE_DATA/models/yunet_n_dynamic.onnx
    [ ! -e "$FACE_DATA/lfw/lfw.tgz" ] || [ ! -e "$YUNET" ] || {
        # The archive is long: what is wanted stands at its beginning.
        tar -xzf "$FACE_DATA/lfw/lfw.tgz" -C "$BATS_FILE_TMPDIR" --occurrence=1 \
            lfw/Aaron_Eckhart/Aaron_Eckhart_0001.jpg lfw/Aaron_Guiel/Aaron_Guiel_0001.jpg
    }
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    ln -sf "$BATS_FILE_TMPDIR/lfw" lfw
}

@test "the points are those of the list, within a few pixels, and give the same faces as face-pack" {
    need_data lfw/lfw.tgz models/yunet_n_dynamic.onnx lfw/landmarks250.txt
    run -0 face-align -m "$YUNET" --landmarks-out points -o faces "$BATS_FILE_TMPDIR/lfw"
    [[ $output == *"2 faces of 2 identities in 2 photographs; 0 (0.00 %) without a face"* ]]
    [ "$(wc -l <points)" = 2 ]
    awk 'NR == FNR { for (i = 2; i <= 11; i++) at[$1, i] = $i * 0.6; next }
        { sub(/^lfw\//, "", $1)
          for (i = 2; i <= 11; i++) { d = $i - at[$1, i]; if (d > 8 || d < -8) bad = 1 } }
        END { exit bad }' "$FACE_DATA/lfw/landmarks250.txt" points
    face-pack -q --landmarks points -o packed "$BATS_FILE_TMPDIR/lfw"
    same_columns faces packed key
    [ "$(column faces image | wc -c)" = $((2 * 112 * 112 * 3)) ]
    face-align -q -j 1 -m "$YUNET" -o one "$BATS_FILE_TMPDIR/lfw"
    cmp faces one
}

@test "all faces, large photographs, no face" {
    need_data lfw/lfw.tgz models/yunet_n_dynamic.onnx
    cd "$BATS_FILE_TMPDIR/lfw"
    face-align -q -m "$YUNET" --faces all --antialias --side 96 --size 64 \
        -o "$BATS_TEST_TMPDIR/all" Aaron_Guiel
    [ "$(column "$BATS_TEST_TMPDIR/all" label | wc -c)" -ge 8 ]
    cd "$BATS_TEST_TMPDIR"
    perl -e 'binmode STDOUT; print "P6 64 48 255\n", "x" x (64 * 48 * 3)' >grey.ppm
    fails face-align -m "$YUNET" -o none grey.ppm
    [[ $output == *"grey.ppm: no face found"*"no face at all"* ]]
    [ ! -e none ]
}

@test "what is no detector, what is no photograph" {
    need_data models/yunet_n_dynamic.onnx models/faceplugin_fr_feature.onnx
    perl -e 'binmode STDOUT; print "P6 64 64 255\n", "x" x (64 * 64 * 3)' >grey.ppm
    fails face-align -m "$FACE_DATA/models/faceplugin_fr_feature.onnx" -o none grey.ppm
    [[ $output == *"no face detector"* ]]
    echo text >bad.jpg
    fails face-align -m "$YUNET" -o none bad.jpg
}

@test "a detector that is none is told of once, and no photograph is blamed" {
    need_data models/faceplugin_fr_feature.onnx
    mkdir photographs
    for i in 1 2 3 4; do
        perl -e 'binmode STDOUT; print "P6 64 64 255\n", "x" x (64 * 64 * 3)' >photographs/$i.ppm
    done
    echo text >none.onnx
    for model in nothing.onnx none.onnx "$FACE_DATA/models/faceplugin_fr_feature.onnx"; do
        for skip in "" --skip-bad; do
            # shellcheck disable=SC2086 # no word if it is empty
            fails face-align -q $skip -j 2 -m "$model" -o none photographs
            [ "${#lines[@]}" = 1 ]
            [[ $output == *"$model"* && $output != *ppm* ]]
        done
    done
}

# mean_distance A B: the mean distance of the points of two files, in pixels
mean_distance() {
    paste "$1" "$2" | awk '{ for (i = 2; i <= 11; i += 2) {
        s += sqrt(($i - $(i + 11)) ^ 2 + ($(i + 1) - $(i + 12)) ^ 2); n++ } }
        END { print s / n }'
}

@test "a detector of a fixed size: photographs are brought to it, and points come back" {
    need_data lfw/lfw.tgz models/yunet_n_dynamic.onnx models/yunet_n_320_320.onnx
    fixed=$FACE_DATA/models/yunet_n_320_320.onnx
    cd "$BATS_FILE_TMPDIR"
    face-align -q -m "$YUNET" --landmarks-out "$BATS_TEST_TMPDIR/free" -o "$BATS_TEST_TMPDIR/a" lfw
    face-align -q -m "$fixed" --landmarks-out "$BATS_TEST_TMPDIR/fixed" -o "$BATS_TEST_TMPDIR/b" lfw
    face-align -q -m "$fixed" --side 90 --landmarks-out "$BATS_TEST_TMPDIR/small" \
        -o "$BATS_TEST_TMPDIR/c" lfw
    cd "$BATS_TEST_TMPDIR"
    [ "$(wc -l <fixed)" = 2 ]
    [ "$(mean_distance free fixed | awk '{ print $1 < 1 }')" = 1 ]
    [ "$(mean_distance free small | awk '{ print $1 < 4 }')" = 1 ]
}

@test "an SCRFD, of a fixed size: the points are those of the list; photographs larger than it too" {
    need_data lfw/lfw.tgz models/scrfd_500m_kps.onnx lfw/landmarks250.txt
    scrfd=$FACE_DATA/models/scrfd_500m_kps.onnx
    face-align -q -m "$scrfd" --faces all --landmarks-out points -o faces "$BATS_FILE_TMPDIR/lfw"
    [ "$(wc -l <points)" = 2 ]
    awk -F'\t' 'NR == FNR { $1 = $1; for (i = 2; i <= 11; i++) $i *= 0.6; at[$1] = $0; next }
        { sub(/^lfw\//, "", $1); print $0 "\t" at[$1] }' OFS='\t' "$FACE_DATA/lfw/landmarks250.txt" points |
        awk -F'\t' '{ for (i = 2; i <= 11; i++) if (($i - $(i + 11)) ^ 2 > 36) exit 1 }'
    face-align -q -m "$scrfd" --side 90 --landmarks-out small -o faces "$BATS_FILE_TMPDIR/lfw"
    [ "$(mean_distance points small | awk '{ print $1 < 3 }')" = 1 ]
    face-align -q -j 1 -m "$scrfd" --side 90 -o one "$BATS_FILE_TMPDIR/lfw"
    cmp faces one
}

@test "an SCRFD of any size: the points of the one of a fixed size" {
    need_data lfw/lfw.tgz models/scrfd_500m_kps.onnx
    # the dimensions 640 and 640 of the input become names, h and w, of as many bytes
    perl -0777 -pe '$n += s/\x0a\x03\x08\x80\x05\x0a\x03\x08\x80\x05/\x0a\x03\x12\x01h\x0a\x03\x12\x01w/; END { die unless $n == 1 }' \
        "$FACE_DATA/models/scrfd_500m_kps.onnx" >any.onnx
    face-align -q -m "$FACE_DATA/models/scrfd_500m_kps.onnx" --landmarks-out fixed -o faces "$BATS_FILE_TMPDIR/lfw"
    face-align -q -m any.onnx --landmarks-out any -o faces "$BATS_FILE_TMPDIR/lfw"
    [ "$(wc -l <any)" = 2 ]
    [ "$(mean_distance fixed any | awk '{ print $1 < 1 }')" = 1 ]
    face-align -q -m any.onnx --side 90 --landmarks-out small -o faces "$BATS_FILE_TMPDIR/lfw"
    [ "$(mean_distance fixed small | awk '{ print $1 < 3 }')" = 1 ]
}

@test "lists and classes, boxes, and faces that are too small" {
    need_data lfw/lfw.tgz models/yunet_n_dynamic.onnx
    lfw=$BATS_FILE_TMPDIR/lfw
    face-align -q -m "$YUNET" --write-classes classes --boxes-out boxes -o faces "$lfw"
    [ "$(paste -s -d ' ' classes)" = "Aaron_Eckhart Aaron_Guiel" ]
    [ "$(cut -f 1,7- boxes | sed 's|[^\t]*/||')" = $'key\tphoto_width\tphoto_height
Aaron_Eckhart_0001.jpg\t150\t150\nAaron_Guiel_0001.jpg\t150\t150' ]
    awk -F'\t' 'NR > 1 && !($2 > .5 && $2 <= 1 && $3 > 20 && $4 > 20 && $5 > 40 && $6 > 50 && $3 + $5 < 130) { exit 1 }' boxes
    printf 'Aaron_Guiel\nAaron_Eckhart\n' >turned
    face-align -q -m "$YUNET" --classes turned -o other "$lfw"
    [ "$(stream-ls --table --fields label faces | paste -s -d ' ')" = "label 0 1" ]
    [ "$(stream-ls --table --fields label,name other | paste -s -d ' ')" = $'label\tname 1\tAaron_Eckhart 0\tAaron_Guiel' ]
    key=$(stream-ls --table --fields key faces | tail -n 1)
    printf '%s\t7\n' "$key" >list
    run -0 face-align -m "$YUNET" --list list -o one "$lfw"
    [[ $output == *"1 face of 1 identity in 1 photograph;"* ]]
    [ "$(stream-ls --table --fields key,label one | tail -n +2)" = "$key"$'\t7' ]
    printf 'nobody.jpg\t7\n' >>list
    fails face-align -m "$YUNET" --list list -o none "$lfw"
    [[ $output == *"nobody.jpg"* && ! -e none ]]
    face-align -q -m "$YUNET" --skip-bad --list list -o one "$lfw"
    narrow=$(awk -F'\t' 'NR > 1 { s = $5 < $6 ? $5 : $6; print s }' boxes | sort -n | head -n 1)
    face-align -q -m "$YUNET" --min-size "${narrow%.*}" -o all "$lfw"
    cmp <(column all image) <(column faces image)
    face-align -q -m "$YUNET" --min-size $((${narrow%.*} + 1)) -o some "$lfw"
    [ "$(stream-ls --table some | wc -l)" -lt 3 ]
    misused face-align -m "$YUNET" --list list --write-classes x "$lfw"
}

@test "photographs without a face are listed for eval-roc" {
    need_data lfw/lfw.tgz models/yunet_n_dynamic.onnx
    cp -rL lfw photos
    perl -e 'binmode STDOUT; print "P6 64 48 255\n", "x" x (64 * 48 * 3)' >photos/Aaron_Guiel/grey.ppm
    mkdir photos/Zoe
    echo text >photos/Zoe/bad.jpg
    cp photos/Aaron_Guiel/grey.ppm photos/alone.ppm
    fails face-align -m "$YUNET" --failures-out lost -o faces photos
    [ ! -e lost ]
    run -0 face-align -m "$YUNET" --skip-bad --failures-out lost -o faces photos
    [ "$(sort lost)" = $'photos/Aaron_Guiel/grey.ppm\t1\nphotos/Zoe/bad.jpg\t2\nphotos/alone.ppm\t3' ]
    face-align -q -m "$YUNET" --skip-bad -o same photos
    cmp faces same
    # From a pipe, classes are numbered as they come; a second picture of a name did not fail.
    tar -cf a.tar -C photos Aaron_Guiel/grey.ppm Zoe Aaron_Guiel/Aaron_Guiel_0001.jpg
    tar -cf b.tar -C photos Aaron_Guiel/Aaron_Guiel_0001.jpg
    face-align -q -j 1 -m "$YUNET" --skip-bad --failures-out lost -o faces - b.tar <a.tar
    [ "$(cat lost)" = $'Aaron_Guiel/grey.ppm\t0\nZoe/bad.jpg\t1' ]
    [ "$(stream-ls --table --fields label faces | tail -n +2)" = 0 ]
    printf 'Aaron_Eckhart_0001.jpg\t4\ngrey.ppm\t-1\nnobody.jpg\t5\n' >list
    face-align -q -m "$YUNET" --skip-bad --list list --failures-out lost -o faces photos
    [ "$(cat lost)" = $'photos/Aaron_Guiel/grey.ppm\t-1' ]
    frame last=1 embedding:F32:1,2:1,0 label:I64:1:4 key:U8:8:=Some/one key_end:I64:1:8 >x.emb
    fails eval-roc -q --failures lost x.emb
    [[ $output == *"no pairs to compare"* ]]
}

@test "misuse" {
    misused face-align
    misused face-align grey.ppm
    misused face-align -m model --faces some grey.ppm
}

@test "a detector from a pipe" {
    need_data lfw/lfw.tgz models/yunet_n_dynamic.onnx
    face-align -q -j 2 -m "$YUNET" -o file "$BATS_FILE_TMPDIR/lfw"
    face-align -q -j 2 -m <(cat "$YUNET") -o pipe "$BATS_FILE_TMPDIR/lfw"
    same_columns file pipe image key
}
