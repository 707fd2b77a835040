# Tables of an experiment with heads, in Markdown: from rows as run.sh writes them, and from those of pair.sh
# if there are any, a table a set. Mean and sample standard deviation over the seeds; settings with fewer
# seeds than the head's others in the set are those of the search, and are left out. Ablations have a table
# of their own below, beside what they were taken from. Intervals of differences are those of interval.awk.
#
#     awk -f interval.awk -f table.awk [heads-paired.tsv] heads.tsv
BEGIN { FS = "\t" }
FNR == 1 {
    split("", column)
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}
"other" in column {
    key = $column["set"] SUBSEP $column["head"] SUBSEP $column["settings"] SUBSEP $column["far"]
    if ($column["settings"] ~ /^ablation=/)
        from[$column["set"]] = $column["set"] SUBSEP $column["other"] SUBSEP $column["other_settings"]
    k = ++differences[key]
    difference[key, k] = $column["difference"]
    low[key, k] = $column["low"]
    high[key, k] = $column["high"]
    next
}
{
    set = $column["set"]
    if (!(set in sets)) {
        sets[set] = 1
        order[++count] = set
    }
    key = set SUBSEP $column["head"] SUBSEP $column["settings"]
    ablation = $column["settings"] ~ /^ablation=/
    if (!(key in n)) {
        if (ablation)
            ablations[set, ++ablated[set]] = key
        else
            keys[set, ++rows[set]] = key
    }
    k = ++n[key]
    if (!ablation && k > most[set, $column["head"]])
        most[set, $column["head"]] = k
    for (c in column)
        value[key, c, k] = $column[c]
}
function mean(key, c,    k, sum)
{
    for (k = 1; k <= n[key]; k++)
        if (value[key, c, k] == "NA")
            return "NA"
        else
            sum += value[key, c, k] / n[key]
    return sum
}
function cell(key, c,    m, k, square)
{
    m = mean(key, c)
    if (m == "NA")
        return "-"
    for (k = 1; k <= n[key]; k++)
        square += (value[key, c, k] - m) ^ 2
    return n[key] > 1 ? sprintf("%.4f ± %.4f", m, sqrt(square / (n[key] - 1))) : sprintf("%.4f", m)
}
function figure(key, c, format,    m)
{
    m = mean(key, c)
    return m == "NA" ? "-" : sprintf(format, m)
}
function against(key, far,    n, k, d, l, h)
{
    n = differences[key, far]
    if (!n)
        return "-"
    for (k = 1; k <= n; k++) {
        d[k] = difference[key, far, k]
        l[k] = low[key, far, k]
        h[k] = high[key, far, k]
    }
    interval(d, l, h, n)
    return sprintf("%+.4f [%+.4f, %+.4f] (%d)", interval_mean, interval_low, interval_high, n)
}
# The rows of a set by TAR at 1e-5, highest first
function sorted(set, list,    i, j, m, t)
{
    m = 0
    for (i = 1; i <= rows[set]; i++) {
        t = keys[set, i]
        split(t, part, SUBSEP)
        if (n[t] < most[set, part[2]])
            continue
        for (j = m++; j > 0 && mean(list[j], "test_1e-5") < mean(t, "test_1e-5"); j--)
            list[j + 1] = list[j]
        list[j + 1] = t
    }
    return m
}
function ablation_row(key, name, settings)
{
    printf "| %s | %s | %d | %s | %s | %s | %s | %s | %s |\n", name, settings, n[key],
           cell(key, "test_1e-4"), cell(key, "test_1e-5"), cell(key, "test_1e-6"), against(key, "1e-05"),
           figure(key, "hard", "%.2f"), figure(key, "own_cosine", "%.3f")
}
function ablation_table(set,    i, part, name, settings)
{
    print "\n| NPCFace | settings | seeds | TAR at FAR 1e-4 | 1e-5 | 1e-6 | to the whole at 1e-5 | hard negatives a row | own cosine |"
    print "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    if (from[set] in n) {
        split(from[set], part, SUBSEP)
        ablation_row(from[set], "the whole", part[3])
    }
    for (i = 1; i <= ablated[set]; i++) {
        split(ablations[set, i], part, SUBSEP)
        name = settings = part[3]
        sub(/^ablation=/, "", name)
        sub(/,.*/, "", name)
        sub(/^[^,]*,/, "", settings)
        ablation_row(ablations[set, i], name, settings)
    }
}
END {
    for (s = 1; s <= count; s++) {
        set = order[s]
        m = sorted(set, list)
        printf "%s### %s\n\n", (s > 1 ? "\n" : ""), set
        print "| head | settings | seeds | TAR at FAR 1e-4 | 1e-5 | 1e-6 | to NPCFace at 1e-5 | hard negatives a row | own cosine | loss, last fifth |"
        print "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        for (i = 1; i <= m; i++) {
            key = list[i]
            split(key, part, SUBSEP)
            printf "| %s | %s | %d | %s | %s | %s | %s | %s | %s | %s > %s |\n", part[2], part[3], n[key],
                   cell(key, "test_1e-4"), cell(key, "test_1e-5"), cell(key, "test_1e-6"), against(key, "1e-05"),
                   figure(key, "hard", "%.2f"), figure(key, "own_cosine", "%.3f"), figure(key, "loss_at_80", "%.3f"),
                   figure(key, "loss", "%.3f")
        }
        if (ablated[set])
            ablation_table(set)
    }
}
