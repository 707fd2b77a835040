# cmd/completion.bash: what the shell offers for half a command
load lib

setup() {
    # shellcheck source=/dev/null
    source "$BATS_TEST_DIRNAME/../cmd/completion.bash"
    cd "$BATS_TEST_TMPDIR"
    touch some.faces
}

# offers WORD...: the completions of the last word, sorted
offers() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _npcface "$1"
    printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
}

@test "every tool is completed" {
    for tool in "$BUILD"/bin/*; do
        tool=${tool##*/}
        if [ -e "$BATS_TEST_DIRNAME/../cmd/$tool.c" ] || [ -e "$BATS_TEST_DIRNAME/../cmd/$tool.sh" ]; then
            complete -p "$tool"
        fi
    done
}

@test "options" {
    [ "$(offers stream-cat --)" = "--algorithm --by --drop --first --from --help --image --keep --labels --list --merge --min-images --output --pairs --quality --quiet --relabel --rest --sample --seed --select --shard-bytes --shard-rows --split --to --version " ]
    [ "$(offers stream-cat --f)" = "--first --from " ]
}

@test "files, for operands and for arguments" {
    [ "$(offers stream-cat so)" = "some.faces " ]
    [ "$(offers stream-cat -o so)" = "some.faces " ]
    [ "$(offers stream-cat --merge so)" = "some.faces " ]
    [ "$(offers face-search --threshold so)" = "some.faces " ]
}

@test "nothing for a number" {
    [ "$(offers stream-cat --first so)" = " " ]
    [ "$(offers stream-cat -n so)" = " " ]
}

@test "choices" {
    [ -x "$BUILD/bin/face-pack" ] || skip "no face-pack"
    [ "$(offers face-pack --store "")" = "jpeg raw " ]
    [ "$(offers face-pack --store j)" = "jpeg " ]
}

# What zsh's completion says to _arguments, a line each
zsh_offers() {
    zsh -f -c '
        _call_program() { shift; "$@" }
        _arguments() { print -rl -- "$@" }
        words=($2)
        source $1' - "$BATS_TEST_DIRNAME/../cmd/completion.zsh" "$1"
}

@test "zsh: every option of every tool, with its letter, its choices and what it is for" {
    for tool in "$BUILD"/bin/*; do
        zsh_offers "$tool" | sed -nE 's/^(--?[a-z0-9-]+)\[.*/\1/p' | sort >offered
        "$tool" --help | sed -nE 's/^  (-(.),|   ) (--[a-z0-9-]+).*/\3 -\2/p' | tr ' ' '\n' | grep -v '^-$' | sort >there
        [ -s there ]
        cmp there offered
    done
    run -0 zsh_offers npc-train
    [[ $output == *"--schedule[how the learning rate falls (steps)]:"*":(steps polynomial cosine)"* ]]
    [[ $output == *$'\n--log[write a log to FILE, as TSV]:FILE:_files'* ]]
    # the pattern of the first line is of all tools and of nothing else here
    for tool in "$BUILD"/bin/* sh bats face_pack; do
        zsh -f -c 'setopt extendedglob; pattern=${${(f)"$(<$1)"}[1]#*-P }; [[ $2 == $~pattern ]]' - \
            "$BATS_TEST_DIRNAME/../cmd/completion.zsh" "${tool##*/}" && echo "${tool##*/}"
    done >matched
    cmp <(ls "$BUILD/bin") matched
}
