# awk -f carried.awk -v name=PAIRS -v at=HOW: TSV of eval-roc --dev in, a line a rate out
#
# Written are which pairs, how the threshold was set, the threshold, FMR, FNMR or HTER, where it was set and here, and the
# interval of the latter.
BEGIN { FS = OFS = "\t" }
$1 == "threshold" { threshold = $2 }
$1 ~ /^(set-)?(fmr|fnmr|hter)$/ {
    value[$1] = sprintf("%.4g", $2)
    interval[$1] = ($5 == "NA" ? "-" : sprintf("%.3g .. %.3g", $5, $6))
}
END {
    n = split("fmr fnmr hter", rate, " ")
    for (i = 1; i <= n; i++)
        print name, at, sprintf("%.4f", threshold), rate[i], value["set-" rate[i]], value[rate[i]], interval[rate[i]]
}
