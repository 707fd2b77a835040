# The table of bench-io.mk, from lines of: what, seconds; "decode" has the number of files and the seconds
# of its first time too. awk -f median.awk -f io_table.awk -v warm=ROUNDS -v threads=N -v bytes=SIZE

function line(title, what, rate)
{
    printf "%s\t%.2f\t%.2f\t%s\n", title, time[what], first[what], rate
}

!($1 in rounds) { first[$1] = $1 == "decode" ? $4 : $2 }
++rounds[$1] > warm { seconds[$1] = seconds[$1] " " $2 }
$1 == "decode" { files = $3 }

END {
    for (what in rounds)
        time[what] = median(seconds[what], rounds[what] - warm)
    printf "%d files, %.0f MB, %d threads\n", files, bytes / 1e6, threads
    print "what\tseconds\tfirst_unmeasured\trate"
    line("libjpeg-turbo alone, files in memory", "decode", sprintf("%.0f files/s", files / time["decode"]))
    line("--store raw, aligned", "raw", sprintf("%.0f files/s, %.0f %% of libjpeg-turbo",
        files / time["raw"], 100 * time["decode"] / time["raw"]))
    line("--store jpeg", "jpeg", sprintf("%.0f MB/s", bytes / 1e6 / time["jpeg"]))
    line("--store jpeg --unchecked", "jpeg-unchecked",
        sprintf("%.0f MB/s", bytes / 1e6 / time["jpeg-unchecked"]))
    line("cat of the archive", "cat", "")
}
