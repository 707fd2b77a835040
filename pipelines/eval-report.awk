# The TSV of eval-roc with intervals, as HTML: how many pairs, the figures, the differences from the
# stream that first_name in the environment tells.
function shown(x, digits) {
    return x == "NA" ? "not measurable" : sprintf("%." digits "f", x)
}
function interval(low, high) {
    return low == "NA" ? "" : sprintf("%.4f &#8211; %.4f", low, high)
}
function row(name, value, low, high, more) {
    return "<tr><th>" name "</th><td>" value "</td><td>" interval(low, high) "</td>" more "</tr>\n"
}
function named(measure, at) {
    if (measure == "tar")
        return "TAR at " at
    return measure == "accuracy" ? "accuracy, " $7 : toupper(measure)
}
BEGIN {
    FS = "\t"
}
$1 == "genuine" || $1 == "impostor" || $1 == "missing" || $1 == "unlabelled" { count[$1] = $3; next }
$1 ~ /-difference$/ {
    measure = substr($1, 1, length($1) - 11)
    differences = differences row(named(measure, $2), $3 == "NA" ? shown($3) : sprintf("%+.4f", $3),
        $8, $9, "")
    next
}
$1 == "tar" || $1 == "eer" || $1 == "auc" || $1 == "accuracy" {
    if ($1 == "tar")
        convention = $7
    threshold = $5 == "NA" ? "" : sprintf("%.4f", $5)
    figures = figures row(named($1, $2), shown($3, 4), $8, $9, "<td>" threshold "</td>")
}
END {
    printf "<p>%s genuine and %s impostor pairs", count["genuine"], count["impostor"]
    if (count["missing"] > 0)
        printf "; images missing: %s, their pairs left out", count["missing"]
    if (count["unlabelled"] > 0)
        printf "; %s faces without a label left out", count["unlabelled"]
    printf ". TAR by the convention <q>%s</q>, see eval-roc(1).</p>\n", convention
    printf "<table><thead><tr><th></th><th>value</th><th>95 %% interval</th><th>threshold</th></tr>"
    printf "</thead><tbody>\n%s</tbody></table>\n", figures
    if (differences != "") {
        printf "<h3>Difference from %s, in the same resamples</h3>\n", ENVIRON["first_name"]
        printf "<table><thead><tr><th></th><th>difference</th><th>95 %% interval</th></tr></thead>"
        printf "<tbody>\n%s</tbody></table>\n", differences
    }
}
