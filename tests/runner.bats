# tests/run itself: a runner that cannot fail would make every other test worthless.
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir -p tests/unit build/unit fuzz
    cp "$BATS_TEST_DIRNAME/run" tests/
}

# program NAME SHELL-TEXT: a unit program that does this
program() {
    : >"tests/unit/$1.c"
    printf '#!/bin/sh\n%s\n' "$2" >"build/unit/$1"
    chmod +x "build/unit/$1"
}

go() {
    run --keep-empty-lines tests/run build fuzz "$@"
}

@test "all passed: the last line counts, the status is 0" {
    program test_a 'echo ok 1 - x; echo "ok 2 - y"; echo 1..2'
    program test_b 'echo ok 1 - x; echo 1..1'
    go
    [ "$status" -eq 0 ]
    [[ $output == *$'\n3 passed, 0 failed\n' || $output == *$'\n3 passed, 0 failed' ]]
}

@test "skipped tests are counted apart" {
    program test_a 'echo ok 1 - x; echo "ok 2 - y # skip no data"; echo 1..2'
    go
    [ "$status" -eq 0 ]
    [[ $output == *$'\n1 passed, 0 failed, 1 skipped'* ]]
}

@test "a failed test: shown with its output, status 1" {
    program test_a 'echo ok 1 - fine; echo not ok 2 - bad; echo "# failed at here"; echo 1..2'
    go
    [ "$status" -eq 1 ]
    [[ $output == *"not ok 2 - bad"*"# failed at here"*"1 passed, 1 failed"* ]]
    [[ $output != *"- fine"* ]]
}

@test "a program that crashes, or stops before its plan, has failed" {
    program test_a 'echo ok 1 - x; echo cut >&2; kill -SEGV $$'
    go
    [ "$status" -eq 1 ]
    [[ $output == *"cut"*"exit status 139"*"1 passed, 1 failed"* ]]
    program test_a 'echo ok 1 - x; echo 1..2'
    go
    [ "$status" -eq 1 ]
    [[ $output == *"1 tests ran of 2"* ]]
}

@test "a status that no failed test explains is a failure" {
    program test_a 'echo ok 1 - x; echo 1..1; exit 3'
    go
    [ "$status" -eq 1 ]
    [[ $output == *"exit status 3"*"1 passed, 1 failed"* ]]
}

@test "no test at all is a failure" {
    go
    [ "$status" -eq 1 ]
    [[ $output == "0 passed, 0 failed"* ]]
    program test_a 'echo ok 1 - x; echo 1..1'
    go nosuch
    [ "$status" -eq 1 ]
}

@test "what an earlier build left without a source is not run" {
    program test_a 'echo ok 1 - x; echo 1..1'
    program test_gone 'echo not ok 1 - x; echo 1..1'
    rm tests/unit/test_gone.c
    go
    [ "$status" -eq 0 ]
}

@test "fuzzers run, also from a folder inside the build" {
    mkdir -p tests/fuzz build/asan/fuzz
    : >tests/fuzz/fuzz_x.c
    printf '#!/bin/sh\necho ok 1 - x; echo 1..1\n' >build/asan/fuzz/fuzz_x
    chmod +x build/asan/fuzz/fuzz_x
    run -0 tests/run build build/asan/fuzz
    [ "${lines[1]}" = "1 passed, 0 failed" ]
}

@test "Bats files run, failing ones are shown" {
    printf '@test "works" {\n    true\n}\n@test "breaks" {\n    echo because; false\n}\n' \
        >tests/x.bats
    go
    [ "$status" -eq 1 ]
    [[ $output == *"not ok 2 breaks"*"because"*"1 passed, 1 failed"* ]]
}
