# ROC curves from the tables that eval-roc --roc writes, over each other, as SVG:
#
#     gnuplot -c roc.gp OUTPUT.svg CURVE.roc...
#
# The legend names each curve after its file, without .roc or .roc.tsv.
if (ARGC < 2) {
    printerr "usage: gnuplot -c roc.gp OUTPUT.svg CURVE.roc..."
    exit status 2
}
# Before the output is opened, so that nothing half-made is left behind.
do for [i = 2:ARGC] {
    if (int(system(sprintf("test -r '%s' && wc -l <'%s' || echo 0", ARGV[i], ARGV[i]))) < 2) {
        printerr sprintf('roc.gp: %s: no curve to draw', ARGV[i])
        exit status 1
    }
}
set terminal svg size 800,600 dynamic background rgb 'white' font 'sans-serif,14'
set output ARG1
set datafile separator tab
set datafile missing 'NA'
set logscale x
set format x '10^{%T}'
set xlabel 'false accept rate'
set ylabel 'true accept rate'
set xrange [*:1]
set yrange [0:1]
set ytics 0.1
set grid xtics ytics linetype 1 linecolor rgb '#d0d0d0'
set key bottom right reverse Left samplen 2
set border 3
set tics nomirror
name(path) = system(sprintf("basename '%s' | sed 's/[.]tsv$//; s/[.]roc$//'", path))
# FAR 0 has no place on a logarithmic axis; columns by number, the header skipped
plot for [i = 2:ARGC] ARGV[i] every ::1 \
    using ($1 > 0 ? $1 : NaN):2 with lines linewidth 2 title name(ARGV[i]) noenhanced
