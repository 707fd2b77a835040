#include "format/verification_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/out.h"
#include "format/pickle_internal.h"

bool verification_known(const uint8_t *bytes, size_t size)
{
    static const char *const old[] = {"((l", "(lp", "(]q", "((]"}; /* protocols 0 and 1 */
    for (size_t i = 0; size >= 3 && i < sizeof old / sizeof old[0]; i++)
        if (memcmp(bytes, old[i], 3) == 0)
            return true;
    return size >= 3 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5 &&
           (bytes[2] == ']' || bytes[2] == '(' || bytes[2] == 0x95);
}

/* What Python takes apart as a sequence */
static bool is_sequence(const PickleObject *object)
{
    return object->kind == PICKLE_LIST || object->kind == PICKLE_TUPLE;
}

/* How many pairs there are truths of: a sequence of them, or an array of NumPy's of 1, 4 or 8 bytes
 * each, which *width is then. */
static int64_t count_truths(const PickleObject *same, int64_t images, int *width)
{
    *width = 0;
    if (same->kind != PICKLE_BYTES)
        return is_sequence(same) ? same->n : -1;
    for (int w = 1; w <= 8; w += w == 1 ? 3 : 4)
        if (same->n % w == 0 && images == 2 * (same->n / w)) {
            *width = w;
            return same->n / w;
        }
    return same->n;
}

/* What is left when all opcodes are carried out: a sequence of two. */
static int find_lists(const Pickle *pickle, const PickleObject **bins, const PickleObject **same,
                      int *width, int64_t *pairs, Err *err)
{
    const PickleObject *top = pickle_result(pickle);
    if (pickle->depth != 1 || !is_sequence(top) || top->n != 2)
        return err_set(err, "the pickle does not hold images and whether they are of one person");
    *bins = &pickle->object[top->item[0]];
    *same = &pickle->object[top->item[1]];
    *pairs = count_truths(*same, (*bins)->n, width);
    if (!is_sequence(*bins) || *pairs < 0)
        return err_set(err, "the pickle does not hold two lists");
    if ((*bins)->n != 2 * *pairs || *pairs == 0)
        return err_set(err, "%s for %s", counted((*bins)->n, "image", "images").text,
                       counted(*pairs, "pair", "pairs").text);
    return 0;
}

static int take_image(VerificationSet *set, const Pickle *pickle, int64_t i, int32_t number,
                      Err *err)
{
    const PickleObject *object = &pickle->object[number];
    if (object->kind != PICKLE_BYTES || object->n == 0 || object->bytes == NULL)
        return err_set(err, "byte %zu: image %" PRId64 " is not bytes", object->offset, i + 1);
    set->image[i] = (VerificationImage){object->bytes, (size_t)object->n, object->offset};
    return 0;
}

static int take_truth(VerificationSet *set, const Pickle *pickle, int64_t i, int32_t number,
                      Err *err)
{
    const PickleObject *object = &pickle->object[number];
    if ((object->kind != PICKLE_BOOL && object->kind != PICKLE_INT) ||
        (object->n != 0 && object->n != 1))
        return err_set(err, "byte %zu: whether pair %" PRId64 " is of one person is not a bool",
                       object->offset, i + 1);
    set->same[i] = object->n == 1;
    return 0;
}

/* The same from an array: its first byte, the others zero */
static int take_element(VerificationSet *set, const PickleObject *array, int64_t i, int width,
                        Err *err)
{
    const uint8_t *at = array->bytes + i * width;
    bool other = at[0] > 1;
    for (int k = 1; k < width; k++)
        other |= at[k] != 0;
    if (other)
        return err_set(err, "byte %zu: whether pair %" PRId64 " is of one person is not a bool",
                       array->offset, i + 1);
    set->same[i] = at[0] == 1;
    return 0;
}

