# pipelines/protocols.mk on rendered faces laid out as the published sets are
load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    face-synth -q --identities 6 --images 4 --size 112 --format tar --landmarks-out landmarks -o photos.tar
    face-pack -q --landmarks landmarks --size 112 -o faces photos.tar
    npc-train -q -i faces --arch mobilefacenet --embedding 8 -b 8 -e 1 --lr 0.001 -o some.model
    mkdir photos
    tar -xf photos.tar -C photos
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

protocols() {
    make -C "$BATS_TEST_DIRNAME/.." -f pipelines/protocols.mk MODEL="$PWD/some.model" \
        OUT="$BATS_TEST_TMPDIR" DATA="$PWD/data" "$@"
}

# Six people of four images: two templates of two images each, one of them enrolled.
@test "IJB: from photographs to figures of all settings" {
    mkdir -p data/ijb/IJBC/loose_crop data/ijb/IJBC/meta
    meta=data/ijb/IJBC/meta/ijbc
    n=0
    while IFS=$'\t' read -r path points; do
        person=$((n / 4)) template=$((n / 2 + 1)) n=$((n + 1))
        cp "photos/$path" "data/ijb/IJBC/loose_crop/$n.jpg"
        echo "$n.jpg $template $n" >>${meta}_face_tid_mid.txt
        echo "$n.jpg ${points//$'\t'/ } 0.9" >>${meta}_name_5pts_score.txt
        echo "$template,$person" >>lines
    done <landmarks
    for a in 1 3 5 7 9 11; do
        for b in 2 4 6 8 10 12; do
            echo "$a $b $((b == a + 1))"
        done
    done >${meta}_template_pair_label.txt
    (echo T,S; grep -E '^(1|3|5),' lines) >${meta}_1N_gallery_G1.csv
    (echo T,S; grep -E '^(7|9|11),' lines) >${meta}_1N_gallery_G2.csv
    (echo T,S; grep -E '^(2|4|6|8|10|12),' lines) >${meta}_1N_probe_mixed.csv
    protocols ijb EVAL=--tsv >printed
    [ "$(grep -c $'\ttar\t0.1\t0\|\ttar\t0.1\t1' printed)" = 8 ]
    [ "$(grep -c rank:joined printed)" = 24 ]
}

@test "MegaFace: from photographs to ranks, noise left out" {
    mkdir -p data/megaface/{facescrub_images,megaface_images/a}
    cp -r photos/synth/00000[0-3] data/megaface/facescrub_images
    cp -r photos/synth/00000[45] data/megaface/megaface_images/a
    echo 000000_0001.jpg >data/megaface/facescrub_noises.txt
    echo a/000004/000004_0002.jpg >data/megaface/megaface_noises.txt
    protocols megaface EVAL=--tsv >printed
    grep -q $'^rank:7\t1\t[01]' printed
    grep -q $'^noisy_probes\tNA\t1\t' printed
    grep -q $'^noisy_distractors\tNA\t1\t' printed
    grep -q $'^searches\tNA\t48\t' printed
}

@test "BLUFR's trials and LFW's pairs from one set of photographs" {
    mkdir -p data/lfw/blufr
    for p in 0 1 2 3 4 5; do
        for i in 0 1 2 3; do
            echo "Person_$p/Person_${p}_000$i.jpg" >>data/lfw/blufr/images.txt
        done
    done
    mkdir lfw
    tar -xf photos.tar -C lfw
    for p in 0 1 2 3 4 5; do
        mkdir -p "set/lfw/Person_$p"
        for i in 0 1 2 3; do
            cp "lfw/synth/00000$p/00000${p}_000$i.jpg" "set/lfw/Person_$p/Person_${p}_000$i.jpg"
        done
    done
    tar -czf data/lfw/lfw.tgz -C set lfw
    sed 's|synth/00000\(.\)/00000._|Person_\1/Person_\1_|' landmarks |
        awk -F'\t' '{ printf "%s", $1; for (i = 2; i < 12; i++) printf "\t%.2f", $i / .6; print "" }' \
            >data/lfw/landmarks250.txt
    printf 'train 1\ntest %s\ngallery 1 5 9\nprobe 2 3 6 10 13 14 17 21\n' "$(seq -s ' ' 24)" \
        >data/lfw/blufr/trial-01.txt
    printf 'train 1\ntest %s\ngallery 2 6 10\nprobe 1 3 5 9 13 15 18 22\n' "$(seq -s ' ' 24)" \
        >data/lfw/blufr/trial-02.txt
    protocols blufr EVAL=--tsv >printed
    grep -q $'^trials\tNA\t2\t' printed
    grep -q $'^genuine\tNA\t36\t0\t' printed
    grep -q $'^mated\tNA\t4\t0\t' printed
    [ -s "$BATS_TEST_TMPDIR/blufr-some.cmc.tsv" ]
}

