# The manual agrees with the programs, and its examples work.
load lib

setup() {
    cd "$BATS_TEST_DIRNAME/.."
}

# for_tools COMMAND...: runs it with each tool's name added; fails if it failed for one of them.
for_tools() {
    local tool failed=0 count=0
    for tool in cmd/*.c cmd/*.sh; do
        tool=$(basename "${tool%.*}")
        count=$((count + 1))
        "$@" "$tool" || { echo "^ $tool" && failed=1; }
    done
    [ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
}

# Both list options one a line, as "-x --name ARG" ("- --name" without a letter, "ARG" only when
# there is an argument), sorted.
help_options() {
    "$1" --help | awk '/^  (-.,|   ) --/ {
        letter = $1 ~ /^-.,$/ ? substr($1, 1, 2) : "-"
        name = letter == "-" ? $1 : $2
        rest = substr($0, index($0, name) + length(name))
        print letter, name, rest ~ /^ [^ ]/ ? "ARG" : ""
    }' | sort
}
page_options() {
    mandoc -T markdown "man/$1.1" | awk '
        /^# /  { inside = /^# (DESCRIPTION|OPTIONS)$/ }
        inside && before == "" && /^\*\*--?[a-zA-Z0-9]/ {
            gsub(/\*\*/, "")
            letter = /^-[^-],/ ? substr($0, 1, 2) : "-"
            match($0, /--[a-z0-9-]+/)
            print letter, substr($0, RSTART, RLENGTH), RSTART + RLENGTH <= length ? "ARG" : ""
        }
        { before = $0 }' | sort
}

# The operands, in lower case and without spaces: "[file...]"
help_operands() {
    "$1" --help | sed -n 's/^usage: [^ ]* \[option \.\.\.\]//p' | tr '[:upper:]' '[:lower:]' | tr -d ' \n'
}
page_synopsis() {
    mandoc -T markdown "man/$1.1" | sed -n '/^# SYNOPSIS/,/^# DESC/{/^#/d;/^$/d;p}' |
        sed 's/&nbsp;/ /g; s/\\//g; s/\*//g' | tr '\n' ' '
}
# The first form of the synopsis, without its options
page_operands() {
    page_synopsis "$1" |
        sed -E "s/^ *$1//; s/ $1 .*//; s/\[(-|option)[^]]*\]//g; s/ --?[a-z-]+ [A-Z]+//g" |
        tr '[:upper:]' '[:lower:]' | tr -d ' \n'
}

has_page() {
    [ -f "man/$1.1" ] && grep -q "^\.Nm $1\$" "man/$1.1"
}

same_options() {
    diff -u --label "$1 --help" --label "man/$1.1" <(help_options "$1") <(page_options "$1")
}

same_operands() {
    diff -u --label "$1 --help" --label "man/$1.1" <(help_operands "$1") <(page_operands "$1")
}

# Every option in the synopsis, "-abc" being three of them, is one of the tool's.
sound_synopsis() {
    local option known
    known=" $("$1" --help | grep -oE -- '--?[a-zA-Z0-9][a-zA-Z0-9-]*' | tr '\n' ' ')"
    for option in $(page_synopsis "$1" | tr '[],| ' '\n' | grep '^-' |
        sed -E '/^--/!s/^-//; /^--/!s/./-& /g'); do
        [[ $known == *" $option "* ]] || {
            echo "$option in the synopsis is no option"
            return 1
        }
    done
}

tells_version() {
    [[ $("$1" --version) == "$1 "[0-9]*.[0-9]*.[0-9]* ]]
}

helps() {
    [[ $("$1" -h) == "usage: $1 "* ]] && cmp <("$1" -h) <("$1" --help) &&
        [ "$("$1" -q --help | wc -l)" -gt 5 ]
}

names_unknown_option() {
    local output status=0
    output=$("$1" --no-such-option 2>&1 </dev/null) || status=$?
    [ "$status" -eq 2 ] && [[ $output == "$1: "*"--no-such-option"*"Try '$1 --help'."* ]] ||
        return 1
    status=0
    output=$("$1" -Z 2>&1 </dev/null) || status=$?
    [ "$status" -eq 2 ] && [[ $output == "$1: "*"'-Z'"* ]]
}

tells_full_disk() {
    local status=0
    "$1" --help >/dev/full 2>"$BATS_TEST_TMPDIR/message" || status=$?
    [ "$status" -eq 1 ] && grep -q "^$1: " "$BATS_TEST_TMPDIR/message"
}

