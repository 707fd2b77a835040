/* identify/identification, challenge: against brute force. Embeddings are of entries +-1/4, so that
 * scores are exact and often equal. */
#include "base/rng_internal.h"
#include "identify/challenge_internal.h"
#include "identify/gallery_sizes_internal.h"
#include "identify/identification_internal.h"
#include "unit.h"

enum { D = 16, N = 200, PEOPLE = 40, GALLERY = 60, RANKS = 3, FPIRS = 3, DISTRACTORS = 1234 };

static const double ranks[RANKS] = {1, 2, 20}, fpir[FPIRS] = {0.3, 0.1, 1e-6};
static const IdentificationAsk ask = {ranks, fpir, RANKS, FPIRS, true};
static float unit[N * D];
static int64_t subject[N];

static void fill(float *x, int64_t n, uint64_t seed)
{
    Rng rng = rng_at(seed, 0, 0, 0);
    for (int64_t i = 0; i < n * D; i++)
        x[i] = rng_below(&rng, 2) ? .25f : -.25f;
}

static float dot(const float *x, const float *y)
{
    float sum = 0;
    for (int k = 0; k < D; k++)
        sum += x[k] * y[k];
    return sum;
}

/* A probe's rank in the gallery, 0 without a mate; its best score, that with a mate. */
static int64_t brute_rank(int64_t probe, const int64_t *gallery, float *top, float *mate)
{
    int64_t rank = 0;
    *top = *mate = -INFINITY;
    for (int i = 0; i < GALLERY; i++) {
        float score = dot(unit + probe * D, unit + gallery[i] * D);
        *top = fmaxf(*top, score);
        if (subject[gallery[i]] == subject[probe]) {
            rank = 1;
            *mate = fmaxf(*mate, score);
        }
    }
    for (int i = 0; rank > 0 && i < GALLERY; i++)
        rank += subject[gallery[i]] != subject[probe] &&
                dot(unit + probe * D, unit + gallery[i] * D) > *mate;
    return rank;
}

