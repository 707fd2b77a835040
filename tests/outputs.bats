# Where tools write: descriptors, links, devices, folders that take no file; what they show of names
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    umask 022 # somebody else is to read the files, whatever the umask at hand
    face-synth -q --identities 3 --images 2 --size 32 -o faces
    stream-cat -q -o expected faces
}

# as_user COMMAND...: as somebody who may not do everything
as_user() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        "$@"
    fi
}

all_tools() {
    local tool
    for tool in "$BUILD"/bin/*; do
        basename "$tool"
    done
}

@test "/dev/stdout and /dev/fd/N are descriptors, not files to replace" {
    local before
    before=$(readlink /dev/stdout)
    for name in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
        stream-cat -q -o $name faces >got
        cmp got expected
        [ "$(readlink /dev/stdout)" = "$before" ]
        stream-cat -q -o $name faces | cmp - expected
        { echo head && stream-cat -q -o $name faces; } >got # goes on where others stopped
        cmp <(tail -c +6 got) expected
        stream-cat -q -o $name faces >>got
        cmp <(tail -c +6 got) <(cat expected expected)
    done
    stream-cat -q -o /dev/fd/7 faces 7>got
    cmp got expected
    stream-cat -q -o /dev/stderr faces 2>got
    cmp got expected
    ln -s /dev/stdout there
    stream-cat -q -o there faces >got
    cmp got expected && [ -L there ]
    fails stream-cat -q -o /dev/fd/8 faces 8<&-
    [[ $output == *"/dev/fd/8"*"Bad file descriptor"* ]]
    fails stream-cat -q -o /dev/fd/8 faces 8<expected
    [[ $output == *"Bad file descriptor"* ]]
}

@test "/dev/stdin is read as it stands, a pipe or the rest of a file" {
    cmp <(stream-cat -q /dev/stdin <faces) expected
    cmp <(cat faces faces | stream-cat -q /dev/fd/0) <(stream-cat -q faces faces)
    { printf 'xyz' && cat faces; } >longer
    cmp <({
        head -c 3 >/dev/null
        stream-cat -q /dev/stdin
    } < <(cat longer)) expected
    stream-cat -q /dev/fd/5 5<faces | cmp - expected
}

@test "a fifo and a device are written through" {
    mkfifo pipe
    timeout 20 cat pipe >got &
    timeout 20 stream-cat -q -o pipe faces
    wait
    cmp got expected && [ -p pipe ]
    stream-cat -q -o /dev/null faces && [ -c /dev/null ]
    fails stream-cat -q -o /dev/full faces
}

@test "a link stays, what it points to is replaced and keeps its mode" {
    mkdir sub
    echo old >sub/file
    chmod 640 sub/file
    ln -s sub/file link
    ln -s link other
    stream-cat -q -o other faces
    cmp sub/file expected && [ -L link ] && [ -L other ]
    [ "$(stat -c %a sub/file)" = 640 ]
    ln -s sub/new dangling
    (umask 027 && stream-cat -q -o dangling faces)
    cmp sub/new expected && [ -L dangling ]
    [ "$(stat -c %a sub/new)" = 640 ]
    ln -s circle circle
    fails stream-cat -q -o circle faces
    [ "$(find sub -mindepth 1 | wc -l)" = 2 ]
}

@test "where a folder takes no new file, the file itself is written, and that is said" {
    mkdir closed
    head -c 100000 /dev/zero >closed/file
    chmod 666 closed/file
    chmod 755 . closed
    [ "$(id -u)" -eq 0 ] || chmod 555 closed
    inode=$(stat -c %i closed/file)
    run -0 as_user "$BUILD/bin/stream-cat" -o closed/file faces
    [[ $output == "stream-cat: closed/file: "*"overwritten"* ]]
    cmp closed/file expected
    [ "$(stat -c %i,%a closed/file)" = "$inode,666" ]
    # what fails before the end changes nothing
    head -c -1 faces >cut
    run -1 as_user "$BUILD/bin/stream-cat" -o closed/file cut
    cmp closed/file expected
    run -1 as_user "$BUILD/bin/stream-cat" -o closed/new faces
    [[ $output == "stream-cat: cannot write closed/new: Permission denied" ]]
    chmod 755 closed
}

@test "an output that cannot be made is refused before anything is read" {
    long=$(printf 'n%.0s' {1..256})
    for name in '' nowhere/x . faces/x "$long"; do
        fails stream-cat -q -o "$name" no-such-input
        [[ $output == *"cannot write"* ]]
    done
    fails npc-train -q -i no-such-input -o nowhere/model
    [[ $output == *"cannot write nowhere/model: No such file or directory" ]]
    fails npc-train -q -i no-such-input --checkpoint nowhere/model -o x
    fails eval-roc -q --roc nowhere/roc no-such-input
    [[ $output == *"cannot write nowhere/roc"* ]]
    stream-cat -q -o "${long:1}" faces
    cmp "${long:1}" expected
}

# closed TOOL: with every combination of standard descriptors closed, help and a failure: no signal,
# and a file it writes holds nothing but its own.
closed() {
    local close status
    for close in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
        status=0
        eval "$1 --help $close" >/dev/null 2>&1 || status=$?
        [ "$status" -le 2 ] || return 1
        status=0
        eval "timeout 20 $1 no-such-file $close" >/dev/null 2>&1 || status=$?
        [ "$status" -ge 1 ] && [ "$status" -le 2 ] || return 1
    done
}

@test "started without standard descriptors" {
    for tool in $(all_tools); do
        closed "$tool" || { echo "$tool" && false; }
    done
    stream-cat -q -o expected faces faces
    for close in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
        rm -f out
        eval "stream-cat -o out faces faces $close"
        cmp out expected
        rm -f out
        eval "face-pack --nothing -o out faces $close" 2>/dev/null && false
        [ ! -e out ]
    done
    # a message goes nowhere, not into the file that is being written
    head -c -1 faces >cut
    status=0
    stream-cat -o out faces cut 2>&- || status=$?
    [ "$status" -eq 1 ] && [ ! -e out ]
    run -1 sh -c 'stream-cat - <&-'
    run -1 sh -c 'stream-cat faces >&-'
}

# Characters that move a cursor, end a line, or turn the direction of what is read
hostile=$'a\033]0;owned\a\033[2J\nb\r\x9b\xe2\x80\xaec'

shown_safely() {
    [ -n "$1" ]
    [ -z "$(LC_ALL=C tr -cd '\001-\010\013-\037\177\233' <<<"$1")" ]
}

@test "no message shows a name's control characters" {
    mkdir "$hostile"
    cp faces "$hostile/$hostile"
    head -c -1 faces >"$hostile/cut"
    for tool in $(all_tools); do
        case $tool in
        embed | face-align) set -- "$tool" -m "$hostile/$hostile" "$hostile/cut" ;;
        *) set -- "$tool" "$hostile/cut" ;;
        esac
        run timeout 20 "$@" </dev/null
        shown_safely "$output" || { echo "$tool" && false; }
        run timeout 20 "$tool" --"$hostile" "$hostile" </dev/null
        [ "$status" -eq 2 ]
        shown_safely "$output" || { echo "$tool, an option" && false; }
    done
    for list in --landmarks --list; do
        run face-pack "$list" "$hostile/none" "$hostile" -o x
        shown_safely "$output"
    done
    run stream-ls "$hostile/$hostile" "$hostile/cut"
    shown_safely "$output"
    frame kind="$hostile" by="$hostile" x:U8:2:1,2 >odd
    run stream-ls -l odd
    shown_safely "$output"
}

@test "what a killed run left is removed by the next one there, and nothing else is" {
    local host gone again
    host=$(uname -n)
    sh -c 'echo $$' >ended
    gone=$(cat ended)
    for again in folder file; do
        mkdir ".npcface.$host.$gone.abcdef" && touch ".npcface.$host.$gone.abcdef/half"
        touch ".npcface.$host.$gone.ABCDEF"
        # of a process that lives, of another host, held by somebody, of another form
        touch ".npcface.$host.$$.abcdef" ".npcface.elsewhere.$gone.abcdef" ".npcface.$host.$gone.locked" \
            ".npcface.$host.$gone.abcdefg" ".npcface.$host.x.abcdef"
        exec 8<".npcface.$host.$gone.locked"
        flock -x 8
        case $again in
        folder) stream-cat -q -t folder -o pictures faces ;;
        file) stream-cat -q -o expected faces ;; # replaces
        esac
        exec 8<&-
        [ "$(find . -name '.npcface*' | sort)" = "$(printf './.npcface.%s\n' "elsewhere.$gone.abcdef" "$host.$$.abcdef" \
            "$host.$gone.abcdefg" "$host.$gone.locked" "$host.x.abcdef" | sort)" ]
    done
}

@test "a folder that fails to be listed is an error, not a folder with less in it" {
    command -v strace >/dev/null && strace -o calls true || skip "no strace, or it may not trace"
    ! sanitized asan || skip "the leak sanitizer does not run under strace"
    mkdir photos
    face-synth -q --identities 1 --images 2 --size 24 --format tar -o - | tar -xC photos
    strace -f -o calls face-pack -q -j 1 --size 16 --center-crop -o out photos
    local n=0 all
    all=$(grep -c getdents64 calls)
    # each of the two calls for each of the three folders, the last ones, fails in turn
    for n in $(seq $((all - 5)) "$all"); do
        run -1 strace -f -o calls -e inject=getdents64:error=EIO:when="$n" face-pack -q -j 1 --size 16 --center-crop -o no photos
        [[ $output == "face-pack: cannot read photos"*"Input/output error"* ]]
        [ ! -e no ]
    done
}