static int take_lists(VerificationSet *set, const Pickle *pickle, Err *err)
{
    const PickleObject *bins = NULL, *same = NULL;
    int width = 0;
    if (find_lists(pickle, &bins, &same, &width, &set->pairs, err) != 0)
        return -1;
    set->image = calloc((size_t)bins->n, sizeof *set->image);
    set->same = calloc((size_t)set->pairs, sizeof *set->same);
    if (set->image == NULL || set->same == NULL)
        return err_memory(err, "pairs", (size_t)bins->n * sizeof *set->image);
    for (int64_t i = 0; i < bins->n; i++)
        if (take_image(set, pickle, i, bins->item[i], err) != 0)
            return -1;
    for (int64_t i = 0; i < set->pairs; i++)
        if ((width > 0 ? take_element(set, same, i, width, err)
                       : take_truth(set, pickle, i, same->item[i], err)) != 0)
            return -1;
    return 0;
}

int verification_parse(VerificationSet *set, const uint8_t *bytes, size_t size, Err *err)
{
    *set = (VerificationSet){.pickle = calloc(1, sizeof *set->pickle)};
    if (set->pickle == NULL)
        return err_memory(err, "a pickle", sizeof *set->pickle);
    int rc = pickle_read(set->pickle, PICKLE_IMAGES, bytes, size, 0, err);
    size_t end = set->pickle->at;
    if (rc == 0 && end < size)
        rc = err_set(err, "byte %zu: %zu bytes after the end", end, size - end);
    if (rc == 0 && take_lists(set, set->pickle, err) == 0)
        return 0;
    verification_release(set);
    return -1;
}

void verification_release(VerificationSet *set)
{
    if (set->pickle != NULL)
        pickle_release(set->pickle);
    free(set->pickle);
    free(set->image);
    free(set->same);
    *set = (VerificationSet){0};
}

void verification_name(char out[VERIFICATION_NAME], const char *stem, int64_t i)
{
    snprintf(out, VERIFICATION_NAME, "%.255s_%04" PRId64 ".jpg", stem, i + 1);
}

/* How many pairs of each kind a fold has if all have as many, those of one person first; 0 if
 * not. */
static int64_t fold_size(const VerificationSet *set)
{
    int64_t each = 0;
    while (each < set->pairs && set->same[each])
        each++;
    if (each == 0 || set->pairs % (2 * each) != 0)
        return 0;
    for (int64_t i = 0; i < set->pairs; i++)
        if (set->same[i] != (i % (2 * each) < each))
            return 0;
    return each;
}

static int write_lines(const VerificationSet *set, const char *stem, int64_t each, FILE *f)
{
    char a[VERIFICATION_NAME], b[VERIFICATION_NAME];
    int rc =
        each == 0 ? 0 : fprintf(f, "%" PRId64 "\t%" PRId64 "\n", set->pairs / (2 * each), each);
    for (int64_t i = 0; i < set->pairs && rc >= 0; i++) {
        long long first = 2 * i + 1;
        verification_name(a, stem, 2 * i);
        verification_name(b, stem, 2 * i + 1);
        if (each == 0)
            rc = fprintf(f, "%s %s %d\n", a, b, set->same[i]);
        else if (set->same[i])
            rc = fprintf(f, "%s\t%lld\t%lld\n", stem, first, first + 1);
        else
            rc = fprintf(f, "%s\t%lld\t%s\t%lld\n", stem, first, stem, first + 1);
    }
    return rc < 0 ? -1 : 0;
}

int verification_write_pairs(const VerificationSet *set, const char *stem, const char *file,
                             int64_t *folds, Err *err)
{
    Out out;
    int64_t each = fold_size(set);
    *folds = each == 0 ? 0 : set->pairs / (2 * each);
    if (out_open(&out, file, err) != 0)
        return -1;
    if (write_lines(set, stem, each, out.f) == 0)
        return out_commit(&out, err);
    err_errno(err, "cannot write %s", file);
    out_abort(&out);
    return -1;
}
