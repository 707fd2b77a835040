#compdef -P (embed|npc-train|model-convert|(face|stream|eval|roc)-[a-z]##)
# Completion for zsh. Options and choices are read from --help, as in completion.bash, so they always agree.

# What _arguments is told of an option: its name, what it is for, its argument and what that can be.
_npcface_option() {
    local choices=_files
    [[ $3 == [a-z]*'|'* ]] && choices="(${3//|/ })"
    [[ $3 == [NSPKXYR] ]] && choices=
    options+=("${1}[${${2//\[/(}//\]/)}]${3:+:${3//[^a-zA-Z]/ }:$choices}")
}

_npcface() {
    emulate -L zsh
    setopt extendedglob
    local -a options lines
    local letter name argument text
    integer i
    lines=(${(f)"$(_call_program options $words[1] --help 2>/dev/null)"})
    for ((i = 1; i <= $#lines; i++)); do
        [[ $lines[i] == '  '(-?,|'   ')' --'* ]] || continue
        letter=${${lines[i][3,4]}%% *}
        name=${${lines[i][7,-1]}%% *}
        text=${${lines[i][7,-1]}#$name}
        argument=
        [[ $text == ' '[^\ ]* ]] && argument=${${text# }%% *} && text=${${text# }#$argument}
        text=${text## ##}
        # A long name has what it is for in the next line.
        [[ -z $text && $lines[i+1] == '      '* ]] && text=${lines[i+1]## ##}
        _npcface_option $name $text $argument
        [[ -n $letter ]] && _npcface_option $letter $text $argument
    done
    _arguments -s $options '*:file:_files'
}
_npcface "$@"
