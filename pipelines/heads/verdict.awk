# The sentence that a comparison of two losses ends in, from rows of pair.sh.
#
#     awk -f interval.awk -f verdict.awk -v faces=FACES rows-paired.tsv
BEGIN { FS = "\t" }
FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
{
    a = $column["head"]
    b = $column["other"]
    far = $column["far"]
    if ($column["difference"] == "NA" || $column["low"] == "NA") {
        unknown = 1
        next
    }
    n++
    d[n] = $column["difference"]
    low[n] = $column["low"]
    high[n] = $column["high"]
    printf "seed %s: %s %.4f, %s %.4f, difference %+.4f [%+.4f, %+.4f]\n", $column["seed"], a, $column["tar"], b,
           $column["other_tar"], d[n], low[n], high[n]
}
END {
    if (unknown || n == 0) {
        printf "Not shown: TAR at FAR %s cannot be measured on %s, which has too few people.\n", far, faces
        exit
    }
    interval(d, low, high, n)
    over = "identities, one seed"
    if (n > 1)
        over = sprintf("identities and %d seeds, whose standard deviation is %.4f", n, interval_sd)
    told = sprintf("%+.4f in TAR at FAR %s on %s, 95 %% interval [%+.4f, %+.4f] over %s", interval_mean, far, faces,
                   interval_low, interval_high, over)
    if (interval_low > 0)
        printf "%s leads %s: %s.\n", a, b, told
    else if (interval_high < 0)
        printf "%s leads %s: %s (%s less %s).\n", b, a, told, a, b
    else
        printf "Not shown that %s or %s leads: %s (%s less %s).\n", a, b, told, a, b
}
