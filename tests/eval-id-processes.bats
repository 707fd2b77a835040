#!/usr/bin/env bats
# eval-id and eval-ijb as several processes: the figures of one, digit by digit

load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    mpi_here
    needs_mpi
}

# rows FILE SEED N: embeddings of N rows of 8 dimensions, five of an identity; row i is called i.jpg.
rows() {
    local columns
    mapfile -t columns < <(perl -e '
        my ($seed, $n, $d) = (@ARGV, 8);
        srand $seed;
        my @keys = map { "$_.jpg" } 0 .. $n - 1;
        my ($end, @ends) = 0;
        push @ends, $end += length for @keys;
        my @person = map { [map { rand() - .5 } 1 .. $d] } 0 .. $n / 5;
        my $numbers = join ",", map { my $i = int $_ / 5;
            map { sprintf "%.2f", $person[$i][$_] + rand() - .5 } 0 .. $d - 1 } 0 .. $n - 1;
        print "kind=embeddings\nlast=1\nlabel:I64:$n:", join(",", map { int $_ / 5 } 0 .. $n - 1),
            "\nembedding:F32:$n,$d:$numbers\nkey:U8:$end:=", @keys,
            "\nkey_end:I64:$n:", join(",", @ends), "\n"' "$2" "$3")
    frame "${columns[@]}" >"$1"
}

# names FIRST STEP LAST: a list of such names
names() {
    seq -f %.0f.jpg "$1" "$2" "$3"
}

# same TOOL ARGUMENT...: 2 and 4 processes print what one does, and write the same curve
same() {
    local tool=$1 p
    shift
    "$tool" -q --tsv "$@" >one
    [ ! -e cmc ] || mv cmc cmc1
    [ "$(grep -Ec $'\t(cmc|blufr|dropped|nearest)' one)" -ge 3 ]
    for p in 2 4; do
        mpirun -n $p "$tool" -q --tsv "$@" >many
        cmp one many
        [ ! -e cmc1 ] || cmp cmc1 cmc
    done
}

@test "a gallery and probes, some of them of nobody in the gallery" {
    rows e 1 2000
    names 0 5 1500 >gallery
    names 1 1 1999 | grep -vxFf gallery >probe
    same eval-id --gallery gallery --probe probe --cmc cmc --fpir 1e-2,.1,.3 e
}

@test "trials of BLUFR" {
    rows e 2 1500
    names 0 1 1499 >images
    for k in 1 2; do
        { echo "train 1" && echo "test $(seq -s ' ' $k 1 1400)" && echo "gallery $(seq -s ' ' $k 5 1200)" &&
            echo "probe $(seq -s ' ' 3 5 1490)"; } >trial$k
    done
    same eval-id --blufr trial1 --blufr trial2 --image-list images --far 1e-1,1e-3,1e-5 --cmc cmc e
}

@test "MegaFace: each compares some of the probes with all distractors" {
    rows probes 3 1200
    for seed in 4 5 6; do rows crowd $seed 1700 && cat crowd >>distractors; done
    names 0 7 1000 >noise
    same eval-id --distractors distractors --noise noise --ranks 1,2,10 --far .1,.01,1e-4 --cmc cmc probes
    # fewer probes than there are processes to share them
    rm cmc cmc1
    rows probes 3 20
    same eval-id --distractors distractors --far .1,.01,1e-4 probes
}

@test "IJB: templates, pairs and galleries" {
    rows e 5 1500
    for t in $(seq 0 1 1499); do echo "$t.jpg $((t / 2)) $((t % 2))"; done >meta
    awk 'BEGIN { for (a = 0; a < 749; a++) for (b = a + 1; b < 750 && b < a + 40; b++)
        print a, b, int(a / 2.5) == int(b / 2.5) }' >pairs
    awk 'BEGIN { print "T,S"; for (t = 0; t < 300; t += 5) print t "," t / 5 }' >G1
    awk 'BEGIN { print "T,S"; for (t = 300; t < 750; t += 5) print t "," t / 5 }' >G2
    awk 'BEGIN { print "T,S"; for (t = 0; t < 750; t++) if (t % 5) print t "," int(t / 5) }' >probe
    same eval-ijb --meta meta --pairs pairs --gallery G1 --gallery G2 --probe probe e
    same eval-ijb --meta meta --pairs pairs --convention dropped --switches N1D0F0 e
}

@test "standard input is refused, and what fails in one fails in all" {
    rows e 1 20
    names 0 5 15 >gallery
    names 1 5 16 >probe
    run -1 mpirun -n 2 eval-id -q --gallery - --probe probe e <gallery
    [[ $output == *"none can be standard input"* ]]
    run -1 mpirun -n 2 eval-ijb -q --meta probe --pairs - e <gallery
    [[ $output == *"none can be standard input"* ]]
    echo 77.jpg >>probe
    run -1 mpirun -n 2 eval-id -q --gallery gallery --probe probe e
    [[ $output == *"process 0 on "*"1 of 5 images are missing"* ]]
    run -1 mpirun -n 2 eval-id -q --tsv --gallery gallery --probe missing e
    [[ $output != *$'rank\t'* ]]
}
