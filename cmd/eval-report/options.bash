# The command line of a tool that is a shell script, as cmd/cli reads it for the others. --help is the
# table: what stands there is taken, whole, shortened or as a letter, with "=" or without.
# shellcheck shell=bash disable=SC2154 # tool, version and usage are the tool's

# What is said of a name cannot move the cursor.
# safe TEXT: prints it with ? for what moves a cursor, ends a line, or turns the direction of what is read; and for
# all that is not ASCII where it is not UTF-8
safe() {
    local LC_ALL=C text=$1
    iconv -f UTF-8 -t UTF-8 <<<"$text" >/dev/null 2>&1 || text=${text//[$'\x80'-$'\xff']/?}
    text=${text//[[:cntrl:]]/?}
    text=${text//$'\xc2'[$'\x80'-$'\x9f']/?}
    text=${text//$'\xe2\x80'[$'\x8e'$'\x8f'$'\xaa'-$'\xae']/?}
    printf '%s' "${text//$'\xe2\x81'[$'\xa6'-$'\xa9']/?}"
}

die() {
    printf '%s: %s\n' "$tool" "$(safe "$1")" >&2
    exit 1
}

misuse() {
    printf "%s: %s\nTry '%s --help'.\n" "$tool" "$(safe "$1")" "$tool" >&2
    exit 2
}

# By name: what an option was given, "yes" for one without an argument; and of operands.
declare -A given=() options_takes=() options_long=()
operands=()

# Takes `usage` apart.
options_read() {
    local line
    while IFS= read -r line; do
        [[ $line =~ ^\ \ (-(.),|\ \ \ )\ --([a-z-]+)(\ ([^\ ]+))?(\ \ |$) ]] || continue
        options_takes[${BASH_REMATCH[3]}]=${BASH_REMATCH[5]}
        [ -z "${BASH_REMATCH[2]}" ] || options_long[${BASH_REMATCH[2]}]=${BASH_REMATCH[3]}
    done <<<"$usage"
}

# options_find TYPED: the one name that begins like this, in option_name
options_find() {
    local name found=()
    option_name=$1
    [ -z "${options_takes[$1]+there}" ] || return 0
    for name in "${!options_takes[@]}"; do
        [[ $name != "$1"* ]] || found+=("--$name")
    done
    if [ ${#found[@]} -gt 1 ]; then
        misuse "option '--$1' is ambiguous: $(printf '%s\n' "${found[@]}" | sort | paste -sd, - | sed 's/,/, /g')"
    fi
    [ ${#found[@]} -eq 1 ] || misuse "unknown option '--$1'"
    option_name=${found[0]#--}
}

# options_put NAME VALUE: the tool's options_list() takes those that may be given several times.
options_put() {
    options_list "$1" "$2" || given[$1]=$2
}

# A letter, and whatever is behind it in the same word; 1 if it took the next word.
options_letters() {
    local word=$1 name
    while [ -n "$word" ]; do
        name=${options_long[${word:0:1}]-}
        [ -n "$name" ] || misuse "unknown option '-${word:0:1}'"
        word=${word:1}
        if [ -z "${options_takes[$name]}" ]; then
            options_put "$name" yes
        elif [ -n "$word" ]; then
            options_put "$name" "$word"
            return 0
        else
            [ "$2" -gt 0 ] || misuse "option '--$name' needs an argument"
            options_put "$name" "$3"
            return 1
        fi
    done
}

# options_take ARGUMENT...: fills in given and operands, answers --help and --version.
options_take() {
    local word
    options_read
    while [ $# -gt 0 ]; do
        word=$1
        shift
        case $word in
        --) operands+=("$@") && break ;;
        --*)
            word=${word#--}
            options_find "${word%%=*}"
            if [ -z "${options_takes[$option_name]}" ]; then
                [[ $word != *=* ]] || misuse "option '--$option_name' takes no argument"
                options_put "$option_name" yes
            elif [[ $word == *=* ]]; then
                options_put "$option_name" "${word#*=}"
            else
                [ $# -gt 0 ] || misuse "option '--$option_name' needs an argument"
                options_put "$option_name" "$1" && shift
            fi
            ;;
        -?*) options_letters "${word#-}" $# "${1-}" || shift ;;
        *) operands+=("$word") ;;
        esac
    done
    if [ -n "${given[help]-}" ]; then
        printf '%s\n' "$usage" 2>/dev/null || die "standard output: cannot be written"
        exit 0
    fi
    if [ -n "${given[version]-}" ]; then
        printf '%s %s\n' "$tool" "$version" 2>/dev/null || die "standard output: cannot be written"
        exit 0
    fi
}
