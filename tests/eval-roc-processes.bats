#!/usr/bin/env bats
# eval-roc as several processes: the figures of one, digit by digit

load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    mpi_here
    needs_mpi
}

# rows N: embeddings of N rows of 8 dimensions, five of an identity, made by perl.
rows() {
    perl -e '
        my ($n, $d) = ($ARGV[0], 8);
        srand 1;
        my $labels = join ",", map { int $_ / 5 } 0 .. $n - 1;
        my $numbers = join ",", map { sprintf "%.5f", rand() + rand() + rand() - 1.5 } 1 .. $n * $d;
        print "kind=embeddings\nlast=1\nlabel:I64:$n:$labels\nembedding:F32:$n,$d:$numbers\n"' "$1"
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
