# Helpers of the Bats tests: `load lib`. tests/run puts the tools into PATH and sets BUILD (the
# folder of the build) and FACE_DATA (real faces, which may not be there).
# shellcheck shell=bash
bats_require_minimum_version 1.5.0

# What the tests themselves compute with numbers and order; the tools see the locale as it is.
awk() {
    LC_ALL=C command awk "$@"
}
sort() {
    LC_ALL=C command sort "$@"
}
seq() {
    LC_ALL=C command seq "$@"
}
printf() {
    local LC_ALL=C
    # shellcheck disable=SC2059 # the caller's format
    builtin printf "$@"
}

# fails COMMAND...: fails with status 1, says something, and prefixes it with the tool's name.
# misused COMMAND...: the same with status 2. Both leave the message in $output.
fails() {
    run -1 "$@"
    [[ $output == "$1: "* ]]
}
misused() {
    run -2 "$@"
    [[ $output == "$1: "* ]]
}

# mpi_here: what several processes on one small machine want, as root and more of them than
# processors: Open MPI 4, then 5; MPICH asks for nothing. What a killed mpirun leaves behind goes with the test's
# folder: a later one of the same number would stumble over it.
mpi_here() {
    [ -z "${BATS_FILE_TMPDIR-}" ] || export TMPDIR=$BATS_FILE_TMPDIR
    export OPENBLAS_NUM_THREADS=1
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1
    export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
}

# sanitized [NAME]: whether the tools were built with a sanitizer, or with that one: asan, tsan, ubsan
sanitized() {
    nm -D "$BUILD/bin/stream-ls" | grep -q "__${1:-[atu]b*san}_"
}

# needs_mpi: skips the test where there is no MPI, or the build has no module for it.
needs_mpi() {
    command -v mpirun >/dev/null || skip "no mpirun"
    [ -e "$BUILD/lib/npcface/npcface-mpi.so" ] || skip "the build has no module for MPI"
    ! sanitized '[at]san' || skip "MPI under a sanitizer"
}

# need_data FILE...: skips the test unless these are among the real faces.
need_data() {
    local file
    for file; do
        [ -e "$FACE_DATA/$file" ] || skip "no $file in $FACE_DATA"
    done
}

# frame KEY=VALUE... NAME:DTYPE:SHAPE:VALUES...: a frame on stdout, made without the library.
frame() {
    perl "$BATS_TEST_DIRNAME/frame.pl" "$@"
}

# people_at FILE SIX ANGLES: embeddings of three people with two faces each, at these degrees
people_at() {
    local values
    values=$(printf '%s\n' "${@:2}" | awk '{ a = $1 * atan2(0, -1) / 180
        printf("%s%.9g,%.9g", (NR > 1 ? "," : ""), cos(a), sin(a)) }')
    frame last=1 "embedding:F32:6,2:$values" label:I64:6:0,0,1,1,2,2 >"$1"
}

# column FILE NAME: the bytes of a column, all frames. Headers are read by a pattern, for a parser of
# JSON takes longer to load than most tests take.
column() {
    perl -0777 -ne '
        BEGIN { binmode STDIN; binmode STDOUT; $name = pop @ARGV; }
        for (my $at = 0; $at < length;) {
            my $n = unpack "Q<", substr $_, $at, 8;
            my $header = substr $_, $at + 8, $n;
            my $base = $at += 8 + $n;
            while ($header =~ /"([^"\\]+)":\{[^{}]*"data_offsets":\[(\d+),(\d+)\]\}/g) {
                print substr $_, $base + $2, $3 - $2 if $1 eq $name;
                $at = $base + $3 if $base + $3 > $at;
            }
        }' "$1" "$2"
}

# tensors FILE: the bytes behind the header of its first frame
tensors() {
    perl -0777 -ne 'BEGIN { binmode STDIN; binmode STDOUT } print substr $_, 8 + unpack "Q<", $_' "$1"
}

# meta FILE KEY: a metadata string of its first frame, with the escapes of JSON undone
meta() {
    perl -0777 -ne 'BEGIN { binmode STDIN; binmode STDOUT; $key = pop @ARGV }
        my ($value) = substr($_, 8, unpack "Q<", $_) =~ /"\Q$key\E":"((?:[^"\\]|\\.)*)"/ or exit;
        $value =~ s/\\(?:n|(.))/$1 || "\n"/ge;
        print $value' "$1" "$2"
}

# same_columns A B NAME...: the columns hold the same bytes
same_columns() {
    local name
    for name in "${@:3}"; do
        cmp <(column "$1" "$name") <(column "$2" "$name") || return 1
        [ "$(column "$1" "$name" | wc -c)" -gt 0 ] || return 1
    done
}

# examples PAGE: the commands of a manual page's EXAMPLES, as a shell script. A display that
# follows the comment `.\" not run: REASON` in the page's source is left out.
examples() {
    sed '/^\.\\" not run: /{s//@/;s/$/@/;i .Pp
}' "$1" | mandoc -T markdown | awk '
        /^# /          { inside = $0 == "# EXAMPLES"; next }
        !inside        { next }
        /^@.*@$/       { skip = 1; next }
        /^(\t|> |>$)/ { code = 1; sub(/^(\t|> ?)/, ""); if (!skip) print; next }
        code           { code = skip = 0 }'
}
