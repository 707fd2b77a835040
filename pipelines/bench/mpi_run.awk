# What a run of several processes did, from its log and then what it said: images/s of the steps but the first
# (rates, n), steps, seconds waited in exchanges and behind the backward pass, MB sent, short messages a step, and
# the ms a step that were predicted.
FNR == 1 { file++ }
file == 1 && FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
file == 1 && FNR > 2 { rates = rates " " $column["images_per_second"]; n++ }
file == 1 { steps = FNR - 1 }
file == 2 && match($0, /waits for [0-9]+ short messages/) { messages = substr($0, RSTART + 10) + 0 }
file == 2 && match($0, /predicted: [0-9]+ ms/) { predicted = substr($0, RSTART + 11) + 0 }
file == 2 && / processes: .* waiting for others/ {
    split($0, part, /[ (]+/)
    for (i in part) {
        if (part[i] == "waiting") exchanging = part[i - 2]
        if (part[i] == "sent);") sent += part[i - 2]
        if (part[i] == "waited") behind = part[i + 1]
        if (part[i] == "pass") sent += part[i + 1]
    }
}
