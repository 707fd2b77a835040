# Allocations that fail: a few of some tools. `make fault` has all of them.
load lib

@test "what cannot have its memory says so, and writes nothing" {
    if ldd "$BUILD/bin/stream-ls" | grep -q asan; then
        skip "a sanitizer has its own allocator"
    fi
    run -0 "$BATS_TEST_DIRNAME/fault/run" "$BUILD" 6 stream-ls-json stream-cat face-pack face-pack-skip \
        eval-roc-bootstrap eval-roc-groups face-search
    [[ ${lines[-1]} == *" tried, 0 bad" ]]
}

@test "what fails is found: a program that ends in silence, one that writes other bytes" {
    if ldd "$BUILD/bin/stream-ls" | grep -q asan; then
        skip "a sanitizer has its own allocator"
    fi
    mkdir -p "$BATS_TEST_TMPDIR/b/tests" "$BATS_TEST_TMPDIR/b/bin"
    cp "$BUILD/tests/fault-alloc.so" "$BATS_TEST_TMPDIR/b/tests"
    for tool in face-synth npc-train embed eval-roc stream-ls roc-plot; do
        ln -s "$BUILD/bin/$tool" "$BATS_TEST_TMPDIR/b/bin/$tool"
    done
    printf '#!/usr/bin/perl\nexit $ENV{FAULT_ALLOC} > 0\n' >"$BATS_TEST_TMPDIR/b/bin/face-sheet"
    printf '#!/usr/bin/perl\nprint $ENV{FAULT_ALLOC}\n' >"$BATS_TEST_TMPDIR/b/bin/model-convert"
    chmod +x "$BATS_TEST_TMPDIR"/b/bin/*
    run -1 "$BATS_TEST_DIRNAME/fault/run" "$BATS_TEST_TMPDIR/b" 2 face-sheet model-convert
    [[ $output == *"face-sheet, allocation 1: status 1, and no message"* ]]
    [[ $output == *"model-convert: "*" allocations, "[1-9]*" bad"* ]]
}
