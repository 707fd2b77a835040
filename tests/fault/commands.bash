# shellcheck shell=bash
# What the trials by injected faults have in common: the commands, and the files they need.

# prepare BUILD: goes to a new folder with those files; it goes away at the end. What is preloaded is copied into it,
# for LD_PRELOAD ends a path at a space.
prepare() {
    place=$(mktemp -d)
    trap 'rm -rf "$place"' EXIT
    export PATH="$1/bin:$PATH" OPENBLAS_NUM_THREADS=1
    cp "$1"/tests/fault-*.so "$place" 2>/dev/null
    cd "$place" && make_files
}

make_files() {
    face-synth -q --identities 6 --images 3 --size 16 --hardness 0 -o faces || return
    face-synth -q --identities 3 --images 2 --size 24 --format tar -o photos.tar || return
    mkdir photos && tar -xf photos.tar -C photos || return
    npc-train -q -i faces --batch 6 --embedding 8 --epochs 1 -j 1 -o model 2>/dev/null || return
    embed -q -m model -j 1 -o emb faces || return
    eval-roc -q -j 1 --far 1e-1 --roc roc --threshold-out threshold --at 0.1 emb >/dev/null || return
    stream-ls --table --fields key,label emb | awk 'NR > 1 { print $1, "x" $2 % 2 }' >groups
    awk 'NR > 1 { print $1, p, $2 == l; p = $1; l = $2 } NR == 1 { p = $1; l = $2 }' \
        <(stream-ls --table --fields key,label emb | sed 1d) >pairs
    eval-roc -q -j 1 --pairs pairs --scores scores emb >/dev/null || return
}

# name, then the command; what it writes besides standard output is "out"
commands() {
    cat <<'END'
stream-ls stream-ls -l faces
stream-ls-json stream-ls --json faces
stream-ls-table stream-ls --table emb
stream-cat stream-cat -q --split 0.5 --relabel -o out faces
stream-cat-npz stream-cat -q -t npz -o out emb
stream-cat-webdataset stream-cat -q -t wds -o - faces
stream-cat-folder stream-cat -q -t folder -o out faces
face-synth face-synth -q --identities 2 --images 2 --size 16 -j 1 -o out
face-pack face-pack -q -j 1 --size 16 --center-crop -o out photos
face-pack-tar face-pack -q -j 1 --size 16 --center-crop -o out photos.tar
face-pack-skip face-pack -q -j 1 --skip-bad --size 16 --center-crop -o out photos
face-batch face-batch -q --batch 6 --epochs 1 -o out faces
face-batch-pipe face-batch -q --batch 6 --epochs 1 --buffer 8 -o out -
npc-train npc-train -q --kernels openblas -i faces --batch 6 --embedding 8 --epochs 1 -j 1 -o out
npc-train-kept npc-train -q --kernels openblas -i faces --batch 6 --embedding 8 --epochs 1 -j 1 --checkpoint kept --every 1 --keep-last 1 -o out
embed embed -q --kernels openblas -m model -j 1 -o out faces
eval-roc eval-roc -q -j 1 --far 1e-1 emb
eval-roc-bootstrap eval-roc -q -j 1 --far 1e-1 --bootstrap 10 --json emb
eval-roc-pairs eval-roc -q -j 1 --pairs pairs --hardest 2 --hardest-at 0.5 emb
eval-roc-groups eval-roc -q -j 1 --groups groups --at 0.1 --bootstrap 10 --tsv emb
eval-roc-threshold eval-roc -q -j 1 --threshold threshold --json emb
eval-roc-dev eval-roc -q -j 1 --dev emb --at min-hter --bootstrap 10 --tsv emb
eval-roc-operating eval-roc -q -j 1 --operating-points --far 1e-1 --bootstrap 10 --json emb
eval-roc-scores eval-roc -q -j 1 --from scores --far 0.5 --operating-points scores
face-search face-search -q --kernels openblas -j 1 --closed-set --gallery emb emb
face-group face-group -q -j 1 --threshold 0.5 -o out emb
face-clean face-clean -q -j 1 --find outliers emb
face-sheet face-sheet -q -o out faces
face-quality face-quality -q -o out faces
model-convert model-convert -q -o out model
roc-plot roc-plot -q -o out roc
END
}

# chosen NAME [NAME...]: is the first among the others, or are there none?
chosen() {
    [ $# -eq 1 ] || [[ " ${*:2} " == *" $1 "* ]]
}

# What the command wrote undisturbed is what it has to write later.
keep_whole() {
    rm -rf whole said.whole
    [ ! -e out ] || mv out whole
    mv said said.whole
}

is_whole() { # what is there is what should be, whatever was printed
    if [ -e whole ]; then diff -rq out whole >/dev/null 2>&1; else [ ! -e out ]; fi
}

# wrong STATUS TOOL: what is wrong with how a command ended, whose output is in out, said and message; nothing
# where nothing is. It did without and gave the same, or it ended with status 1, a message, and no output.
wrong() {
    if [ "$1" -eq 0 ]; then
        { cmp -s said said.whole && is_whole; } || echo "other output"
    elif [ "$1" -ne 1 ]; then
        echo "status $1"
    elif ! grep -q -e "^$2: ." -e "^Fatal Internal Error in libarchive: " message; then
        echo "status 1, and no message"
    elif [ -e out ] && ! { is_whole && grep -q ' is whole, but ' message; }; then
        echo "status 1, and an output"
    fi
}
