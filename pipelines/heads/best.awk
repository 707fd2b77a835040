# The best settings of a head in a set, by the mean of TAR at FAR 1e-4, 1e-5 and 1e-6 on the validation
# identities over the seeds that are there; ablations are not in the search.
#
#     awk -f best.awk -v set=SET -v head=HEAD [-v with=KEY=VALUE] rows.tsv
#
# prints them; with `with`, changed or extended by that. Prints nothing where there is no row.
BEGIN { FS = "\t" }
FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
$column["set"] == set && $column["head"] == head && $column["settings"] !~ /^ablation=/ {
    settings = $column["settings"]
    sum[settings] += ($column["validation_1e-4"] + $column["validation_1e-5"] + $column["validation_1e-6"]) / 3
    n[settings]++
}
END {
    for (s in sum)
        if (best == "" || sum[s] / n[s] > sum[best] / n[best] || (sum[s] / n[s] == sum[best] / n[best] && s < best))
            best = s
    if (best == "")
        exit
    if (with == "") {
        print best
        exit
    }
    split(with, new, "=")
    count = split(best, pair, ",")
    for (i = 1; i <= count; i++) {
        split(pair[i], old, "=")
        if (old[1] == new[1]) {
            pair[i] = with
            found = 1
        }
        line = line (i > 1 ? "," : "") pair[i]
    }
    print found ? line : line "," with
}
