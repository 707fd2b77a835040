# stream-cat: picking rows; stream-ls --table: rows as text
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    # Ten people with 5, 5, 5, 5, 5 and 2, 2, 2, 2, 2 pictures, in two files whose labels differ.
    face-synth -q --size 16 --identities 5 --images 5 -o five.faces
    face-synth -q --size 16 --first-identity 5 --identities 5 --images 2 -o two.faces
    stream-cat -q five.faces two.faces -o all.faces
}

# table FILE FIELDS: without its heading
table() {
    stream-ls --table --fields "$2" "$1" | tail -n +2
}

# people FILE: how many rows each label has
people() {
    table "$1" label | sort -n | uniq -c | awk '{ print $2 ":" $1 }' | paste -s -d ' '
}

@test "--table: a line a row under a heading, all files one table" {
    stream-ls --table all.faces >all
    [ "$(head -n 2 all)" = $'frame\trow\tkey\tlabel\tname\n0\t0\tsynth/000000/000000_0000.jpg\t0\t' ]
    [ "$(wc -l <all)" = 36 ]
    [ "$(tail -n 1 all | cut -f 2,4)" = $'34\t9' ]
    cmp <(cut -f 2- all) <(stream-ls --table five.faces two.faces | cut -f 2-)
    frame kind=faces last=1 label:I64:1:3 key:U8:4:=a$'\t'b$'\x1b' key_end:I64:1:4 \
        name:U8:7:="Ann Lee" name_end:I64:1:7 | stream-ls --table --fields name,label,key >odd
    [ "$(tail -n 1 odd | cut -f 1,2)" = $'Ann Lee\t3' ]
    ! grep -q $'\x1b' odd || false
    [ "$(tail -n 1 odd | tr -cd '\t' | wc -c)" = 2 ]
    fails stream-ls --table --fields key,size all.faces
    [[ $output == *"no column 'size'; there are: frame, row, "*key* ]]
    misused stream-ls --fields key all.faces
    misused stream-ls --table --json all.faces
    head -c 1000 all.faces | fails stream-ls --table
}

@test "--min-images: people with fewer are gone, from a file and from a pipe" {
    stream-cat --min-images 3 all.faces -o some
    [ "$(people some)" = "0:5 1:5 2:5 3:5 4:5" ]
    stream-cat -q all.faces | stream-cat --min-images 3 >piped
    cmp <(column some image) <(column piped image)
    stream-cat --min-images 6 all.faces -o none
    [ "$(people none)" = "" ]
    # A person's rows of several files count together, and the rest is what is missing.
    stream-cat -q --min-images 3 --rest rest two.faces five.faces -o some
    [ "$(people some)" = "0:5 1:5 2:5 3:5 4:5" ]
    [ "$(people rest)" = "5:2 6:2 7:2 8:2 9:2" ]
}

@test "--split: whole people, the share that was asked for, by the seed" {
    stream-cat --split 0.8 --rest rest all.faces -o main
    [ "$(table main label | sort -u | wc -l)" = 8 ]
    [ "$(table rest label | sort -u | wc -l)" = 2 ]
    [ "$(cat <(table main key) <(table rest key) | sort | uniq -u | wc -l)" = 35 ]
    [ -z "$(comm -12 <(table main label | sort -u) <(table rest label | sort -u))" ]
    stream-cat --split 0.8 all.faces -o again
    cmp main again
    for seed in 2 3 4 5 6; do
        stream-cat --split 0.8 --seed $seed all.faces | stream-ls --table --fields label | sort -u | md5sum
    done | sort -u >drawn
    [ "$(wc -l <drawn)" -gt 1 ]
    misused stream-cat --split 1.5 all.faces
    misused stream-cat --rest rest all.faces
    misused stream-cat --seed 2 all.faces
}

@test "--sample: so many rows in their order; more than there are is all" {
    stream-cat --sample 10 all.faces -o some
    table some key >keys
    [ "$(wc -l <keys)" = 10 ]
    [ "$(sort -u keys | wc -l)" = 10 ]
    grep -xFf keys <(table all.faces key) | cmp - keys
    stream-cat --sample 100 all.faces | stream-ls --table --fields key | tail -n +2 | cmp - <(table all.faces key)
    [ "$(stream-cat --sample 0 all.faces | stream-ls --table | wc -l)" = 1 ]
    # Every row is drawn about as often as any other: 35 rows, 10 at a time, 40 times.
    for seed in $(seq 40); do
        stream-cat --sample 10 --seed "$seed" all.faces | stream-ls --table --fields row,key | cut -f 2
    done | grep / | sort | uniq -c | awk '{ n++; x = $1 - 400 / 35; chi += x * x / (400 / 35) }
        END { exit !(n == 35 && chi < 70) }'
}