static int compare_down(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

static void check_open(const Identification *found, const int64_t *gallery, const int64_t *probe,
                       int64_t m)
{
    float top[N], mate[N], impostor[N];
    int64_t rank[N], mated = 0, n = 0;
    for (int64_t i = 0; i < m; i++) {
        rank[i] = brute_rank(probe[i], gallery, &top[i], &mate[i]);
        mated += rank[i] > 0;
        if (rank[i] == 0)
            impostor[n++] = top[i];
    }
    qsort(impostor, (size_t)n, sizeof *impostor, compare_down);
    bool right = found->gallery == GALLERY && found->mated == mated && found->unmated == n;
    for (int r = 0; r < RANKS; r++) {
        int64_t hits = 0;
        for (int64_t i = 0; i < m; i++)
            hits += rank[i] > 0 && rank[i] <= (int64_t)ranks[r];
        right = right && found->rate[r] == (double)hits / (double)mated;
    }
    CHECK(right, "%lld mated probes, %lld others: their rates", (long long)mated, (long long)n);
    for (int f = 0; f < FPIRS; f++) {
        int64_t k = llround(fpir[f] * (double)n), hits = 0;
        for (int64_t i = 0; k > 0 && i < m; i++)
            hits += rank[i] == 1 && mate[i] >= impostor[k - 1];
        CHECK(k > 0 ? found->tpir[f] == (double)hits / (double)mated &&
                          found->threshold[f] == impostor[k - 1]
                    : isnan(found->tpir[f]),
              "at FPIR %g", fpir[f]);
    }
}

static void test_identification(Pool *pool)
{
    Err err = {0};
    const Subjects subjects = {.unit = unit, .subject = subject, .d = D};
    int64_t gallery[GALLERY], probe[N];
    int64_t m = 0;
    for (int i = 0; i < N; i++)
        subject[i] = i % PEOPLE;
    for (int i = 0; i < GALLERY; i++) /* of 30 of the 40 people, two each */
        gallery[i] = i < 30 ? i : PEOPLE + i - 30;
    for (int i = 2 * PEOPLE; i < N; i++)
        probe[m++] = i;
    Identification found;
    static Cmc cmc;
    CHECK(identification_measure(&found, &cmc, &ask, &subjects, (RowSpan){gallery, GALLERY},
                                 (RowSpan){probe, m}, pool, &err) == 0,
          "probes are searched: %s", err.text);
    check_open(&found, gallery, probe, m);
    CHECK(cmc.trials == 1 && cmc.ranks == GALLERY && cmc.rate[0] == found.rate[0] &&
              cmc.rate[19] == found.rate[2] && cmc.compared == GALLERY && cmc.rate[59] == 1,
          "the CMC");
    CHECK(identification_measure(&found, &cmc, &ask, &subjects, (RowSpan){gallery, 40},
                                 (RowSpan){probe, m}, pool, &err) == 0 &&
              cmc.trials == 2 && cmc.ranks == 40 && cmc.compared == GALLERY + 40,
          "with that of a smaller gallery: as far as both go");
    CHECK(identification_closed(&found, &ask, &subjects, (RowSpan){gallery, GALLERY},
                                (RowSpan){probe, m}, pool, &err) == 0 &&
              isnan(found.tpir[0]),
          "closed set: not where somebody has no mate");
    m = 0;
    for (int i = 2 * PEOPLE; i < N; i++)
        if (subject[i] < 30)
            probe[m++] = i;
    CHECK(identification_closed(&found, &ask, &subjects, (RowSpan){gallery, GALLERY},
                                (RowSpan){probe, m}, pool, &err) == 0 &&
              found.unmated == 0 && found.tpir[0] >= found.tpir[1] && found.tpir[1] >= 0,
          "closed set");
    CHECK(identification_measure(&found, NULL, &ask, &subjects, (RowSpan){gallery, 0},
                                 (RowSpan){probe, m}, pool, &err) != 0,
          "an empty gallery: %s", err.text);
}

/* The gallery grows by people; each size is the identification of those, with the unmated probes of
 * the whole gallery. */
static void test_sizes(Pool *pool)
{
    static GallerySize size[GALLERY_SIZES_MAX];
    Err err = {0};
    const Subjects subjects = {.unit = unit, .subject = subject, .d = D};
    int64_t gallery[GALLERY], probe[N], m = 0;
    for (int i = 0; i < N; i++)
        subject[i] = i % PEOPLE;
    for (int i = 0; i < GALLERY; i++)
        gallery[i] = i < 30 ? i : PEOPLE + i - 30;
    for (int i = 2 * PEOPLE; i < N; i++)
        probe[m++] = i;
    int n = gallery_sizes_measure(size, &ask, &subjects, (RowSpan){gallery, GALLERY},
                                  (RowSpan){probe, m}, 3, pool, &err);
    CHECK(n == 3 && size[0].people == 10 && size[1].people == 20 && size[2].people == 30,
          "10, 20 and all of 30 people: %s", err.text);
    bool right = true;
    for (int i = 0; i < n; i++)
        right = right && size[i].found.gallery == 2 * size[i].people &&
                size[i].found.mated == 3 * size[i].people && size[i].found.unmated == 30;
    CHECK(right, "two faces each, three probes each, and those of ten others");
    Identification whole;
    identification_measure(&whole, NULL, &ask, &subjects, (RowSpan){gallery, GALLERY},
                           (RowSpan){probe, m}, pool, &err);
    CHECK(memcmp(whole.tpir, size[2].found.tpir, sizeof(double[FPIRS - 1])) == 0 &&
              whole.selectivity[0] == size[2].found.selectivity[0],
          "the last is the whole gallery");
    double above = 0;
    for (int64_t i = 0; i < m; i++)
        for (int j = 0; subject[probe[i]] >= 30 && j < GALLERY; j++)
            above += dot(unit + probe[i] * D, unit + gallery[j] * D) >= whole.threshold[1];
    CHECK(whole.selectivity[1] == above / 30 && above > 0 && isnan(whole.selectivity[2]),
          "selectivity %g; none where FPIR is below one probe", whole.selectivity[1]);
    n = gallery_sizes_measure(size, &ask, &subjects, (RowSpan){gallery, 3}, (RowSpan){probe, m}, 3,
                              pool, &err);
    CHECK(n == 1 && size[0].people == 3, "fewer than the first size");
}

/* The challenge is MegaFace without the distractors that are noise, read at 10, 100, 1000 and the
 * end; a noisy probe is the sum of its person's others. */
static void test_challenge(Pool *pool)
{
    enum { PROBES = 50, DEPTH = 20 };
    static float distractor[DISTRACTORS * D], probe[PROBES * D];
    static char key[DISTRACTORS * 8];
    static int64_t key_end[DISTRACTORS], label[PROBES];
    Err err = {0};
    fill(distractor, DISTRACTORS, 5);
    fill(probe, PROBES, 6);
    for (int i = 0; i < DISTRACTORS; i++) {
        snprintf(key + 6 * (size_t)i, sizeof key - 6 * (size_t)i, "%05d.", i);
        key_end[i] = 6 * (i + 1);
    }
    for (int i = 0; i < PROBES; i++)
        label[i] = i / 5;
    EmbeddingRows rows = {
        .n = DISTRACTORS, .d = D, .embedding = distractor, .key = key, .key_end = key_end};
    EmbeddingRows probes = {.n = PROBES, .d = D, .embedding = probe, .label = label};
    LookupName bad[] = {{"00003", 5}, {"00777", 5}};
    NoiseList none = {0}, noise = {.names = {.n = 2}, .tail = bad, .components = 1};
    MegaFace *plain = megaface_new(probe, label, PROBES, D, DEPTH, NULL, pool, &err);
    Challenge c;
    CHECK(challenge_init(&c, probe, &probes, &none, &noise, DEPTH, NULL, pool, &err) == 0 &&
              challenge_add(&c, &rows, pool, &err) == 0 && challenge_end(&c, pool, &err) == 0,
          "a challenge: %s", err.text);
    CHECK(c.left_out == 2 && c.mended == 0 && c.steps == 4 && c.step[0].distractors == 10 &&
              c.step[2].distractors == 1000 && c.step[3].distractors == DISTRACTORS - 2,
          "its steps, without the noise");
    for (int i = 0; i < DISTRACTORS; i++) {
        if (i == 3 || i == 777)
            continue;
        memcpy(megaface_place(plain), distractor + i * D, D * sizeof(float));
        if (megaface_waiting(plain) == MEGAFACE_BLOCK)
            megaface_compare(plain, pool);
    }
    megaface_compare(plain, pool);
    double rate[DEPTH];
    megaface_cmc(rate, DEPTH, plain);
    CHECK(memcmp(rate, c.step[3].rate, sizeof rate) == 0, "and its rates: %g at rank 1", rate[0]);
    CHECK(c.step[0].ranks == 11 && c.step[3].ranks == DEPTH && c.step[0].rate[10] == 1 &&
              challenge_rate(&c.step[0], 2) == c.step[0].rate[1] &&
              challenge_rate(&c.step[0], 1000000) == 1,
          "ten distractors make eleven ranks, and no more are kept");
    challenge_release(&c);
    megaface_free(plain);
    label[7] = -1;
    CHECK(challenge_init(&c, probe, &probes, &none, &none, DEPTH, NULL, pool, &err) != 0,
          "a probe of nobody: %s", err.text);
    challenge_release(&c);
}

int main(void)
{
    Err err = {0};
    Pool *pool = pool_new(2, &err);
    fill(unit, N, 4);
    test_identification(pool);
    test_sizes(pool);
    test_challenge(pool);
    pool_free(pool);
    return END_TESTS();
}
