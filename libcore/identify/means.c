#include "identify/means_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/num_internal.h"

static int make_room(Means *means, int64_t people, Err *err)
{
    size_t before = (size_t)means->people * (size_t)means->d, numbers;
    if (people <= means->people)
        return 0;
    if (!size_mul((size_t)people, (size_t)means->d, &numbers) || !array_resize(means->sum, numbers))
        return array_refuse((size_t)people, (size_t)means->d * sizeof *means->sum, "means", err);
    memset(means->sum + before, 0, (numbers - before) * sizeof *means->sum);
    means->people = people;
    return 0;
}

int means_add(Means *means, const float *unit, const int64_t *person, int64_t n, int64_t d,
              int64_t people, Err *err)
{
    means->d = d;
    if (make_room(means, people, err) != 0)
        return -1;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; person[i] >= 0 && j < d; j++)
            means->sum[person[i] * d + j] += (double)unit[i * d + j];
    return 0;
}

void means_units(float *out, const Means *means)
{
    int64_t d = means->d;
    for (int64_t person = 0; person < means->people; person++) {
        const double *sum = means->sum + person * d;
        double square = 0;
        for (int64_t j = 0; j < d; j++)
            square += sum[j] * sum[j];
        double scale = square > 0 ? 1 / sqrt(square) : 0;
        for (int64_t j = 0; j < d; j++)
            out[person * d + j] = (float)(sum[j] * scale);
    }
}

void means_release(Means *means)
{
    free(means->sum);
    *means = (Means){0};
}
