#include "report.h"

#include <inttypes.h>
#include <math.h>

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
    for (int k = 0; k < 3; k++)
        line->norm[k] /= n;
    line->past_pi /= n;
    line->top1 /= n;
    line->rewinds = report->rewinds;
}

static void begin_line(Report *report, double now, const Feed *feed)
{
    report->line = (LogLine){0};
    report->pairing = (HeadPairing){0};
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
    cli_note("step %" PRId64 ", epoch %" PRId64
             ": loss %.4f, own cosine %.3f, %.0f hard negatives, "
             "margin %.3f, lr %.4g; %.1f images/s, %.0f%% waiting",
             line->step, line->epoch, line->loss, line->own_cosine, line->hard, line->margin,
             line->lr, line->images_per_second, 100 * line->waiting);
    int rc = report->log.f != NULL ? log_put(&report->log, line, err) : 0;
    begin_line(report, now, feed);
    return rc;
}
