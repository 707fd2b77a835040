# tensor-stream(5): the programs of its examples read and write what ours do.
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    # The Python programs, as a reader of the page would type them
    examples "$BATS_TEST_DIRNAME/../man/tensor-stream.5" |
        sed -n "/^cat >.*EOF'\$/,/^EOF\$/p" >programs
    bash -eu programs
    frame kind=model last=1 weight:F32:2,3:.5,-1,2,4,8,16 bias:F64:1:.25 count:I64::-7 >model
    { frame kind=faces by=me image:U8:2,1,1,3:1,2,3,4,5,250 label:I64:2:7,-1
        frame kind=faces last=1 other=x image:U8:1,1,1,3:0,0,255 label:I64:1:9; } >faces
}

@test "show.py: a reader of ten lines prints the shapes and numbers of a model" {
    [ "$(wc -l <show.py)" -le 10 ]
    run -0 python3 show.py model
    [ "$output" = "bias 1 0.25
count -7
weight 2 3 0.5 -1.0 2.0 4.0" ]
}

@test "show.py agrees with stream-ls on a merged stream" {
    stream-cat --merge faces -o merged
    run -0 python3 show.py merged
    [ "${lines[0]}" = "label 3 7 -1 9" ]
    [ "${lines[1]}" = "image 3 1 1 3 1 2 3 4" ]
    stream-ls --json merged >json
    python3 -c '
import json
for t in json.loads(open("json").readline())["tensors"]:
    print(t["name"], *t["shape"])' >shapes
    [ "$(wc -l <shapes)" -eq "${#lines[@]}" ]
    for i in "${!lines[@]}"; do
        read -r shape
        [[ ${lines[i]} == "$shape "* ]]
    done <shapes
}

@test "negative.py: what a filter of twenty lines writes is a sound stream" {
    python3 negative.py <faces >negative
    run -0 stream-ls negative
    [[ $output == *"by: me"*"2 frames, 3 rows"*"whole" ]]
    stream-cat --merge negative -o merged
    run -0 python3 show.py merged
    [ "${lines[0]}" = "label 3 7 -1 9" ]
    [ "${lines[1]}" = "image 3 1 1 3 254 253 252 251" ]
    python3 negative.py <negative >again
    stream-cat --select image,label again | cmp - <(stream-cat --select image,label faces)
}

@test "negative.py refuses cut and damaged streams" {
    head -c 250 faces >cut
    run -1 bash -c 'python3 negative.py <cut >out'
    head -c "$(frame kind=faces by=me image:U8:2,1,1,3:1,2,3,4,5,250 label:I64:2:7,-1 | wc -c)" \
        faces >cut
    run -1 bash -c 'python3 negative.py <cut >out'
    [[ $output == *"negative.py: cut"* ]]
    frame -c 00000000 kind=faces last=1 label:I64:1:9 >bad
    run -1 bash -c 'python3 negative.py <bad >out'
    [[ $output == *"negative.py: damaged"* ]]
}