@test "every tool has a page, and every page of section 1 a tool" {
    for_tools has_page
    for page in man/*.1; do
        [ -f "cmd/$(basename "$page" .1).c" ] || [ -f "cmd/$(basename "$page" .1).sh" ]
    done
}

@test "every option of --help is in the page, and the other way round" {
    for_tools same_options
}

@test "synopsis and --help give the same operands" {
    for_tools same_operands
}

@test "the synopsis has no option that is not there" {
    for_tools sound_synopsis
}

@test "--version names the tool and its version" {
    for_tools tells_version
}

@test "-h and --help print the usage" {
    for_tools helps
}

# "letter name ARGUMENT" of each option in --help, with "-" for a missing letter or argument
options_of() {
    "$1" --help | sed -nE 's/^  (-(.),|   ) --([a-z0-9-]+)( ([^ ]+))?(  .*|$)/\2 \3 \5/p' |
        sed -E 's/^ /- /; s/ $/ -/'
}

@test "a letter and a shared name mean one thing in all tools: the table in cmd/cli/options.tsv" {
    for tool in cmd/*.c cmd/*.sh; do
        options_of "$(basename "${tool%.*}")"
    done >"$BATS_TEST_TMPDIR/used"
    awk -F'\t' '/^#/ { next } { print ($1 == "" ? "-" : $1), $2, ($3 == "" ? "-" : $3) }' \
        cmd/cli/options.tsv >"$BATS_TEST_TMPDIR/table"
    run -0 awk '
        NR == FNR { letter[$2] = $1; takes[$2] = $3 != "-"; next }
        { times[$2]++ }
        $1 != "-" && letter[$2] != $1 { print "-" $1 " is --" $2 ", which the table does not say" }
        $2 in takes && takes[$2] != ($3 != "-") { print "--" $2 ": with an argument or without?" }
        END {
            for (name in times)
                if (times[name] > 1 && !(name in letter))
                    print "--" name " of several tools is not in the table"
            for (name in letter)
                if (!(name in times))
                    print "--" name " is in the table, and no tool has it"
        }' "$BATS_TEST_TMPDIR/table" "$BATS_TEST_TMPDIR/used"
    [ -z "$output" ] || { echo "$output" && return 1; }
    [ -z "$(awk '$1 != "-" { print $1 }' "$BATS_TEST_TMPDIR/table" | sort | uniq -d)" ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/used")" -gt 150 ]
}

@test "older names of options still work, and are told of nowhere" {
    local tool old
    while read -r tool old; do
        run "$tool" "$old"
        [[ $output != *"unknown option"* ]] || { echo "$tool $old: $output" && return 1; }
        run -0 "$tool" --help
        [[ $output != *" $old "* ]] || { echo "$tool tells of $old" && return 1; }
    done <<END
embed --flip
eval-id -p
eval-id --images
eval-ijb -m
eval-roc --check
face-pack --crop
face-pack -l
face-sheet -n
face-sheet -g
face-synth --landmarks
face-synth -n
face-synth -m
face-synth -f
roc-plot --size
roc-plot -k
roc-plot -t
stream-cat --head
stream-cat -s
stream-cat -m
stream-cat -l
END
}

@test "a mistyped option: what it may have meant; an ambiguous one: what it may mean" {
    misused eval-roc --faar 1
    [[ $output == *"unknown option '--faar'; did you mean --far?"* ]]
    misused embed --modle m
    [[ $output == *"did you mean --model?"* ]]
    misused npc-train --zzzzzz
    [[ $output != *"did you mean"* ]]
    misused eval-roc --hardest- 3
    [[ $output == *"ambiguous: --hardest-at, --hardest-out"* ]]
    misused eval-roc --json=1
    [[ $output == *"'--json' takes no argument"* ]]
}

@test "rules between options are told by the names of those that break them" {
    misused eval-roc --tsv --json x
    [[ $output == *"--tsv and --json cannot be combined"* ]]
    misused face-pack --quality 3 x
    [[ $output == *"--quality needs --store jpeg"* ]]
    misused eval-id --gallery x y
    [[ $output == *"--gallery and --probe are needed together"* ]]
    misused eval-roc --seed 1 x
    [[ $output == *"--seed needs --bootstrap, --versus, --threshold-out, --groups, --dev, --threshold, --operating-points or --fit-calibration"* ]]
    misused eval-roc --prove --json x
    [[ $output == *"--prove can only be combined with --far and --threads, not with --json"* ]]
    misused embed x
    [[ $output == *"--model is needed"* ]]
}

@test "an unknown option is named, status 2" {
    for_tools names_unknown_option
}

@test "a full disk is noticed" {
    for_tools tells_full_disk
}

@test "the pages are sound mdoc" {
    run -0 mandoc -T lint -W warning man/*.[1-9]
    [ -z "$output" ]
}

@test "pages refer only to pages that are there" {
    sed -n 's/^\.Xr \([^ ]*\) \([0-9]\).*/\1.\2/p' man/*.[1-9] | sort -u | while read -r page; do
        case $page in
        cat.1 | gzip.1 | gnuplot.1 | tar.1 | pkg-config.1 | sha256sum.1 | make.1) ;;
        *) [ -f "man/$page" ] || { echo "there is no $page" && exit 1; } ;;
        esac
    done
}

# The examples of a page run one after the other in one folder. What they may expect there is what
# a reader of the page has: faces.pack, here rendered ones.
@test "the examples of the pages work" {
    failed=0
    face-synth --size 32 --identities 12 --images 8 -q -o "$BATS_TEST_TMPDIR/faces.pack"
    for page in man/*.[1567]; do
        examples "$page" >"$BATS_TEST_TMPDIR/script"
        folder=$BATS_TEST_TMPDIR/$(basename "$page")
        mkdir "$folder"
        cp "$BATS_TEST_TMPDIR/faces.pack" "$folder"
        (cd "$folder" && bash -eux ../script) >"$folder.log" 2>&1 </dev/null || {
            failed=1
            echo "$page:"
            tail -n 5 "$folder.log"
        }
    done
    [ "$failed" -eq 0 ]
}
