#include "eval/roc.h"

#include <math.h>
#include <stdlib.h>

#include "eval/key.h"
#include "eval/tally.h"

enum { EQUAL_RATES = 0 }; /* in place of a rank: the vertex where the error rates cross */

/* Whether a threshold at this key accepts `rank` impostors or more; or, for EQUAL_RATES, at least
 * as large a share of the impostors as it rejects of the genuine pairs. Holds for low keys and
 * fails for high ones, and changes only behind the key of a score. */
static bool reached(const Tally *tally, const Roc *roc, uint64_t key, int64_t rank)
{
    int64_t accepted = roc->impostor - tally_impostors_below(tally, key);
    if (rank != EQUAL_RATES)
        return accepted >= rank;
    int64_t rejected = tally_genuine_below(tally, key);
    return (unsigned __int128)accepted * (unsigned __int128)roc->genuine >=
           (unsigned __int128)rejected * (unsigned __int128)roc->impostor;
}

/* The largest key = i << shift with begin <= i < end that reaches the rank; begin does. */
static uint64_t last_reached(const Tally *tally, const Roc *roc, int64_t rank, uint64_t begin,
                             uint64_t end, int shift)
{
    while (end - begin > 1) {
        uint64_t middle = begin + (end - begin) / 2;
        if (reached(tally, roc, middle << shift, rank))
            begin = middle;
        else
            end = middle;
    }
    return begin << shift;
}

static uint32_t bin_of(const Tally *tally, const Roc *roc, int64_t rank)
{
    uint64_t key = last_reached(tally, roc, rank, 0, 1 << TALLY_BIN_BITS, TALLY_PLACE_BITS);
    return (uint32_t)(key >> TALLY_PLACE_BITS);
}

/* The genuine scores strictly above the largest impostor below those accepted. */
static int64_t genuine_to_next(const Tally *tally, const Roc *roc, int64_t accepted)
{
    if (accepted >= roc->impostor)
        return roc->genuine;
    uint64_t begin = (uint64_t)bin_of(tally, roc, accepted + 1) << TALLY_PLACE_BITS;
    uint64_t key =
        last_reached(tally, roc, accepted + 1, begin, begin + (1 << TALLY_PLACE_BITS), 0);
    return roc->genuine - tally_genuine_below(tally, key + 1);
}

static RocVertex vertex_of(const Tally *tally, const Roc *roc, int64_t rank)
{
    uint64_t begin = (uint64_t)bin_of(tally, roc, rank) << TALLY_PLACE_BITS;
    uint64_t key = last_reached(tally, roc, rank, begin, begin + (1 << TALLY_PLACE_BITS), 0);
    int64_t accepted = roc->impostor - tally_impostors_below(tally, key);
    return (RocVertex){
        .threshold = key_score((uint32_t)key),
        .impostor_at_least = accepted,
        .genuine_next = rank != EQUAL_RATES ? genuine_to_next(tally, roc, accepted) : 0,
        .impostor_above = roc->impostor - tally_impostors_below(tally, key + 1),
        .genuine_at_least = roc->genuine - tally_genuine_below(tally, key),
        .genuine_above = roc->genuine - tally_genuine_below(tally, key + 1),
    };
}

/* Between the vertex above the crossing (FAR < FRR) and the one at it (FAR >= FRR). */
static void equal_error(Roc *roc, const RocVertex *v)
{
    double impostor = (double)roc->impostor, genuine = (double)roc->genuine;
    double far0 = (double)v->impostor_above / impostor;
    double far1 = (double)v->impostor_at_least / impostor;
    double gap0 = 1 - (double)v->genuine_above / genuine - far0;
    double gap1 = far1 - (1 - (double)v->genuine_at_least / genuine);
    roc->eer = far0 + (far1 - far0) * gap0 / (gap0 + gap1);
    roc->eer_threshold = v->threshold;
}

/* The impostors' keys of a sample, sorted: n of them. */
typedef struct Sample {
    uint32_t *key;
    int64_t n;
} Sample;

static int draw_sample(Sample *sample, const Scores *scores, Err *err)
{
    size_t bytes = SCORES_SAMPLE * sizeof(uint32_t);
    float *score = malloc(bytes);
    uint32_t *scratch = malloc(bytes);
    sample->key = malloc(bytes);
    if (score == NULL || scratch == NULL || sample->key == NULL)
        sample->n = err_memory(err, "a sample of scores", bytes);
    else
        sample->n = scores_sample(score, scores, err);
    for (int64_t i = 0; i < sample->n; i++)
        sample->key[i] = score_key(score[i]);
    if (sample->n > 0)
        keys_sort(sample->key, scratch, sample->n);
    free(score);
    free(scratch);
    return sample->n < 0 ? -1 : 0;
}

static uint32_t sample_bin(const Sample *sample, double from_top)
{
    int64_t i = sample->n - 1 - (int64_t)from_top;
    return sample->key[i < 0 ? 0 : i] >> TALLY_PLACE_BITS;
}

/* Marks the bins in which the impostor at this share from the top should lie, with room for the
 * error of the sample. In the tail, which a sample does not reach, as far as thresholds usually go.
 */
static void mark_guess(Tally *tally, const Sample *sample, double share)
{
    enum { WIDEST = 600 };
    const float tail = 0.125f;
    double at = share * (double)sample->n, slack = 0.08 * at + 6 * sqrt(at) + 8;
    uint32_t low = sample_bin(sample, at + slack), high = score_key(1) >> TALLY_PLACE_BITS;
    if (at > slack) {
        high = sample_bin(sample, at - slack);
    } else {
        float top = key_score(low << TALLY_PLACE_BITS) + tail;
        if (top < 1)
            high = score_key(top) >> TALLY_PLACE_BITS;
    }
    for (uint32_t bin = low; bin <= high && high - low < WIDEST; bin++)
        tally_mark(tally, bin);
}

