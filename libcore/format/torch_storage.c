/* What the pickle of a checkpoint says of its storages */
#include <stdlib.h>
#include <string.h>

#include "base/sort_internal.h"
#include "format/torch_parts_internal.h"

static bool contains(const uint8_t *bytes, size_t size, const char *text)
{
    size_t n = strlen(text);
    for (size_t at = 0; n <= size && at <= size - n; at++) {
        const uint8_t *found = memchr(bytes + at, text[0], size - n - at + 1);
        if (found == NULL)
            return false;
        at = (size_t)(found - bytes);
        if (memcmp(found, text, n) == 0)
            return true;
    }
    return false;
}

int torch_unpickle(TorchFile *file, const uint8_t *bytes, size_t size, size_t at, Err *err)
{
    Err why = {0};
    if (pickle_read(&file->pickle, PICKLE_WEIGHTS, bytes, size, at, &why) == 0)
        return 0;
    const char *strange = file->pickle.strange;
    if (strange[0] == '\0')
        return err_set(err, "its pickle: %s", why.text);
    if (contains(bytes + at, size - at, "torch.nn.modules"))
        return err_set(
            err,
            "a whole module, of class '%s', which only the program that made it can read; there, "
            "torch.save(model.state_dict(), FILE) writes a file that can be read here",
            strange);
    return err_set(err,
                   "it holds a '%s', which is not among the classes that can be ignored; in "
                   "PyTorch, torch.save(model.state_dict(), FILE) writes only the weights",
                   strange);
}

static int order_of_keys(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    size_t least = a_size < b_size ? a_size : b_size;
    int order = least > 0 ? memcmp(a, b, least) : 0;
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

static int compare_storages(const void *a, const void *b)
{
    const TorchStorage *x = a, *y = b;
    return order_of_keys(x->key, x->key_size, y->key, y->key_size);
}

TorchStorage *torch_storage(const TorchFile *file, const uint8_t *key, size_t size)
{
    const TorchStorage wanted = {.key = key, .key_size = size};
    if (file->storages == 0)
        return NULL;
    return bsearch(&wanted, file->storage, (size_t)file->storages, sizeof wanted, compare_storages);
}

/* Each is named as often as tensors have it. */
static int unite_storages(TorchFile *file, Err *err)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < file->storages; i++) {
        const TorchStorage *one = &file->storage[i], *last = &file->storage[kept - 1];
        if (kept == 0 || compare_storages(last, one) != 0)
            file->storage[kept++] = *one;
        else if (last->dtype != one->dtype || last->count != one->count)
            return err_set(err, "storage %.*s has two types or sizes",
                           (int)(one->key_size < 60 ? one->key_size : 60), (const char *)one->key);
    }
    file->storages = kept;
    return 0;
}

int torch_index_storages(TorchFile *file, Err *err)
{
    const Pickle *pickle = &file->pickle;
    int64_t n = 0, begin;
    for (int32_t i = 0; i < pickle->objects; i++)
        n += pickle->object[i].kind == PICKLE_PERSISTENT;
    file->storage = calloc((size_t)n + 1, sizeof *file->storage);
    if (file->storage == NULL)
        return err_memory(err, "storages", (size_t)n * sizeof *file->storage);
    for (int32_t i = 0; i < pickle->objects; i++)
        if (pickle->object[i].kind == PICKLE_PERSISTENT &&
            torch_identity(&file->storage[file->storages++], &begin, pickle, &pickle->object[i],
                           err) != 0)
            return -1;
    sort_array(file->storage, (size_t)file->storages, sizeof *file->storage, compare_storages);
    return unite_storages(file, err);
}
