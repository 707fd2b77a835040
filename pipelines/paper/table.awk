# awk -f table.awk published.tsv RESULTS: what was measured beside what was published, as Markdown, a table a net
#
# A cell is the figure in per cent; behind it, if one was published, the difference to that. "paper": this figure
# as a survey gives it (arXiv 2212.13038, tables 3 and 4), whose net is not stated; "facexzoo":
# training_mode/README.md of FaceX-Zoo, for MobileFaceNet. Of several rows of a figure the last one counts.
BEGIN { FS = "\t" }
FNR == 1 { file++; next }
file == 1 {
    published[$1, $2, $3] = $4
    if (!($3 in column)) {
        column[$3]
        figure[++figures] = $3
    }
    next
}
{
    if (!(($2, $3) in known)) {
        known[$2, $3]
        heads[$2] = heads[$2] FS $3
    }
    if (!($2 in net_known)) {
        net_known[$2]
        net[++nets] = $2
    }
    if (!($1 in column)) {
        column[$1]
        figure[++figures] = $1
    }
    measured[$2]
    has[$2, $1]
    value[$2, $3, $1] = 100 * $9
}
function cell(n, head, name,    text, source, sources, i) {
    if (!((n, head, name) in value))
        return "-"
    text = sprintf("%.2f", value[n, head, name])
    sources = n == "mobilefacenet" ? 2 : 1
    split("paper facexzoo", source, " ")
    for (i = 1; i <= sources; i++)
        if ((source[i], head, name) in published)
            text = text sprintf(" (%s %.2f, %+.2f)", source[i], published[source[i], head, name],
                                value[n, head, name] - published[source[i], head, name])
    return text
}
END {
    for (i = 1; i <= nets; i++) {
        line = (i > 1 ? "\n" : "") "| " net[i] " |"
        rule = "| --- |"
        for (f = 1; f <= figures; f++)
            if ((net[i], figure[f]) in has) {
                line = line " " figure[f] " |"
                rule = rule " --- |"
            }
        print line "\n" rule
        count = split(heads[net[i]], head, FS)
        for (h = 2; h <= count; h++) {
            line = "| " head[h] " |"
            for (f = 1; f <= figures; f++)
                if ((net[i], figure[f]) in has)
                    line = line " " cell(net[i], head[h], figure[f]) " |"
            print line
        }
    }
}
