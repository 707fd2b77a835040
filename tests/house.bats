# What must stay true of the sources, whoever adds to them
load lib

setup() {
    cd "$BATS_TEST_DIRNAME/.."
}

# none LINES...: fails and shows them if there are any
none() {
    [ -z "$1" ] || { echo "$1" && return 1; }
}

plain_build() {
    ! sanitized || skip "sanitizers add symbols of their own"
}

# imports PATTERN: the objects of libcore that import a symbol of that name, "FILE NAME" a line
imports() {
    nm -A -u "$BUILD/libcore.a" | sed 's/.*:\([^:]*\): */\1 /; s/@.*//' |
        awk -v pattern="^($1)\$" '$NF ~ pattern { print $1, $NF }'
}

@test "libcore never prints, never exits, reads no environment" {
    plain_build
    [ -n "$(imports 'malloc')" ]
    none "$(imports '_?exit|_Exit|quick_exit|abort|__assert_fail|system|exec.*|fork|kill|raise')"
    none "$(imports '(secure_)?getenv|setenv|unsetenv|putenv|environ|setlocale')"
    none "$(imports '(__)?v?printf(_chk)?|puts|putchar|perror|v?errx?|v?warnx?|stderr|v?syslog')"
    none "$(imports 'signal|sigaction|srand|rand|random|drand48|strtok|localtime|gmtime')"
    # "-" is standard input or output, and one module knows it.
    none "$(imports 'stdin|stdout' | grep -Ev '^(file|out)\.o ' || true)"
}

@test "libcore has no variables of its own" {
    plain_build
    objdump -t "$BUILD/libcore.a" | grep -q '\.data\.rel\.ro'
    # .data.rel.ro is constant once the addresses in it are known. jansson's allocator is the process's,
    # so that what watches it (base/jansson.c) must be, too.
    none "$(objdump -t "$BUILD/libcore.a" | awk '
        /file format/ { file = $1; next }
        file == "jansson.o:" { next }
        NF > 3 && $(NF - 2) ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ &&
            $(NF - 2) !~ /^\.data\.rel\.ro/ && $(NF - 1) !~ /^0+$/ { print file, $0 }')"
}

@test "arrays that may be empty are sorted by sort_array()" {
    none "$(grep -n '\<qsort(' libcore/*/*.[ch] cmd/*.[ch] cmd/*/*.[ch] | grep -v -e "^libcore/base/sort_internal.h" -e "\*.*qsort()" || true)"
}

@test "arrays grow, lines are read and files are mapped in one place each" {
    none "$(grep -rnE '\b(realloc|reallocarray) *\(' libcore cmd --include='*.[ch]' |
        grep -vE '^libcore/base/array\.c:' || true)"
    none "$(grep -rnE '\b(mmap|munmap|mremap) *\(' libcore cmd --include='*.[ch]' |
        grep -vE '^libcore/base/(map|spill)\.c:' || true)"
    none "$(grep -rnE '\b(getline|getdelim|fgets|getc_unlocked|fscanf) *\(' libcore cmd --include='*.[ch]' || true)"
    none "$(grep -rnE "memchr\(.*'\\\\n'|str(cspn|sep)\([^,]*, ['\"]\\\\n['\"]\)" \
        libcore/base libcore/lists libcore/source libcore/identify libcore/verify cmd/*/ |
        grep -v '^libcore/base/lines\.c:' || true)"
}

# declared WORD: the x of each function x_WORD that a header declares
declared() {
    grep -hoE "\\b[a-z_0-9]+_($1)\(" libcore/*/*.h cmd/*.h cmd/*/*.h | sed -E "s/_($1)\($//" | sort -u
}

@test "what is opened is closed, what is new is freed, what is filled in is released" {
    # Steps of torchfile_open(); a descriptor.
    none "$(comm -23 <(declared open) <(declared 'close|commit') |
        grep -vxE 'torch(zip|bare)|file|saved' || true)"
    none "$(comm -12 <(declared open) <(declared release) | grep -vxE 'embeddings|saved' || true)"
    none "$(comm -12 <(declared new) <(declared 'close|release') || true)"
    none "$(comm -12 <(declared init) <(declared 'close|free') | grep -vx graph || true)"
}

# Which folder of libcore may include which others
arrows='
base:
stream: base
image:  base
format: base stream image
lists:  base stream
source: base stream image format lists
sink:   base stream image format lists source
batch:  base stream image
synth:  base stream image
product: base
optim:  base
comm:   base
layers: base product
nn:     base stream product layers optim comm
onnx:   base layers nn stream
model:  base stream format layers nn onnx
detect: base image product layers nn onnx model
head:   base stream product optim comm
scores: base stream comm
verify: base stream lists scores
identify: base stream product comm lists scores
report: base stream scores verify identify
match:  base stream image product nn onnx model detect lists source
train:  base stream image product layers optim comm nn head lists scores verify
'

@test "the arrows between the folders of libcore hold" {
    for folder in libcore/*/; do
        folder=$(basename "$folder")
        allowed=$(sed -n "s/^$folder: *//p" <<<"$arrows")
        [ "$folder" = base ] || [ -n "$allowed" ] || none "no arrows are stated for $folder"
        none "$(grep -HnE '^#include "' "libcore/$folder"/*.[ch] |
            grep -vE "\"($folder${allowed:+|${allowed// /|}})/" || true)"
    done
}

