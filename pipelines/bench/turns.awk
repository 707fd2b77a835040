# What turns.py prints, to be read: awk -f turns.awk turns
BEGIN { FS = "\t" }
{
    printf "%s: %.2f s (%.2f to %.2f; the first, not measured, %.2f), %d MiB", $1, $2, $3, $4, $5, $6
    printf $7 == "NA" ? "\n" : ", %.2f s of processors\n", $7
}