/* The share of the sample above the score where the error rates cross. */
static double equal_share(const Tally *tally, const Sample *sample, const Roc *roc)
{
    int64_t low = 0, high = sample->n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        double accepted = (double)(sample->n - middle) / (double)sample->n;
        double rejected =
            (double)tally_genuine_below(tally, sample->key[middle]) / (double)roc->genuine;
        if (accepted >= rejected)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)(sample->n - low) / (double)sample->n;
}

static int guess(Tally *tally, const Roc *roc, const int64_t *rank, int n, const Scores *scores,
                 Err *err)
{
    enum { MOST = 32 }; /* more are spread over everything: two walks are cheaper */
    Sample sample = {0};
    if (n > MOST || roc->genuine == 0 || roc->impostor == 0)
        return 0;
    int rc = draw_sample(&sample, scores, err);
    if (rc == 0 && sample.n > 0) {
        for (int i = 0; i < n; i++)
            mark_guess(tally, &sample, (double)rank[i] / (double)roc->impostor);
        mark_guess(tally, &sample, equal_share(tally, &sample, roc));
    }
    free(sample.key);
    return rc;
}

/* Marks the bin of a rank, and the next lower one that is not empty. */
static void mark_rank(Tally *tally, const Roc *roc, int64_t rank)
{
    uint32_t bin = bin_of(tally, roc, rank);
    int64_t accepted =
        roc->impostor - tally_impostors_below(tally, (uint64_t)bin << TALLY_PLACE_BITS);
    tally_mark(tally, bin);
    if (rank != EQUAL_RATES && accepted < roc->impostor)
        tally_mark(tally, bin_of(tally, roc, accepted + 1));
}

/* Walks until the bins of all ranks are counted: once if they were guessed well. */
static int count(Tally *tally, const Roc *roc, const int64_t *rank, int n, Pool *pool, Err *err)
{
    if (tally_count(tally, pool, err) != 0)
        return -1;
    for (int i = 0; i < n; i++)
        mark_rank(tally, roc, rank[i]);
    if (roc->genuine > 0 && roc->impostor > 0)
        mark_rank(tally, roc, EQUAL_RATES);
    return tally_wanting(tally) ? tally_count(tally, pool, err) : 0;
}

int roc_measure(Roc *roc, RocVertex *vertex, const int64_t *rank, int n, const Scores *scores,
                Pool *pool, Err *err)
{
    *roc = (Roc){scores_genuine(scores), scores_impostor(scores), NAN, NAN, NAN};
    Tally *tally = tally_new(scores, pool, err);
    if (tally == NULL)
        return -1;
    int rc = guess(tally, roc, rank, n, scores, err);
    if (rc == 0)
        rc = count(tally, roc, rank, n, pool, err);
    if (rc == 0) {
        for (int i = 0; i < n; i++)
            vertex[i] = vertex_of(tally, roc, rank[i]);
        roc->auc = tally_area(tally);
        if (roc->genuine > 0 && roc->impostor > 0) {
            RocVertex crossing = vertex_of(tally, roc, EQUAL_RATES);
            equal_error(roc, &crossing);
        }
    }
    tally_free(tally);
    return rc;
}

int64_t roc_rank(double far, int64_t impostors)
{
    double k = far * (double)impostors;
    /* 1e-6 of a million is 1, whichever way the product was rounded. */
    return k < 1 - 1e-9 || far > 1 ? 0 : llround(k);
}

int roc_curve_ranks(int64_t *rank, int64_t impostors)
{
    int n = 0;
    for (double k = 1; k < (double)impostors && n < ROC_CURVE_MAX - 1; k *= 1.0746078283213176)
        if (n == 0 || llround(k) > rank[n - 1])
            rank[n++] = llround(k);
    if (impostors > 0 && (n == 0 || rank[n - 1] < impostors))
        rank[n++] = impostors;
    return n;
}

const char *roc_rule_name(RocRule rule)
{
    static const char *const name[] = {"blufr", "nearest", "conservative"};
    return name[rule];
}

int64_t roc_rule_rank(RocRule rule, double far, int64_t impostors)
{
    int64_t k = roc_rank(far, impostors);
    double wanted = far * (double)impostors;
    if (k == 0 || rule == ROC_BLUFR)
        return k;
    if (rule == ROC_NEAREST)
        return (int64_t)fmin(ceil(wanted * (1 - 1e-15)), (double)impostors);
    return (int64_t)fmin(floor(wanted * (1 + 1e-15)) + 1, (double)impostors);
}

RocReading roc_read(RocRule rule, double far, const Roc *roc, const RocVertex *v)
{
    double n = (double)roc->impostor;
    double over = (double)v->impostor_at_least / n - far;
    double under = far - (double)v->impostor_above / n;
    RocReading r = {NAN, v->threshold, false, v->impostor_at_least};
    int64_t accepted = v->genuine_at_least;
    bool everyone = far * n * (1 + 1e-15) >= n;
    if (rule == ROC_NEAREST ? over <= under : rule == ROC_CONSERVATIVE && everyone) {
        accepted = v->genuine_next;
    } else if (rule != ROC_BLUFR) {
        r.above = true;
        r.accepted = v->impostor_above;
        accepted = v->genuine_above;
    }
    if (roc->genuine > 0)
        r.tar = (double)accepted / (double)roc->genuine;
    return r;
}