@test "headers for users include no internal ones, and cells of scores are the business of scores/" {
    none "$(grep -E '^#include ".*_internal\.h"' libcore/*/*.h | grep -v '_internal\.h:' || true)"
    none "$(grep -nE '"scores/(cell|cell_counter|counts_cells)_internal' -r libcore cmd |
        grep -v '^libcore/scores/' || true)"
}

# acyclic < "FILE OTHER" lines: fails and shows a circle if there is one
acyclic() {
    none "$(awk '$1 != $2' | tsort 2>&1 >/dev/null || true)"
}

@test "there are no circles of headers" {
    grep -oE '^#include "[^"]+' libcore/*/*.h cmd/*.h cmd/*/*.h |
        sed 's/:#include "/ /; s|^libcore/||; s|^cmd/||' | acyclic
}

# Each source by its name without .c. It uses another when it includes its header (x.h or
# x_internal.h) or imports what it defines.
uses() {
    ls libcore/*/*.c cmd/*.c cmd/*/*.c >"$BATS_TEST_TMPDIR/sources"
    grep -oE '^#include "[^"]+' libcore/*/*.c cmd/*.c cmd/*/*.c |
        sed 's/\.c:#include "/ /; s/\(_internal\)\?\.h$//' |
        awk 'NR == FNR { sub(/\.c$/, ""); source[$0]; next }
            ("libcore/" $2) in source { print $1, "libcore/" $2 }
            ("cmd/" $2) in source { print $1, "cmd/" $2 }' "$BATS_TEST_TMPDIR/sources" -
    sed 's/c$/o/' "$BATS_TEST_TMPDIR/sources" | (cd "$BUILD" && xargs nm -A) |
        sed 's/\.o:/ /' | awk '
            $(NF - 1) ~ /^[BDRTVW]$/ && $NF != "main" { definer[$NF] = $1 }
            $(NF - 1) == "U" { file[++n] = $1; wants[n] = $NF }
            END { for (i = 1; i <= n; i++) if (wants[i] in definer) print file[i], definer[wants[i]] }'
}

@test "there are no circles of files" {
    plain_build
    uses >"$BATS_TEST_TMPDIR/uses"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/uses")" -gt 1000 ]
    acyclic <"$BATS_TEST_TMPDIR/uses"
}

@test "libcore and tools do not include tools, nor sources other than their own for narrow vectors" {
    none "$(grep -nE '#include "(cli|.*cmd/|.*\.\./)' -r libcore || true)"
    none "$(grep -nE '#include .*\.c"' -r libcore cmd |
        grep -vE '^libcore/(.*)_narrow\.c:[0-9]+:#include "\1\.c"$' || true)"
}

@test "no file is longer than 500 lines" {
    none "$(find cmd libcore tests pipelines Makefile -type f \
        \( -name '*.[ch]' -o -name '*.ba*' -o -name '*.mk' -o -name '*.p[ly]' -o -name Makefile \) \
        -exec awk 'FNR == 501 { print FILENAME }' {} +)"
}

@test "nothing is left for later, and no line ends in a space" {
    none "$(grep -rnwE "TO""DO|FIX""ME|XX""X|HA""CK" cmd libcore tests pipelines man Makefile || true)"
    none "$(grep -rnE "[[:space:]]$" cmd libcore tests pipelines man Makefile \
        --include='*.[ch1-9]' --include='*.bats' --include='*.bash' --include='*.mk' || true)"
}

@test "every header says first what it is for, and guards itself by its path" {
    none "$(awk '
        FNR == 1 && !/^\/\* ./ { print FILENAME " does not begin with a comment" }
        /^#ifndef / && !seen[FILENAME]++ {
            guard = toupper(FILENAME)
            sub(/^LIBCORE\//, "", guard)
            gsub(/[^A-Z0-9]/, "_", guard)
            if ($2 != guard)
                print FILENAME ": its guard is " $2 ", not " guard
        }
        END { if (length(seen) != ARGC - 1) print "a header has no guard" }
        ' libcore/*/*.h cmd/*.h cmd/*/*.h)"
}

@test "every kernel that says CLONES is built for several processors" {
    plain_build
    [ "$(uname -m)" = x86_64 ] || skip "clones are for x86-64"
    local objects
    objects=$(grep -lE '^CLONES' libcore/*/*.c | sed 's/c$/o/')
    none "$(comm -23 <(sort <<<"$objects") <(cd "$BUILD" && xargs nm -A <<<"$objects" |
        grep -F arch_x86_64_v4 | cut -d : -f 1 | sort -u))"
}
