# face-quality: columns of quality (the measures are tests/unit/test_image_quality.c's)
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    face-synth -q --identities 6 --images 3 --size 64 --seed 5 --format tar --landmarks-out points -o photos.tar
    face-pack -q --landmarks points --size 64 -o faces photos.tar
}

# quality FILE...: the columns of quality, a line a face
quality() {
    stream-ls --table --fields "$1" "$2" | tail -n +2
}

pixels=quality_sharpness,quality_under_exposure_prevention,quality_over_exposure_prevention
pose=quality_inter_eye_distance,quality_head_pose_yaw,quality_head_pose_pitch,quality_head_pose_roll

@test "columns from 0 to 100, and the least of them; the rest passes through" {
    face-quality -q --landmarks points -o rated faces
    [ "$(quality $pixels,$pose,quality rated | awk -F '\t' '{ least = 100; for (i = 1; i <= 7; i++) {
            if ($i < 0 || $i > 100) exit 1; if ($i < least) least = $i } if ($8 != least) exit 1; n++ } END { print n }')" = 18 ]
    # in pictures of 64 pixels eyes are some 10 to 20 apart
    quality quality_inter_eye_distance rated | awk '$1 < 14 || $1 > 25 { exit 1 }'
    quality quality_head_pose_roll rated | awk '$1 < 70 { exit 1 }'
    diff <(stream-ls --table --fields key,label faces) <(stream-ls --table --fields key,label rated)
    npc-train -q -i faces --epochs 0 --embedding 8 -o model
    cmp <(embed -q -m model faces | stream-ls --table --fields key,embedding) \
        <(embed -q -m model rated | stream-ls --table --fields key,embedding)
    embed -q -m model -o emb rated
    [ "$(quality $pixels,$pose,quality emb)" = "$(quality $pixels,$pose,quality rated)" ]
    eval-roc -q --edc quality --at eer emb | grep -q 'mean FNMR'
}

@test "pixels alone without landmarks; JPEG faces; a pipe; nothing at all" {
    face-quality -q faces | stream-ls --table --fields $pixels,quality >table
    [ "$(tail -n +2 table | wc -l)" = 18 ]
    run -0 stream-ls <(face-quality -q faces)
    [[ $output != *head_pose* ]]
    face-pack -q --store jpeg -o jpeg photos.tar
    face-quality -q - <jpeg | quality quality_sharpness - | awk '{ n++ } $1 <= 0 { exit 1 } END { exit n != 18 }'
    frame kind=faces last=1 >none
    face-quality -q none | stream-ls | grep -q '0 rows'
}

@test "faces of low resolution are less sharp" {
    face-batch -q -b 18 --no-shuffle --low-res 1 faces | face-quality -q - | quality quality_sharpness - >low
    face-quality -q faces | quality quality_sharpness - | paste - low |
        awk '{ n++; fell += $2 < $1; by += $1 - $2 } END { exit !(n == 18 && fell >= 13 && by / n > 5) }'
}

@test "what it refuses" {
    head -n 5 points >some
    fails face-quality -q --landmarks some faces
    [[ $output == *"faces: "*"row 5, "*"no landmarks in some"* ]]
    face-quality -q -o rated faces
    fails face-quality -q -o again rated
    [[ $output == *"there is a column quality_sharpness already"* ]]
    [ ! -e again ]
    npc-train -q -i faces --epochs 0 --embedding 8 -o model
    fails face-quality -q model
    fails face-quality -q absent
    misused face-quality faces faces
    head -c 3000 faces >cut
    fails face-quality -q -o again cut
    [ ! -e again ]
}
