# The TSV of eval-roc --groups as HTML: FMR within a group and FNMR, and what the groups differ by.
# Names of groups are HTML already.
function scientific(x,  text, power) {
    if (!known(x) || x == 0)
        return known(x) ? "0" : "&#8211;"
    if (x >= 1e-3)
        return sprintf("%.4f", x)
    text = sprintf("%.1e", x)
    power = substr(text, index(text, "e") + 1) + 0
    return substr(text, 1, index(text, "e") - 1) "&#8201;&#183;&#8201;10<sup>" signed(power "") "</sup>"
}
function both(i, what) {
    return "<td>" scientific(value[i, what]) "<small>" \
        (known(low[i, what]) ? scientific(low[i, what]) " &#8211; " scientific(high[i, what]) : "") "</small></td>"
}
function remember(what) {
    value[$2, what] = $4
    low[$2, what] = $7
    high[$2, what] = $8
}
BEGIN {
    title["fdr"] = "FDR (1: no difference)"
    title["ir"] = "IR (1: none)"
    title["garbe"] = "GARBE (0: none)"
    title["fmr-max-min"] = "FMR, largest / smallest"
    title["fnmr-max-min"] = "FNMR, largest / smallest"
    title["fmr-max-geomean"] = "FMR, largest / geometric mean"
    title["fnmr-max-geomean"] = "FNMR, largest / geometric mean"
}
$1 == "threshold" { threshold = $4 }
$1 == "identities" { group[++groups] = $2; people[$2] = $4 }
$1 == "fnmr" { remember("fnmr") }
$1 == "fmr" && $2 == $3 { remember("fmr") }
$1 in title { summary = summary "<tr><th>" title[$1] "</th><td>" shown($4, 4) "</td><td>" interval($7, $8) "</td></tr>\n" }
END {
    printf "<h3>Groups at one threshold, %s</h3>\n", shown(threshold, 4)
    printf "<table class=\"groups\"><thead><tr><th>group</th><th>people</th><th>FMR within</th><th>FNMR</th></tr></thead><tbody>\n"
    for (i = 1; i <= groups; i++)
        printf "<tr><th>%s</th><td>%s</td>%s%s</tr>\n", group[i], counted(people[group[i]]), both(group[i], "fmr"), \
            both(group[i], "fnmr")
    printf "</tbody></table>\n<table><thead><tr><th>between groups</th><th>value</th><th>95 %% interval</th></tr></thead>"
    printf "<tbody>\n%s</tbody></table>\n", summary
}
