# Bash completion for every tool of this folder: options and choices are read from --help, so they
# always agree. Source this file, or let `make install` put it where bash-completion finds it.
# shellcheck shell=bash

# The argument's name of an option, as --help gives it ("N", "one|two", "" for none).
_npcface_argument() {
    awk -v option="$2" '
        /^  (-.,|   ) --/ {
            name = $1 ~ /^-.,$/ ? 2 : 1
            if ($name != option && $1 != option ",")
                next
            at = index($0, $name) + length($name)
            rest = substr($0, at)
            if (rest ~ /^ [^ ]/)
                print $(name + 1)
            exit
        }' <<<"$1"
}

_npcface() {
    local help word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} argument=
    COMPREPLY=()
    help=$("$1" --help 2>/dev/null) || return 0
    [[ $before == -* ]] && argument=$(_npcface_argument "$help" "$before")
    case $argument in
    FILE"|"*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    *"|"*) mapfile -t COMPREPLY < <(compgen -W "${argument//|/ }" -- "$word") ;;
    [NSPKXYR]) ;; # a number: nothing to offer
    "")
        if [[ $word == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W \
                "$(awk '/^  (-.,|   ) --/ { print $1 ~ /^-.,$/ ? $2 : $1 }' <<<"$help")" -- "$word")
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
        fi
        ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    esac
}

# The tools are those installed beside this file's links, or built beside its source.
_npcface_tools() {
    local here=${BASH_SOURCE[0]%/*} file
    for file in "$here"/*; do
        case $file in
        */cli.c | */completion.bash | */npcface) ;;
        "$here"/*.c | "$here"/*.sh) file=${file##*/} && complete -o filenames -F _npcface "${file%.*}" ;;
        *) [[ -L $file && $(readlink "$file") == npcface ]] &&
            complete -o filenames -F _npcface "${file##*/}" ;;
        esac
    done
    return 0
}
_npcface_tools
unset -f _npcface_tools