@test "--keep and --drop: keys, labels, names, new labels, from standard input" {
    table all.faces key | sed -n '3p;30p' >keys
    stream-cat --keep keys all.faces -o kept
    cmp <(table kept key) keys
    stream-cat --drop keys all.faces -o left
    table left key | cmp - <(grep -vxFf keys <(table all.faces key))
    printf '3\n7\n' | stream-cat --keep - all.faces -o kept
    [ "$(people kept)" = "3:5 7:2" ]
    printf 'label\tlabel\n3\t40\n7\t41\n' >list
    stream-cat --keep list --rest rest all.faces -o kept
    [ "$(people kept)" = "40:5 41:2" ]
    [ "$(people rest)" = "0:5 1:5 2:5 4:5 5:2 6:2 8:2 9:2" ]
    # What --table prints is a list, and changes nothing.
    stream-ls --table --fields key,label all.faces >list
    stream-cat --keep list all.faces -o kept
    cmp <(table kept key,label) <(table all.faces key,label)
    cmp <(column kept image) <(column all.faces image)
    # An edited list: two people become one, and CRLF does not matter.
    sed 's/\t1$/\t0/; s/$/\r/' list >edited
    stream-cat --keep edited all.faces -o kept
    [ "$(people kept)" = "0:10 2:5 3:5 4:5 5:2 6:2 7:2 8:2 9:2" ]
    printf 'Ann\n' >who
    frame kind=faces last=1 label:I64:3:0,1,0 name:U8:9:=AnnBobAnn name_end:I64:3:3,6,9 >named
    [ "$(stream-cat --keep who --by name named | stream-ls --table --fields name | tail -n +2 | sort -u)" = Ann ]
}

@test "lists that cannot be: words and lines, and nothing is written" {
    printf 'nobody\n' >list
    stream-cat --drop list all.faces -o same 2>said
    [ "$(cat said)" = "stream-cat: 1 name of the lists no row has (the first: nobody)" ]
    printf 'a\t1\na\t2\n' >list
    fails stream-cat --keep list all.faces -o no
    [[ $output == *"list, line 2: 'a' occurs before, with another label"* ]]
    printf 'a\tfoo\n' >list
    fails stream-cat --keep list all.faces -o no
    [[ $output == *"list, line 1: 'foo' is no label"* ]]
    printf 'a\0b\n' >list
    fails stream-cat --keep list all.faces -o no
    printf 'name\nAnn\n' >list
    fails stream-cat --keep list all.faces -o no
    [[ $output == *"its rows have no names, by which list picks"* ]]
    fails stream-cat --keep nowhere all.faces -o no
    misused stream-cat --by key all.faces
    [ ! -e no ]
}

@test "--relabel: dense numbers; files whose labels clash stay apart, names bring them together" {
    stream-cat -q --relabel two.faces five.faces -o new
    [ "$(people new)" = "0:2 1:2 2:2 3:2 4:2 5:5 6:5 7:5 8:5 9:5" ]
    stream-cat -q five.faces five.faces -o clash 2>&1
    [ "$(people clash)" = "0:10 1:10 2:10 3:10 4:10" ]
    cp five.faces others.faces
    stream-cat five.faces others.faces -o clash 2>said
    grep -q -- "--relabel" said
    stream-cat -q --relabel five.faces others.faces -o apart
    [ "$(people apart)" = "0:5 1:5 2:5 3:5 4:5 5:5 6:5 7:5 8:5 9:5" ]
    stream-cat --drop <(printf '0\n2\n') --relabel all.faces -o dense
    [ "$(people dense)" = "0:5 1:5 2:5 3:2 4:2 5:2 6:2 7:2" ]
    frame kind=faces last=1 label:I64:2:7,-1 name:U8:3:=Ann name_end:I64:2:3,3 >a
    frame kind=faces last=1 label:I64:2:7,5 name:U8:6:=BobAnn name_end:I64:2:3,6 >b
    [ "$(stream-cat -q --relabel a b | stream-ls --table --fields label,name | tail -n +2)" = \
        $'0\tAnn\n-1\t\n1\tBob\n0\tAnn' ]
}

@test "the number of identities is not passed on: it may be another one" {
    frame kind=faces identities=9 colour=red last=1 label:I64:3:0,1,8 >nine
    stream-cat --keep <(echo 1) nine | stream-ls -l >said
    grep -q "colour: red" said
    [ "$(grep -c identities said)" = 0 ]
}

@test "picked rows go into other formats, and merged" {
    stream-cat --min-images 3 --sample 4 --to folder -o images all.faces
    [ "$(find images -name '*.jpg' | wc -l)" = 4 ]
    stream-cat --merge -q --split 0.5 five.faces two.faces -o one
    [ "$(stream-ls one | grep -c faces)" = 1 ]
}

@test "a label that stands for people of different names is told of" {
    mkdir -p a/ada b/bob
    face-synth -q --identities 1 --images 1 --size 16 --format tar -o - | tar -xO >a/ada/1.jpg
    cp a/ada/1.jpg b/bob/2.jpg
    face-pack -q -o a.faces a
    face-pack -q -o b.faces b
    run -0 --separate-stderr stream-cat -o both a.faces b.faces
    [[ $stderr == *"1 label stands for people of different names in different files (the first: 0, ada in a.faces and \
bob in b.faces)"*"--relabel"* ]]
    run -0 --separate-stderr stream-cat --relabel -o both a.faces b.faces
    [ -z "$stderr" ]
    [ "$(stream-ls --table --fields label,name both | sed 1d | tr '\t\n' '  ')" = "0 ada 1 bob " ]
}
