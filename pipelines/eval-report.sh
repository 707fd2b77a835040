#!/bin/bash
# eval-report.sh [option ...] -o REPORT.html [NAME=]EMBEDDINGS ...
#
# One HTML file that needs nothing else: tables with intervals, curves, histograms, and the faces
# that were decided wrongly. Several streams are compared with the first one.
#
#   -o, --output FILE      the report
#   -p, --pairs LIST       compare the pairs of this list; otherwise all pairs by label
#   -f, --faces FACES      the faces that were embedded: shows the wrong decisions
#       --skip-missing     leave out the pairs of images that are missing
#       --far LIST         false accept rates
#       --convention RULE  how TAR is read: blufr, nearest, conservative
#   -b, --bootstrap N      resamples of the identities, 1000 by default
#   -n, --hardest N        wrong decisions of each kind, 8 by default
#       --hardest-at FAR   at this FAR; otherwise the last one that can be measured
#       --cmc [NAME=]FILE  draw what eval-id --cmc wrote; may be given several times
#   -t, --title TEXT       of the report
#   -h, --help             print this
set -euo pipefail
export LC_ALL=C # numbers have points
here=$(cd "$(dirname "$0")" && pwd)

die() {
    echo "eval-report: $1" >&2
    exit "${2-1}"
}

output='' faces='' pairs='' asked=() draws=1000 hardest=8 at='' title='Face verification' cmc=()
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" && exit ;;
    -[!-]?* | --*=*) die "$1: options and their arguments are words of their own" 2 ;;
    --skip-missing) asked+=("$1") && shift && continue ;;
    -?*) [ $# -gt 1 ] || die "$1 needs an argument (or is no option); see --help" 2 ;;&
    -o | --output) output=$2 && shift 2 ;;
    -p | --pairs) pairs=$2 && shift 2 ;;
    -f | --faces) faces=$2 && shift 2 ;;
    --far | --convention) asked+=("$1" "$2") && shift 2 ;;
    -b | --bootstrap) draws=$2 && shift 2 ;;
    -n | --hardest) hardest=$2 && shift 2 ;;
    --hardest-at) at=$2 && shift 2 ;;
    --cmc) cmc+=("$2") && shift 2 ;;
    -t | --title) title=$2 && shift 2 ;;
    -?*) die "no option $1; see --help" 2 ;;
    *) break ;;
    esac
