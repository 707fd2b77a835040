# The 95 % interval of a mean difference over seeds, for people and seeds alike.
#
# Every seed has its difference and the interval of that over resampled identities. The identities tested are
# the same for all seeds, so their part does not shrink with the number of seeds: it is the mean of the seeds'
# half widths. The seeds' part is Student's t times the standard error of the mean. The two, taken for
# independent, add as squares. That is a little wide, for the seeds' spread and the resamples both contain
# what a net does on one person and not on another. One seed has the identities' part alone.
#
# After interval(difference, low, high, n), with arrays numbered from 1: interval_mean, interval_low,
# interval_high, and interval_sd, the standard deviation of the differences (0 for one seed).
BEGIN { split("12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262", student_t, " ") }
function interval(difference, low, high, n,    k, below, above, squares, seeds)
{
    interval_mean = 0
    for (k = 1; k <= n; k++) {
        interval_mean += difference[k] / n
        below += (difference[k] - low[k]) / n
        above += (high[k] - difference[k]) / n
    }
    for (k = 1; k <= n; k++)
        squares += (difference[k] - interval_mean) ^ 2
    interval_sd = n > 1 ? sqrt(squares / (n - 1)) : 0
    seeds = n > 1 ? student_t[n > 10 ? 9 : n - 1] * interval_sd / sqrt(n) : 0
    interval_low = interval_mean - sqrt(below ^ 2 + seeds ^ 2)
    interval_high = interval_mean + sqrt(above ^ 2 + seeds ^ 2)
}
