# awk -f mpi_step.awk -f mpi_model.awk scaling.tsv: what a step takes on P machines, and of it what is communication
#
# The net's time is the measured one of an image on one thread, here over as many THREADS as a machine has; the
# head's three products of 512 numbers take 6 x 512 operations an identity and row.
# Input: scaling.tsv. The measured runs of several processes stand first, beside one of as many threads.
BEGIN {
    FS = "\t"; threads = threads ? threads : 16; rate = rate ? rate : 200e9
    large = 1024
}
$2 == 1 && $3 == 1 { image[$1] = 1 / $4 }
$2 == 1 { alone[$1, $3] = $4 }
{ line[NR] = $0 }
function large_step(net, p, gbit, identities) {
    return step(image[net] / threads * large, 6 * dim * identities * large / (rate * threads), p, net, large, gbit,
                latency_at(gbit))
}
END {
    print "\nmeasured here: images/s of P processes of T threads, and of one process of P x T threads"
    for (i = 1; i <= NR; i++) {
        split(line[i], f, "\t")
        if (f[2] > 1 && (f[1], f[2] * f[3]) in alone)
            printf "%-14s %d x %d  %8.1f  %8.1f  %5.1f %%\n", f[1], f[2], f[3], f[4],
                alone[f[1], f[2] * f[3]], 100 * f[4] / alone[f[1], f[2] * f[3]]
    }
    printf "\npredicted: batches of %d, machines of %d threads like the one measured; images/s, and the share\n" \
        "of a step that is communication; latency 60 us at 1 Gbit/s, 30 us at 10 and 25\n\n", large, threads
    printf "%-14s %10s %6s %8s", "net", "identities", "Gbit/s", "alone"
    for (p = 2; p <= 256; p *= 2) printf " %15s", p
    print ""
    for (net in image)
        for (c = 1; c <= 3; c++)
            for (s = 1; s <= 3; s++) {
                identities = c == 1 ? 85742 : c == 2 ? 1e6 : 1e7
                gbit = s == 1 ? 1 : s == 2 ? 10 : 25
                printf "%-14s %10d %6d %8.0f", net, identities, gbit, large / large_step(net, 1, gbit, identities)
                for (p = 2; p <= 256; p *= 2) {
                    t = large_step(net, p, gbit, identities)
                    printf " %8.0f (%3.0f%%)", large / t, 100 * waited / t
                }
                print ""
            }
}
