#include "face-sheet/pick.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/rng_internal.h"
#include "base/sort_internal.h"
#include "image/decode.h"
#include "image/image.h"

/* A place in an order that depends on seed and number alone */
static uint64_t shuffled(const PickOptions *options, int64_t i)
{
    Rng rng = rng_at(options->seed, (uint64_t)i, 0, 0);
    return rng_u64(&rng);
}

static bool fits(const char *pattern, const char *key)
{
    const char *slash = strrchr(key, '/');
    return fnmatch(pattern, key, 0) == 0 || (slash != NULL && fnmatch(pattern, slash + 1, 0) == 0);
}

static bool asked_for(const PickOptions *options, const char *key, int64_t label)
{
    bool by_key = options->key.n == 0, by_label = options->labels == 0;
    for (int i = 0; i < options->key.n && !by_key; i++)
        by_key = fits(options->key.item[i], key);
    for (int i = 0; i < options->labels && !by_label; i++)
        by_label = options->label[i] == label;
    return by_key && by_label;
}

static void pick_free(Picks *picks, Pick *pick)
{
    picks->pixels -= (uint64_t)pick->h * (uint64_t)pick->w;
    free(pick->key);
    free(pick->bytes);
}

/* A copy of row i; image files are measured when they are decoded. */
static int pick_make(Pick *pick, const Faces *faces, int64_t i, Err *err)
{
    size_t length, size;
    const char *key = faces_key(faces, i, &length);
    const uint8_t *bytes = column_row(faces->image != NULL ? faces->image : faces->jpeg, i, &size);
    pick->label = faces_label(faces, i);
    pick->key = strndup(key, length);
    pick->bytes = malloc(size + 1);
    pick->size = size;
    pick->h = faces->h;
    pick->w = faces->w;
    if (pick->key == NULL || pick->bytes == NULL) {
        free(pick->key);
        free(pick->bytes);
        return err_memory(err, "a face", size);
    }
    memcpy(pick->bytes, bytes, size);
    return 0;
}

static int picks_add(Picks *picks, const Faces *faces, int64_t i, uint64_t order, Err *err)
{
    if (array_reserve(picks->pick, picks->room, picks->n + 1, "faces", err) != 0)
        return -1;
    Pick *pick = &picks->pick[picks->n];
    *pick = (Pick){.row = picks->rows + i, .order = order};
    if (pick_make(pick, faces, i, err) != 0)
        return -1;
    picks->n++;
    picks->pixels += (uint64_t)pick->h * (uint64_t)pick->w;
    if (picks->n > IMAGE_MAX_PIXELS / 64 || picks->pixels > IMAGE_MAX_PIXELS)
        return err_set(err, "more faces than fit on a sheet: select by --key or --label, or draw "
                            "some with --random");
    return 0;
}

static int64_t greatest(const Picks *picks)
{
    int64_t at = 0;
    for (int64_t i = 1; i < picks->n; i++)
        if (picks->pick[i].order > picks->pick[at].order)
            at = i;
    return at;
}

int picks_take(Picks *picks, const PickOptions *options, const Faces *faces, Err *err)
{
    int64_t worst = options->random > 0 && picks->n == options->random ? greatest(picks) : 0;
    for (int64_t i = 0; i < faces->rows.n; i++) {
        size_t length;
        const char *bytes = faces_key(faces, i, &length);
        char *key = strndup(bytes, length);
        if (key == NULL)
            return err_memory(err, "a key", length);
        bool wanted = asked_for(options, key, faces_label(faces, i));
        free(key);
        uint64_t order = shuffled(options, picks->rows + i);
        bool full = options->random >= 0 && picks->n >= options->random;
        if (!wanted || (full && order > picks->pick[worst].order))
            continue;
        if (picks_add(picks, faces, i, order, err) != 0)
            return -1;
        if (full) {
            pick_free(picks, &picks->pick[worst]);
            picks->pick[worst] = picks->pick[--picks->n];
        }
        if (picks->n == options->random)
            worst = greatest(picks);
    }
    picks->rows += faces->rows.n;
    return 0;
}

