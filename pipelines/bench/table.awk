# Medians of the lines that pipelines/bench-head.mk collects: tab-separated batch, identities,
# sample rate, way, seconds, peak and working bytes, GFLOP/s of sgemm, seconds of the first and of the
# last step that was not measured.
#
# "share" is the rate of the products of a step over that of a large sgemm measured just before:
# three products of 2 B C D operations, and four where the cosines are computed twice.

# how often s seconds go into those of a peer
function times(peer, s)
{
    return peer in n ? sprintf("%.2f", median(seconds[peer], n[peer]) / s) : "-"
}

BEGIN {
    FS = OFS = "\t"
}

{
    size = $1 FS $2 FS $3
    key = size FS $4
    if (!(key in n)) {
        keys[++count] = key
        peak[key] = working[key] = 0
    }
    n[key]++
    seconds[key] = seconds[key] " " $5
    first[key] = first[key] " " $9
    last[key] = last[key] " " $10
    products = $4 == "recompute" ? 4 : 3
    share[key] = share[key] " " products * 2 * $1 * int($2 * $3) * 512 / $5 / $8 / 1e9
    if ($6 > peak[key])
        peak[key] = $6
    if ($7 > working[key])
        working[key] = $7
}

END {
    print "batch", "identities", "sampled", "way", "seconds", "/own", "/torch", "/tuned", "peak_MiB",
          "working_MiB", "sgemm_share", "steps", "first_unmeasured", "last_unmeasured"
    for (k = 1; k <= count; k++) {
        key = keys[k]
        split(key, part, FS)
        size = part[1] FS part[2] FS part[3]
        s = median(seconds[key], n[key])
        print key, sprintf("%.3f", s), times(size FS "torch-own", s), times(size FS "torch", s),
              times(size FS "torch-tuned", s), sprintf("%.0f", peak[key] / 2 ^ 20), sprintf("%.0f", working[key] / 2 ^ 20),
              sprintf("%.0f%%", 100 * median(share[key], n[key])), n[key],
              sprintf("%.3f", median(first[key], n[key])), sprintf("%.3f", median(last[key], n[key]))
    }
}
