# The sentence that a comparison of two losses ends in, from rows of pair.sh.
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
    mean += d[n]
    low += $column["low"]
    high += $column["high"]
    up += d[n] > 0
    down += d[n] < 0
    printf "seed %s: %s %.4f, %s %.4f, difference %+.4f [%+.4f, %+.4f]\n", $column["seed"], a, $column["tar"], b,
           $column["other_tar"], d[n], $column["low"], $column["high"]
}
END {
    if (unknown || n == 0) {
        printf "Not shown: TAR at FAR %s cannot be measured on %s, which has too few people.\n", far, faces
        exit
    }
    mean /= n
    low /= n
    high /= n
    for (k = 1; k <= n; k++)
        square += (d[k] - mean) ^ 2
    spread = n > 1 ? sprintf(", standard deviation %.4f over %d seeds", sqrt(square / (n - 1)), n) : ", one seed"
    interval = sprintf("%+.4f in TAR at FAR %s on %s, 95 %% interval [%+.4f, %+.4f] over identities%s", mean, far, faces,
                       low, high, spread)
    if (low > 0 && up == n)
        printf "%s leads %s: %s.\n", a, b, interval
    else if (high < 0 && down == n)
        printf "%s leads %s: %s (%s less %s).\n", b, a, interval, a, b
    else
        printf "Not shown that %s or %s leads: %s (%s less %s).\n", a, b, interval, a, b
}
