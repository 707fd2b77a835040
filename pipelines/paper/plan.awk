# awk -v images= -v identities= -v heads= -v batch= -v epochs= -v nodes= -v gbit= -f mpi_step.awk -f plan.awk plan.tsv
#
# What the trainings take, from the rates of plan.tsv (see rates.awk); for several machines by the model of
# mpi_step.awk, not measured. What is tested: 2,500,000 crops, nearly all of them IJB-B's, IJB-C's (both plain and
# mirrored) and MegaFace's.
BEGIN {
    FS = "\t"
    tested = 2 * (227630 + 469375) + 1027058 + 3530 + 4 * 12000 + 14000 + 13233
    steps = int((images + batch - 1) / batch) * epochs
    printf "%d images of %d identities, %d epochs of %d steps of %d; %d losses; %d machine%s", images, identities, epochs,
        steps / epochs, batch, heads, nodes, (nodes > 1 ? "s" : "")
    printf (nodes > 1 ? " at %g Gbit/s (predicted)\n" : "\n"), gbit
    if (nodes > 16)
        printf "more than 16 machines need --slices %d: other bytes than of the default, 16\n", nodes
}
{
    seconds = step(batch / $2, 0, nodes, $1, batch, gbit, latency_at(gbit))
    train = steps * seconds / 3600
    test = tested / $3 / 3600 / nodes
    printf "%-14s %8.1f images/s trained, %8.1f embedded a machine; a step %.3g s", $1, $2, $3, seconds
    printf (nodes > 1 ? ", %.0f %% of it communication\n" : "\n"), 100 * waited / seconds
    printf "    training %.1f h a loss, %.0f h (%.1f days) for all; testing %.1f h a model, %.0f h for all\n", train,
        train * heads, train * heads / 24, test, test * heads
    printf "    memory of a step %s%s; model %.0f MB, checkpoint as much again; embeddings of a model %.1f GB\n", $4,
        (nodes > 1 ? " / " nodes " a machine, and a copy of the net" : ""), $5 / 1e6, tested * $6 / 1e9
    disk += heads * (2 * $5 + tested * $6) / 1e9
    hours += heads * (train + test)
}
END { printf "in all %.0f h (%.1f days), %.0f GB beside the data and the packs of faces\n", hours, hours / 24, disk }
