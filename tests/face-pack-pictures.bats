# face-pack: pictures as cameras and other programs leave them
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
}

# change PROGRAM FROM TO: a file through Perl, as $_
change() {
    mkdir -p "$(dirname "$3")"
    perl -0777 -pe "BEGIN { binmode STDIN; binmode STDOUT } $1" "$2" >"$3"
}

# exif N FROM TO: a JPEG that is to be turned
exif() {
    change 's/^(..)/$1\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0'"\\x0$1"'\0\0\0\0\0\0/s' "$2" "$3"
}

# photos: photos/PERSON/PICTURE.jpg, rendered
photos() {
    face-synth -q --identities 2 --images 6 --size 64 --format tar -o photos.tar
    tar -xf photos.tar
    mv synth photos
}

@test "the same bytes, and the same refused, for any number of threads, whatever stands before" {
    photos
    for jpeg in photos/*/*.jpg; do
        name=odd/$(basename "$jpeg" .jpg)
        cp "$jpeg" whole.jpg
        mkdir -p odd
        cp "$jpeg" "$name"_a.jpg
        change 's/\xff\xdb\0\x43.{65}//sg; s/\xff\xdb\0\x84.{130}//sg' whole.jpg "$name"_b_no_quantisation.jpg
        change 's/\xff\xc4(..)(??{".{" . (unpack("n", $1) - 2) . "}"})//sg' whole.jpg "$name"_c_no_huffman.jpg
        change '$_ = substr $_, 0, length($_) * 2 / 3' whole.jpg "$name"_d_cut.jpg
        change 's/(\xff\xdb)/\0\0\0\0$1/' whole.jpg "$name"_e_stray.jpg
        change 's/(\xff\xd9)\z/("U" x 100) . $1/e' whole.jpg "$name"_f_stray_at_end.jpg
        exif 3 whole.jpg "$name"_g_turned.jpg
    done
    run -0 face-pack -j 1 --skip-bad -o one odd
    first=$output
    [ "$(grep -c 'no_quantisation.jpg: broken JPEG' <<<"$output")" -eq 12 ]
    [ "$(grep -c '_d_cut.jpg: broken JPEG' <<<"$output")" -eq 12 ]
    [ "$(grep -c 'stray_at_end.jpg: broken JPEG.*(--lenient accepts it)' <<<"$output")" -eq 12 ]
    [[ $output == *"48 faces of 1 identity, 36 skipped" ]]
    for j in 2 3 4 5 6 7; do
        run -0 face-pack -j "$j" --skip-bad -o many odd
        [ "$output" = "$first" ]
        cmp one many
    done
}

@test "a photograph comes the way up that EXIF says, and its stored file too" {
    photos
    jpeg=photos/000000/000000_0000.jpg
    exif 6 "$jpeg" turned/a.jpg
    face-pack -q -o plain "$jpeg"
    face-pack -q -o turned.pack turned/a.jpg
    column plain image | perl -0777 -ne '
        binmode STDOUT;
        for my $y (0 .. 63) { for my $x (0 .. 63) { print substr $_, 3 * (64 * (63 - $x) + $y), 3 } }' >expected
    column turned.pack image | cmp - expected
    face-pack -q --store jpeg -o stored turned/a.jpg
    column stored jpeg | cmp - turned/a.jpg
    stream-cat --to npy -o stored.npy stored
    tail -c $((64 * 64 * 3)) stored.npy | cmp - expected
    face-batch -q --epochs 1 --batch 1 -o batch stored
    column batch image | cmp - expected
}

@test "--lenient: what a decoder can make up for, which others can then read" {
    photos
    change '$_ = substr $_, 0, length($_) * 2 / 3' photos/000000/000000_0000.jpg cut/a.jpg
    fails face-pack -o out cut
    [[ $output == *"broken JPEG: "*"(--lenient accepts it)" ]]
    run -1 face-pack --check cut
    [[ $output == *"(--lenient accepts it)"* ]]
    run -0 face-pack -q --lenient --check cut
    run -0 face-pack -q --lenient -o out cut
    face-pack -q --lenient --store jpeg -o stored cut
    stream-cat --to npy -o stored.npy stored
    echo 'no JPEG' >cut/b.jpg
    fails face-pack --lenient -o out2 cut
    [[ $output != *"--lenient accepts"* ]]
}

@test "--max-pixels" {
    perl -e 'print "P5 100 50 255\n", "a" x 5000' >a.pgm
    run -0 face-pack -q --max-pixels 5000 -o out a.pgm
    fails face-pack --max-pixels 4999 -o out2 a.pgm
    [[ $output == *"100 x 50 pixels, over the limit of 32768 a side and 4999 in all"* ]]
    misused face-pack --max-pixels 0 a.pgm
}

@test "what is no picture is named" {
    mkdir d
    printf '\0\0\0\x0cjP  \r\n\x87\n' >d/jp2.jpg
    printf '8BPS\0\1' >d/psd.jpg
    printf '<html>404</html>' >d/html.jpg
    : >d/empty.jpg
    for kind in "jp2:JPEG 2000" psd:Photoshop html:HTML; do
        fails face-pack -o out "d/${kind%%:*}.jpg"
        [[ $output == *"neither an archive nor an image that can be read: a"*"${kind#*:}"* ]]
        fails face-pack -o out - <"d/${kind%%:*}.jpg"
        [[ $output == *"standard input: neither an archive nor an image"*"${kind#*:}"* ]]
    done
    fails face-pack -o out d/psd.jpg
    [[ $output == *"; convert it to PNG or JPEG first" ]]
    for empty in d/empty.jpg -; do
        fails face-pack -o out "$empty" </dev/null
        [[ $output == *": empty" ]]
    done
    tar -cf empty.tar -T /dev/null
    fails face-pack -o out empty.tar
    [[ $output == *"no face at all" ]]
    run -1 face-pack -q --check d
    [[ $output == *"psd.jpg"*"a Photoshop picture; convert it to PNG or JPEG first"* ]]
}

@test "cut files of every format are broken, and named" {
    printf 'RIFF\x24\0\0\0WEBPVP8 ' >webp.jpg
    printf '\0\0\0\x18ftypheic\0\0\0\0' >heif.jpg
    printf 'BM\x99\0\0\0\0\0\0\0\x36\0\0\0' >bmp.jpg
    printf 'GIF89a' >gif.jpg
    printf 'II*\0\x99\0\0\0' >tiff.jpg
    for kind in webp:WebP heif:HEIF bmp:BMP gif:GIF tiff:TIFF; do
        fails face-pack -o out "${kind%:*}.jpg"
        [[ $output == *"${kind%:*}.jpg: "*"${kind#*:}"* ]]
        [ ! -e out ]
    done
}

# python: one that has Pillow
find_pillow() {
    for python in python3 /usr/bin/python3; do
        "$python" -c 'import PIL' 2>/dev/null && return
    done
    skip "no Pillow for python3"
}

@test "pictures of all formats have the pixels that Pillow reads" {
    find_pillow
    "$python" "$BATS_TEST_DIRNAME/pictures.py" make set
    run -0 face-pack -q -o some.pack set
    run -0 stream-cat -q --to folder --image png -o seen some.pack
    run -0 "$python" "$BATS_TEST_DIRNAME/pictures.py" compare set seen
    [[ $output == *" pictures are the same" ]]
}
