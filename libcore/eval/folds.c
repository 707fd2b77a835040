#include "eval/folds.h"

#include <math.h>
#include <stddef.h>

enum { DISTANCES = 400, STEPS = 1000 };

/* Means over the folds that have an accuracy; the variance divides by their number less ddof. */
static Accuracy average(const Fold *fold, int folds, int ddof)
{
    Accuracy a = {0, NAN, NAN};
    double sum = 0, squares = 0;
    for (int k = 0; k < folds; k++)
        if (!isnan(fold[k].accuracy)) {
            sum += fold[k].accuracy;
            a.folds++;
        }
    if (a.folds == 0)
        return a;
    a.mean = sum / a.folds;
    for (int k = 0; k < folds; k++)
        if (!isnan(fold[k].accuracy))
            squares += (fold[k].accuracy - a.mean) * (fold[k].accuracy - a.mean);
    if (a.folds > ddof)
        a.spread = sqrt(squares / (a.folds - ddof));
    return a;
}

static int64_t weight_of(const FoldScores *s, int64_t i)
{
    return s->weight != NULL ? s->weight[i] : 1;
}

/* InsightFace's i-th threshold, i = 0 .. DISTANCES - 1 */
static double distance_at(int i)
{
    return i * 0.01;
}

/* The first threshold that accepts this cosine, or DISTANCES */
static int first_accepting(float score)
{
    double d = 2 - 2 * (double)score;
    int i = d > 0 ? (int)fmin(d * 100, DISTANCES) : 0;
    while (i > 0 && d < distance_at(i - 1))
        i--;
    while (i < DISTANCES && !(d < distance_at(i)))
        i++;
    return i;
}

/* correct[i]: how many pairs the i-th threshold decides rightly, of fold k alone, or of all the
 * others. Returns the number of these pairs. */
static int64_t count_correct(int64_t correct[DISTANCES], const FoldScores *s, int k, bool others)
{
    int64_t accepted_from[DISTANCES + 1] = {0}, pairs = 0, impostors = 0;
    for (int64_t i = 0; i < s->n; i++) {
        if ((s->fold[i] == k) == others)
            continue;
        int64_t weight = weight_of(s, i);
        pairs += weight;
        impostors += s->same[i] ? 0 : weight;
        accepted_from[first_accepting(s->score[i])] += s->same[i] ? weight : -weight;
    }
    int64_t sum = impostors;
    for (int i = 0; i < DISTANCES; i++)
        correct[i] = sum += accepted_from[i];
    return pairs;
}

Accuracy folds_insightface(Fold *fold, const FoldScores *s)
{
    for (int k = 0; k < s->folds; k++) {
        int64_t others[DISTANCES], own[DISTANCES];
        int64_t other_pairs = count_correct(others, s, k, true);
        int64_t pairs = count_correct(own, s, k, false);
        int best = 0;
        for (int i = 1; i < DISTANCES; i++)
            if (others[i] > others[best])
                best = i;
        fold[k] = (Fold){pairs, NAN, NAN};
        if (other_pairs > 0)
            fold[k].threshold = distance_at(best);
        if (pairs > 0 && other_pairs > 0)
            fold[k].accuracy = (double)own[best] / (double)pairs;
    }
    return average(fold, s->folds, 0);
}

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
        if (s->fold[i] != k && weight_of(s, i) > 0) {
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
            (s->same[i] ? genuine : impostor)[steps_below(&steps, s->score[i])] += weight_of(s, i);
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

Accuracy folds_facexzoo(Fold *fold, const FoldScores *s)
{
    for (int k = 0; k < s->folds; k++) {
        int64_t correct = 0;
        fold[k] = (Fold){0, best_step(s, k), NAN};
        for (int64_t i = 0; i < s->n; i++) {
            if (s->fold[i] != k)
                continue;
            fold[k].pairs += weight_of(s, i);
            if (s->same[i] ? s->score[i] > fold[k].threshold : s->score[i] < fold[k].threshold)
                correct += weight_of(s, i);
        }
        if (fold[k].pairs > 0 && !isnan(fold[k].threshold))
            fold[k].accuracy = (double)correct / (double)fold[k].pairs;
    }
    Accuracy a = average(fold, s->folds, 1);
    a.spread /= sqrt(a.folds);
    return a;
}
