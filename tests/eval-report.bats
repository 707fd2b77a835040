# eval-report: one file, whole, with tables, plots and faces; narrow enough for a phone
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
}

@test "one stream and its faces: a table, plots, sheets, nothing from elsewhere" {
    eval-report -o one.html --bootstrap 50 --far .1,.01 --hardest-at .1 --hardest 4 --pictures some.faces \
        --title='Rendered <faces>' 1.emb
    python3 - one.html <<'END'
import re, sys, xml.dom.minidom
text = open(sys.argv[1]).read()
page = xml.dom.minidom.parseString(text)
count = {t: len(page.getElementsByTagName(t)) for t in ("svg", "table", "img", "h2", "style", "meta")}
assert count["svg"] == 4 and count["table"] == 3 and 8 <= count["img"] <= 16, count
assert page.getElementsByTagName("h1")[0].firstChild.data == "Rendered <faces>"
scores = re.findall(r"<figcaption><strong>(0\.[0-9]{4})</strong>", text)
assert len(scores) == count["img"], "a picture without a score"
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
    eval-report -o figures.html --bootstrap 50 --far .1 1.emb
    run -0 eval-roc --tsv -j 1 --bootstrap 50 --far .1 1.emb
    wanted=$(awk -F'\t' '$1 == "tar" {
        printf "<td>%.4f</td><td>%.4f &#8211; %.4f</td>", $3, $8, $9 }' <<<"$output")
    grep -qF "$wanted" figures.html
}

@test "two streams: differences from the first; a list of pairs: accuracy" {
    eval-roc --far .1 --hardest 20 --hardest-at .1 1.emb >hard
    echo "synth/000000/000000_0000.jpg synth/999999/999999_0000.jpg 0" >>hard
    run -1 eval-report -o two.html --bootstrap 20 --pairs hard 1.emb
    eval-report -o two.html --bootstrap 20 --far .1 --skip-missing --convention nearest --pairs hard \
        first=1.emb 'a<b=2.emb'
    grep -q 'convention <q>nearest</q>' two.html
    grep -q 'images missing: 1,' two.html
    grep -q 'accuracy, facexzoo' two.html
    grep -q '<h2>first</h2>' two.html
    grep -q '<h2>a&lt;b</h2>' two.html
    grep -q 'Difference from first' two.html
}

@test "what cannot be measured leaves no report" {
    run -1 eval-report -o none.html --bootstrap 20 absent.emb
    [[ $output == *"absent.emb"* ]]
    [ ! -e none.html ]
    misused eval-report 1.emb
    misused eval-report -o none.html
    misused eval-report -o none.html -
    misused eval-report -o none.html --nonsense 1 1.emb
    misused eval-report -o none.html --hard 1 1.emb
    [[ $output == *"'--hard' is ambiguous: --hardest, --hardest-at"* ]]
    misused eval-report -o none.html --skip-missing=1 1.emb
    misused eval-report -o none.html --at 1e-2 1.emb
    fails eval-report -o absent/none.html --bootstrap 20 1.emb
    run -0 eval-report --help
    [[ $output == *"--hardest-at X"* ]]
}

@test "models by FAR: percent, the best in bold, a dash for what cannot be measured; no minus zero" {
    eval-report -o models.html --bootstrap 20 --far .1,1e-6 same=1.emb 1.emb other=2.emb
    eval-roc --markdown --far .1 1.emb 2.emb | sed -n 's/^| *\([12]\) *| *\**\([0-9.]*\).*/\1 \2/p' >wanted
    python3 - models.html wanted <<'END'
import sys, re, xml.dom.minidom
page = xml.dom.minidom.parse(sys.argv[1])
table = page.getElementsByTagName("table")[0]
head = [c for c in table.getElementsByTagName("tr")[0].childNodes]
text = lambda e: "".join(t.data if t.nodeType == t.TEXT_NODE else text(t) for t in e.childNodes)
assert [text(c) for c in head] == ["FMR (FAR)", "10\u22121", "10\u22126", "EER"], [text(c) for c in head]
rows = {text(r.childNodes[0]): r for r in table.getElementsByTagName("tr")[1:]}
value = lambda r: re.match(r"[0-9.\u2013]+", text(r)).group()
wanted = dict(line.split() for line in open(sys.argv[2]))
assert len(wanted) == 2
tar = {n: r.childNodes[1] for n, r in rows.items()}
bold = lambda e: len(e.getElementsByTagName("strong")) == 1
for name, figure in (("same", wanted["1"]), ("1", wanted["1"]), ("other", wanted["2"])):
    shown = text(tar[name].getElementsByTagName("strong")[0]) if bold(tar[name]) else tar[name].firstChild.data
    assert shown == figure, (name, shown, figure)
    assert text(rows[name].childNodes[2]) == "\u2013"
best = max(wanted.values(), key=float)
assert [n for n in tar if bold(tar[n])] == (["same", "1"] if wanted["1"] == best else ["other"])
body = text(page.getElementsByTagName("main")[0])
assert not re.search(r"[-\u2212]0\.0+(?![0-9])", body), "minus zero"
assert not re.search(r"\bNA\b|\bnan\b", body)
assert not [t for t in page.getElementsByTagName("td") if text(t) == ""], "an empty cell"
END
    grep -q 'Difference from same' models.html
}

@test "groups, quality, date and provenance" {
    stream-ls --table --fields label 1.emb | sed 1d | sort -u |
        awk '{ print $1, $1 % 2 ? "<odd>" : "even" }' >groups
    embed -q -m 1.model --face-quality norm -o q.emb some.faces
    SOURCE_DATE_EPOCH=86400 eval-report -o all.html --bootstrap 20 --far .1 --groups groups \
        --edc quality_norm --at=.05 q.emb
    python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("all.html")'
    grep -q '^<p>2 January 1970, by eval-report ' all.html
    grep -q '<th>&lt;odd&gt;</th><td>12</td>' all.html
    grep -q 'log' all.html && grep -q 'GARBE' all.html
    grep -q 'share of genuine pairs discarded' all.html
    tr -d '\n' <all.html | grep -q '<td>q.emb</td><td>120</td><td>24</td>'
    grep -q '<code>face-synth [0-9.]* --identities=24 ' all.html
    SOURCE_DATE_EPOCH=86400 eval-report -o - --bootstrap 20 --far .1 --groups groups \
        --edc quality_norm --at=.05 q.emb | cmp - all.html
    run -1 eval-report -o none.html --edc absent q.emb
    [[ $output == *absent* ]]
    [ ! -e none.html ]
}

@test "names of any kind are shown and run nothing" {
    odd=$'-t \\074script\\076alert(1)<b>"\'`touch ran`$(touch ran)\a'
    mkdir -p lr=0.1
    cp -- 1.emb "$odd.emb"
    cp 1.emb lr=0.1/x.emb
    cp 1.emb p=1.emb
    run -2 eval-report --bootstrap 20 -o odd.html "$odd.emb" # an option, as it begins
    eval-report --bootstrap 20 --far .1 --hardest-at .1 --hardest=2 --pictures some.faces --title "$odd" -o ./-odd.html \
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
    [ -e one.html ] || eval-report -o one.html --bootstrap 20 --far .1 --hardest 4 --pictures some.faces 1.emb
    [ "$(widths 390)" = "<title>390 0 more" ]
    [ "$(widths 1280)" = "<title>1280 0 more" ]
    sed -i 's/<h1>/<h1 style="width: 500px">/' one.html # the check itself can fail
    [ "$(widths 390)" != "<title>390 0 more" ]
}
