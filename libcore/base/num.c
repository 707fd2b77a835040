#include "base/num_internal.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nearly all numbers: up to 18 digits and nothing else. */
static bool few_digits(const char *text, int64_t *out)
{
    int64_t sum = 0;
    int n = 0;
    for (; n < 18 && text[n] >= '0' && text[n] <= '9'; n++)
        sum = 10 * sum + (text[n] - '0');
    *out = sum;
    return n > 0 && text[n] == '\0';
}

static bool any_integer(const char *text, int64_t *out)
{
    if (!(isdigit((unsigned char)text[0]) || text[0] == '-' || text[0] == '+'))
        return false;
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

bool num_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
    int64_t value;
    if (!few_digits(text, &value) && !any_integer(text, &value))
        return false;
    if (value < min || value > max)
        return false;
    *out = value;
    return true;
}

/* Digits, perhaps a sign and a point, nothing else. Up to 15 digits and the power of ten are exact
 * in double, so their quotient is what strtod() gives, and several times as fast: lists of
 * landmarks and of embeddings are millions of such numbers. */
static bool short_decimal(const char *text, double *out)
{
    static const double power[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *at = text + (*text == '-');
    int64_t digits = 0;
    int n = 0, point = -1;
    for (; n <= 15; at++)
        if (*at >= '0' && *at <= '9') {
            digits = 10 * digits + (*at - '0');
            n++;
        } else if (*at == '.' && point < 0) {
            point = n;
        } else {
            break;
        }
    if (*at != '\0' || n == 0 || n > 15)
        return false;
    double value = (double)digits / power[point < 0 ? 0 : n - point];
    *out = *text == '-' ? -value : value;
    return true;
}

static bool any_number(const char *text, double *out)
{
    char *end;
    if (text[0] == '\0' || isspace((unsigned char)text[0]))
        return false;
    *out = strtod(text, &end);
    return end != text && *end == '\0';
}

bool num_double(const char *text, double min, double max, double *out)
{
    double value;
    if (!short_decimal(text, &value) && !any_number(text, &value))
        return false;
    if (!isfinite(value) || value < min || value > max)
        return false;
    *out = value;
    return true;
}

bool num_size(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    static const char suffix[] = "KMGT";
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0)
        return false;
    if (*end != '\0') {
        const char *at = strchr(suffix, toupper((unsigned char)*end));
        if (at == NULL || end[1] != '\0')
            return false;
        int shift = 10 * (int)(at - suffix + 1);
        if (value > UINT64_MAX >> shift)
            return false;
        value <<= shift;
    }
    if (value < min || value > max)
        return false;
    *out = value;
    return true;
}

const char *num_text(char text[NUM_TEXT], double value)
{
    for (int digits = 6; digits <= 17; digits++) { /* with fewer 1000 would be 1e+03 */
        snprintf(text, NUM_TEXT, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return text;
}
