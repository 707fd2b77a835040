#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

int report_open(Report *report, const char *path, int64_t done, const HeadInfo *head, Err *err)
{
    *report = (Report){.begun = cli_clock(), .traits = head_traits(head)};
    return path != NULL ? log_open(&report->log, path, log_of_steps, done, err) : 0;
}

void report_close(Report *report)
{
    Err ignored = {0}; /* every line was flushed and its errors reported */
    log_close(&report->log, &ignored);
}

static void pairing_add(HeadPairing *sum, const HeadPairing *more)
{
    sum->rows += more->rows;
    sum->g += more->g;
    sum->h += more->h;
    sum->gg += more->gg;
    sum->hh += more->hh;
    sum->gh += more->gh;
}

void report_add(Report *report, const TrainingStats *stats, double lr, const Feed *feed)
{
    LogLine *line = &report->line;
    line->lr = lr;
    line->loss += stats->head.loss;
    line->own_cosine += stats->head.own_cosine;
    line->hard += stats->head.hard;
    line->margin += stats->head.margin;
    line->gradient += stats->gradient;
    for (int k = 0; k < 3; k++)
        line->norm[k] += stats->norm[k];
    line->past_pi += stats->head.past_pi;
    line->top1 += stats->head.top1;
    pairing_add(&report->pairing, &stats->head.pairing);
    pairing_add(&report->nearest, &stats->head.nearest);
    line->distil += stats->distil;
    line->epoch = feed->epoch;
    report->steps++;
    report->images += feed->faces.rows.n;
}

/* A margin loss that slides, at too high a rate, to an own cosine near -1 stays there: its slope is
 * almost zero. At the start the mean is 0 but for chance, whose deviation is that of as many random
 * pairs as there are different ones. */
void report_watch(Report *report, const TrainingStats *stats, const TrainingConfig *config)
{
    enum { STEPS = 20 };
    double different = (double)config->batch;
    if (config->identities < config->batch)
        different = (double)config->identities;
    if (report->warned)
        return;
    report->cosines += stats->head.own_cosine / STEPS;
    if (++report->counted < STEPS)
        return;
    if (report->cosines < -0.1 - 2 / sqrt(config->embedding * different)) {
        cli_warn("the mean own cosine over the last %d steps is %.2f: embeddings turn away from "
                 "their own centres; a lower --lr, a longer --warmup or a smaller scale "
                 "(--head-option s=...) may help",
                 STEPS, report->cosines);
        report->warned = true;
    }
    report->cosines = 0;
    report->counted = 0;
}

/* Sums become means; what the head does not have is not there. */
static void finish_line(LogLine *line, const Report *report)
{
    double n = (double)report->steps;
    line->loss /= n;
    line->own_cosine /= n;
    line->hard = report->traits.hard ? line->hard / n : NAN;
    line->margin = report->traits.margin ? line->margin / n : NAN;
    line->gradient /= n;
    line->correlation = head_correlation(&report->pairing);
    line->nearest = head_correlation(&report->nearest);
    line->distil = report->distils ? line->distil / n : NAN;
    for (int k = 0; k < 3; k++)
        line->norm[k] /= n;
    line->past_pi /= n;
    line->top1 /= n;
    line->rewinds = report->rewinds;
}

static void begin_line(Report *report, double now, const Feed *feed)
{
    report->line = (LogLine){0};
    report->pairing = report->nearest = (HeadPairing){0};
    report->steps = report->images = 0;
    report->begun = now;
    report->waited = feed->waited;
}

int report_back(Report *report, int64_t done, int rewinds, const Feed *feed, Err *err)
{
    report->rewinds = rewinds;
    report->cosines = 0;
    report->counted = 0;
    begin_line(report, cli_clock(), feed);
    return log_back(&report->log, done, err);
}

enum { PART = 32 };

/* "-" for what is not there. */
static const char *number(char text[PART], const char *format, double value)
{
    if (isfinite(value))
        snprintf(text, PART, format, value);
    else
        snprintf(text, PART, "-");
    return text;
}

/* ", 2 h 5 min left" of the whole run, or nothing where its end is not known. */
static const char *time_left(char text[PART], int64_t steps, double seconds_per_step)
{
    double seconds = (double)steps * seconds_per_step, minutes = floor(seconds / 60);
    text[0] = '\0';
    if (steps < 0 || !(seconds < 1e9))
        return text;
    if (seconds < 100)
        snprintf(text, PART, ", %.0f s left", seconds);
    else if (minutes < 100)
        snprintf(text, PART, ", %.0f min left", minutes);
    else if (minutes < 48 * 60)
        snprintf(text, PART, ", %.0f h %.0f min left", floor(minutes / 60), fmod(minutes, 60));
    else
        snprintf(text, PART, ", %.0f d %.0f h left", floor(minutes / 1440),
                 fmod(floor(minutes / 60), 24));
    return text;
}

/* In two lines, so that none is longer than a terminal is wide. */
static void tell(const Report *report, const Feed *feed, double seconds_per_step)
{
    const LogLine *line = &report->line;
    char of[PART] = "", hard[PART], margin[PART], left[PART];
    if (report->epochs > 0)
        snprintf(of, sizeof of, " of %" PRId64, report->epochs);
    cli_note("step %" PRId64 ", epoch %" PRId64 "%s: loss %.4f, own cosine %.3f, lr %.4g",
             line->step, line->epoch + 1, of, line->loss, line->own_cosine, line->lr);
    cli_note("  %s hard, margin %s; %.1f images/s, %.0f%% waiting%s",
             number(hard, "%.0f", line->hard), number(margin, "%.3f", line->margin),
             line->images_per_second, 100 * line->waiting,
             time_left(left, feed->batches - line->step, seconds_per_step));
}

int report_line(Report *report, int64_t step, const Feed *feed, Err *err)
{
    LogLine *line = &report->line;
    double now = cli_clock(), seconds = now - report->begun;
    if (report->steps == 0)
        return 0;
    line->step = step;
    line->images_per_second = (double)report->images / seconds;
    line->waiting = (feed->waited - report->waited) / seconds;
    finish_line(line, report);
    tell(report, feed, seconds / (double)report->steps);
    int rc = report->log.f != NULL ? log_put(&report->log, line, err) : 0;
    begin_line(report, now, feed);
    return rc;
}
