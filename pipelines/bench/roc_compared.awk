# Puts eval-roc --tsv beside what roc_bench.py says of scikit-learn's curve, and turns.py of both:
# awk -F'\t' -f roc_compared.awk own peer turns
FILENAME == ARGV[1] && $1 == "tar" { tar[$2 + 0] = $3; at[$2 + 0] = $5 }
FILENAME == ARGV[2] && $1 == "genuine" { genuine = $2 }
FILENAME == ARGV[2] && $1 == "tar" {
    far = $2 + 0
    pairs = (tar[far] - $3) * genuine
    pairs = int((pairs < 0 ? -pairs : pairs) + .5)
    apart = at[far] - $4
    apart = apart < 0 ? -apart : apart
    verdict = pairs == 0 && apart < 1e-6 ? "the same" : pairs <= $5 ? "by rounding" : "DIFFERENT"
    if (verdict == "DIFFERENT")
        bad = 1
    printf "FAR %-6g TAR %.9f and %.9f, thresholds %.7f and %.7f: %s", far, tar[far], $3, at[far],
        $4, verdict
    printf verdict == "the same" ? "\n" : " (%d genuine pairs; %d lie within 1e-6)\n", pairs, $5
}
FILENAME == ARGV[3] { seconds[$1] = $2; range[$1] = $3 " to " $4; first[$1] = $5; mib[$1] = $6 }
END {
    own = "eval-roc"
    peer = "NumPy and scikit-learn"
    printf "seconds, medians of warm rounds in turn: %s %.2f (%s; the first, not measured, %.2f), " \
        "reading included; %s %.2f (%s; the first %.2f), reading not: %.1f times as fast\n",
        own, seconds[own], range[own], first[own], peer, seconds[peer], range[peer], first[peer],
        seconds[peer] / seconds[own]
    printf "MiB: %d and %d\n", mib[own], mib[peer]
    exit bad
}
