#include "report/histogram_internal.h"

void report_histogram(FILE *out, const Histogram *histogram)
{
    int first = 0, last = HISTOGRAM_BINS - 1;
    while (first < last && histogram->genuine[first] + histogram->impostor[first] == 0)
        first++;
    while (last > first && histogram->genuine[last] + histogram->impostor[last] == 0)
        last--;
    fputs("low\thigh\tgenuine\timpostor\n", out);
    for (int bin = first; bin <= last; bin++)
        fprintf(out, "%.2f\t%.2f\t%lld\t%lld\n", (double)bin / (HISTOGRAM_BINS / 2) - 1,
                (double)(bin + 1) / (HISTOGRAM_BINS / 2) - 1, (long long)histogram->genuine[bin],
                (long long)histogram->impostor[bin]);
}
