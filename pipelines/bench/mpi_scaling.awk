# A line of scaling.tsv from the log of a run and what it said: net, processes, threads, images/s, ms a
# step waited in exchanges, ms it waited for gradients, MB a step sent, short messages a step.
BEGIN { FS = "\t"; split(way, w, "x") }
FNR == 1 { file++ }
file == 1 && FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
file == 1 && FNR > 2 { rates = rates " " $column["images_per_second"]; n++ }
file == 1 { steps = FNR - 1 }
file == 2 && /waits for [0-9]+ messages/ { match($0, /for [0-9]+ messages/); messages = substr($0, RSTART + 4) + 0 }
file == 2 && / processes: .* waiting for others/ {
    split($0, part, /[ (]+/)
    for (i in part) {
        if (part[i] == "waiting") exchanging = part[i - 2]
        if (part[i] == "sent);") sent += part[i - 2]
        if (part[i] == "waited") behind = part[i + 1]
        if (part[i] == "pass") sent += part[i + 1]
    }
}
END {
    printf "%s\t%d\t%d\t%.1f\t%.2f\t%.2f\t%.2f\t%d\n", net, w[1], w[2], median(rates, n),
        1000 * exchanging / steps, 1000 * behind / steps, sent / steps, messages
}
