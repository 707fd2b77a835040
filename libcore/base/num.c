#include "base/num.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool num_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
    if (!(isdigit((unsigned char)text[0]) || text[0] == '-' || text[0] == '+'))
        return false;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < min || value > max)
        return false;
    *out = value;
    return true;
}

bool num_double(const char *text, double min, double max, double *out)
{
    if (text[0] == '\0' || isspace((unsigned char)text[0]))
        return false;
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    /* ERANGE is also raised for underflow, which is harmless: the value is then 0 or tiny. */
    if (end == text || *end != '\0' || !isfinite(value) || value < min || value > max)
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
