# Names and numbers as they stand on the page.
# shellcheck shell=bash disable=SC2154 # the tool's own variables

# Is the operand NAME=FILE? A path may have such a sign too, behind a slash or in the name of a file
# that is there.
is_named() {
    [[ $1 == *=* && ${1%%=*} != */* && ! -e $1 ]]
}

# What a stream or a table is called: one line
name_of() {
    local name
    if is_named "$1"; then
        name=${1%%=*}
    else
        name=${1##*/}
        [[ $name != ?*.* ]] || name=${name%.*}
    fi
    printf '%s\n' "${name//$'\n'/?}"
}

# A path that no command takes for an option
file_of() {
    local file=$1
    ! is_named "$1" || file=${1#*=}
    case $file in
    -?*) printf './%s\n' "$file" ;;
    *) printf '%s\n' "$file" ;;
    esac
}

# Text as HTML; control characters are question marks.
escaped() {
    tr '\000-\010\013-\037\177' '?' |
        sed "s/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/\"/\&quot;/g; s/'/\&#39;/g"
}

# page_awk PROGRAM FILE...: one of the programs that make tables, with what they have in common
page_awk() {
    local program=$1
    shift
    awk -f "$parts/numbers.awk" -f "$parts/$program.awk" "$@"
}

# The day of the page; SOURCE_DATE_EPOCH gives the same page again.
today() {
    date -u ${SOURCE_DATE_EPOCH:+-d "@$SOURCE_DATE_EPOCH"} '+%-d %B %Y'
}
