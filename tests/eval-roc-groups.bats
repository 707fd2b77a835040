# eval-roc --groups: error rates by groups of people (what they are is tests/unit/test_verify_groups.c's)
load lib

# Three people with two faces each: 0 and 1 are near each other, 2 is far from both; one of its faces is off.
setup() {
    cd "$BATS_TEST_TMPDIR"
    frame last=1 embedding:F32:6,2:1,0,.99,.1,.98,.2,.97,.25,-1,0,0,1 label:I64:6:0,0,1,1,2,2 \
        key:U8:12:=a1a2b1b2c1c2 key_end:I64:6:2,4,6,8,10,12 >e.emb
    printf '0 x\n1 x\n2 y\n' >groups
}

@test "rates of each group at one threshold, and across groups" {
    run -0 --separate-stderr eval-roc -q --tsv --bootstrap 10 --groups groups --at 0.5 e.emb
    [ "${lines[0]}" = "measure	group	other	value	wrong	pairs	low	high" ]
    # Of 12 impostor pairs, 6 are to be accepted: the four of 0 and 1, then c2 with b2 and b1.
    [[ $output == *"fnmr	x	NA	0	0	2	"* && $output == *"fnmr	y	NA	1	1	1	"* ]]
    [[ $output == *"fmr	x	x	1	4	4	"* && $output == *"fmr	x	y	0.25	2	8	NA	NA"* ]]
    [[ $output == *"fmr	y	x	0.25	2	8	NA	NA"* && $output == *"fmr	y	y	NA	0	0	NA	NA"* ]]
    # y has no impostors among itself, so there are not two rates to compare
    [[ $output == *"fdr	NA	NA	NA	NA	NA	NA	NA"* && $output == *"identities	x	NA	2	"* ]]
    run -0 eval-roc -q --groups groups --at 0.5 e.emb
    [[ $output == *"threshold   0.199960, "*"for an FMR of 0.5 over all impostors"* ]]
    [[ $output == *"groups      2 of groups; 3 identities, 0 in none"* ]]
    [[ $output == *$'\nlog10 FMR               x       y\nx                       0.00    -0.60\ny                       -0.60   -\n'* ]]
    ! grep -q ' $' <<<"$output" || false
    eval-roc -q --json --groups groups --at 0.5 e.emb | perl -MJSON::PP -0777 -ne '
        $j = decode_json($_); die unless $j->{groups}[0]{fmr_with}{y}{wrong} == 2 && $j->{identities} == 3'
}

@test "lists: labels, keys and names; tabs, commas, spaces; several fields; who is not listed" {
    tsv() {
        eval-roc -q --tsv --bootstrap 10 --at 0.5 --groups "$1" e.emb
    }
    printf 'label,sex,age\n0,x,old\n1,x,old\n2,"y, z",young\n' >commas
    [[ $(tsv commas) == *"fmr	x old	y, z young	0.25	2	8"* ]]
    printf 'key\tgroup\na1\tx\na2\tx\nb1\tx\nb2\tx\nc1\ty\nc2\ty\n' >keys
    [ "$(tsv keys)" = "$(tsv groups)" ]
    printf '0 x\n2 y\n' >two
    run -0 eval-roc -q --at 0.5 --groups two e.emb
    [[ $output == *"3 identities, 1 in none"* ]]
    frame last=1 embedding:F32:4,2:1,0,.99,.1,.98,.2,.97,.25 label:I64:4:0,0,1,1 name:U8:10:=annannbobo \
        name_end:I64:4:3,6,8,10 >named.emb
    printf 'ann x\nbo y\n' >names
    run -0 eval-roc -q --at 0.5 --groups names named.emb
    [[ $output == *"2 identities, 0 in none"* ]]
    printf 'key x\nann x\nbo y\n' >names
    fails eval-roc -q --at 0.5 --groups names named.emb
    [[ $output == *"nobody of named.emb is in it"* ]]
}

@test "a list that cannot be used is refused by file and line" {
    printf '0 x\n1\n' >bad
    fails eval-roc --groups bad --at 0.5 e.emb
    [[ $output == *"bad, line 2: no group behind '1'"* ]]
    printf '0 x\n0 y\n' >bad
    fails eval-roc --groups bad --at 0.5 e.emb
    [[ $output == *"bad, line 2: '0' occurs before, in group 'x'"* ]]
    printf 'key group\na1 x\na2 y\n' >bad
    fails eval-roc --groups bad --at 0.5 e.emb
    [[ $output == *"rows of one identity are in different groups"* ]]
    printf '7 x\n8 y\n' >bad
    fails eval-roc --groups bad --at 0.5 e.emb
    [[ $output == *"bad: nobody of e.emb is in it"* ]]
    : >bad
    fails eval-roc --groups bad --at 0.5 e.emb
    [[ $output == *"bad: nobody in it"* ]]
    fails eval-roc --groups groups e.emb
    [[ $output == *"--at 0.0001 is less than one of 12 impostors"* ]]
    misused eval-roc --groups groups --versus e.emb e.emb
    misused eval-roc --groups - -
}

@test "pairs of a list by groups; a heat map" {
    printf 'a1 a2 1\nb1 b2 1\na1 b1 0\na2 c1 0\nb2 c2 0\nc1 c2 1\n' >pairs
    eval-roc -q --tsv --bootstrap 10 --at 0.5 --pairs pairs --groups groups e.emb >listed
    grep -q '^fmr	x	x	1	1	1	' listed
    grep -q '^fmr	y	x	0.5	1	2	' listed
    grep -q '^fnmr	y	NA	1	1	1	' listed
    roc-plot -o map.svg listed
    grep -q 'log' map.svg
    roc-plot --format text listed | grep -q -- '-0.30'
    fails roc-plot -o two.svg listed listed
    [[ $output == *"a second table of groups"* ]]
    eval-roc -q --histogram h e.emb >/dev/null
    fails roc-plot -o two.svg listed h
}

# apart FILE MEASURE: whether the intervals of both groups, within themselves, have nothing in common
apart() {
    awk -F '\t' -v measure="$2" '$1 == measure && ($3 == "NA" || $3 == $2) { low[++n] = $7; high[n] = $8 }
        END { if (n != 2 || low[1] == "NA" || low[2] == "NA") print "no intervals"
            else print(low[1] > high[2] || low[2] > high[1]) ? "apart" : "overlap" }' "$1"
}

@test "rendered people: groups of different hardness are apart, groups of the same are not" {
    render() {
        face-synth -q --identities 32 --images 4 --size 32 --first-identity "$2" --hardness "$3" -o "$1.faces"
    }
    render easy 0 0.1
    render hard 1000 0.9
    render also 2000 0.1
    npc-train -q -i easy.faces --epochs 0 --embedding 32 -o some.model
    (seq 0 31 | sed 's/$/ first/'; seq 1000 1031 | sed 's/$/ other/'; seq 2000 2031 | sed 's/$/ other/') >groups
    for other in hard also; do
        stream-cat -q easy.faces $other.faces | embed -q -m some.model -o $other.emb
        eval-roc -q --tsv --groups groups --at 0.01 --bootstrap 200 $other.emb >$other
    done
    [ "$(apart hard fnmr)" = apart ]
    [ "$(apart also fnmr)" = overlap ]
    [ "$(apart also fmr)" = overlap ]
}