static int by_row(const void *a, const void *b)
{
    const Pick *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

static int by_label_and_row(const void *a, const void *b)
{
    const Pick *x = a, *y = b;
    return x->label != y->label ? (x->label > y->label) - (x->label < y->label) : by_row(a, b);
}

void picks_sort(Picks *picks, bool by_label)
{
    if (picks->n > 0)
        sort_array(picks->pick, (size_t)picks->n, sizeof *picks->pick,
                   by_label ? by_label_and_row : by_row);
}

void picks_release(Picks *picks)
{
    for (int64_t i = 0; i < picks->n; i++)
        pick_free(picks, &picks->pick[i]);
    free(picks->pick);
    *picks = (Picks){0};
}

/* Pairs ------------------------------------------------------------------------------------- */

typedef struct Place {
    uint64_t order;
    int64_t pair;
} Place;

static int by_order(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int choose_pairs(PickPairs *pairs, const PickOptions *options, Err *err)
{
    int64_t all = pairs->list.pairs;
    Place *place = malloc((size_t)all * sizeof *place + 1);
    pairs->pair = malloc((size_t)all * sizeof *pairs->pair + 1);
    if (place == NULL || pairs->pair == NULL) {
        free(place);
        return err_memory(err, "pairs", (size_t)all * sizeof *place);
    }
    for (int64_t i = 0; i < all; i++)
        place[i] = (Place){shuffled(options, i), i};
    if (options->random >= 0)
        sort_array(place, (size_t)all, sizeof *place, by_order);
    pairs->n = options->random >= 0 && options->random < all ? options->random : all;
    for (int64_t i = 0; i < pairs->n; i++)
        pairs->pair[i] = place[i].pair;
    sort_array(pairs->pair, (size_t)pairs->n, sizeof *pairs->pair, by_number);
    free(place);
    return 0;
}

int pickpairs_init(PickPairs *pairs, const char *path, const PickOptions *options, Err *err)
{
    *pairs = (PickPairs){0};
    if (pairs_read(&pairs->list, path, err) != 0 || choose_pairs(pairs, options, err) != 0)
        return -1;
    size_t images = (size_t)pairs->list.images;
    pairs->wanted = calloc(images + 1, sizeof *pairs->wanted);
    pairs->image = malloc((images + 1) * sizeof *pairs->image);
    if (pairs->wanted == NULL || pairs->image == NULL)
        return err_memory(err, "pairs", images * sizeof *pairs->image);
    memset(pairs->image, 0xff, images * sizeof *pairs->image);
    for (int64_t i = 0; i < pairs->n; i++)
        for (int side = 0; side < 2; side++)
            pairs->wanted[pairs->list.pair[pairs->pair[i]].image[side]] = true;
    pairs->begun = true;
    return 0;
}

int pickpairs_take(PickPairs *pairs, Picks *picks, const Faces *faces, Err *err)
{
    EmbeddingRows rows = {.n = faces->rows.n};
    int64_t *end = malloc((size_t)rows.n * sizeof *end + 1);
    if (end == NULL)
        return err_memory(err, "keys", (size_t)rows.n * sizeof *end);
    for (int64_t i = 0; i < rows.n; i++) {
        size_t size;
        const char *key = faces_key(faces, i, &size);
        rows.key = faces->key != NULL ? (const char *)faces->key->data : NULL;
        end[i] = rows.key != NULL ? key + size - rows.key : 0;
    }
    rows.key_end = end;
    int64_t rc = pairs_match(&pairs->list, &rows, err);
    for (int64_t i = 0; i < pairs->list.images && rc >= 0; i++) {
        int64_t row = pairs->list.image[i].row;
        if (row < 0 || !pairs->wanted[i])
            continue;
        if (pairs->image[i] >= 0)
            rc = err_set(err, "row %" PRId64 ": an earlier row was already this image of a pair",
                         row);
        else
            rc = picks_add(picks, faces, row, 0, err);
        pairs->image[i] = picks->n - 1;
    }
    picks->rows += faces->rows.n;
    free(end);
    return rc < 0 ? -1 : 0;
}

int pickpairs_check(const PickPairs *pairs, Err *err)
{
    for (int64_t i = 0; i < pairs->list.images; i++)
        if (pairs->wanted[i] && pairs->image[i] < 0) {
            char name[256];
            pairs_image_text(name, sizeof name, &pairs->list.image[i]);
            return err_set(err, "the face %s of a pair is missing", name);
        }
    return 0;
}

void pickpairs_release(PickPairs *pairs)
{
    pairs_release(&pairs->list);
    free(pairs->pair);
    free(pairs->wanted);
    free(pairs->image);
    *pairs = (PickPairs){0};
}
