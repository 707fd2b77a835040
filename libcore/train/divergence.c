#include "train/divergence_internal.h"

#include <math.h>
#include <string.h>

#include "base/sort_internal.h"
#include "train/parts_internal.h"

static double median(const double *value, int n)
{
    double sorted[DIVERGENCE_WINDOW];
    memcpy(sorted, value, (size_t)n * sizeof *value);
    sort_doubles(sorted, (size_t)n);
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

static double least(const double *value, int n)
{
    double found = value[0];
    for (int i = 1; i < n; i++)
        found = fmin(found, value[i]);
    return found;
}

bool divergence_sees(Divergence *d, double loss, double margin, double scale, double *bound)
{
    int n = d->seen < DIVERGENCE_WINDOW ? (int)d->seen : DIVERGENCE_WINDOW;
    *bound = INFINITY;
    if (n >= DIVERGENCE_LEAST) {
        double grown = fmax(0, margin - least(d->margin, n));
        *bound = fmax(1, DIVERGENCE_FACTOR * median(d->loss, n) + scale * grown);
    }
    if (!(loss <= *bound))
        return (d->suspect += 1) >= DIVERGENCE_STEPS;
    int at = (int)fmod(d->seen, DIVERGENCE_WINDOW);
    d->loss[at] = loss;
    d->margin[at] = margin;
    d->seen += 1;
    d->suspect = 0;
    return false;
}

void training_watch(Training *training)
{
    training->watched = true;
}

/* The scale of the logits: an option of most heads, else the length of the embedding. */
static double logit_scale(const HeadOptions *options, double norm)
{
    const HeadOption *option = options->info->options;
    for (int k = 0; option[k].name != NULL; k++)
        if (strcmp(option[k].name, "s") == 0)
            return options->value[k];
    return norm;
}

bool training_diverges(Training *training, const TrainingStats *stats, double *bound)
{
    return divergence_sees(&training->divergence, stats->head.loss, stats->head.margin,
                           logit_scale(&training->config.head, stats->head.norm), bound);
}
