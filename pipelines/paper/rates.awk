# awk -v faces= -v net= -v need= -v begun= -v ended= -v model= -v size= -v threads= -f rates.awk LOG: a line of plan.tsv
#
# net, images/s trained (the median of the log's lines but the first), images/s embedded, memory of a step of the
# whole batch, bytes of the model and of an embedding, threads
BEGIN { FS = OFS = "\t" }
FNR > 2 { rate[++n] = $3 }
END {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && rate[j] < rate[j - 1]; j--) {
            swap = rate[j]
            rate[j] = rate[j - 1]
            rate[j - 1] = swap
        }
    print net, rate[int((n + 1) / 2)], faces / (ended - begun), need, model, size / faces, threads
}
