# Allocations and system calls that fail: a few of some tools. `make fault` has all of them.
load lib

@test "what cannot have its memory says so, and writes nothing" {
    ! sanitized '[at]san' || skip "a sanitizer has its own allocator"
    run -0 "$BATS_TEST_DIRNAME/fault/allocations" "$BUILD" 6 stream-ls-json stream-cat face-pack face-pack-skip \
        eval-roc-bootstrap eval-roc-groups face-search
    [[ ${lines[-1]} == *" tried, 0 bad" ]]
}

@test "what fails is found: a program that ends in silence, one that writes other bytes" {
    ! sanitized '[at]san' || skip "a sanitizer has its own allocator"
    mkdir -p "$BATS_TEST_TMPDIR/b/tests" "$BATS_TEST_TMPDIR/b/bin"
    cp "$BUILD/tests/fault-alloc.so" "$BATS_TEST_TMPDIR/b/tests"
    for tool in face-synth npc-train embed eval-roc stream-ls roc-plot; do
        ln -s "$BUILD/bin/$tool" "$BATS_TEST_TMPDIR/b/bin/$tool"
    done
    printf '#!/usr/bin/perl\nexit $ENV{FAULT_ALLOC} > 0\n' >"$BATS_TEST_TMPDIR/b/bin/face-sheet"
    printf '#!/usr/bin/perl\nprint $ENV{FAULT_ALLOC}\n' >"$BATS_TEST_TMPDIR/b/bin/model-convert"
    chmod +x "$BATS_TEST_TMPDIR"/b/bin/*
    run -1 "$BATS_TEST_DIRNAME/fault/allocations" "$BATS_TEST_TMPDIR/b" 2 face-sheet model-convert
    [[ $output == *"face-sheet, allocation 1: status 1, and no message"* ]]
    [[ $output == *"model-convert: "*" allocations, "[1-9]*" bad"* ]]
}

traces() {
    command -v strace >/dev/null && strace -o /dev/null true
}

@test "a full disk, a disk that fails, a kill at any call: the whole output or none" {
    traces || skip "no strace, or it may not trace"
    ! sanitized asan || skip "the leak sanitizer does not run under strace"
    ! sanitized tsan || skip "the thread sanitizer's own calls would fail"
    run -0 "$BATS_TEST_DIRNAME/fault/calls" "$BUILD" 1 stream-cat stream-cat-folder face-pack npc-train-kept embed eval-roc
    [[ ${lines[-1]} == *" tried, 0 bad" ]]
}

@test "calls that fail are found too: half an output, silence" {
    traces || skip "no strace, or it may not trace"
    mkdir -p "$BATS_TEST_TMPDIR/b/bin"
    for tool in face-synth npc-train embed eval-roc stream-ls stream-cat; do
        ln -s "$BUILD/bin/$tool" "$BATS_TEST_TMPDIR/b/bin/$tool"
    done
    printf '#!/usr/bin/perl\nopen F, ">out" or exit 1; syswrite F, "a" for 1..3; exit 0\n' >"$BATS_TEST_TMPDIR/b/bin/face-sheet"
    chmod +x "$BATS_TEST_TMPDIR/b/bin/face-sheet"
    run -1 "$BATS_TEST_DIRNAME/fault/calls" "$BATS_TEST_TMPDIR/b" 3 face-sheet
    [[ $output == *"face-sheet, write "*" ENOSPC: other output"* ]]
    [[ $output == *"face-sheet, write "*" SIGKILL: half an output"* ]]
}

@test "what is read and written comes by halves: the same output" {
    ! sanitized '[at]san' || skip "a sanitizer has its own calls"
    run -0 "$BATS_TEST_DIRNAME/fault/short" "$BUILD" stream-cat stream-cat-folder face-pack face-pack-tar npc-train embed \
        face-search roc-plot
    [[ ${lines[-1]} == "8 tried, 0 bad" ]]
}

@test "killed at random moments and started again: the same output, nothing left over" {
    run -0 "$BATS_TEST_DIRNAME/fault/kills" "$BUILD" 50 train face-pack folder embed eval-roc
    [[ ${lines[-1]} == "50 kills, 0 bad" ]]
}

@test "what a kill leaves is found: half an output, one that cannot be started again" {
    mkdir -p "$BATS_TEST_TMPDIR/b/bin"
    for tool in face-synth npc-train embed eval-roc stream-ls stream-cat; do
        ln -s "$BUILD/bin/$tool" "$BATS_TEST_TMPDIR/b/bin/$tool"
    done
    printf '#!/usr/bin/perl\nexit 1 if -e "out"; $| = 1; open F, ">out" or exit 1; syswrite F, "a"; select undef, undef, undef, 0.3; syswrite F, "b"\n' \
        >"$BATS_TEST_TMPDIR/b/bin/face-pack"
    chmod +x "$BATS_TEST_TMPDIR/b/bin/face-pack"
    run -1 "$BATS_TEST_DIRNAME/fault/kills" "$BATS_TEST_TMPDIR/b" 1 face-pack
    [[ $output == *"half an output"* && $output == *"cannot be started again"* ]]
}
