#include "train/schedule_internal.h"

#include <math.h>
#include <stdlib.h>

int schedule_parse_milestones(Schedule *schedule, const char *text, Err *err)
{
    schedule->milestones = 0;
    for (const char *at = text; *at != '\0';) {
        char *end;
        long epoch = *at >= '0' && *at <= '9' ? strtol(at, &end, 10) : 0;
        int n = schedule->milestones;
        if (epoch < 1 || (*end != '\0' && *end != ',') || n == SCHEDULE_MILESTONES ||
            (n > 0 && epoch <= schedule->milestone[n - 1]))
            return err_set(
                err, "milestones '%s': not up to %d increasing numbers of epochs, such as 10,13",
                text, SCHEDULE_MILESTONES);
        schedule->milestone[schedule->milestones++] = epoch;
        at = *end == ',' ? end + 1 : end;
    }
    return 0;
}

static double decay(const Schedule *schedule, int64_t step, int64_t epoch)
{
    if (schedule->kind != SCHEDULE_STEPS) {
        double length = (double)(schedule->total - schedule->warmup);
        double left = 1 - (double)(step - schedule->warmup) / length;
        if (!(left > 0))
            return 0;
        return schedule->kind == SCHEDULE_COSINE ? (1 - cos(M_PI * left)) / 2
                                                 : pow(left, schedule->power);
    }
    double factor = 1;
    for (int i = 0; i < schedule->milestones && schedule->milestone[i] <= epoch; i++)
        factor *= schedule->gamma;
    return factor;
}

double schedule_rate(const Schedule *schedule, int64_t step, int64_t epoch)
{
    if (step < schedule->warmup)
        return schedule->lr * (double)(step + 1) / (double)schedule->warmup;
    return schedule->lr * decay(schedule, step, epoch);
}
