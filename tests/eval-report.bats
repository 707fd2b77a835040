# pipelines/eval-report.sh: one file, whole, with tables, plots and faces; narrow enough for a phone
load lib

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    face-synth -q --identities 24 --images 5 --size 32 -o some.faces
    for seed in 1 2; do
        npc-train -q -i some.faces --epochs 0 --embedding 32 --seed "$seed" -o "$seed.model"
        embed -q -m "$seed.model" -o "$seed.emb" some.faces
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    command -v gnuplot >/dev/null || skip "no gnuplot"
    report=$BATS_TEST_DIRNAME/../pipelines/eval-report.sh
}

@test "one stream and its faces: a table, plots, sheets, nothing from elsewhere" {
    "$report" -o one.html -b 50 --far .1,.01 --hardest-at .1 -n 4 -f some.faces \
        -t 'Rendered <faces>' 1.emb
    python3 - one.html <<'END'
import re, sys, xml.dom.minidom
text = open(sys.argv[1]).read()
page = xml.dom.minidom.parseString(text)
count = {t: len(page.getElementsByTagName(t)) for t in ("svg", "table", "img", "h2", "style", "meta")}
assert count["svg"] == 3 and count["table"] == 2 and 2 <= count["img"] <= 4, count
assert page.getElementsByTagName("h1")[0].firstChild.data == "Rendered <faces>"
assert all(i.getAttribute("src").startswith("data:image/png;base64,iVBOR")
           for i in page.getElementsByTagName("img"))
text = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", text)
assert not re.search(r"https?:|//[a-z]|url\([^#]|@import|<script|<link", text)
ids = re.findall(r"""\sid=["']([^"']+)""", text)
assert ids and len(ids) == len(set(ids)), "ids twice"
used = re.findall(r"(?:href=[\"']|url\()#([^\"')]+)", text)
assert used and set(used) <= set(ids), "a reference to nothing"
assert 'name="viewport"' in text and "prefers-color-scheme: dark" in text
END
}

@test "its figures are eval-roc's" {
    "$report" -o figures.html -b 50 --far .1 1.emb
    run -0 eval-roc --tsv -j 1 --bootstrap 50 --far .1 1.emb
    wanted=$(awk -F'\t' '$1 == "tar" {
        printf "<td>%.4f</td><td>%.4f &#8211; %.4f</td>", $3, $8, $9 }' <<<"$output")
    grep -qF "$wanted" figures.html
}

@test "two streams: differences from the first; a list of pairs: accuracy" {
    eval-roc --far .1 --hardest 20 --hardest-at .1 1.emb >hard
    echo "synth/000000/000000_0000.jpg synth/999999/999999_0000.jpg 0" >>hard
    run -1 "$report" -o two.html -b 20 --pairs hard 1.emb
    "$report" -o two.html -b 20 --far .1 --skip-missing --convention nearest --pairs hard \
        first=1.emb 'a<b=2.emb'
    grep -q 'convention <q>nearest</q>' two.html
    grep -q 'images missing: 1,' two.html
    grep -q 'accuracy, facexzoo' two.html
    grep -q '<h2>first</h2>' two.html
    grep -q '<h2>a&lt;b</h2>' two.html
    grep -q 'Difference from first' two.html
}

@test "what cannot be measured leaves no report" {
    run -1 "$report" -o none.html -b 20 absent.emb
    [[ $output == *"absent.emb"* ]]
    [ ! -e none.html ]
    run -2 "$report" 1.emb
    run -2 "$report" -o none.html
    run -2 "$report" -o none.html --nonsense 1 1.emb
    run -0 "$report" --help
    [[ $output == *"--hardest-at FAR"* ]]
}

@test "names of any kind are shown and run nothing" {
    odd=$'-t \\074script\\076alert(1)<b>"\'`touch ran`$(touch ran)\a'
    mkdir -p lr=0.1
    cp -- 1.emb "$odd.emb"
    cp 1.emb lr=0.1/x.emb
    cp 1.emb p=1.emb
    run -2 "$report" -b 20 -o odd.html "$odd.emb" # an option, as it begins
    "$report" -b 20 --far .1 --hardest-at .1 -n 2 -f some.faces -t "$odd" -o ./-odd.html \
        "x=$odd.emb" lr=0.1/x.emb p=1.emb "./$odd.emb"
    [ ! -e ran ]
    python3 - ./-odd.html <<'END'
import sys, xml.dom.minidom
page = xml.dom.minidom.parse(sys.argv[1])
assert not page.getElementsByTagName("script") and not page.getElementsByTagName("b")
text = lambda e: "".join(t.data for t in e.childNodes)
assert [text(e) for e in page.getElementsByTagName("h2")][:3] == ["x", "x", "p=1"], "names"
assert "\\074script\\076" in text(page.getElementsByTagName("h1")[0])
END
}

# widths W: how wide a window of so many pixels is inside, and how wide what is in it, as Chromium
# lays it out; in a frame, because its own window cannot be as narrow as a phone
widths() {
    local script='const d = document.documentElement; '
    script+='parent.postMessage(innerWidth + " " + (d.scrollWidth - d.clientWidth), "*")'
    sed "s|</body>|<script>$script</script>&|" one.html >probe.html
    printf '%s\n' "<script>onmessage = e => document.title = e.data + ' more'</script>" \
        "<iframe src='probe.html' style='border: 0; width: $1px; height: 800px'></iframe>" >frame.html
    timeout 100 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --user-data-dir="$BATS_TEST_TMPDIR/profile" --virtual-time-budget=10000 --dump-dom \
        "file://$PWD/frame.html" 2>/dev/null | grep -o '<title>[^<]*'
}

@test "in a browser nothing is wider than a phone, or a desk" {
    command -v chromium >/dev/null || skip "no chromium"
    [ -e one.html ] || "$report" -o one.html -b 20 --far .1 -n 4 -f some.faces 1.emb
    [ "$(widths 390)" = "<title>390 0 more" ]
    [ "$(widths 1280)" = "<title>1280 0 more" ]
    sed -i 's/<h1>/<h1 style="width: 500px">/' one.html # the check itself can fail
    [ "$(widths 390)" != "<title>390 0 more" ]
}
