# A line of scaling.tsv from what mpi_run.awk read: net, processes, threads, images/s, ms a
# step waited in exchanges, ms it waited for gradients, MB a step sent, short messages a step.
BEGIN { FS = "\t"; split(way, w, "x") }
END {
    printf "%s\t%d\t%d\t%.1f\t%.2f\t%.2f\t%.2f\t%d\n", net, w[1], w[2], median(rates, n),
        1000 * exchanging / steps, 1000 * behind / steps, sent / steps, messages
}
