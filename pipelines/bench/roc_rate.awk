# awk -f roc_rate.awk sgemm watched: runs over all pairs of 100,000 x 512 beside the rate of a
# square sgemm, whose best run counts.
FILENAME == ARGV[1] {
    if ($1 > clock)
        clock = $1
    if ($2 > used)
        used = $2
    threads = $3
    next
}
{
    arithmetic = 100000 * 99999 / 2 * 2 * 512 / 1e9
    rate = arithmetic / $1
    busy = arithmetic / $3 * threads
    printf "%.1f seconds, %d MiB. GFLOP/s %.1f: %.1f %% of a square sgemm's %.1f; " \
        "by processor time %.1f: %.1f %% of %.1f\n", \
        $1, $2, rate, 100 * rate / clock, clock, busy, 100 * busy / used, used
}
