#!/bin/bash
# pair.sh RESULTS DATA SET/HEAD/SETTINGS/SEED/OTHER/OTHER_SETTINGS
#
# Appends to RESULTS-paired.tsv, for each FAR, the difference in TAR between two runs of one seed: HEAD's less
# OTHER's on DATA/test.faces, with its 95 % interval from 1,000 resamples of the identities.
set -euo pipefail
export LC_ALL=C

results=$1 data=$2
IFS=/ read -r set head settings seed other other_settings <<<"$3"
fars=${FARS:-1e-3,1e-4,1e-5,1e-6}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

embed_test() { # HEAD SETTINGS
    embed -q -m "$data/$1/$2/$seed.model" --mirror sum --normalize "$data/test.faces"
}
embed_test "$head" "$settings" >"$room/a"
embed_test "$other" "$other_settings" >"$room/b"
rows=$(eval-roc -q --tsv --far "$fars" --versus "$room/b" "$room/a" |
    awk -F '\t' -v OFS='\t' -v pair="$set	$head	$settings	$seed	$other	$other_settings" '
        $1 == "tar" { tar[$2] = $3 }
        $1 == "tar-other" { other[$2] = $3 }
        $1 == "tar-difference" { print pair, $2, tar[$2], other[$2], $3, $8, $9 }')
{
    flock 9
    [ -s "$results-paired.tsv" ] || printf '%s\t' set head settings seed other other_settings far tar \
        other_tar difference low high | sed 's/\t$/\n/' >"$results-paired.tsv"
    printf '%s\n' "$rows" >>"$results-paired.tsv"
} 9>>"$results.lock"
