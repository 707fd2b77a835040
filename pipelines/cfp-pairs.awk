# awk -f cfp-pairs.awk -v dir=PROTOCOL -v kind=FF|FP: CFP's official lists as one of paths
#
# PROTOCOL has Pair_list_F.txt and Pair_list_P.txt (number, path) and Split/KIND/NN/same.txt and
# diff.txt (two numbers: of frontal faces, or for FP of a frontal and a profile one). Written are,
# fold by fold, "ID/frontal/NN.jpg ID/profile/NN.jpg 1", the genuine pairs before the others.

function fail(file)
{
    print "cfp-pairs: cannot read " file > "/dev/stderr"
    failed = 1
    exit 1
}

function read_paths(file, path,    line, part, n)
{
    while ((n = (getline line < file)) > 0) {
        sub(/\r$/, "", line)
        split(line, part, " ")
        sub(/^.*Images\//, "", part[2])
        path[part[1]] = part[2]
    }
    if (n < 0)
        fail(file)
    close(file)
}

function write_pairs(file, same,    line, part, n)
{
    while ((n = (getline line < file)) > 0) {
        sub(/\r$/, "", line)
        if (split(line, part, ",") != 2 || !(part[1] in first) || !(part[2] in second))
            fail(file)
        print first[part[1]], second[part[2]], same
    }
    if (n < 0)
        fail(file)
    close(file)
}

BEGIN {
    if (dir == "" || (kind != "FF" && kind != "FP")) {
        print "usage: awk -f cfp-pairs.awk -v dir=PROTOCOL -v kind=FF|FP" > "/dev/stderr"
        exit 1
    }
    read_paths(dir "/Pair_list_F.txt", first)
    read_paths(dir "/Pair_list_" (kind == "FF" ? "F" : "P") ".txt", second)
    for (fold = 1; fold <= 10; fold++) {
        split_dir = sprintf("%s/Split/%s/%02d", dir, kind, fold)
        write_pairs(split_dir "/same.txt", 1)
        write_pairs(split_dir "/diff.txt", 0)
    }
}
