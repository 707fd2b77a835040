/* PyTorch's checkpoints before 1.6: pickles of a mark, a version, the machine, the object and the
 * storages' keys, and then the storages, a count and numbers each, always little-endian. */
#include <inttypes.h>
#include <string.h>

#include "format/torch_parts_internal.h"

enum { BARE_VERSION = 1001 };

/* 0x1950a86a20f9469cfc6c */
static const uint8_t mark[] = {0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

/* A pickle of what is no checkpoint can still be of anything. */
static int begin(TorchFile *file, size_t *at, Err *err)
{
    Pickle pickle;
    Err why = {0};
    bool right = pickle_read(&pickle, PICKLE_WEIGHTS, file->bytes, file->size, 0, &why) == 0;
    if (right) {
        const PickleObject *number = pickle_result(&pickle);
        right = number->kind == PICKLE_LONG && number->n == sizeof mark &&
                memcmp(number->bytes, mark, sizeof mark) == 0;
    }
    *at = pickle.at;
    pickle_release(&pickle);
    return right ? 0
                 : err_set(err, "a Python pickle, but not a PyTorch checkpoint; in PyTorch, "
                                "torch.save(model.state_dict(), FILE) writes one that can be read");
}

/* The next pickle, the caller releases it. */
static int read_next(Pickle *pickle, const TorchFile *file, size_t at, Err *err)
{
    Err why = {0};
    if (pickle_read(pickle, PICKLE_WEIGHTS, file->bytes, file->size, at, &why) == 0)
        return 0;
    return err_set(err, "a PyTorch checkpoint that was cut or damaged: %s", why.text);
}

static int check_version(TorchFile *file, size_t *at, Err *err)
{
    Pickle pickle;
    int rc = read_next(&pickle, file, *at, err);
    if (rc == 0) {
        const PickleObject *number = pickle_result(&pickle);
        if (number->kind != PICKLE_INT || number->n != BARE_VERSION)
            rc = err_set(err, "byte %zu: a PyTorch checkpoint of an unknown version", *at);
    }
    *at = pickle.at;
    pickle_release(&pickle);
    return rc;
}

static int pass_over(TorchFile *file, size_t *at, Err *err)
{
    Pickle pickle;
    int rc = read_next(&pickle, file, *at, err);
    *at = pickle.at;
    pickle_release(&pickle);
    return rc;
}

static int cut(const TorchFile *file, size_t at, Err *err)
{
    return err_set(err, "it was cut: the numbers at byte %zu go beyond its end at %zu", at,
                   file->size);
}

static int take_storage(TorchFile *file, TorchStorage *storage, size_t *at, Err *err)
{
    uint64_t count = 0;
    size_t left = file->size - *at;
    if (left < 8)
        return cut(file, *at, err);
    for (int i = 0; i < 8; i++)
        count |= (uint64_t)file->bytes[*at + (size_t)i] << 8 * i;
    if (count != (uint64_t)storage->count)
        return err_set(err,
                       "byte %zu: a storage of %" PRIu64 " numbers, but the pickle says %" PRId64,
                       *at, count, storage->count);
    if (storage->dtype == DTYPE_COUNT)
        return err_set(err, "byte %zu: complex or quantised numbers, which are not supported", *at);
    size_t width = dtype_size(storage->dtype);
    if (count > (left - 8) / width)
        return cut(file, *at, err);
    storage->bytes = file->bytes + *at + 8;
    *at += 8 + (size_t)count * width;
    return 0;
}

static int take_storages(TorchFile *file, const Pickle *keys, size_t at, Err *err)
{
    const PickleObject *list = pickle_result(keys);
    if (list->kind != PICKLE_LIST)
        return err_set(err, "byte %zu: not a list of storages", at);
    for (int64_t i = 0; i < list->n; i++) {
        const PickleObject *key = pickle_item(keys, list, i);
        TorchStorage *storage =
            torch_is_text(key) ? torch_storage(file, key->bytes, (size_t)key->n) : NULL;
        if (storage == NULL)
            return err_set(err, "byte %zu: a storage that no tensor has", at);
        if (take_storage(file, storage, &at, err) != 0)
            return -1;
    }
    return 0;
}

int torchbare_open(TorchFile *file, Err *err)
{
    Pickle keys = {0};
    size_t at;
    if (begin(file, &at, err) != 0 || check_version(file, &at, err) != 0 ||
        pass_over(file, &at, err) != 0 ||
        torch_unpickle(file, file->bytes, file->size, at, err) != 0 ||
        torch_index_storages(file, err) != 0)
        return -1;
    int rc = read_next(&keys, file, file->pickle.at, err);
    if (rc == 0)
        rc = take_storages(file, &keys, keys.at, err);
    pickle_release(&keys);
    return rc;
}
