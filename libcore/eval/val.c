#include "eval/val.h"

#include <math.h>

enum { DISTANCES = 4000 };

/* InsightFace's i-th threshold, i = 0 .. DISTANCES - 1 */
static double distance_at(int i)
{
    return i * 0.001;
}

static double distance_of(float score)
{
    return 2 - 2 * (double)score;
}

/* The first threshold that accepts this distance, or DISTANCES */
static int first_accepting(double d)
{
    int i = d > 0 ? (int)fmin(d * 1000, DISTANCES) : 0;
    while (i > 0 && d < distance_at(i - 1))
        i--;
    while (i < DISTANCES && !(d < distance_at(i)))
        i++;
    return i;
}

/* The threshold of this FAR on all folds but k; NaN without impostors there. */
static double threshold_of(const FoldScores *s, int k, double far)
{
    int64_t accepted_from[DISTANCES + 1] = {0}, impostors = 0, accepted = 0;
    for (int64_t i = 0; i < s->n; i++)
        if (s->fold[i] != k && !s->same[i]) {
            accepted_from[first_accepting(distance_of(s->score[i]))]++;
            impostors++;
        }
    if (impostors == 0)
        return NAN;
    double before = 0;
    for (int i = 0; i < DISTANCES; i++) {
        accepted += accepted_from[i];
        double at = (double)accepted / (double)impostors;
        if (at >= far && i == 0)
            return 0;
        if (at >= far)
            return distance_at(i - 1) +
                   (far - before) / (at - before) * (distance_at(i) - distance_at(i - 1));
        before = at;
    }
    return 0;
}

static ValFold measure_fold(const FoldScores *s, int k, double far)
{
    ValFold fold = {threshold_of(s, k, far), NAN, NAN};
    int64_t n[2] = {0}, accepted[2] = {0};
    for (int64_t i = 0; i < s->n; i++)
        if (s->fold[i] == k) {
            n[s->same[i]]++;
            accepted[s->same[i]] += distance_of(s->score[i]) < fold.threshold;
        }
    if (n[0] > 0 && n[1] > 0 && !isnan(fold.threshold)) {
        fold.val = (double)accepted[1] / (double)n[1];
        fold.far = (double)accepted[0] / (double)n[0];
    }
    return fold;
}

Val val_at_far(ValFold *fold, const FoldScores *s, double far)
{
    Val val = {0, NAN, NAN, NAN};
    double sum = 0, fars = 0, squares = 0;
    for (int k = 0; k < s->folds; k++) {
        fold[k] = measure_fold(s, k, far);
        if (isnan(fold[k].val))
            continue;
        sum += fold[k].val;
        fars += fold[k].far;
        val.folds++;
    }
    if (val.folds == 0)
        return val;
    val.mean = sum / val.folds;
    val.far = fars / val.folds;
    for (int k = 0; k < s->folds; k++)
        if (!isnan(fold[k].val))
            squares += (fold[k].val - val.mean) * (fold[k].val - val.mean);
    val.spread = sqrt(squares / val.folds);
    return val;
}
