/* Progress of long work: a bar on a terminal, elsewhere a line now and then. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

double cli_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

Progress progress_begin(const char *what, int64_t total)
{
    double now = cli_clock();
    return (Progress){.what = what, .total = total, .begun = now, .shown = now};
}

static void draw_bar(const Progress *progress, double elapsed)
{
    enum { WIDTH = 24 };
    double rate = (double)progress->done / elapsed;
    if (progress->total <= 0) {
        fprintf(stderr, "\r%s: %lld %s, %.0f/s \033[K", cli_tool->name, (long long)progress->done,
                progress->what, rate);
    } else {
        double part = (double)progress->done / (double)progress->total;
        int filled = (int)((double)WIDTH * (part < 1 ? part : 1));
        fprintf(stderr, "\r%s: [%.*s%*s] %3.0f%% %lld %s, %.0f/s, %.0f s left \033[K",
                cli_tool->name, filled, "========================", WIDTH - filled, "", 100 * part,
                (long long)progress->done, progress->what, rate,
                rate > 0 ? (double)(progress->total - progress->done) / rate : 0);
    }
    fflush(stderr);
    cli_bar_shown = true;
}

void progress_step(Progress *progress, int64_t more)
{
    progress->done += more;
    double now = cli_clock(), elapsed = now - progress->begun;
    bool terminal = isatty(STDERR_FILENO);
    if (cli_tool->quiet || now - progress->shown < (terminal ? 0.1 : 30))
        return;
    progress->shown = now;
    if (terminal)
        draw_bar(progress, elapsed);
    else if (progress->total > 0)
        cli_note("%lld of %lld %s, %.0f %%, %.0f/s, %.0f s left", (long long)progress->done,
                 (long long)progress->total, progress->what,
                 100 * (double)progress->done / (double)progress->total,
                 (double)progress->done / elapsed,
                 (double)(progress->total - progress->done) * elapsed / (double)progress->done);
    else
        cli_note("%lld %s so far, %.0f/s", (long long)progress->done, progress->what,
                 (double)progress->done / elapsed);
}

void progress_end(void)
{
    cli_clear_bar();
}
