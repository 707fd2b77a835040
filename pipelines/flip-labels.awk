# awk -f flip-labels.awk -v share=P -v seed=N: keys and labels in and out, separated by tabs
#
# With the probability `share` a label becomes that of a picture drawn at random, of somebody else.
BEGIN { FS = OFS = "\t"; srand(seed) }
{ key[NR] = $1; label[NR] = $2 }
END {
    for (i = 1; i <= NR; i++) {
        to = label[i]
        if (rand() < share)
            while (to == label[i])
                to = label[1 + int(rand() * NR)]
        print key[i], to
    }
}
