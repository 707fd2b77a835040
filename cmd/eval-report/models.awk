# names and the TSV of every stream: one table, a line a stream, in percent, the best of a column in
# bold as far as the digits show.
function put(key, heading, value, low, high, least) {
    if (!(key in place)) {
        place[key] = ++columns
        head[columns] = heading
        lowest[columns] = least
    }
    text[model, place[key]] = shown(value == "NA" ? value : 100 * value, 2)
    if (known(low))
        between[model, place[key]] = shown(100 * low, 2) "&#8211;" shown(100 * high, 2)
    if (known(value))
        number[model, place[key]] = sprintf("%.2f", 100 * value)
}
function cell(m, c,  k, other, best) {
    best = (m, c) in number && models > 1
    for (k = 1; k <= models; k++) {
        other = k SUBSEP c
        if (best && other in number)
            best = lowest[c] ? number[m, c] + 0 <= number[other] + 0 : number[m, c] + 0 >= number[other] + 0
    }
    return "<td>" (best ? "<strong>" text[m, c] "</strong>" : (m, c) in text ? text[m, c] : "&#8211;") \
        ((m, c) in between ? "<small>" between[m, c] "</small>" : "") "</td>"
}
FNR == 1 && NR > 1 { model++ }
!model { name[++models] = $0; next }
$1 == "tar" { put("tar" $2, rate($2), $3, $8, $9, 0) }
$1 == "eer" { put("eer", "EER", $3, $8, $9, 1) }
$1 == "accuracy" && $7 == "insightface" { put("accuracy", "accuracy", $3, $8, $9, 0) }
END {
    printf "<div class=\"wide\"><table class=\"models\"><thead><tr><th>FMR (FAR)</th>"
    for (c = 1; c <= columns; c++)
        printf "<th>%s</th>", head[c]
    printf "</tr></thead><tbody>\n"
    for (m = 1; m <= models; m++) {
        printf "<tr><th>%s</th>", name[m]
        for (c = 1; c <= columns; c++)
            printf "%s", cell(m, c)
        printf "</tr>\n"
    }
    print "</tbody></table></div>"
    printf "<p class=\"quiet\">1 &#8722; FNMR (TAR) at each false match rate, EER%s, in percent%s; " \
        "a dash is what cannot be measured.</p>\n", (("accuracy" in place) ? " and accuracy by InsightFace&#8217;s rule" : ""),
        (models > 1 ? ", the best in bold" : "")
}
