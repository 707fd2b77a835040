# awk -v faces= -v net= -v need= -v times= -v model= -v size= -v threads= -f ../bench/median.awk -f rates.awk LOG: a line of plan.tsv
#
# net, images/s trained (the median of the log's lines but the first), images/s embedded (times has begin and end of a
# quarter of the faces and of all; the difference is without reading the model), memory of a step of the
# whole batch, bytes of the model and of an embedding, threads
BEGIN { FS = OFS = "\t" }
function most(a, b) { return a > b ? a : b }
FNR > 2 { rates = rates " " $3; n++ }
END {
    split(times, t, " ")
    embedded = faces * 0.75 / most((t[4] - t[3]) - (t[2] - t[1]), 1e-3)
    print net, median(rates, n), embedded, need, model, size / faces, threads
}
