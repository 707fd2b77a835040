#include "verify/facexzoo_internal.h"

#include <math.h>

enum { STEPS = 1000 };

/* FaceX-Zoo's thresholds under NumPy 1, which its authors ran: the span of the scores is a float,
 * the step, a scalar divided by a Python integer, is a double (under NumPy 2 it would be a float).
 */
typedef struct Steps {
    float least;
    double step;
} Steps;

static double step_at(const Steps *steps, int i)
{
    return steps->least + steps->step * i;
}

static Steps steps_between(const FoldScores *s, int k)
{
    float least = INFINITY, largest = -INFINITY;
    for (int64_t i = 0; i < s->n; i++)
        if (s->fold[i] != k && folds_weight(s, i) > 0) {
            least = fminf(least, s->score[i]);
            largest = fmaxf(largest, s->score[i]);
        }
    return (Steps){least, (double)(largest - least) / STEPS};
}

/* How many of the thresholds 1 .. STEPS are below this score; they ascend. */
static int steps_below(const Steps *steps, float score)
{
    int low = 0, high = STEPS + 1;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (step_at(steps, middle) < score)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The first threshold of the largest TPR - FPR on all folds but k; NaN without both kinds. */
static double best_step(const FoldScores *s, int k)
{
    int64_t genuine[STEPS + 2] = {0}, impostor[STEPS + 2] = {0};
    Steps steps = steps_between(s, k);
    for (int64_t i = 0; i < s->n; i++)
        if (s->fold[i] != k)
            (s->same[i] ? genuine : impostor)[steps_below(&steps, s->score[i])] +=
                folds_weight(s, i);
    for (int i = STEPS; i >= 0; i--) { /* now: above threshold i, or all of them at 0 */
        genuine[i] += genuine[i + 1];
        impostor[i] += impostor[i + 1];
    }
    if (genuine[0] == 0 || impostor[0] == 0)
        return NAN;
    int best = 0;
    double most = -INFINITY;
    for (int i = 1; i <= STEPS; i++) {
        double tpr = (double)genuine[i] / (double)genuine[0];
        double fpr = (double)impostor[i] / (double)impostor[0];
        if (tpr - fpr > most) {
            most = tpr - fpr;
            best = i;
        }
    }
    return step_at(&steps, best);
}

Accuracy facexzoo_accuracy(FoldAccuracy *fold, const FoldScores *s)
{
    for (int k = 0; k < s->folds; k++) {
        int64_t correct = 0;
        fold[k] = (FoldAccuracy){0, best_step(s, k), NAN};
        for (int64_t i = 0; i < s->n; i++) {
            if (s->fold[i] != k)
                continue;
            fold[k].pairs += folds_weight(s, i);
            if (s->same[i] ? s->score[i] > fold[k].threshold : s->score[i] < fold[k].threshold)
                correct += folds_weight(s, i);
        }
        if (fold[k].pairs > 0 && !isnan(fold[k].threshold))
            fold[k].accuracy = (double)correct / (double)fold[k].pairs;
    }
    Accuracy a = folds_mean(fold, s->folds, 1);
    a.spread /= sqrt(a.folds);
    return a;
}
