# make install and uninstall; the library as others use it, and libcore(3)'s example
load lib

setup_file() {
    # What make check was given does not concern the make that is tested.
    unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
    export ROOT="$BATS_FILE_TMPDIR/root"
    cd "$BATS_TEST_DIRNAME/.."
    case $BUILD in
    */asan) export SKIP="a library with sanitizers is not for installing" ;;
    *) make B="$(realpath --relative-to=. "$BUILD")" PREFIX=/opt/x DESTDIR="$ROOT" install ;;
    esac
}

setup() {
    [ -z "${SKIP-}" ] || skip "$SKIP"
    cd "$BATS_TEST_DIRNAME/.."
}

@test "tools, pages, headers, library and completion are in their places" {
    for tool in cmd/*.c; do
        tool=$(basename "$tool" .c)
        [ "$tool" = cli ] || [ -x "$ROOT/opt/x/bin/$tool" ]
        [ "$tool" = cli ] || [ -e "$ROOT/opt/x/share/bash-completion/completions/$tool" ]
    done
    for page in man/*.[1-9]; do
        cmp "$page" "$ROOT/opt/x/share/man/man${page##*.}/${page#man/}"
    done
    for header in libcore/*/*.h; do
        if [[ $header == *_internal.h ]]; then
            [ ! -e "$ROOT/opt/x/include/npcface/${header#libcore/}" ]
        else
            cmp "$header" "$ROOT/opt/x/include/npcface/${header#libcore/}"
        fi
    done
    [ -f "$ROOT/opt/x/lib/npcface/libcore.a" ]
    [ "$("$ROOT/opt/x/bin/stream-ls" --version)" = "$(stream-ls --version)" ]
}

@test "the example of libcore(3) is compiled and counts rows" {
    { frame kind=faces label:I64:2:1,2; frame kind=faces last=1 label:I64:3:1,2,3; } \
        >"$BATS_TEST_TMPDIR/faces.pack"
    examples man/libcore.3 >"$BATS_TEST_TMPDIR/script"
    export PKG_CONFIG_PATH="$ROOT/opt/x/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$ROOT"
    cd "$BATS_TEST_TMPDIR"
    run -0 bash -eu script
    [ "$output" = 5 ]
    run -1 ./count script
    [[ $output == "count: script: "* ]]
    [ "$(pkg-config --modversion npcface)" = "$(stream-ls --version | awk '{print $2}')" ]
}

@test "uninstall leaves nothing" {
    cp -r "$ROOT" "$BATS_TEST_TMPDIR/copy"
    touch "$BATS_TEST_TMPDIR/copy/opt/x/bin/another"
    make PREFIX=/opt/x DESTDIR="$BATS_TEST_TMPDIR/copy" uninstall
    run -0 find "$BATS_TEST_TMPDIR/copy" ! -type d
    [ "$output" = "$BATS_TEST_TMPDIR/copy/opt/x/bin/another" ]
    run -0 find "$BATS_TEST_TMPDIR/copy" -name npcface
    [ -z "$output" ]
}
