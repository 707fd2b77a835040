/* PyTorch's checkpoints from 1.6 on: a ZIP of NAME/data.pkl and NAME/data/KEY, a storage each */
#include <string.h>

#include "format/torch_parts_internal.h"
#include "format/zip_read_internal.h"

static bool ends_in(const ZipStored *member, const char *end)
{
    size_t n = strlen(end);
    return member->name_size >= n && memcmp(member->name + member->name_size - n, end, n) == 0;
}

static bool has_folder(const ZipStored *member, const char *folder)
{
    size_t n = strlen(folder);
    for (size_t at = 0; at + n <= member->name_size; at++)
        if (memcmp(member->name + at, folder, n) == 0)
            return true;
    return false;
}

/* What the names of members say of an archive. */
typedef struct Signs {
    bool script, arrays, keras, packed;
    ZipStored pickle, order; /* without bytes where there is none */
} Signs;

static void look_at(Signs *signs, const ZipStored *member)
{
    if (ends_in(member, "/data.pkl") && signs->pickle.bytes == NULL) {
        signs->pickle = *member;
        signs->packed = member->packed;
    }
    if (ends_in(member, "/byteorder"))
        signs->order = *member;
    signs->script |= ends_in(member, "/constants.pkl") || has_folder(member, "/code/");
    signs->arrays |= ends_in(member, ".npy");
    signs->keras |= ends_in(member, "model.weights.h5");
}

static int say_what(const Signs *signs, Err *err)
{
    const char *what =
        signs->script   ? "TorchScript, a program; in PyTorch, "
                          "torch.save(torch.jit.load(FILE).state_dict(), OTHER) makes a checkpoint "
                          "of it, and torch.onnx.export() an ONNX model, both of which can be read"
        : signs->packed ? "a PyTorch checkpoint that was compressed; unzip it and \"zip -0\" it"
        : signs->arrays ? "NumPy arrays (.npz), not a net"
        : signs->keras  ? "a Keras net; tf2onnx converts it to ONNX, which can be read"
                        : "a ZIP archive without the data.pkl of a PyTorch checkpoint";
    return err_set(err, "%s", what);
}

static int take_order(TorchFile *file, const ZipStored *order, Err *err)
{
    if (order->bytes == NULL)
        return 0;
    file->big_endian = order->size == 3 && memcmp(order->bytes, "big", 3) == 0;
    if (!file->big_endian && (order->size != 6 || memcmp(order->bytes, "little", 6) != 0))
        return err_set(err, "its byteorder is neither little nor big");
    return zipstored_check(order, err);
}

int torchzip_open(TorchFile *file, Err *err)
{
    ZipReader zip;
    ZipStored member;
    Signs signs = {0};
    int rc = zipreader_init(&zip, file->bytes, file->size, err) == 0 ? 1 : -1;
    while (rc > 0 && (rc = zipreader_next(&zip, &member, err)) > 0)
        look_at(&signs, &member);
    if (rc < 0)
        return -1;
    if (signs.script || signs.pickle.bytes == NULL)
        return say_what(&signs, err);
    file->folder = signs.pickle.name;
    file->folder_size = signs.pickle.name_size - strlen("data.pkl");
    if (zipstored_check(&signs.pickle, err) != 0 || take_order(file, &signs.order, err) != 0 ||
        torch_unpickle(file, signs.pickle.bytes, signs.pickle.size, 0, err) != 0)
        return -1;
    return torch_index_storages(file, err);
}

/* The storage whose bytes a member is, or NULL. */
static TorchStorage *storage_of(const TorchFile *file, const ZipStored *member)
{
    size_t before = file->folder_size + strlen("data/");
    if (member->name_size <= before || memcmp(member->name, file->folder, file->folder_size) != 0 ||
        memcmp(member->name + file->folder_size, "data/", strlen("data/")) != 0)
        return NULL;
    return torch_storage(file, (const uint8_t *)member->name + before, member->name_size - before);
}

int torchzip_find(const TorchFile *file, Err *err)
{
    ZipReader zip;
    ZipStored member;
    int rc = zipreader_init(&zip, file->bytes, file->size, err) == 0 ? 1 : -1;
    while (rc > 0 && (rc = zipreader_next(&zip, &member, err)) > 0) {
        TorchStorage *storage = storage_of(file, &member);
        if (storage == NULL || !storage->wanted || storage->bytes != NULL)
            continue;
        size_t size = (size_t)storage->count * dtype_size(storage->dtype);
        if (zipstored_check(&member, err) != 0)
            return -1;
        if (member.size < size)
            return err_set(err, "'%.*s' has %zu bytes, not the %zu of its tensors",
                           member.name_size < 200 ? (int)member.name_size : 200, member.name,
                           member.size, size);
        storage->bytes = member.bytes;
    }
    return rc;
}
