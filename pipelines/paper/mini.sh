#!/bin/bash
# mini.sh FOLDER: rendered faces in the files of the real sets, for `make -f pipelines/paper.mk MINI=1`
#
# As the sets are published: ms1m/ with train.rec, train.idx and property; bins/*.bin; ijb/IJBB and ijb/IJBC with
# loose_crop/ and meta/; megaface/ with photographs, lists of noise and the lists in JSON; lfw/ with photographs,
# points and BLUFR's trials. The people of the tests are not among those of ms1m.
set -euo pipefail
export LC_ALL=C

people=6
images=4
data=$1
rm -rf "$data"
mkdir -p "$data"/{ms1m,bins,lfw/blufr,megaface/templatelists}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

face-synth -q --identities 16 --images 4 --size 112 -o "$work/train"
stream-cat -q --to rec -o "$data/ms1m" "$work/train"

# pairs FIRST SECOND THIRD: twenty a line of three photographs in, ten folds of a genuine and an impostor pair
pairs() {
    stream-ls --table --fields key "$1" | sed 1d | awk -v m=$images '
        { key[NR - 1] = $0 }
        END {
            for (i = 0; i < 10; i++) {
                print key[i * m], key[i * m + 1], 1
                print key[i * m + 2], key[i * m + m + 3], 0
            }
        }'
}
seed=1
for name in lfw cfp_fp agedb_30 calfw cplfw; do
    seed=$((seed + 1))
    face-synth -q --seed $seed --first-identity 1000000 --identities 11 --images $images --size 112 -o "$work/faces"
    pairs "$work/faces" >"$work/pairs"
    stream-cat -q --to bin --pairs "$work/pairs" -o "$data/bins/$name.bin" "$work/faces"
done

# Photographs of the other sets: PERSON_IMAGE.jpg by person, and their points
face-synth -q --first-identity 2000000 --identities $people --images $images --size 112 --format tar \
    --landmarks-out "$work/landmarks" -o "$work/photos.tar"
mkdir "$work/photos"
tar -xf "$work/photos.tar" -C "$work/photos" --strip-components 1
sed 's|^synth/||' "$work/landmarks" >"$work/points"

# ijb NAME FOLDER GALLERIES: a template is two photographs; half of the people are in each gallery.
ijb() {
    local meta=$data/ijb/$2/meta/$1 n=0 path points
    mkdir -p "$data/ijb/$2"/{loose_crop,meta}
    while IFS=$'\t' read -r path points; do
        cp "$work/photos/$path" "$data/ijb/$2/loose_crop/$((n + 1)).jpg"
        echo "$((n + 1)).jpg $((n / 2 + 1)) $((n + 1))" >>"${meta}_face_tid_mid.txt"
        echo "$((n + 1)).jpg ${points//$'\t'/ } 0.9" >>"${meta}_name_5pts_score.txt"
        echo "$((n / 2 + 1)),$((n / images))" >>"$work/$1.templates"
        n=$((n + 1))
    done <"$work/points"
    awk -v n=$people 'BEGIN {
        for (a = 1; a < 2 * n; a += 2)
            for (b = 2; b <= 2 * n; b += 2)
                print a, b, (b == a + 1) + 0
    }' >"${meta}_template_pair_label.txt"
    awk -F, -v OFS=, -v half=$((people / 2)) -v out="${meta}_1N_" -v s="$3" '
        BEGIN {
            gallery[1] = out "gallery_" s "1.csv"
            gallery[2] = out "gallery_" s "2.csv"
            probe = out "probe_mixed.csv"
            print "TEMPLATE_ID,SUBJECT_ID" >gallery[1]
            print "TEMPLATE_ID,SUBJECT_ID" >gallery[2]
            print "TEMPLATE_ID,SUBJECT_ID" >probe
        }
        $1 % 2 { print >gallery[$2 < half ? 1 : 2]; next }
        { print >probe }' "$work/$1.templates"
}
ijb ijbb IJBB S
ijb ijbc IJBC G

# json [ID]: paths as MegaFace's list, with the people they are of
json() {
    awk -F/ -v ids="${1-}" '
        { path = path sep "\"" $0 "\""; id = id sep "\"" $1 "\""; sep = ", " }
        END { print "{\"path\": [" path "]" (ids ? ", \"id\": [" id "]" : "") "}" }'
}
mega=$data/megaface
mkdir -p "$mega/facescrub_images" "$mega/megaface_images/a"
n=0
for folder in "$work"/photos/*; do
    n=$((n + 1))
    if [ $n -le 3 ]; then cp -r "$folder" "$mega/facescrub_images"; else cp -r "$folder" "$mega/megaface_images/a"; fi
done
(cd "$mega/facescrub_images" && find . -name '*.jpg' | sed 's|^\./||' | sort) >"$work/facescrub"
(cd "$mega/megaface_images" && find . -name '*.jpg' | sed 's|^\./||' | sort) >"$work/megaface"
json id <"$work/facescrub" >"$mega/templatelists/facescrub_features_list.json"
json <"$work/megaface" >"$mega/templatelists/megaface_features_list.json_1000000_1"
sed -n '3s|.*/||p' "$work/facescrub" >"$mega/facescrub_noises.txt"
sed -n 5p "$work/megaface" >"$mega/megaface_noises.txt"

# LFW: Person_P/Person_P_000I.jpg of 250 pixels, scaled by 0.6 as the points say
lfw=$data/lfw
awk -F '\t' -v OFS='\t' -v m=$images -v photos="$work/photos/" -v set="$work/set/lfw/" '{
    person = "Person_" int((NR - 1) / m)
    name = sprintf("%s/%s_%04d.jpg", person, person, (NR - 1) % m + 1)
    print "mkdir -p " set person " && cp " photos $1 " " set name
}' "$work/points" | sh
tar -czf "$lfw/lfw.tgz" -C "$work/set" lfw
(cd "$work/set/lfw" && find . -name '*.jpg' | sed 's|^\./||' | sort -t_ -k 2n) >"$lfw/blufr/images.txt"
awk -F '\t' -v m=$images '{
    person = "Person_" int((NR - 1) / m)
    printf "%s/%s_%04d.jpg", person, person, (NR - 1) % m + 1
    for (i = 2; i < 12; i++)
        printf "\t%.2f", $i / 0.6
    print ""
}' "$work/points" >"$lfw/landmarks250.txt"
awk -v photos=$((people * images)) -v m=$images -v out="$lfw/blufr/trial-0" 'BEGIN {
    for (t = 1; t <= 2; t++) {
        test = gallery = probe = ""
        for (i = 1; i <= photos; i++) {
            test = test " " i
            if (i % m == t && i <= photos / 2)
                gallery = gallery " " i
            else
                probe = probe " " i
        }
        print "train 1\ntest" test "\ngallery" gallery "\nprobe" probe >(out t ".txt")
    }
}'
