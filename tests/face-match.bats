# face-match: the same person or another one; who is it
load lib

setup_file() {
    export YUNET=$FACE_DATA/models/yunet_n_dynamic.onnx NET=$FACE_DATA/models/faceplugin_fr_feature.onnx
    [ ! -e "$FACE_DATA/lfw/lfw.tgz" ] || [ ! -e "$YUNET" ] || [ ! -e "$NET" ] || {
        # The archive is long: what is wanted stands at its beginning.
        tar -xzf "$FACE_DATA/lfw/lfw.tgz" -C "$BATS_FILE_TMPDIR" --occurrence=1 \
            lfw/Aaron_Peirsol/Aaron_Peirsol_000{1,2}.jpg lfw/Aaron_Eckhart/Aaron_Eckhart_0001.jpg \
            lfw/Aaron_Sorkin/Aaron_Sorkin_000{1,2}.jpg lfw/Aaron_Guiel/Aaron_Guiel_0001.jpg
    }
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    P=$BATS_FILE_TMPDIR/lfw/Aaron_Peirsol/Aaron_Peirsol_000 S=$BATS_FILE_TMPDIR/lfw/Aaron_Sorkin/Aaron_Sorkin_000
    E=$BATS_FILE_TMPDIR/lfw/Aaron_Eckhart/Aaron_Eckhart_0001.jpg
}

need_faces() {
    need_data lfw/lfw.tgz models/yunet_n_dynamic.onnx models/faceplugin_fr_feature.onnx
}

match() {
    face-match --detector "$YUNET" -m "$NET" "$@"
}

fails_match() {
    run -1 match "$@"
    [[ $output == "face-match: "* ]]
}

@test "a pair: the verdict, and the score of the tools one by one" {
    need_faces
    run -0 match --threshold 0.35 "${P}1.jpg" "${P}2.jpg"
    [[ $output == same$'\t'0.76????$'\t'0.350000$'\t'NA$'\t'NA ]]
    # An embedding of its own finds the same score.
    face-align -q -m "$YUNET" "${P}1.jpg" | embed -q -m "$NET" -o one
    face-align -q -m "$YUNET" "${P}2.jpg" | embed -q -m "$NET" -o two
    [ "$(face-search -q --gallery one --closed-set two | tail -n 1 | cut -f 5)" = "$(cut -f 2 <<<"$output")" ]
    [ "$(match --threshold 0.35 "${P}2.jpg" "${P}1.jpg")" = "$output" ]
    [ "$(match -j 3 --faces central --threshold 0.35 "${P}1.jpg" "${P}2.jpg")" = "$output" ]
    [[ $(match --threshold 0.35 "${P}1.jpg" "${S}2.jpg") == different$'\t'* ]]
    [[ $(match --threshold 0.9 "${P}1.jpg" "${P}2.jpg") == different$'\t'* ]]
    [[ $(match --threshold 0.35 "${P}1.jpg" "${P}1.jpg") == same$'\t'1.000000$'\t'* ]]
    match --json --threshold 0.35 "${P}1.jpg" "${P}2.jpg" | perl -MJSON::PP -0777 -ne '
        $v = decode_json $_;
        exit 1 unless $v->{verdict} eq "same" && $v->{score} > .7 && !defined $v->{fmr} && @{$v->{faces}} == 2'
}

@test "the threshold: a file, the file beside the model, that of another model" {
    need_faces
    face-align -q -m "$YUNET" "$BATS_FILE_TMPDIR/lfw" | embed -q -m "$NET" -o all
    eval-roc --threshold-out t --at 0.1 --data "six photographs" --bootstrap 10 all >/dev/null
    run -0 match --threshold t "${P}1.jpg" "${P}2.jpg"
    [[ $output == same$'\t'0.76????$'\t'*$'\t'six\ photographs ]]
    run -2 match "${P}1.jpg" "${P}2.jpg"
    [[ $output == *"--threshold is needed: there is no $NET.threshold"* ]]
    ln -s "$NET" net.onnx
    cp t net.onnx.threshold
    [[ $(face-match --detector "$YUNET" -m net.onnx "${P}1.jpg" "${P}2.jpg") == same$'\t'*photographs ]]
    # Another way to use the net is another model.
    fails_match --threshold t --mirror sum "${P}1.jpg" "${P}2.jpg"
    [[ $output == *"was set with the model"*"--any-model"* ]]
    [[ $(match --threshold t --any-model --mirror sum "${P}1.jpg" "${P}2.jpg") == same$'\t'* ]]
}

