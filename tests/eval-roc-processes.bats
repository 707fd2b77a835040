#!/usr/bin/env bats
# eval-roc as several processes: the figures of one, digit by digit

load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    mpi_here
    needs_mpi
}

# rows N [FIRST]: embeddings of N rows of 8 dimensions, five of an identity, from that one on, made by perl.
rows() {
    perl -e '
        my ($n, $d, $first) = ($ARGV[0], 8, $ARGV[1] || 0);
        srand $first + 1;
        my $labels = join ",", map { $first + int $_ / 5 } 0 .. $n - 1;
        my $numbers = join ",", map { sprintf "%.5f", rand() + rand() + rand() - 1.5 } 1 .. $n * $d;
        print "kind=embeddings\nlast=1\nlabel:I64:$n:$labels\nembedding:F32:$n,$d:$numbers\n"' "$@"
}

@test "the same digits by 2 and 4 processes: conventions, curve, histogram, resamples" {
    mapfile -t columns < <(rows 1500)
    frame "${columns[@]}" >embeddings
    for asked in "2" "4 --convention dropped --far 1e-2,1e-5,3e-6" "2 --convention conservative --bootstrap 20"; do
        p=${asked%% *} asked=${asked#?}
        # shellcheck disable=SC2086
        eval-roc -q --tsv $asked --roc roc1 --histogram histogram1 embeddings >one
        # shellcheck disable=SC2086
        mpirun -n "$p" eval-roc -q --tsv $asked --roc roc --histogram histogram embeddings >many
        cmp one many
        cmp roc1 roc
        cmp histogram1 histogram
    done
    run -1 mpirun -n 2 eval-roc -q - <embeddings
    [[ $output == *"none can be standard input"* ]]
}

@test "the same of the impostors above a threshold, of so many rows that one walk finds both" {
    for first in 0 1000 2000; do
        mapfile -t columns < <(rows 1400 $first)
        frame "${columns[@]}"
    done >embeddings
    stream-ls --table --fields label embeddings | awk 'NR > 1 && !met[$1]++ { print $1, "g" $1 % 2 }' >groups
    for asked in "--groups groups --at 1e-4" "--threshold-out - --at 1e-3 --bootstrap 10"; do
        # shellcheck disable=SC2086
        eval-roc -q $asked embeddings >one
        # shellcheck disable=SC2086
        mpirun -n 2 eval-roc -q $asked embeddings >many
        cmp one many
        [ -s one ]
    done
}

@test "the same thresholds, rates and given scores" {
    mapfile -t columns < <(rows 200)
    frame "${columns[@]}" >embeddings
    perl -e 'srand 2; printf "%d %.3f\n", rand() < .1, rand() for 1 .. 20000' >scores
    for asked in "--dev embeddings --at min-hter --bootstrap 20 embeddings" \
        "--operating-points --far 1e-1,1e-2 --bootstrap 20 embeddings" \
        "--from scores --operating-points --far 1e-1,1e-2 scores" "--from scores scores"; do
        # shellcheck disable=SC2086
        eval-roc -q --tsv $asked >one
        # shellcheck disable=SC2086
        mpirun -n 2 eval-roc -q --tsv $asked >many
        cmp one many
    done
    run -1 mpirun -n 2 eval-roc -q --dev - --at eer embeddings <scores
    [[ $output == *"none can be standard input"* ]]
}
