# awk -v faces= -v net= -v need= -v times= -v model= -v size= -v threads= -f rates.awk LOG: a line of plan.tsv
#
# net, images/s trained (the median of the log's lines but the first), images/s embedded (times has begin and end of a
# quarter of the faces and of all; the difference is without reading the model), memory of a step of the
# whole batch, bytes of the model and of an embedding, threads
BEGIN { FS = OFS = "\t" }
function most(a, b) { return a > b ? a : b }
FNR > 2 { rate[++n] = $3 }
END {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && rate[j] < rate[j - 1]; j--) {
            swap = rate[j]
            rate[j] = rate[j - 1]
            rate[j - 1] = swap
        }
    split(times, t, " ")
    embedded = faces * 0.75 / most((t[4] - t[3]) - (t[2] - t[1]), 1e-3)
    print net, rate[int((n + 1) / 2)], embedded, need, model, size / faces, threads
}
