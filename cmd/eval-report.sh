#!/bin/bash
# eval-report: embeddings in, a page out that shows how well they tell people apart
set -euo pipefail
export LC_ALL=C # numbers have points
tool=eval-report
version=@VERSION@
parts=$(dirname "$(readlink -f "$0")")/../share/npcface/eval-report

usage='usage: eval-report [option ...] [NAME=]EMBEDDINGS ...
Makes an HTML page of an evaluation: tables, curves, wrong decisions, provenance.

  -o, --output FILE             write the page to FILE
      --title TEXT              of the page [Face verification]
  -p, --pairs FILE              compare the pairs of this list; otherwise all pairs by label
      --skip-missing            leave out pairs whose images are missing
      --any-model               compare embeddings of different models
      --far LIST                false accept rates, separated by commas
      --convention RULE         how TAR is read off the curve: blufr, nearest, conservative
      --bootstrap N             intervals from N resamples of identities [1000]
      --seed N                  seed for the resamples [1]
      --pictures FACES          show these faces, which were embedded, under wrong decisions
      --hardest N               wrong decisions of each kind [8]
      --hardest-at X            at this FAR; by default the last that can be measured
      --groups FILE             error rates of the groups of people in FILE, and their heat map
      --edc COLUMN              error rates against the share discarded for this quality
      --at HOW                  at which threshold those two are, as of eval-roc
      --cmc [NAME=]FILE         draw what eval-id --cmc wrote; may be given several times
  -j, --threads N               threads to use; by default one per processor
  -q, --quiet                   report errors only
  -h, --help                    print this
      --version                 print the version

The manual: man eval-report'

# shellcheck source=cmd/eval-report/options.bash
. "$parts/options.bash"
# shellcheck source=cmd/eval-report/text.bash
. "$parts/text.bash"
# shellcheck source=cmd/eval-report/measure.bash
. "$parts/measure.bash"
# shellcheck source=cmd/eval-report/page.bash
. "$parts/page.bash"

cmc=()
options_list() {
    [ "$1" = cmc ] && cmc+=("$2")
}

options_take "$@"
output=${given[output]-} title=${given[title]-Face verification}
[ -n "$output" ] || misuse "--output is needed"
[ ${#operands[@]} -gt 0 ] || misuse "no embeddings"
for operand in "${operands[@]}" "${given[groups]-}" "${given[pairs]-}" "${given[pictures]-}"; do
    [ "$(file_of "$operand")" != - ] || misuse "files are read several times: they cannot come from standard input"
done
[ -n "${given[groups]-}${given[edc]-}" ] || [ -z "${given[at]-}" ] || misuse "--at needs --groups or --edc"

work=$(mktemp -d) || die "no folder for temporary files"
part=
trap 'rm -rf "$work" "$part"' EXIT
measure_all
page_write >"$work/page.html"

# It appears under its name when it is whole.
if [ "$output" = - ]; then
    cat "$work/page.html" || die "standard output: cannot be written"
    exit 0
fi
part=$(mktemp -- "$(dirname -- "$output")/.eval-report.XXXXXX" 2>/dev/null) || die "$output: cannot be written beside"
cat "$work/page.html" >"$part" || die "$output: cannot be written"
chmod "$(printf '%o' $((0666 & ~$(umask))))" "$part"
mv -- "$part" "$output" || die "$output: cannot be written"
