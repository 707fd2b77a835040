# What the tools find of each stream, as files NUMBER.* of the folder `work`.
# shellcheck shell=bash disable=SC2154 # the tool's own variables

# The options of eval-roc that every measurement has, in asked
measure_options() {
    local name
    asked=()
    for name in convention seed threads; do
        [ -z "${given[$name]-}" ] || asked+=("--$name" "${given[$name]}")
    done
    for name in skip-missing any-model quiet; do
        [ -z "${given[$name]-}" ] || asked+=("--$name")
    done
    [ -z "${given[pairs]-}" ] || asked+=(--pairs "$(file_of "${given[pairs]}")")
}

# Stream $2, number $1, against the first one, and what it decides wrongly
measure() {
    local run=$work/$1 options=(--bootstrap "${given[bootstrap]-1000}")
    [ -z "${given[far]-}" ] || options+=(--far "${given[far]}")
    [ -z "${given[hardest-at]-}" ] || options+=(--hardest-at "${given[hardest-at]}")
    [ "$1" -eq 1 ] || options+=(--versus "$first")
    eval-roc --tsv "${asked[@]}" "${options[@]}" --roc "$run.roc" --histogram "$run.hist" \
        --hardest "${given[hardest]-8}" --hardest-out "$run.hardest" "$2" >"$run.tsv"
    measure_more "$run" "$2"
    measure_stream "$run" "$2"
}

# What is asked for besides: groups, quality
measure_more() {
    local at=()
    [ -z "${given[at]-}" ] || at=(--at "${given[at]}")
    [ -z "${given[groups]-}" ] || eval-roc --tsv "${asked[@]}" "${at[@]}" --bootstrap "${given[bootstrap]-1000}" \
        --groups "$(file_of "${given[groups]}")" "$2" >"$1.groups"
    [ -z "${given[edc]-}" ] || eval-roc --tsv "${asked[@]}" "${at[@]}" --edc "${given[edc]}" "$2" >"$1.edc"
}

# How many images and identities there are, and where the stream is from
measure_stream() {
    stream-ls -q --table --fields label,name "$2" | awk -F'\t' '
        FNR > 1 && ($2 != "" || ($1 != "" && $1 >= 0)) { who[$2 != "" ? "n" $2 : "l" $1] }
        END { for (w in who) n++; printf "%d\t%d\n", NR - 1, n }' >"$1.counts"
    stream-ls -q -l "$2" | awk '/^    (by|model): / && !said[$0]++ { print substr($0, 5) }' >"$1.by"
}

measure_all() {
    local operand number=0 asked
    measure_options
    first=$(file_of "${operands[0]}")
    for operand in "${operands[@]}"; do
        number=$((number + 1))
        name_of "$operand" | escaped >>"$work/names"
        measure "$number" "$(file_of "$operand")"
    done
}