# Made by the test before: photographs of LFW
@test "thresholds of View 1 on other pairs, and error against discard" {
    /usr/bin/python3 -c 'import numpy' 2>/dev/null || skip "no NumPy"
    command -v gnuplot >/dev/null || skip "no gnuplot"
    {
        echo 2
        for p in 0 1; do printf 'Person_%d\t1\t2\n' $p; done
        for p in 0 1; do printf 'Person_%d\t1\tPerson_%d\t2\n' $p $((p + 2)); done
    } >data/lfw/pairsDevTrain.txt
    cp data/lfw/pairsDevTrain.txt data/lfw/pairs.txt
    printf '\n3\nPerson_0\t4\nPerson_1\t4\nPerson_2\t4\n' >data/lfw/peopleDevTrain.txt
    printf '\n3\nPerson_3\t4\nPerson_4\t4\nPerson_5\t4\n' >data/lfw/peopleDevTest.txt
    mkdir -p data/cfp/protocol
    n=0
    for p in 0 1 2; do
        mkdir -p cfp/$p/{frontal,profile}
        for i in 0 1; do
            cp photos/synth/00000$p/00000${p}_000$i.jpg cfp/$p/frontal/0$i.jpg
            cp photos/synth/00000$p/00000${p}_000$((i + 2)).jpg cfp/$p/profile/0$i.jpg
            n=$((n + 1))
            for kind in frontal profile; do
                echo "$n ../Data/Images/$p/$kind/0$i.jpg" >>data/cfp/protocol/Pair_list_${kind:0:1}.txt
            done
        done
    done
    mv data/cfp/protocol/Pair_list_f.txt data/cfp/protocol/Pair_list_F.txt
    mv data/cfp/protocol/Pair_list_p.txt data/cfp/protocol/Pair_list_P.txt
    for fold in 01 02 03 04 05 06 07 08 09 10; do
        mkdir -p data/cfp/protocol/Split/{FF,FP}/$fold
        for kind in FF FP; do
            printf '1,2\n5,6\n' >data/cfp/protocol/Split/$kind/$fold/same.txt
            printf '1,3\n2,5\n' >data/cfp/protocol/Split/$kind/$fold/diff.txt
        done
    done
    tar -czf data/cfp/cfp112.tgz cfp
    protocols thresholds THRESHOLDS="eer all:min-hter" >printed
    [ "$(awk -F '\t' 'NF == 7' printed | wc -l)" = 25 ]
    [ "$(grep -c $'^LFW, other people\t.*\tfnmr\t' printed)" = 2 ]
    [ "$(grep -c $'^CFP-FP\tall pairs, min-hter\t' printed)" = 3 ]
    protocols edc EDC_AT=1e-1 >printed
    [ "$(grep -c 'quality_sharpness\|random' printed)" -ge 2 ]
    [ -s "$BATS_TEST_TMPDIR/edc-some.svg" ]
}

# Two folds of three genuine and three impostor pairs
@test "verification sets, and lists of pairs beside a folder of faces" {
    for person in 0 1 2 3 4 5; do
        echo "synth/00000$person/00000${person}_0000.jpg synth/00000$person/00000${person}_0001.jpg 1"
        echo "synth/00000$person/00000${person}_0002.jpg synth/00000$(((person + 1) % 6))/00000$(((person + 1) % 6))_0003.jpg 0"
    done >"$BATS_TEST_TMPDIR/pairs"
    mkdir -p data/bins
    stream-cat -q --to bin --pairs "$BATS_TEST_TMPDIR/pairs" -o data/bins/few.bin faces
    protocols bins >printed
    grep -Eq "^pairs +.*6 genuine, 6 impostor" printed
    mkdir aligned
    stream-cat -q --to folder -o aligned/few faces
    protocols lists PHOTOS="$PWD/aligned/few" PAIRS="$BATS_TEST_TMPDIR/pairs" >printed
    grep -Eq "^pairs +.*6 genuine, 6 impostor" printed
    run ! protocols lists
    [[ $output == *'say PAIRS="LIST ..."'* ]]
}
