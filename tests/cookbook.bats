# face-cookbook(7): its examples give what they promise
load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    examples "$BATS_TEST_DIRNAME/../man/face-cookbook.7" >script
    bash -eu script >output
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# table FIELDS FILE: the rows, without the heading
table() {
    stream-ls --table --fields "$1" "$2" | sed 1d
}

# people FILE: the labels, each once
people() {
    table label "$1" | sort -un
}

@test "images of each identity, and how many identities have how many" {
    [ "$(grep -c '^ *6 [0-9][0-9]*$' output)" -eq 13 ]
    [ "$(grep -c '^ *2 1[2-9]$' output)" -eq 8 ]
    grep -qx '2 8' output
    grep -qx '6 12' output # as in the line above: 12 labels with 6 images, and this one
}

@test "the keys of a label" {
    [ "$(grep -c '^synth/000003/' output)" -eq 6 ]
}

@test "people with few images are dropped" {
    [ "$(people rich.faces)" = "$(seq 0 11)" ]
    [ "$(table key rich.faces | wc -l)" -eq 72 ]
}

@test "a split by identity: everybody once, nobody twice" {
    [ "$({ people train.faces && people test.faces; } | sort -n)" = "$(seq 0 19)" ]
    [ "$(people train.faces | wc -l)" -eq 16 ]
    [ "$({ table key train.faces && table key test.faces; } | sort)" = "$(table key all.faces | sort)" ]
}

@test "a sample has the size that was asked for, and no row twice" {
    [ "$(table key sample.faces | sort -u | wc -l)" -eq 30 ]
}

@test "an edited list picks its rows in the set's order" {
    [ "$(table key edited.faces)" = "$(sed 1d edited.txt)" ]
    [ "$(table key edited.faces | wc -l)" -lt 88 ]
}

@test "labels are numbered again, for one set and for two" {
    [ "$(people dense.faces)" = "$(seq 0 7)" ]
    [ "$(people both.faces)" = "$(seq 0 19)" ]
    [ "$(table key both.faces)" = "$({ table key some.faces && table key dense.faces; })" ]
}

@test "labels from a list" {
    [ "$(table label corrected.faces | grep -c '^12$')" -eq 4 ]
    [ "$(people corrected.faces | grep -c '^13$')" -eq 0 ]
    [ "$(table key corrected.faces)" = "$(table key all.faces)" ]
}

@test "the people of another set are dropped; what one set has more than another" {
    [ "$(people rest.faces)" = "$(people train.faces)" ]
    [ "$(grep -c '^synth/00001[2-9]/' output)" -eq 16 ]
}

@test "from faces to a table" {
    grep -q '^0.1 .* \.\. ' output
    grep -q '^EER ' output
}
