# A line of `make -f pipelines/bench-mpi.mk hosts`, from the log of a run and what it said: net, rate of the link, images/s
# (the median of the steps but the first), ms a step, of that the share waited, and the ms that were predicted.
FNR == 1 { file++ }
file == 1 && FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
file == 1 && FNR > 2 { rates = rates " " $column["images_per_second"]; waited = waited " " $column["waiting"]; n++ }
file == 2 && match($0, /predicted: [0-9]+ ms/) { predicted = substr($0, RSTART + 11) + 0 }
END {
    images = median(rates, n)
    printf "%s\t%s\t%.1f images/s\t%.0f ms\t%.1f %% waiting\tpredicted %.0f ms\n", net, rate, images, 1000 * batch / images,
        100 * median(waited, n), predicted
}
