# The table of an experiment with heads: from files HEAD/SEED.tsv, as eval-roc --tsv writes them,
# a line a head with mean and sample standard deviation over its seeds, as a Markdown table.
BEGIN { FS = "\t" }
FNR == 1 {
    n = split(FILENAME, path, "/")
    head = path[n - 1]
    if (!(head in seeds))
        order[++heads] = head
    seeds[head]++
}
$1 == "tar" || $1 == "eer" {
    key = $1 == "tar" ? "TAR@FAR " $2 : "EER"
    if (!(key in known)) {
        known[key] = 1
        keys[++columns] = key
    }
    # Not measurable is not a number, and leaves the whole cell out.
    if ($3 == "NA")
        missing[head, key] = 1
    value[head, key, seeds[head]] = $3
}
function cell(head, key,    i, n, mean, square)
{
    n = seeds[head]
    if ((head, key) in missing)
        return "-"
    for (i = 1; i <= n; i++)
        mean += value[head, key, i] / n
    for (i = 1; i <= n; i++)
        square += (value[head, key, i] - mean) ^ 2
    return n > 1 ? sprintf("%.4f ± %.4f", mean, sqrt(square / (n - 1))) : sprintf("%.4f", mean)
}
END {
    line = "| head | seeds |"
    rule = "| --- | --- |"
    for (c = 1; c <= columns; c++) {
        line = line " " keys[c] " |"
        rule = rule " --- |"
    }
    print line "\n" rule
    for (h = 1; h <= heads; h++) {
        line = "| " order[h] " | " seeds[order[h]] " |"
        for (c = 1; c <= columns; c++)
            line = line " " cell(order[h], keys[c]) " |"
        print line
    }
}
