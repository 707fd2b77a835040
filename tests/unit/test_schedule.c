/* train/schedule: the rates of the published recipes */
#include "train/schedule_internal.h"
#include "unit.h"

static void test_milestones(void)
{
    Err err = {0};
    Schedule s = {.kind = SCHEDULE_STEPS, .lr = 0.1, .gamma = 0.1};
    CHECK(schedule_parse_milestones(&s, "10,13,16", &err) == 0 && s.milestones == 3, "10,13,16");
    /* FaceX-Zoo: .1 for epochs 0-9, .01 for 10-12, .001 for 13-15, 1e-4 for 16-17 */
    const double rates[] = {0.1, 0.01, 0.01, 0.001, 0.001, 1e-4, 1e-4};
    const int64_t epochs[] = {9, 10, 12, 13, 15, 16, 17};
    for (int i = 0; i < 7; i++)
        CHECK_CLOSE(schedule_rate(&s, 1000, epochs[i]), rates[i], 1e-12, "FaceX-Zoo's rate");
    const char *bad[] = {"10,9", "x", "10,,12", "0", "5;6"};
    for (int i = 0; i < 5; i++) {
        err = (Err){0};
        CHECK(schedule_parse_milestones(&s, bad[i], &err) == -1, "%s", err.text);
    }
}

static void test_polynomial(void)
{
    Schedule s = {.kind = SCHEDULE_POLYNOMIAL, .lr = 0.2, .power = 1, .warmup = 10, .total = 110};
    CHECK_CLOSE(schedule_rate(&s, 0, 0), 0.02, 1e-12, "the first step of the warm-up");
    CHECK_CLOSE(schedule_rate(&s, 9, 0), 0.2, 1e-12, "the last one");
    CHECK_CLOSE(schedule_rate(&s, 60, 0), 0.1, 1e-12, "half-way");
    CHECK(schedule_rate(&s, 110, 0) == 0 && schedule_rate(&s, 200, 0) == 0, "0 at the end");
}

static void test_cosine(void)
{
    Schedule s = {.kind = SCHEDULE_COSINE, .lr = 0.2, .warmup = 10, .total = 110};
    CHECK_CLOSE(schedule_rate(&s, 4, 0), 0.1, 1e-12, "half of the warm-up");
    for (int t = 0; t < 100; t++) /* PyTorch: eta_min + (base - eta_min) (1 + cos(pi t / T)) / 2 */
        CHECK_CLOSE(schedule_rate(&s, 10 + t, 0), 0.2 * (1 + cos(M_PI * t / 100)) / 2, 1e-12,
                    "CosineAnnealingLR");
    CHECK(schedule_rate(&s, 110, 0) == 0 && schedule_rate(&s, 200, 0) == 0, "0 at the end");
}

int main(void)
{
    test_milestones();
    test_polynomial();
    test_cosine();
    return END_TESTS();
}
