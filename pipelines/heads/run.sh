#!/bin/bash
# run.sh RESULTS DATA SET/HEAD/SETTINGS/SEED OPTION...
#
# One run of an experiment with heads: trains on DATA/train.faces, tests on DATA/validation.faces and
# DATA/test.faces, and appends a row to RESULTS.tsv and one for each epoch to RESULTS-epochs.tsv.
# SETTINGS are KEY=VALUE separated by commas: lr, preset, margin-warmup, per-identity, else an option of the head;
# ablation names the run and sets nothing.
# OPTIONs are npc-train's, the same for all runs. Whatever takes long stays in DATA/HEAD/SETTINGS: a run
# that is killed goes on from its checkpoint and ends in the same bytes.
set -euo pipefail
export LC_ALL=C

results=$1 data=$2 run=$3
shift 3
IFS=/ read -r set head settings seed <<<"$run"
options=(--head "$head" --seed "$seed")
for pair in ${settings//,/ }; do
    case $pair in
    ablation=*) ;;
    lr=* | preset=* | margin-warmup=* | per-identity=*) options+=("--${pair%%=*}" "${pair#*=}") ;;
    *) options+=(--head-option "$pair") ;;
    esac
done
dir=$data/$head/$settings
name=$dir/$seed
mkdir -p "$dir"

# Steps of an epoch, so that a line of the log is an epoch: the last batch may be a part of one.
batch=128
for ((i = 1; i < $#; i++)); do
    next=$((i + 1))
    [ "${!i}" != --batch ] || batch=${!next}
done
rows=$(stream-ls "$data/train.faces" | awk '/ rows, / { print $3 }')
steps=$(((rows + batch - 1) / batch))

[ -e "$name.model" ] || nice -n "${NICE:-0}" npc-train -q -i "$data/train.faces" "${options[@]}" "$@" \
    --checkpoint "$name.checkpoint" --every "$steps" --log "$name.log" --log-every "$steps" -o "$name.model"
rm -f "$name.checkpoint"

measure() { # PART: TAR at the FARs, separated by tabs
    embed -q -m "$name.model" --mirror sum --normalize "$data/$1.faces" |
        eval-roc -q --tsv --far 1e-3,1e-4,1e-5,1e-6 |
        awk -F '\t' '$1 == "tar" { printf "\t%s", $3 }'
}
validation=$(measure validation)
test=$(measure test)

commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
machine=$(awk -F ': *' '/^model name/ { model = $2; n++ } /^cpu family/ { family = $2 }
    END { printf "%s, family %s, %d cores", model, family, n }' /proc/cpuinfo)
kernels=$(npc-train --version | sed -n 's/^kernels: //p')

# Seconds of training, the loss four fifths of the way and at the end, and what else the last epoch has.
last=$(awk -F '\t' -v rows="$rows" 'NR > 1 { loss[NR - 1] = $6; seconds += rows / $3; line = $7 "\t" $8 "\t" $9 "\t" $11 }
    END { n = NR - 1; printf "%.0f\t%s\t%s\t%s", seconds, loss[int(n * .8)], loss[n], line }' "$name.log")
{
    flock 9
    [ -s "$results.tsv" ] || printf '%s\t' set head settings seed commit machine kernels seconds \
        loss_at_80 loss own_cosine hard margin correlation \
        validation_1e-3 validation_1e-4 validation_1e-5 validation_1e-6 \
        test_1e-3 test_1e-4 test_1e-5 test_1e-6 | sed 's/\t$/\n/' >"$results.tsv"
    [ -s "$results-epochs.tsv" ] || printf '%s\n' \
        $'set\thead\tsettings\tseed\tepoch\tloss\town_cosine\thard\tmargin\tcorrelation' \
        >"$results-epochs.tsv"
    awk -F '\t' -v OFS='\t' -v run="${run//\//	}" \
        'NR > 1 { print run, NR - 1, $6, $7, $8, $9, $11 }' "$name.log" >>"$results-epochs.tsv"
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s%s%s\n' "$set" "$head" "$settings" "$seed" "$commit" \
        "$machine" "$kernels" "$last" "$validation" "$test" >>"$results.tsv"
} 9>>"$results.lock"
