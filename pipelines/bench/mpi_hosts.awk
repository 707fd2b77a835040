# A line of `make -f pipelines/bench-mpi.mk hosts`, from what mpi_run.awk read: net, rate of the link, images/s
# (the median of the steps but the first), ms a step, of that waited for the other process, what npc-train predicted, and what
# mpi_step.awk does, of two processes that take `alone` ms where the network costs nothing.
END {
    images = median(rates, n)
    gbit = rate + 0
    printf "%s\t%s\t%.1f images/s\t%.0f ms\t%.1f ms waiting\tpredicted %.0f ms", net, rate, images, 1000 * batch / images,
        1000 * (exchanging + behind) / steps, predicted
    if (gbit > 0)
        printf ", by the model %.0f ms", 1000 * step(2 * alone / 1000, 0, 2, net, batch, gbit, latency_at(gbit))
    print ""
}
