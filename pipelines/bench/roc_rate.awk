# awk -F'\t' -f roc_rate.awk sgemm turns: walks over all pairs of 100,000 x 512, as turns.py timed them,
# beside the rate of a square sgemm, whose best run counts.
FILENAME == ARGV[1] {
    if ($1 > clock)
        clock = $1
    if ($2 > used)
        used = $2
    threads = $3
    next
}
$1 == "eval-roc" {
    arithmetic = 100000 * 99999 / 2 * 2 * 512 / 1e9
    rate = arithmetic / $2
    busy = arithmetic / $7 * threads
    printf "%.1f seconds (%.1f to %.1f; the first, not measured, %.1f), %d MiB. GFLOP/s %.1f: %.1f %% of a " \
        "square sgemm's %.1f; by processor time %.1f: %.1f %% of %.1f\n",
        $2, $3, $4, $5, $6, rate, 100 * rate / clock, clock, busy, 100 * busy / used, used
}
