/* A unit test is a program that prints TAP. Each check is one line of it; a failed one says
 * where and with what values. END_TESTS prints the plan and is main()'s return value. */
#ifndef UNIT_H
#define UNIT_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int unit_count, unit_failed;

__attribute__((format(printf, 4, 5), unused)) static bool
unit_check(bool ok, const char *file, int line, const char *format, ...)
{
    va_list args;
    printf("%s %d - ", ok ? "ok" : "not ok", ++unit_count);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    if (!ok)
        printf("\n# failed at %s:%d", file, line);
    putchar('\n');
    fflush(stdout);
    unit_failed += !ok;
    return ok;
}

/* The relative error of a against b, absolute below `floor`. */
__attribute__((unused)) static double unit_error(double a, double b, double floor)
{
    double scale = fmax(fmax(fabs(a), fabs(b)), floor);
    return a == b ? 0 : fabs(a - b) / scale; /* NaN stays NaN, and fails every bound */
}

/* CHECK(condition, "what holds, with %d values", ...) */
#define CHECK(condition, ...) unit_check((condition), __FILE__, __LINE__, __VA_ARGS__)

/* a and b agree to `bound`, relative to the larger of them (or to 1e-300) */
#define CHECK_CLOSE(a, b, bound, what)                                                             \
    unit_check(unit_error((a), (b), 1e-300) <= (bound), __FILE__, __LINE__, "%s: %.17g = %.17g",   \
               (what), (double)(a), (double)(b))

#define END_TESTS() (printf("1..%d\n", unit_count), unit_failed != 0)

#endif
