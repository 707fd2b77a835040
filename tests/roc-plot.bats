# roc-plot: each kind and format of picture, names, what is no table
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    command -v gnuplot >/dev/null || skip "no gnuplot"
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' far tar threshold impostors genuine low high \
        0 0.1 NA 0 1 NA NA 0.001 0.3 0.9 1 3 0.2 0.4 0.01 0.6 0.7 10 6 0.5 0.7 \
        0.1 0.9 0.5 100 9 0.8 1 1 1 -0.2 1000 10 1 1 >a.roc
    cut -f 1-5 a.roc >b.roc.tsv
    printf 'low\thigh\tgenuine\timpostor\n0.1\t0.2\t0\t7\n0.2\t0.3\t2\t3\n0.3\t0.4\t5\t0\n' >s.hist
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' measure at mean deviation mean_less_deviation convention \
        trials NA 1 NA NA NA rank 1 0.8 NA NA cmc rank 5 0.9 NA NA cmc \
        dir 0.1 NA NA NA "rank 1, blufr" >i.cmc
}

@test "SVG: well-formed, a curve and a legend for each table, bands where there are intervals" {
    roc-plot -o out.svg a.roc "<b> & 'c'=b.roc.tsv"
    python3 -c 'import sys, xml.dom.minidom as d; d.parse("out.svg")'
    grep -q '>a</text>\|>a<' out.svg
    grep -q "&lt;b> &amp; 'c'" out.svg
    [ "$(grep -c "#0072b2\|rgb( *0, 114, 178)" out.svg)" -gt 0 ]
    roc-plot b.roc.tsv >plain.svg
    [ "$(grep -c 'fill-opacity' out.svg)" -gt "$(grep -c 'fill-opacity' plain.svg)" ]
    cmp plain.svg <(roc-plot b.roc.tsv)
}

@test "PNG of the wanted size, by the name of the output" {
    roc-plot --geometry 300x200 -o out.png a.roc
    [ "$(perl -0777 -ne 'print join "x", unpack "x16 NN"' out.png)" = 300x200 ]
    cmp out.png <(roc-plot --geometry 300x200 --format png a.roc)
}

@test "text: the curve, its axes and no colour" {
    run -0 roc-plot --format text --geometry 60x20 --title "Some title" a.roc
    [[ $output == *"Some title"*"*"*"false accept rate"* ]]
    [ "$(LC_ALL=C grep -c $'\033' <<<"$output")" = 0 ]
    awk 'length > 61 { exit 1 }' <<<"$output"
    roc-plot -o out.txt a.roc
    grep -q 'false accept rate' out.txt
}

@test "DET: false rejects on normal deviates" {
    run -0 roc-plot --kind det --format text a.roc b.roc.tsv
    [[ $output == *"0.4"*"0.1"*"false accept rate"* ]]
    roc-plot --kind det -o out.svg a.roc
    grep -q 'false reject rate' out.svg
}

@test "FMR and FNMR against the threshold" {
    roc-plot --kind rates -o out.svg a.roc
    grep -q 'threshold (cosine)' out.svg
    grep -q '>FMR<' out.svg && grep -q '>FNMR<' out.svg
    roc-plot --kind rates -o two.svg a.roc other=b.roc.tsv
    grep -q '>a, FMR<' two.svg && grep -q '>other, FNMR<' two.svg
    printf 'far\ttar\n.1\t.5\n' >bare.roc
    fails roc-plot --kind rates -o none.svg bare.roc
    [[ $output == *"bare.roc: no thresholds"* ]]
    fails roc-plot --kind rates -o none.svg s.hist
    [ ! -e none.svg ]
}

@test "histograms: of one run, of several" {
    roc-plot -o one.svg s.hist
    grep -q '>genuine<' one.svg
    grep -q '>impostor<' one.svg
    roc-plot -o two.svg s.hist other=s.hist
    grep -q '>s, genuine<' two.svg
    grep -q '>other, impostor<' two.svg
}

@test "CMC: the ranks of eval-id's output alone" {
    run -0 roc-plot --format text i.cmc
    [[ $output == *"rank"* ]]
    roc-plot -o out.svg i.cmc
    grep -q 'identification rate' out.svg
    printf 'compared\trank\trate\n10\t1\t.5\n10\t2\t.9\n100\t1\t.25\n100\t2\t.4\n' >sizes.cmc
    run -0 roc-plot --format text sizes.cmc
    [ "$(tr -cd '*' <<<"$output" | wc -c)" = 5 ] # four points and the legend
}

@test "expected performance: HTER against alpha" {
    printf 'alpha\tthreshold\tfmr\tfnmr\thter\n.1\t.1\t.5\t0\t.25\n.9\t.9\t0\t.3\t.15\n' >a.epc
    roc-plot -o out.svg a.epc other=a.epc
    grep -q 'alpha, the weight of FMR' out.svg && grep -q '>HTER<' out.svg && grep -q '>other<' out.svg
    run -0 roc-plot --kind epc --format text a.epc
    [ "$(tr -cd '*' <<<"$output" | wc -c)" = 3 ] # both points and the legend
    fails roc-plot -o none.svg --kind edc a.epc
}

@test "no title, name or path is more than text to gnuplot" {
    printf 'far\ttar\n.1\t.5\n1\t1\n' >a.roc
    odd=$'x\' \nsystem("touch ran")\n`touch ran`\\\n@M "$(touch ran)" %n \033[2J\x9b {/*9 big} \\'
    for format in svg text png; do
        roc-plot --format $format --title "$odd" -o out "$odd=a.roc"
        [ -s out ] && [ ! -e ran ]
    done
    roc-plot --title "$odd" -o out.svg "$odd=a.roc" a.roc
    python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("out.svg")'
    [ ! -e ran ]
    run -0 roc-plot --format text --title "$odd" "$odd=a.roc"
    [ -z "$(LC_ALL=C tr -cd '\001-\010\013-\037\177' <<<"${output//$'\f'/}")" ]
    mkdir -p $'lr=0.1\nsystem("touch ran")'
    cp a.roc $'lr=0.1\nsystem("touch ran")/--x=1.roc'
    roc-plot -o out.svg $'lr=0.1\nsystem("touch ran")/--x=1.roc' a=b=a.roc
    grep -q -- '--x=1' out.svg && grep -q 'a=b' out.svg
    [ ! -e ran ]
}

@test "what eval-roc writes is drawn" {
    frame kind=embeddings last=1 "embedding:F32:6,2:1,0,.8,.6,0,2,.6,.8,-1,1,-1,.5" \
        "label:I64:6:0,0,1,1,2,2" >six.emb
    eval-roc --far .5 --roc six.roc --histogram six.hist --bootstrap 20 six.emb >/dev/null
    roc-plot -o roc.svg six.roc
    roc-plot -o det.svg --kind det six.roc
    roc-plot -o hist.svg six.hist
    frame kind=embeddings last=1 "embedding:F32:4,2:1,0,.8,.6,0,2,.6,.8" "label:I64:4:0,0,1,1" \
        "key:U8:8:=a1a2b1b2" key_end:I64:4:2,4,6,8 >four.emb
    printf 'a1\nb1\n' >gallery
    printf 'a2\nb2\n' >probe
    eval-id --tsv -g gallery --probe probe --cmc four.cmc four.emb >four.tsv
    roc-plot -o cmc.svg four.cmc
    roc-plot -o ranks.svg four.tsv
}

@test "what is no table, or not one of the wanted kind, is refused by name" {
    fails roc-plot -o out.svg absent.roc
    [[ $output == *absent.roc* ]]
    printf 'one\ttwo\n1\t2\n' >other
    fails roc-plot -o out.svg other
    [[ $output == *"other: not a table"* ]]
    head -n 1 a.roc >empty
    fails roc-plot -o out.svg empty
    [[ $output == *"empty: nothing to draw"* ]]
    sed 's/0.6/zero/' a.roc >bad
    fails roc-plot -o out.svg bad
    [[ $output == *"bad: line 4: column 2"* ]]
    fails roc-plot -o out.svg a.roc s.hist
    [[ $output == *"s.hist"* ]]
    fails roc-plot -o out.svg --kind cmc a.roc
    misused roc-plot
    misused roc-plot --geometry 10 a.roc
    [ ! -e out.svg ]
}

@test "without gnuplot: an error that names it, and nothing written" {
    mkdir bin
    ln -s "$(command -v roc-plot)" bin
    run -1 env PATH="$PWD/bin" roc-plot -o out.svg a.roc
    [[ $output == *"gnuplot is not installed"* ]]
    [ ! -e out.svg ]
}

@test "a gnuplot that fails: its last words, and nothing written" {
    mkdir bin
    printf '#!/bin/sh\necho half\necho "line 3: cannot" >&2\nexit 1\n' >bin/gnuplot
    chmod +x bin/gnuplot
    PATH="$PWD/bin:$PATH" fails roc-plot -o out.svg a.roc
    [[ $output == *"gnuplot failed: line 3: cannot"* ]]
    [ ! -e out.svg ]
}
