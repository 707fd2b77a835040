# awk -f rows.awk -v test=T -v head=H -v seed=N -v commit=C: what the evaluations printed, as rows
#
# A line has in front what was compared: "list" or "all" before one of `eval-roc --tsv --versus`; "before" and
# then "blufr" before one of `eval-id --blufr`. A row: test, pairs, head, seed, commit, measure, its FAR, before,
# after, difference, low and high end of its interval. Of the accuracies it is InsightFace's rule, the first.

function row(pairs, measure, at, before, after, difference, low, high)
{
    print test, pairs, head, seed, commit, measure, at, before, after, difference, low, high
}

BEGIN { FS = OFS = "\t" }
$1 == "before" {
    untuned[$2, $3] = $6
    next
}
$1 == "blufr" {
    if ($2 ~ /^(tar|dir)$/)
        row($1, $2, $3, untuned[$2, $3], $6, $6 - untuned[$2, $3], "NA", "NA")
    next
}
$2 ~ /^(tar|eer|accuracy)$/ {
    if (!(($1, $2, $3) in after))
        after[$1, $2, $3] = $4
    next
}
$2 ~ /-other$/ {
    if (!(($1, $2, $3) in other))
        other[$1, $2, $3] = $4
    next
}
sub(/-difference$/, "", $2) && !(($1, $2, $3) in told) {
    told[$1, $2, $3]
    row($1, $2, $3, other[$1, $2 "-other", $3], after[$1, $2, $3], $4, $9, $10)
}
