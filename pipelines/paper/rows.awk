# awk -v test=T -v model=NET.HEAD.SEED -v commit=C -v kernels=K -v hours=H -f rows.awk /proc/cpuinfo FIGURES
#
# What an evaluation printed as TSV, as rows of the results: figure, net, head, seed, commit, machine, kernels,
# hours, value. FaceX-Zoo's settings: its rule for ten folds; for IJB embeddings of length 1, weighted by the
# detector, one crop; MegaFace's rank with all distractors. BLUFR's figures are means less deviations.
BEGIN { FS = OFS = "\t" }
FILENAME == "/proc/cpuinfo" {
    if (match($0, /^model name[ \t]*: */)) {
        machine = substr($0, RLENGTH + 1)
        cores++
    }
    next
}
function row(figure, value) {
    if (value == "NA" || value == "")
        return
    split(model, part, ".")
    print figure, part[1], part[2], part[3], commit, machine ", " cores " cores", kernels, hours, value
}
# 0.0001 and 1e-04 as 1e-4
function far(at,    text) {
    text = sprintf("%.0e", at)
    sub(/e-0/, "e-", text)
    return text
}
test ~ /^bin-/ && $1 == "accuracy" && $7 == "facexzoo" { row(substr(test, 5), $3) }
test ~ /^ijb/ && $1 == "N0D1F0" && $2 == "tar" { row(test " " far($3), $4) }
test ~ /^ijb/ && $1 == "N0D1F0" && $2 == "rank:mean" { row(test " rank-" $3, $4) }
test == "megaface" && /^rank:/ { rank[$2] = $3 }
test == "megaface" && $1 == "tar" { row(test " " far($2), $3) }
test == "blufr" && $1 == "tar" { row(test " " far($2), $5) }
test == "blufr" && $1 == "dir" { row(test " rank-1", $5) }
END { row("megaface rank-1", rank[1]) }
