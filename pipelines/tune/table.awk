# awk -f table.awk tune.tsv: the rows as Markdown, a table a test: the net as it was, and what each head changed
BEGIN { FS = "\t" }
FNR == 1 { next }
!($1 in measures) { tests[++n] = $1 }
{
    measure = ($2 == "blufr" ? "BLUFR, " : $2 == "all" ? "all pairs, " : "") ($7 == "NA" ? $6 : toupper($6) " at " $7)
    if (!(($1, measure) in before)) {
        measures[$1] = measures[$1] FS measure
        before[$1, measure] = $8
    }
    if (!(($1, $3) in known)) {
        known[$1, $3]
        heads[$1] = heads[$1] FS $3
    }
    change[$1, measure, $3] = sprintf($11 == "NA" ? "%+.4f" : "%+.4f [%+.4f, %+.4f]", $10, $11, $12)
}
END {
    for (i = 1; i <= n; i++) {
        count = split(heads[tests[i]], head, FS)
        line = (i > 1 ? "\n" : "") "| " tests[i] " | before |"
        rule = "| --- | --- |"
        for (h = 2; h <= count; h++) {
            line = line " " head[h] " |"
            rule = rule " --- |"
        }
        print line "\n" rule
        last = split(measures[tests[i]], measure_of, FS)
        for (m = 2; m <= last; m++) {
            line = sprintf("| %s | %.4f |", measure_of[m], before[tests[i], measure_of[m]])
            for (h = 2; h <= count; h++)
                line = line " " change[tests[i], measure_of[m], head[h]] " |"
            print line
        }
    }
}