@test "a folder of people: embedded once, kept, made anew when something changes" {
    need_faces
    mkdir -p people/Sorkin
    cp "${S}1.jpg" people/Sorkin/a.jpg
    cp "${P}1.jpg" "people/Peirsol A.jpg"
    perl -e 'binmode STDOUT; print "P6 64 48 255\n", "x" x (64 * 48 * 3)' >people/grey.ppm
    echo text >people/bad.jpg
    run -0 match --threshold 0.35 --gallery people "${P}2.jpg" "${S}2.jpg" "$E"
    [[ $output == *"people/grey.ppm: no face found; left out"* && $output == *"people/bad.jpg: "*"left out"* ]]
    [[ $output == *"2 faces of 4 photographs are kept in "*/people.embeddings* ]]
    [[ $output == *"Peirsol A"$'\t'0.76*$'\t'"${P}2.jpg"$'\t'"people/Peirsol A.jpg"* ]]
    [[ $output == *Sorkin$'\t'* && $output == *unknown$'\t'* ]]
    cp people.embeddings before
    run -0 match --threshold 0.35 --gallery people/ "${P}2.jpg"
    [ "${#lines[@]}" = 1 ]
    cmp before people.embeddings
    # The stream itself is a gallery.
    [ "$(match --threshold 0.35 --gallery people.embeddings "${P}2.jpg")" = "$output" ]
    [ "$(cd people && match --threshold 0.35 --gallery . "${P}2.jpg")" = "$output" ]
    cp "$E" people/Eckhart.jpg
    run -0 match --threshold 0.35 --gallery people --json "$E"
    [[ $output == *"3 faces of 5 photographs"*'"identity":"Eckhart"'* ]]
    # Another net than before
    run -0 match --mirror sum --threshold 0.35 --gallery people --kept sum.emb "$E"
    [[ $output == *"are kept in sum.emb"* ]]
    fails_match --threshold 0.35 --gallery sum.emb "$E"
    [[ $output == *"of another one"* ]]
    # A kept stream that was cut is made anew.
    head -c 3000 before >people.embeddings
    run -0 match --threshold 0.35 --gallery people "$E"
    [[ $output == *"are kept in"* ]]
}

@test "no face, no photograph, several of them: status 1, words, no verdict" {
    need_faces
    perl -e 'binmode STDOUT; print "P6 64 48 255\n", "x" x (64 * 48 * 3)' >grey.ppm
    fails_match --threshold 0.35 "$E" grey.ppm
    [[ $output == *"grey.ppm: no face found" ]]
    echo text >bad.jpg
    fails_match --threshold 0.35 bad.jpg "$E"
    fails_match --threshold 0.35 nowhere.jpg "$E"
    fails_match --threshold 0.35 "$BATS_FILE_TMPDIR/lfw" "$E"
    [[ $output == *"has several photographs"* ]]
    mkdir empty
    fails_match --threshold 0.35 --gallery empty "$E"
    [ ! -e empty.embeddings ]
    fails_match --threshold 0.35 --gallery nowhere "$E"
    fails face-match --detector "$NET" -m "$NET" --threshold 0.35 "$E" "$E"
    [[ $output == *"no face detector"* ]]
    fails_match --threshold nowhere "$E" "$E"
}

@test "misuse" {
    misused face-match
    misused face-match --detector d a.jpg b.jpg
    misused face-match --detector d -m m a.jpg
    misused face-match --detector d -m m a.jpg b.jpg c.jpg
    misused face-match --detector d -m m --gallery g
    misused face-match --detector d -m m --kept k a.jpg b.jpg
    misused face-match --detector d -m m --threshold 2 a.jpg b.jpg
}