done
[ -n "$output" ] || die "say -o REPORT.html; see --help" 2
[ $# -gt 0 ] || die "no embeddings; see --help" 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Is the operand NAME=FILE? A path may have such a sign too, behind a slash or in the name of a file
# that is there.
is_named() {
    [[ $1 == *=* && ${1%%=*} != */* && ! -e $1 ]]
}

name_of() {
    if is_named "$1"; then
        printf '%s\n' "${1%%=*}"
    else
        basename -- "$1" | sed 's/\.[^.]*$//'
    fi
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

# Measures stream $2, number $1, against the first one, and lists what it decides wrongly.
measure() {
    local run=$work/$1 options=(--bootstrap "$draws" "${asked[@]}")
    [ -z "$pairs" ] || options+=(--pairs "$(file_of "$pairs")")
    [ -z "$at" ] || options+=(--hardest-at "$at")
    [ "$1" -eq 1 ] || options+=(--versus "$first")
    eval-roc --tsv "${options[@]}" --roc "$run.roc" --histogram "$run.hist" \
        --hardest "$hardest" --hardest-out "$run.hardest" "$2" >"$run.tsv"
}

# figure NUMBER CAPTION ROC-PLOT'S ARGUMENTS: an SVG whose ids nothing else on the page has
figure() {
    local id=f$1 caption=$2
    shift 2
    roc-plot --format svg --geometry 460x380 "$@" >"$work/$id.svg"
    echo "<figure>"
    # The namespaces are HTML's own; without them nothing looks like an address.
    sed "1d; /^ xmlns/d; s/xlink:href/href/g; s/\\(id=[\"']\\)/\\1$id-/g
        s/\\(href=[\"']#\\)/\\1$id-/g; s/url(#/url(#$id-/g" "$work/$id.svg"
    echo "<figcaption>$caption</figcaption></figure>"
}

# sheet RUN KIND END CAPTION: the faces of those wrong decisions, as an image in the page
sheet() {
    awk -F'\t' -v kind="$2" -v end="$3" '$5 == kind && $6 == end' "$work/$1.hardest" >"$work/list"
    [ -s "$work/list" ] || return 0
    face-sheet -q --pairs "$work/list" --columns 4 -o "$work/sheet.png" "$(file_of "$faces")"
    printf '<figure><img alt="%s" src="data:image/png;base64,' "$4"
    base64 -w 0 "$work/sheet.png"
    printf '"/><figcaption>%s: %s</figcaption></figure>\n' "$4" \
        "$(awk -F'\t' '{ printf "%s%.3f", (NR > 1 ? ", " : ""), $4 }' "$work/list")"
}

section() {
    local run=$work/$1 where=$at
    [ -n "$at" ] || where=$(awk -F'\t' '$1 == "tar" && $3 != "NA" { at = $2 } END { print at }' \
        "$run.tsv")
    echo "<section><h2>$(name_of "$2" | escaped)</h2>"
    # by the environment, since awk reads backslashes in what -v sets
    first_name=$(name_of "$first_operand" | escaped) awk -f "$here/eval-report.awk" "$run.tsv"
    if [ -n "$faces" ]; then
        echo "<h3>Wrong decisions at FAR $where</h3><div class=\"grid\">"
        sheet "$1" false-accept far "Two people, the highest scores"
        sheet "$1" false-reject far "One person, the lowest scores"
        sheet "$1" false-accept near "Two people, just accepted"
        sheet "$1" false-reject near "One person, just rejected"
        echo "</div>"
    fi
    echo "<details><summary>Wrong decisions at FAR $where as a list</summary>"
    echo "<table><tr><th>first</th><th>second</th><th>score</th><th>decision</th></tr>"
    escaped <"$run.hardest" | awk -F'\t' '{
        printf "<tr><td>%s</td><td>%s</td><td>%.4f</td><td>%s</td></tr>\n", $1, $2, $4, $5 }'
    echo "</table></details></section>"
}

page() {
    local number=0 curves=() histograms=() operand
    for operand; do
        number=$((number + 1))
        curves+=("$(name_of "$operand")=$work/$number.roc")
        histograms+=("$(name_of "$operand")=$work/$number.hist")
    done
    local named
    named=$(escaped <<<"$title")
    echo '<!DOCTYPE html>'
    echo '<html lang="en"><head><meta charset="utf-8"/>'
    echo '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
    echo "<title>$named</title><style>"
    cat "$here/eval-report.css"
    echo "</style></head><body><main><h1>$named</h1>"
    printf '<p>Pairs: %s. Intervals: 95 %%, percentiles of %s resamples of the identities.</p>\n' \
        "$(if [ -n "$pairs" ]; then basename -- "$pairs" | escaped; else echo all by label; fi)" \
        "$draws"
    echo '<div class="grid">'
    figure 1 "ROC; the bands are the intervals" "${curves[@]}"
    figure 2 "DET: error rates on normal deviates" --kind det "${curves[@]}"
    figure 3 "Scores" "${histograms[@]}"
    [ ${#cmc[@]} -eq 0 ] || figure 4 "CMC" "${cmc[@]}"
    echo '</div>'
    number=0
    for operand; do
        number=$((number + 1))
        section "$number" "$operand"
    done
    echo '</main></body></html>'
}

first_operand=$1 first=$(file_of "$1") number=0
for operand; do
    number=$((number + 1))
    measure "$number" "$(file_of "$operand")"
done
page "$@" >"$work/page.html"
part=$(mktemp -- "$(dirname -- "$output")/.eval-report.XXXXXX") || die "cannot write beside $output"
trap 'rm -rf "$work" "$part"' EXIT
cat "$work/page.html" >"$part"
chmod "$(printf '%o' $((0666 & ~$(umask))))" "$part"
mv -- "$part" "$output"
