# The TSV of eval-roc with intervals, as HTML: how many pairs, the figures, the differences from the
# stream that first_name in the environment tells.
function row(name, value, low, high, more) {
    return "<tr><th>" name "</th><td>" value "</td><td>" interval(low, high) "</td>" more "</tr>\n"
}
function named(measure, at) {
    if (measure == "tar")
        return "TAR at " rate(at)
    return measure == "accuracy" ? "accuracy, " $7 : toupper(measure)
}
$1 == "genuine" || $1 == "impostor" || $1 == "missing" || $1 == "unlabelled" { count[$1] = $3; next }
$1 ~ /-difference$/ {
    measure = substr($1, 1, length($1) - 11)
    differences = differences row(named(measure, $2), difference($3, 4), $8, $9, "")
    next
}
$1 == "tar" || $1 == "eer" || $1 == "auc" || $1 == "accuracy" {
    if ($1 == "tar")
        convention = $7
    figures = figures row(named($1, $2), shown($3, 4), $8, $9, "<td>" shown($5, 4) "</td>")
}
END {
    printf "<p>%s and %s", plural(count["genuine"], "genuine pair", "genuine pairs"),
        plural(count["impostor"], "impostor pair", "impostor pairs")
    if (count["missing"] > 0)
        printf "; images missing: %s, their pairs left out", counted(count["missing"])
    if (count["unlabelled"] > 0)
        printf "; %s without a label left out", plural(count["unlabelled"], "face", "faces")
    printf ". TAR by the convention <q>%s</q>, see eval-roc(1).</p>\n", convention
    printf "<table><thead><tr><th>measure</th><th>value</th><th>95 %% interval</th><th>threshold</th></tr>"
    printf "</thead><tbody>\n%s</tbody></table>\n", figures
    if (differences != "") {
        printf "<h3>Difference from %s, in the same resamples</h3>\n", ENVIRON["first_name"]
        printf "<table><thead><tr><th>measure</th><th>difference</th><th>95 %% interval</th></tr></thead>"
        printf "<tbody>\n%s</tbody></table>\n", differences
    }
}
