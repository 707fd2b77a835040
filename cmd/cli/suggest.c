/* What a mistyped option may have meant. */
#include <stdio.h>
#include <string.h>

#include "tool.h"

enum { LONGEST = 40, CANDIDATES_ROOM = 256 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Letters to insert, delete, replace or swap with their neighbour to make b of a (Damerau's
 * distance, without edits of what was swapped); LONGEST for words that are too long. */
static int distance(const char *a, const char *b)
{
    int n = (int)strlen(a), m = (int)strlen(b);
    int d[LONGEST + 1][LONGEST + 1];
    if (n > LONGEST || m > LONGEST)
        return LONGEST;
    for (int i = 0; i <= n; i++)
        d[i][0] = i;
    for (int j = 0; j <= m; j++)
        d[0][j] = j;
    for (int i = 1; i <= n; i++)
        for (int j = 1; j <= m; j++) {
            int replaced = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = least(replaced, least(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[n][m];
}

/* Number i of the options that can be asked for by name, or NULL behind the last. */
static const char *name_of(int i)
{
    static const char *const everywhere[] = {"quiet", "help", "version", NULL};
    int n = 0;
    for (const CliOption *o = cli_tool->options; o->type != CLI_TYPE_END; o++)
        if (o->type != CLI_TYPE_WAS && n++ == i)
            return o->name;
    return everywhere[i - n];
}

/* "--far, --fold" of the names that begin with what was typed; how many they are */
static int beginning_with(char text[CANDIDATES_ROOM], const char *typed)
{
    int found = 0;
    size_t n = 0;
    for (int i = 0; name_of(i) != NULL && n < CANDIDATES_ROOM; i++)
        if (strncmp(name_of(i), typed, strlen(typed)) == 0)
            n += (size_t)snprintf(text + n, CANDIDATES_ROOM - n, "%s--%s", found++ > 0 ? ", " : "",
                                  name_of(i));
    return found;
}

void cli_misuse_unknown(const char *argument)
{
    char typed[LONGEST + 2], candidates[CANDIDATES_ROOM];
    const char *nearest = NULL;
    int best = LONGEST;
    snprintf(typed, sizeof typed, "%.*s", (int)strcspn(argument + 2, "="), argument + 2);
    if (beginning_with(candidates, typed) > 1)
        cli_misuse("option '--%s' is ambiguous: %s", typed, candidates);
    for (int i = 0; name_of(i) != NULL; i++)
        if (distance(typed, name_of(i)) < best) {
            nearest = name_of(i);
            best = distance(typed, nearest);
        }
    /* one slip in three letters is as much as a name is still known by */
    if (nearest != NULL && best <= least(3, (int)strlen(nearest) / 3 + 1))
        cli_misuse("unknown option '--%s'; did you mean --%s?", typed, nearest);
    cli_misuse("unknown option '--%s'", typed);
}
