/* train/divergence: what is a loss that runs away, and what is not */
#include "train/divergence_internal.h"
#include "unit.h"

static double bound;

/* Takes n losses from `from` to `to` on a straight line, and margins alike; at which of them it
 * diverges, or 0. */
static int feed(Divergence *d, int n, double from, double to, double margin, double grown)
{
    for (int i = 0; i < n; i++) {
        double part = n > 1 ? i / (n - 1.0) : 0;
        if (divergence_sees(d, from + part * (to - from), margin + part * (grown - margin), 64,
                            &bound))
            return i + 1;
    }
    return 0;
}

static void test_loss(void)
{
    Divergence d = {0};
    CHECK(feed(&d, 20, 10, 10, 0, 0) == 0 && isinf(bound), "20 steps are too few");
    CHECK(feed(&d, 5, 1000, 1000, 0, 0) == 4, "one more is enough; the third suspect step");
    d = (Divergence){0};
    feed(&d, 101, 10, 10, 0, 0);
    CHECK_CLOSE(bound, 30, 1e-12, "3 times the median");
    CHECK(feed(&d, 50, 29.9, 29.9, 0, 0) == 0, "below the bound, however long");
    d = (Divergence){0};
    feed(&d, 101, 10, 10, 0, 0);
    for (int i = 0; i < 10; i++)
        CHECK(feed(&d, 2, 99, 99, 0, 0) == 0 && feed(&d, 1, 10, 10, 0, 0) == 0,
              "two bad batches are none");
    CHECK_CLOSE(bound, 30, 1e-12, "and do not move the median");
    CHECK(feed(&d, 3, 1e300, 1e300, 0, 0) == 3, "however large");
    d = (Divergence){0};
    feed(&d, 101, 0.01, 0.01, 0, 0);
    CHECK(feed(&d, 50, 0.9, 0.9, 0, 0) == 0, "a small loss may vary");
    CHECK(feed(&d, 5, 1.1, 1.1, 0, 0) == 3, "but 1.1 is too much");
    d = (Divergence){0};
    feed(&d, 101, 0.01, 0.01, 0, 0);
    CHECK(feed(&d, 3, 1.1, 1.1, 0, 0) == 3, "but not from .01 to 1.1");
    d = (Divergence){0};
    CHECK(feed(&d, 1000, 40, 0.1, 0.5, 0.5) == 0, "a loss that falls");
}

/* The loss that a margin of m adds at most is 64 m. */
static void test_margin(void)
{
    for (int steps = 1; steps <= 1000; steps *= 10) {
        Divergence d = {0};
        feed(&d, 101, 2, 2, 0, 0);
        CHECK(feed(&d, steps, 2, 34, 0, 0.5) == 0 && feed(&d, 300, 34, 34, 0.5, 0.5) == 0,
              "a margin that grows in %d steps", steps);
        CHECK(feed(&d, 5, 103, 103, 0.5, 0.5) == 3, "and is no excuse later");
    }
    Divergence d = {0};
    feed(&d, 101, 2, 2, 0.5, 0.5);
    CHECK(feed(&d, 5, 34, 34, 0.5, 0.5) == 3, "the same loss without it");
    d = (Divergence){0};
    feed(&d, 101, 2, 2, 0.5, 0.5);
    CHECK(feed(&d, 5, 34, 34, 0.1, 0.1) == 3, "a margin that shrinks adds nothing");
}

int main(void)
{
    test_loss();
    test_margin();
    return END_TESTS();
}
