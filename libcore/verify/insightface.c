#include "verify/insightface_internal.h"

#include <math.h>

enum { HUNDREDTHS = 400, THOUSANDTHS = 4000 };

/* Thresholds 0, step, 2 * step ... as NumPy's arange(0, 4, step) rounds them */
typedef struct Thresholds {
    int n;
    double step, in_one; /* in_one: steps in a distance of 1 */
} Thresholds;

static const Thresholds hundredths = {HUNDREDTHS, 0.01, 100};
static const Thresholds thousandths = {THOUSANDTHS, 0.001, 1000};

static double threshold_at(Thresholds thresholds, int i)
{
    return i * thresholds.step;
}

static double distance_of(float score)
{
    return 2 - 2 * (double)score;
}

/* The first threshold that accepts this cosine, or how many there are: by division, and from there
 * by comparing, for the quotient may be rounded to the wrong side of a threshold. */
static int first_accepting(Thresholds thresholds, float score)
{
    double d = distance_of(score);
    int i = d > 0 ? (int)fmin(d * thresholds.in_one, thresholds.n) : 0;
    while (i > 0 && d < threshold_at(thresholds, i - 1))
        i--;
    while (i < thresholds.n && !(d < threshold_at(thresholds, i)))
        i++;
    return i;
}

/* correct[i]: how many pairs the i-th threshold decides rightly, of fold k alone, or of all the
 * others. Returns the number of these pairs. */
static int64_t count_correct(int64_t correct[HUNDREDTHS], const FoldScores *s, int k, bool others)
{
    int64_t accepted_from[HUNDREDTHS + 1] = {0}, pairs = 0, impostors = 0;
    for (int64_t i = 0; i < s->n; i++) {
        if ((s->fold[i] == k) == others)
            continue;
        int64_t weight = folds_weight(s, i);
        pairs += weight;
        impostors += s->same[i] ? 0 : weight;
        accepted_from[first_accepting(hundredths, s->score[i])] += s->same[i] ? weight : -weight;
    }
    int64_t sum = impostors;
    for (int i = 0; i < HUNDREDTHS; i++)
        correct[i] = sum += accepted_from[i];
    return pairs;
}

Accuracy insightface_accuracy(FoldAccuracy *fold, const FoldScores *s)
{
    for (int k = 0; k < s->folds; k++) {
        int64_t others[HUNDREDTHS], own[HUNDREDTHS];
        int64_t other_pairs = count_correct(others, s, k, true);
        int64_t pairs = count_correct(own, s, k, false);
        int best = 0;
        for (int i = 1; i < HUNDREDTHS; i++)
            if (others[i] > others[best])
                best = i;
        fold[k] = (FoldAccuracy){pairs, NAN, NAN};
        if (other_pairs > 0)
            fold[k].threshold = threshold_at(hundredths, best);
        if (pairs > 0 && other_pairs > 0)
            fold[k].accuracy = (double)own[best] / (double)pairs;
    }
    return folds_mean(fold, s->folds, 0);
}

/* The threshold of this FAR on all folds but k; NaN without impostors there. */
static double threshold_at_far(const FoldScores *s, int k, double far)
{
    int64_t accepted_from[THOUSANDTHS + 1] = {0}, impostors = 0, accepted = 0;
    for (int64_t i = 0; i < s->n; i++)
        if (s->fold[i] != k && !s->same[i]) {
            accepted_from[first_accepting(thousandths, s->score[i])]++;
            impostors++;
        }
    if (impostors == 0)
        return NAN;
    double before = 0;
    for (int i = 0; i < THOUSANDTHS; i++) {
        accepted += accepted_from[i];
        double at = (double)accepted / (double)impostors;
        if (at >= far && i == 0)
            return 0;
        if (at >= far)
            return threshold_at(thousandths, i - 1) +
                   (far - before) / (at - before) *
                       (threshold_at(thousandths, i) - threshold_at(thousandths, i - 1));
        before = at;
    }
    return 0;
}

static FoldValidation measure_fold(const FoldScores *s, int k, double far)
{
    FoldValidation fold = {threshold_at_far(s, k, far), NAN, NAN};
    int64_t n[2] = {0}, accepted[2] = {0};
    for (int64_t i = 0; i < s->n; i++)
        if (s->fold[i] == k) {
            n[s->same[i]]++;
            accepted[s->same[i]] += distance_of(s->score[i]) < fold.threshold;
        }
    if (n[0] > 0 && n[1] > 0 && !isnan(fold.threshold)) {
        fold.rate = (double)accepted[1] / (double)n[1];
        fold.far = (double)accepted[0] / (double)n[0];
    }
    return fold;
}

Validation insightface_validation(FoldValidation *fold, const FoldScores *s, double far)
{
    Validation v = {0, NAN, NAN, NAN};
    double sum = 0, fars = 0, squares = 0;
    for (int k = 0; k < s->folds; k++) {
        fold[k] = measure_fold(s, k, far);
        if (isnan(fold[k].rate))
            continue;
        sum += fold[k].rate;
        fars += fold[k].far;
        v.folds++;
    }
    if (v.folds == 0)
        return v;
    v.mean = sum / v.folds;
    v.far = fars / v.folds;
    for (int k = 0; k < s->folds; k++)
        if (!isnan(fold[k].rate))
            squares += (fold[k].rate - v.mean) * (fold[k].rate - v.mean);
    v.spread = sqrt(squares / v.folds);
    return v;
}
