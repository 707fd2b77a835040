# A line of `make -f pipelines/bench-mpi.mk hosts`, from the log of a run and what it said: net, rate of the link, images/s
# (the median of the steps but the first), ms a step, of that waited for the other process, what npc-train predicted, and what
# mpi_step.awk does, of two processes that take `alone` ms where the network costs nothing.
FNR == 1 { file++ }
file == 1 && FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
file == 1 && FNR > 2 { rates = rates " " $column["images_per_second"]; n++ }
file == 2 && match($0, /predicted: [0-9]+ ms/) { predicted = substr($0, RSTART + 11) + 0 }
file == 2 && match($0, / processes: [0-9.]+ s waiting/) {
    waited = substr($0, RSTART + 12) + 0
    match($0, /waited [0-9.]+ s for them/)
    waited += substr($0, RSTART + 7) + 0
}
END {
    images = median(rates, n)
    gbit = rate + 0
    printf "%s\t%s\t%.1f images/s\t%.0f ms\t%.1f ms waiting\tpredicted %.0f ms", net, rate, images, 1000 * batch / images,
        1000 * waited / (n + 1), predicted
    if (gbit > 0)
        printf ", by the model %.0f ms", 1000 * step(2 * alone / 1000, 0, 2, net, batch, gbit, latency_at(gbit))
    print ""
}
