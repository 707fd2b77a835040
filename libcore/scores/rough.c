#include "scores/rough_internal.h"

#include <float.h>

#include "base/real_internal.h"

float rough_slack(int64_t d)
{
    return (float)(2 * d + 2) * FLT_EPSILON / 2;
}

CLONES int64_t rough_count(const float *score, int64_t n, float from)
{
    int32_t some = 0;
    for (int64_t i = 0; i < n; i++)
        some += score[i] >= from;
    return some;
}
