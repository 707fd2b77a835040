#include "lists/pairs_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort_internal.h"
#include "lists/lookup_internal.h"
#include "lists/pairs_parts_internal.h"

void pairs_release(PairList *list)
{
    free(list->text);
    free(list->image);
    free(list->pair);
    *list = (PairList){0};
}

static int compare_images(const void *a, const void *b)
{
    const PairImage *x = a, *y = b;
    int shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->name, y->name, (size_t)shorter);
    if (order != 0)
        return order;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int64_t find_image(const PairList *list, const PairImage *image)
{
    const PairImage *found =
        bsearch(image, list->image, (size_t)list->images, sizeof *image, compare_images);
    return found != NULL ? found - list->image : -1;
}

int pairs_unite_images(PairList *list, Err *err)
{
    size_t bytes = (size_t)list->images * sizeof *list->image;
    PairImage *mention = malloc(bytes + 1);
    if (mention == NULL)
        return err_memory(err, "the images of pairs", bytes);
    memcpy(mention, list->image, bytes);
    sort_array(list->image, (size_t)list->images, sizeof *list->image, compare_images);
    int64_t n = 0;
    for (int64_t i = 0; i < list->images; i++)
        if (n == 0 || compare_images(&list->image[n - 1], &list->image[i]) != 0)
            list->image[n++] = list->image[i];
    list->images = n;
    for (int64_t i = 0; i < list->pairs; i++)
        for (int side = 0; side < 2; side++)
            list->pair[i].image[side] = find_image(list, &mention[list->pair[i].image[side]]);
    free(mention);
    return 0;
}

/* The name and number that a key stands for; false when it is not of that form. */
static bool numbered_image(PairImage *image, const char *key, int length)
{
    int begin = length, end = length;
    while (begin > 0 && key[begin - 1] != '/')
        begin--;
    while (end > begin && isalnum((unsigned char)key[end - 1]))
        end--;
    /* The walk back stopped behind the dot of "NAME_0001.jpg", or behind the underscore of
     * "NAME_0001" */
    int digits_end = end > begin && key[end - 1] == '.' ? end - 1 : length;
    int digits = digits_end;
    while (digits > begin && isdigit((unsigned char)key[digits - 1]))
        digits--;
    if (digits == digits_end || digits_end - digits > 9 || digits - 1 <= begin ||
        key[digits - 1] != '_')
        return false;
    *image = (PairImage){.name = key + begin, .length = digits - 1 - begin};
    for (int i = digits; i < digits_end; i++)
        image->number = 10 * image->number + (key[i] - '0');
    return true;
}

static bool image_of_key(PairImage *image, const PairList *list, const char *key, int length)
{
    if (list->components == 0)
        return numbered_image(image, key, length);
    LookupName tail = lookup_tail(key, length, list->components);
    *image = (PairImage){.name = tail.at, .length = tail.length};
    return true;
}

int64_t pairs_find(const PairList *list, const char *key, int length)
{
    PairImage image;
    return image_of_key(&image, list, key, length) ? find_image(list, &image) : -1;
}

static int ambiguous(const EmbeddingRows *rows, int64_t a, int64_t b, Err *err)
{
    int length[2];
    const char *key[2] = {embedding_key(rows, a, &length[0]), embedding_key(rows, b, &length[1])};
    return err_set(err, "rows %lld (%.*s) and %lld (%.*s) are both the same image of a pair",
                   (long long)a, length[0], key[0], (long long)b, length[1], key[1]);
}

int64_t pairs_match(PairList *list, const EmbeddingRows *rows, Err *err)
{
    int64_t missing = list->images;
    for (int64_t i = 0; i < list->images; i++)
        list->image[i].row = PAIR_IMAGE_MISSING;
    for (int64_t row = 0; row < rows->n; row++) {
        int length;
        const char *key = embedding_key(rows, row, &length);
        int64_t found = pairs_find(list, key, length);
        if (found < 0)
            continue;
        if (list->image[found].row >= 0)
            return ambiguous(rows, list->image[found].row, row, err);
        list->image[found].row = row;
        missing--;
    }
    return missing;
}

void pairs_image_text(char *out, size_t size, const PairImage *image)
{
    if (image->number > 0)
        snprintf(out, size, "%.*s_%04d", image->length, image->name, (int)image->number);
    else
        snprintf(out, size, "%.*s", image->length, image->name);
}
