# make install and uninstall; the library as others use it, and libcore(3)'s example
load lib

setup_file() {
    # What make check was given does not concern the make that is tested.
    unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
    export ROOT="$BATS_FILE_TMPDIR/root"
    cd "$BATS_TEST_DIRNAME/.."
    if sanitized; then
        export SKIP="a library with sanitizers is not for installing"
    else
        make B="$(realpath --relative-to=. "$BUILD")" PREFIX=/opt/x DESTDIR="$ROOT" install
    fi
}

setup() {
    [ -z "${SKIP-}" ] || skip "$SKIP"
    cd "$BATS_TEST_DIRNAME/.."
}

public_headers() {
    (cd libcore && ls ./*/*.h) | sed 's|^\./||' | grep -v '_internal\.h$'
}

with_pkg_config() {
    export PKG_CONFIG_PATH="$ROOT/opt/x/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$ROOT"
    export LD_LIBRARY_PATH="$ROOT/opt/x/lib"
}

# what the map lists
listed() {
    sed -n 's/^    \(.*[^*]\);$/\1/p' libcore/npcface.map
}

@test "tools, pages, headers, library and completion are in their places" {
    for tool in cmd/*.c cmd/*.sh; do
        tool=$(basename "${tool%.*}")
        [ -x "$ROOT/opt/x/bin/$tool" ]
        [ -e "$ROOT/opt/x/share/bash-completion/completions/$tool" ]
    done
    for page in man/*.[1-9]; do
        cmp "$page" "$ROOT/opt/x/share/man/man${page##*.}/${page#man/}"
    done
    for header in $(public_headers); do
        cmp "libcore/$header" "$ROOT/opt/x/include/npcface/$header"
    done
    [ "$(find "$ROOT/opt/x/include" -name '*.h' | wc -l)" = "$(public_headers | wc -l)" ]
    [ -f "$ROOT/opt/x/lib/libnpcface.a" ]
    [ "$(readlink "$ROOT/opt/x/lib/libnpcface.so")" = libnpcface.so.0 ]
    [ "$("$ROOT/opt/x/bin/stream-ls" --version)" = "$(stream-ls --version)" ]
    [ "$("$ROOT/opt/x/bin/eval-report" --version)" = "$(eval-report --version)" ] # which finds its parts
}

@test "Debian's list of symbols is the library's" {
    cmp <(listed | sort) <(sed -n 's/^ \(.*\)@NPCFACE_0 .*/\1/p' debian/libnpcface0.symbols | grep -vx NPCFACE_0)
}

@test "some thirty headers; each compiles alone and with all others, in C and in C++" {
    [ "$(public_headers | wc -l)" -le 32 ]
    cd "$ROOT/opt/x/include/npcface"
    sources="$BATS_TEST_TMPDIR"
    find . -name '*.h' | sed 's|^\./||; s|.*|#include "&"|' >"$sources/all.c"
    for header in $(find . -name '*.h' | sed 's|^\./||'); do
        echo "#include \"$header\"" >"$sources/$(tr / _ <<<"$header").c"
    done
    [ "$(find "$sources" -name '*.c' | wc -l)" -gt 20 ]
    for source in "$sources"/*.c; do
        "${CC:-cc}" -std=c11 -Wall -Wextra -Werror -I. -fsyntax-only "$source"
        "${CXX:-c++}" -x c++ -Wall -Wextra -Werror -I. -fsyntax-only "$source"
    done
}

@test "the libraries have the names that the map lists, and no other" {
    listed | sort >"$BATS_TEST_TMPDIR/listed"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/listed")" -gt 100 ]
    nm -D --defined-only "$ROOT/opt/x/lib/libnpcface.so.0" | sed -n 's/.* T \(.*\)@@NPCFACE_0$/\1/p' |
        sort | diff "$BATS_TEST_TMPDIR/listed" -
    nm -g --defined-only "$ROOT/opt/x/lib/libnpcface.a" | sed -n 's/.* [A-Z] //p' | sort |
        diff "$BATS_TEST_TMPDIR/listed" -
    # they are those that the public headers declare: all that is not hidden
    readelf -sW "$BUILD/libcore.a" |
        awk '$5 == "GLOBAL" && $6 == "DEFAULT" && $7 != "UND" && ($4 == "FUNC" || $4 == "OBJECT") { print $8 }' |
        sort -u | diff "$BATS_TEST_TMPDIR/listed" -
    objdump -p "$ROOT/opt/x/lib/libnpcface.so.0" | grep -q 'SONAME *libnpcface.so.0'
}

@test "programs in C and C++, linked with the shared and the static library" {
    with_pkg_config
    cd "$BATS_TEST_TMPDIR"
    cat >program.c <<'END'
#include <stdio.h>
#include "head/head.h"
#include "nn/arch.h"
/* names that are the user's own, though the library has them inside */
int fill(void);
int input(void);
int fill(void) { return 1; }
int input(void) { return 2; }
int main(void)
{
    Err err = {{0}};
    Graph *net = arch_new("mobilefacenet", 128, 112, &err);
    int d = net != NULL ? graph_dim(net) : -1;
    graph_free(net);
    printf("%s %d %d\n", head_info(0) != NULL ? arch_name(0) : "", d, fill() + input());
    return 0;
}
END
    cp program.c program.cc
    # shellcheck disable=SC2046
    "${CC:-cc}" -o c-shared program.c $(pkg-config --cflags --libs npcface)
    # shellcheck disable=SC2046
    "${CXX:-c++}" -o cc-shared program.cc $(pkg-config --cflags --libs npcface)
    # shellcheck disable=SC2046
    "${CC:-cc}" -o c-static program.c $(pkg-config --cflags --libs npcface | sed 's/-lnpcface/-l:libnpcface.a/')
    # shellcheck disable=SC2046
    "${CXX:-c++}" -o cc-static program.cc $(pkg-config --cflags --libs npcface | sed 's/-lnpcface/-l:libnpcface.a/')
    for program in c-shared cc-shared c-static cc-static; do
        run -0 "./$program"
        [ "$output" = "mobilefacenet 128 3" ]
    done
    ldd ./c-shared | grep -q 'libnpcface.so.0 => '
    ! ldd ./c-static | grep -q libnpcface || return 1
}

@test "the examples of libcore(3) are compiled and run" {
    with_pkg_config
    examples man/libcore.3 >"$BATS_TEST_TMPDIR/script"
    cd "$BATS_TEST_TMPDIR"
    face-synth -q --identities 6 --images 4 --size 32 -o faces.pack
    npc-train -q -i faces.pack --embedding 16 --batch 8 --lr 0.01 -o face.model
    embed -q -m face.model faces.pack -o faces.emb
    head -c 15 <(printf 'P6 32 32 255\n') >face.ppm
    head -c 3072 /dev/zero | tr '\0' '\100' >>face.ppm
    run -0 bash -eu script || { echo "$output" && return 1; }
    [ "${lines[0]}" = 24 ]
    [[ ${lines[1]} == "16 numbers, the first "* ]]
    [[ ${lines[2]} == "loss "*", margin "* ]]
    [[ ${lines[5]} == "TAR "*" at FAR 0.1, EER "* ]]
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
