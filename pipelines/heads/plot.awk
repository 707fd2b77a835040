# A script for gnuplot, from rows of run.sh:
#     what=identities   TAR at the FAR against identities trained on, a panel a hardness, a line a head
#     what=hard         the same against hard negatives a row at the end of training
#     what=correlation  correlation of own cosine and hard negatives against epochs, a panel a set
# Bands are from the smallest to the largest of the seeds. With `chosen`, "HEAD/SETTINGS HEAD/SETTINGS ...", only of
# these: what the search tried besides is no seed.
#
#     awk -v what=WHAT -v far=1e-5 -v chosen=... -f plot.awk heads.tsv heads-epochs.tsv | gnuplot >plot.png
BEGIN {
    FS = "\t"
    for (i = split(chosen, list, " "); i > 0; i--)
        taken[list[i]] = 1
}
FNR == 1 {
    split("", column)
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}
chosen != "" && !(($(column["head"]) "/" $(column["settings"])) in taken) { next }
function add(panel, head, x, y)
{
    if (y == "NA")
        return
    if (!(panel in panels)) {
        panels[panel] = 1
        panel_name[++panel_count] = panel
    }
    if (!(head in heads)) {
        heads[head] = ++head_count
        head_name[head_count] = head
    }
    key = panel SUBSEP head SUBSEP x
    if (!(key in n)) {
        xs[panel, head] = xs[panel, head] " " x
        low[key] = high[key] = y
    }
    n[key]++
    sum[key] += y
    if (y < low[key])
        low[key] = y
    if (y > high[key])
        high[key] = y
}
# h0.5-n2000: hardness and identities
function parts(set)
{
    if (!match(set, /^h[0-9.]+-n[0-9]+$/))
        return 0
    split(substr(set, 2), part, "-n")
    return 1
}
$column["settings"] ~ /^ablation=/ { next }
!("epoch" in column) { # the settings with the most seeds of a head in a set are not those of the search alone
    runs[++run_count] = $0
    id = $column["set"] SUBSEP $column["head"] SUBSEP $column["settings"]
    seeds[id]++
    if (seeds[id] > most[$column["set"], $column["head"]])
        most[$column["set"], $column["head"]] = seeds[id]
    tar[run_count] = $column["test_" far]
    set_of[run_count] = $column["set"]
    head_of[run_count] = $column["head"]
    id_of[run_count] = id
    hard_of[run_count] = $column["hard"]
    next
}
{
    id = $column["set"] SUBSEP $column["head"] SUBSEP $column["settings"]
    if (what == "correlation" && seeds[id] == most[$column["set"], $column["head"]] && $column["correlation"] != "NA")
        add($column["set"], $column["head"], $column["epoch"], $column["correlation"])
}
function lines(panel,    h, i, m, x, key, more)
{
    more = ""
    for (h = 1; h <= head_count; h++) {
        if (!((panel, head_name[h]) in xs))
            continue
        more = more (more == "" ? "" : ", ") sprintf("'-' using 1:3:4 with filledcurves linecolor %d fillstyle transparent solid 0.2 notitle, '-' using 1:2 with linespoints linecolor %d title '%s'", h, h, head_name[h])
    }
    print "plot " more
    for (h = 1; h <= head_count; h++) {
        if (!((panel, head_name[h]) in xs))
            continue
        m = split(xs[panel, head_name[h]], x, " ")
        for (again = 1; again <= 2; again++) {
            sort(x, m)
            for (i = 1; i <= m; i++) {
                key = panel SUBSEP head_name[h] SUBSEP x[i]
                print x[i], sum[key] / n[key], low[key], high[key]
            }
            print "e"
        }
    }
}
function sort(x, m,    i, j, t)
{
    for (i = 2; i <= m; i++) {
        t = x[i]
        for (j = i - 1; j > 0 && x[j] + 0 > t + 0; j--)
            x[j + 1] = x[j]
        x[j + 1] = t
    }
}
END {
    for (r = 1; r <= run_count && what != "correlation"; r++)
        if (seeds[id_of[r]] == most[set_of[r], head_of[r]] && parts(set_of[r]))
            add("hardness " part[1], head_of[r], what == "hard" ? hard_of[r] : part[2], tar[r])
    if (panel_count == 0) {
        print "set terminal pngcairo; set label 'no rows' at screen 0.5,0.5; unset border; plot [0:1][0:1] -1 notitle"
        exit
    }
    printf "set terminal pngcairo size %d,420 font 'sans,10'\n", 440 * panel_count
    printf "set multiplot layout 1,%d\nset grid\nset key bottom right\n", panel_count
    if (what == "correlation")
        print "set xlabel 'epoch'; set ylabel 'correlation of own cosine and hard negatives'"
    else
        printf "set xlabel '%s'; set ylabel 'TAR at FAR %s'; set offsets graph 0.05, graph 0.05, 0, 0\n", (what == "hard" ? "hard negatives a row" : "identities"), far
    if (what == "identities")
        print "set logscale x"
    for (k = 1; k <= panel_count; k++) {
        printf "set title '%s'\n", panel_name[k]
        lines(panel_name[k])
    }
}
