# pipelines/paper.mk in miniature: every target, on rendered faces in the files of the real sets
load lib

# With the smaller net; the other one comes last.
paper() {
    make -s -C "$BATS_TEST_DIRNAME/.." -f pipelines/paper.mk MINI=1 NETS=mobilefacenet OUT="$BATS_FILE_TMPDIR" \
        ROOT="$BATS_FILE_TMPDIR/data" RESULTS="$BATS_FILE_TMPDIR/rows.tsv" "$@"
}

setup_file() {
    export BATS_NO_PARALLELIZE_WITHIN_FILE=1
}

@test "the plan, the trainings, every test, the tables" {
    run -0 --separate-stderr paper
    # the plan has a line a net, and what all of it takes
    [[ $output == *"64 images of 16 identities, 2 epochs of 4 steps of 16; 2 losses; 1 machine"*"mobilefacenet "*" images/s trained"*"in all "* ]]
    [[ $output == *"sbatch pipelines/cluster/train.slurm "*" --head npcface --preset facexzoo -b 16"* ]]
    # two losses, each with lfw, agedb_30, cfp_fp, calfw, cplfw; ranks of IJB and MegaFace; BLUFR's rank
    cd "$BATS_FILE_TMPDIR"
    [ "$(cut -f 2,3 rows.tsv | sed 1d | sort | uniq -c | awk '{ print $1 }' | uniq)" -ge 9 ]
    for figure in lfw agedb_30 cfp_fp calfw cplfw 'ijbb rank-1' 'ijbc 1e-1' 'megaface rank-1' 'blufr rank-1'; do
        [ "$(grep -c "^$figure	" rows.tsv)" = 2 ] || { echo "$figure" && false; }
    done
    # a loss that is not trained in full still took its step
    [ "$(find . -name '*.brief' | wc -l)" = 14 ]
    # beside FaceX-Zoo's figure: MobileFaceNet with NPCFace reaches 99.55 % on LFW
    value=$(awk -F '\t' '$1 == "lfw" && $2 == "mobilefacenet" && $3 == "npcface" { print 100 * $9 }' rows.tsv)
    awk -v v="$value" 'BEGIN { printf "%.2f (paper 99.77, %+.2f) (facexzoo 99.55, %+.2f)\n", v, v - 99.77, v - 99.55 }' >cell
    grep -qFf cell <<<"$output"
}

@test "what has its rows is not made again; what is missing is said" {
    cp "$BATS_FILE_TMPDIR/rows.tsv" "$BATS_TEST_TMPDIR/before"
    rm -r "$BATS_FILE_TMPDIR/data/ijb/IJBC"
    run -0 paper tests
    [[ $output == *"paper.mk: no data for: ijbc"* ]]
    cmp "$BATS_FILE_TMPDIR/rows.tsv" "$BATS_TEST_TMPDIR/before"
}

@test "the plan of 64 machines" {
    run -0 paper plan NODES=64 GBIT=10 IMAGES=5179510 IDENTITIES=93431 EPOCHS=18 BATCH=512
    [[ $output == *"5179510 images of 93431 identities, 18 epochs of 10117 steps of 512; 2 losses; 64 machines at 10 Gbit/s (predicted)"* ]]
    [[ $output == *"--slices 64"*"of it communication"* ]]
}

@test "another net, one loss, one test" {
    run -0 paper NETS=mbf "$BATS_FILE_TMPDIR/mbf.npcface.1.bin-lfw.rows"
    grep -q "^lfw	mbf	npcface	1	" "$BATS_FILE_TMPDIR/rows.tsv"
}
