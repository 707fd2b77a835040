/* train/distil: the terms against formulas written out, their gradients against numeric ones */
#include "base/rng_internal.h"
#include "train/distil_internal.h"
#include "unit.h"

enum { N = 11, D = 6, DIM = 4, MOST = 6 };

static double huber(double x)
{
    return fabs(x) < 1 ? x * x / 2 : fabs(x) - 0.5;
}

static void unit_rows(double *u, const double *x, int d)
{
    for (int i = 0; i < N; i++) {
        double squares = 0;
        for (int k = 0; k < d; k++)
            squares += x[i * d + k] * x[i * d + k];
        for (int k = 0; k < d; k++)
            u[i * d + k] = x[i * d + k] / sqrt(squares);
    }
}

/* distance[N,N] by the mean of those above 0, and angle[N,N,N] at the first row. */
static void relations(double *distance, double *angle, const double *u, int d)
{
    double sum = 0, count = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double squares = 0;
            for (int k = 0; k < d; k++)
                squares += pow(u[i * d + k] - u[j * d + k], 2);
            distance[i * N + j] = sqrt(squares);
            sum += sqrt(squares);
            count += squares > 0;
        }
    for (int j = 0; j < N; j++)
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++) {
                double product = 0, lengths = distance[j * N + i] * distance[j * N + k];
                for (int m = 0; m < d; m++)
                    product += (u[i * d + m] - u[j * d + m]) * (u[k * d + m] - u[j * d + m]);
                angle[(j * N + i) * N + k] = lengths > 0 ? product / lengths : 0;
            }
    for (int i = 0; i < N * N; i++)
        distance[i] /= sum / count;
}

static double expected(DistilKind kind, const double *x, const float *teacher, int dim)
{
    double u[N * MOST], t[N * MOST], wide[N * MOST], sum = 0;
    double du[N * N], dt[N * N], au[N * N * N], at[N * N * N];
    for (int i = 0; i < N * dim; i++)
        wide[i] = (double)teacher[i];
    unit_rows(u, x, D);
    unit_rows(t, wide, dim);
    if (kind == DISTIL_RKD) {
        relations(du, au, u, D);
        relations(dt, at, t, dim);
        for (int i = 0; i < N * N; i++)
            sum += 25 * huber(du[i] - dt[i]) / (N * N);
        for (int i = 0; i < N * N * N; i++)
            sum += 50 * huber(au[i] - at[i]) / (N * N * N);
        return sum;
    }
    for (int i = 0; i < N * D; i++)
        sum += kind == DISTIL_COS ? -u[i] * t[i] / N : pow(u[i] - t[i], 2) / (N * D);
    return sum + (kind == DISTIL_COS);
}

/* far: rows so near each other that some differences are above 1. same: two equal rows. */
static void test_kind(DistilKind kind, int dim, bool far, bool same)
{
    static const char *const name[] = {"cos", "mse", "rkd"};
    Err err = {0};
    Pool *pool = pool_new(1, &err), *two = pool_new(2, &err);
    const TrainingDistil config = {.kind = kind, .weight = 0.7, .dim = dim};
    Distil *distil = distil_new(&config, N + 3, D, &err), *other = distil_new(&config, N, D, &err);
    double x[N * D], dx[N * D], again[N * D], worst = 0;
    float teacher[N * MOST];
    Rng rng = rng_at(7, (uint64_t)kind, (uint64_t)dim, 0);
    for (int i = 0; i < N * D; i++)
        x[i] =
            rng_normal(&rng) * (far && i >= 2 * D ? 0.05 : 1) + (far && i >= 2 * D && i % D == 0);
    for (int i = 0; i < N * dim; i++)
        teacher[i] = (float)rng_normal(&rng);
    for (int k = 0; k < D && same; k++)
        x[3 * D + k] = x[5 * D + k];
    for (int i = 0; i < N * D; i++)
        dx[i] = again[i] = 0.25 * i;
    double loss = distil_add(distil, dx, x, teacher, N, pool);
    double want = expected(kind, x, teacher, dim);
    CHECK_CLOSE(loss, want, 1e-9, name[kind]);
    CHECK(distil_add(other, again, x, teacher, N, two) == loss && memcmp(dx, again, sizeof dx) == 0,
          "%s: the same bytes with two threads and other room", name[kind]);
    for (int i = 0; i < N * D; i++) {
        int row = i / D;
        if (same && (row == 3 || row == 5)) /* there the loss has a corner */
            continue;
        double h = 1e-5, kept = x[i];
        x[i] = kept + h;
        double up = expected(kind, x, teacher, dim);
        x[i] = kept - h;
        double numeric = 0.7 * (up - expected(kind, x, teacher, dim)) / (2 * h);
        x[i] = kept;
        worst = fmax(worst, fabs(numeric - (dx[i] - 0.25 * i)) / fmax(fabs(numeric), 1e-2));
    }
    CHECK(worst < 1e-6, "%s of %d dimensions%s%s: gradients within %.1e", name[kind], dim,
          far ? ", far from the teacher" : "", same ? ", two rows the same" : "", worst);
    distil_free(distil), distil_free(other);
    pool_free(pool), pool_free(two);
}

static void test_hostile(void)
{
    Err err = {0};
    Pool *pool = pool_new(1, &err);
    const TrainingDistil narrow = {.kind = DISTIL_COS, .weight = 1, .dim = DIM},
                         relations = {.kind = DISTIL_RKD, .weight = 1, .dim = DIM};
    CHECK(distil_new(&narrow, N, D, &err) == NULL, "refused: %s", err.text);
    Distil *distil = distil_new(&relations, N, D, &err);
    double x[N * D] = {0}, dx[N * D] = {0}, sum = 0;
    float teacher[N * DIM];
    for (int i = 0; i < N * DIM; i++)
        teacher[i] = 1;
    double loss = distil_add(distil, dx, x, teacher, N, pool);
    for (int i = 0; i < N * D; i++)
        sum += fabs(dx[i]);
    CHECK(loss == 0 && sum == 0, "rows that are all the same have no relations: %g, %g", loss, sum);
    for (int n = 1; n <= 2; n++) {
        x[0] = x[D + 1] = 1;
        loss = distil_add(distil, dx, x, teacher, n, pool);
        CHECK(isfinite(loss) && isfinite(dx[0]), "a batch of %d: %g", n, loss);
    }
    distil_free(distil);
    pool_free(pool);
}

int main(void)
{
    test_kind(DISTIL_COS, D, false, false);
    test_kind(DISTIL_MSE, D, false, false);
    test_kind(DISTIL_RKD, D, false, false);
    test_kind(DISTIL_RKD, DIM, false, false);
    test_kind(DISTIL_RKD, DIM, true, false);
    test_kind(DISTIL_RKD, DIM, false, true);
    test_hostile();
    return END_TESTS();
}
