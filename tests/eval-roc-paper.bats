# eval-roc --markdown, --latex: several streams as a table
load lib

# Genuine angles of a: 20 20 70, of b_1: 50 60 30; the least of impostors 40 and 15.
setup() {
    cd "$BATS_TEST_TMPDIR"
    people_at a.emb 0 20 60 80 180 250
    people_at b_1.emb 0 50 35 95 180 210
    people_at same.emb 0 10 60 80 180 250
}

@test "Markdown: each figure is that of the stream alone, the best bold, ties too" {
    eval-roc -q --markdown --far 1e-6,0.1,0.5 a.emb "new|*=b_1.emb" same.emb >table
    sed -n 1,2p table >head
    diff - head <<'T'
| model | TAR at FAR 1e-6 | TAR at FAR 0.1 | TAR at FAR 0.5 | EER |
|:--|--:|--:|--:|--:|
T
    grep -qF '| new\|\*' table
    grep -qF '| b\_1' <(eval-roc -q --markdown b_1.emb)
    for file in a b_1 same; do
        eval-roc -q --tsv --far 1e-6,0.1,0.5 $file.emb |
            awk -F '\t' '$1 == "tar" || $1 == "eer" { printf("%s", $3 == "NA" ? "–" : sprintf("%.2f", 100 * $3)); printf(" ") }
                END { print "" }'
    done >alone
    diff alone <(sed -n 3,5p table | sed 's/^| [^ ]* | //; s/[|*]//g; s/  */ /g')
    # FAR 0.1 of twelve: none of b_1, two of three of the others
    [ "$(sed -n 3,5p table | awk -F '|' '{ n += $(NF - 3) ~ /[*][*]66.67[*][*]/ } END { print n }')" = 2 ]
    sed -n 4p table | grep -qF "| 0.00 |"
    tail -1 table | grep -q 'convention blufr'
}

@test "LaTeX: names are text, rows have as many cells; intervals on request" {
    eval-roc -q --latex --far 0.001,0.2 'A&B_{1}%=a.emb' b_1.emb --bootstrap 20 >table
    grep -qF 'A\&B\_\{1\}\% & -- & ' table
    grep -qF 'TAR at FAR $10^{-3}$ & TAR at FAR 0.2 & EER' table
    grep -q 'footnotesize \[[0-9.]*, [0-9.]*\]' table
    awk '/\\\\$/ { n++; if (gsub(/[^\\]&/, "") != 3) exit 1 } END { exit n != 3 }' table
    eval-roc -q --latex <a.emb | grep -qF '\end{tabular}'
    misused eval-roc a.emb b_1.emb
    [[ $output == *"--markdown"* ]]
    misused eval-roc --markdown --latex a.emb
    misused eval-roc --markdown --tsv a.emb
    fails eval-roc -q --markdown a.emb x=absent.emb
}

@test "accuracy where the list has folds" {

    awk 'BEGIN { for (i = 1; i < 5; i++) print "1\n0" }' | sed 's/$/ 0.5/' >scores
    eval-roc -q --markdown --from scores --far 0.5 scores | grep -q '^| scores | 100.00 |'
}
