/* InsightFace's verification sets: every image of a pair is a member of unknown identity */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map_internal.h"
#include "base/path_internal.h"
#include "format/verification_internal.h"
#include "source/pairset_internal.h"
#include "source/walk_internal.h"

typedef struct PairSet {
    Map map;
    VerificationSet set;
    int64_t next;
    char stem[256], path[VERIFICATION_NAME];
} PairSet;

static void close_set(void *state)
{
    PairSet *set = state;
    verification_release(&set->set);
    map_close(&set->map);
    free(set);
}

static int next_image(void *state, Member *member, Err *err)
{
    PairSet *set = state;
    (void)err;
    if (set->next == 2 * set->set.pairs)
        return 0;
    verification_name(set->path, set->stem, set->next);
    member->problem[0] = '\0';
    member->path = set->path;
    member->at = (int64_t)set->set.image[set->next].offset;
    member->labelled = true;
    member->label = -1;
    set->next++;
    return 1;
}

static int read_image(void *state, Member *member, Bytes *bytes, Err *err)
{
    PairSet *set = state;
    const VerificationImage *image = &set->set.image[set->next - 1];
    bytes->size = 0;
    if (image->size > WALK_MAX_MEMBER) {
        snprintf(member->problem, sizeof member->problem, "larger than the limit of %u bytes",
                 WALK_MAX_MEMBER);
        return 0;
    }
    return bytes_append(bytes, image->bytes, image->size, "a member", err) == 0 ? 1 : -1;
}

/* The name of the set for its members: without folders and suffix, blanks as underlines */
static void stem_of(char out[256], const char *operand)
{
    const char *base = path_base(operand), *dot = strrchr(base, '.');
    size_t size = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
    snprintf(out, 256, "%.*s", (int)(size < 255 ? size : 255), base);
    for (char *at = out; *at != '\0'; at++)
        if (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
            *at = '_';
}

static int open_set(PairSet *set, const char *operand, Err *err)
{
    Err why = {0};
    if (map_open(&set->map, operand, err) != 0)
        return -1;
    stem_of(set->stem, operand);
    if (verification_parse(&set->set, set->map.bytes, set->map.size, &why) == 0)
        return 0;
    return err_set(err, "%s: not a verification set: %s", operand, why.text);
}

int pairset_walk(Walk *walk, const char *operand, Err *err)
{
    PairSet *set = calloc(1, sizeof *set);
    if (set == NULL)
        return err_memory(err, "pairs", sizeof *set);
    *walk = (Walk){set, next_image, read_image, close_set, NULL};
    if (open_set(set, operand, err) == 0)
        return 0;
    close_set(set);
    return -1;
}

int64_t pairset_write_pairs(const char *operand, const char *file, int64_t *folds, Err *err)
{
    PairSet set = {0};
    int rc = open_set(&set, operand, err);
    if (rc == 0)
        rc = verification_write_pairs(&set.set, set.stem, file, folds, err);
    int64_t pairs = set.set.pairs;
    verification_release(&set.set);
    map_close(&set.map);
    return rc == 0 ? pairs : -1;
}
