# The page itself, of what was measured.
# shellcheck shell=bash disable=SC2154 # the tool's own variables

# figure ID CAPTION ROC-PLOT'S ARGUMENTS: an SVG whose ids nothing else on the page has
figure() {
    local id=$1 caption=$2
    shift 2
    roc-plot -q --format svg --geometry 460x380 "$@" >"$work/$id.svg"
    echo "<figure>"
    # The namespaces are HTML's own; without them nothing looks like an address.
    sed "1d; /^ xmlns/d; s/xlink:href/href/g; s/\\(id=[\"']\\)/\\1$id-/g
        s/\\(href=[\"']#\\)/\\1$id-/g; s/url(#/url(#$id-/g" "$work/$id.svg"
    echo "<figcaption>$caption</figcaption></figure>"
}

# tables KIND: NAME=FILE of this kind of table of each stream, in drawn
tables() {
    local number=0 operand
    drawn=()
    for operand in "${operands[@]}"; do
        number=$((number + 1))
        drawn+=("$(name_of "$operand")=$work/$number.$1")
    done
}

# Some pairs have no threshold at all, such as those of one person alone: then nothing is drawn of it.
has_thresholds() {
    awk -F'\t' 'FNR > 1 && $3 != "NA" { found = 1 } END { exit !found }' "$@"
}

curves() {
    local drawn file=("$work"/*.roc)
    echo '<div class="grid">'
    tables roc
    figure roc "ROC; bands are the intervals" "${drawn[@]}"
    figure det "DET: both error rates on normal deviates; bands are the intervals" --kind det "${drawn[@]}"
    if has_thresholds "${file[@]}"; then
        figure rates "FMR and FNMR against the threshold" --kind rates "${drawn[@]}"
    fi
    tables hist
    figure scores "Scores" "${drawn[@]}"
    [ ${#cmc[@]} -eq 0 ] || figure cmc "CMC" "${cmc[@]}"
    if [ -n "${given[edc]-}" ]; then
        tables edc
        figure edc "FNMR when pairs of the lowest quality are discarded, by $(escaped <<<"${given[edc]}")" "${drawn[@]}"
    fi
    echo '</div>'
}

# picture FIRST SECOND KIND SCORE: both faces of a pair, and what they scored
picture() {
    local names
    names=$(printf '%s\n%s\n' "$1" "$2" | sed 's/\.[^./]*$//' | escaped)
    printf '%s\t%s\t%d\n' "$1" "$2" "$3" >"$work/pair"
    face-sheet -q --plain --pairs "$work/pair" --columns 2 -o "$work/pair.png" "$work/shown.faces"
    printf '<li><figure><img alt="%s" src="data:image/png;base64,' "${names/$'\n'/ and }"
    base64 -w 0 "$work/pair.png"
    printf '"/><figcaption><strong>%s</strong> %s</figcaption></figure></li>\n' "$(page_awk score - <<<"$4")" "${names/$'\n'/<br/>}"
}

# pictures RUN KIND END HEADING: the pairs of one kind of wrong decisions
pictures() {
    local first second same value
    awk -F'\t' -v kind="$2" -v end="$3" '$5 == kind && $6 == end' "$work/$1.hardest" >"$work/list"
    [ -s "$work/list" ] || return 0
    echo "<h4>$4</h4><ul class=\"pairs\">"
    while IFS=$'\t' read -r first second same value _; do
        picture "$first" "$second" "$same" "$value"
    done <"$work/list"
    echo "</ul>"
}

# Those faces that are shown, once, because the stream of all may be long
faces_of_run() {
    { echo key && cut -f 1,2 "$work/$1.hardest" | tr '\t' '\n' | sort -u; } >"$work/keys"
    stream-cat -q --keep "$work/keys" -o "$work/shown.faces" "$(file_of "${given[pictures]}")"
}

wrong_decisions() {
    local where=${given[hardest-at]-}
    if [ -z "$where" ]; then
        where=$(awk -F'\t' '$1 == "tar" && $3 != "NA" { at = $2 } END { print at }' "$work/$1.tsv")
    fi
    echo "<h3>Wrong decisions at FAR $(page_awk rate - <<<"$where")</h3>"
    if [ ! -s "$work/$1.hardest" ]; then
        echo "<p>None.</p>"
    elif [ -n "${given[pictures]-}" ]; then
        faces_of_run "$1"
        pictures "$1" false-accept far "Two people, the highest scores"
        pictures "$1" false-reject far "One person, the lowest scores"
        pictures "$1" false-accept near "Two people, just accepted"
        pictures "$1" false-reject near "One person, just rejected"
    else
        escaped <"$work/$1.hardest" | page_awk hardest
    fi
}

section() {
    echo "<section><h2>$(name_of "$2" | escaped)</h2>"
    # by the environment, since awk reads backslashes in what -v sets
    first_name=$(head -n 1 "$work/names") page_awk figures "$work/$1.tsv"
    if [ -n "${given[groups]-}" ]; then
        escaped <"$work/$1.groups" | page_awk groups
        echo '<div class="grid">'
        figure "groups$1" "Powers of ten of the FMR within and across groups" "$work/$1.groups"
        echo '</div>'
    fi
    wrong_decisions "$1"
    echo "</section>"
}

# What was measured, of which files, made how
provenance() {
    local number=0 operand images people
    echo '<section><h2>Provenance</h2><div class="wide"><table class="provenance"><thead><tr><th>stream</th>'
    echo '<th>file</th><th>images</th><th>identities</th></tr></thead><tbody>'
    for operand in "${operands[@]}"; do
        number=$((number + 1))
        IFS=$'\t' read -r images people <"$work/$number.counts"
        printf '<tr><th>%s</th><td>%s</td>' "$(name_of "$operand" | escaped)" \
            "$(basename -- "$(file_of "$operand")" | escaped)"
        printf '%s\t%s\n' "$images" "$people" | page_awk counts
        echo '</tr>'
    done
    echo '</tbody></table></div>'
    number=0
    for operand in "${operands[@]}"; do
        number=$((number + 1))
        [ -s "$work/$number.by" ] || continue
        echo "<h3>How $(name_of "$operand" | escaped) was made</h3><ol class=\"made\">"
        escaped <"$work/$number.by" | sed 's|^model: \(.*\)|<li>model <code>\1</code></li>|
            s|^by: \(.*\)|<li><code>\1</code></li>|'
        echo '</ol>'
    done
    echo '</section>'
}

page_write() {
    local named number=0 operand
    named=$(escaped <<<"$title")
    echo '<!DOCTYPE html>'
    echo '<html lang="en"><head><meta charset="utf-8"/>'
    echo '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
    echo "<title>$named</title><style>"
    cat "$parts/page.css"
    echo "</style></head><body><main><h1>$named</h1>"
    printf '<p>%s, by %s %s. Pairs: %s. Intervals: 95 %%, percentiles of %s resamples of the identities.</p>\n' \
        "$(today)" "$tool" "$version" \
        "$(if [ -n "${given[pairs]-}" ]; then basename -- "${given[pairs]}" | escaped; else echo all by label; fi)" \
        "$(escaped <<<"${given[bootstrap]-1000}")"
    page_awk models "$work/names" $(seq -f "$work/%.0f.tsv" ${#operands[@]})
    curves
    for operand in "${operands[@]}"; do
        number=$((number + 1))
        section "$number" "$operand"
    done
    provenance
    echo '</main></body></html>'
}
