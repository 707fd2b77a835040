/* The parts of the reader of PyTorch's checkpoints: containers, what the pickle says, numbers. */
#ifndef FORMAT_TORCH_PARTS_INTERNAL_H
#define FORMAT_TORCH_PARTS_INTERNAL_H

#include "format/pickle_internal.h"
#include "format/torch_internal.h"

/* A storage: numbers of one type, back to back. */
typedef struct TorchStorage {
    const uint8_t *key; /* its name in the file */
    size_t key_size;
    Dtype dtype;
    int64_t count;
    const uint8_t *bytes; /* in the file, once it was found */
    bool wanted;
} TorchStorage;

/* A view of a storage. */
typedef struct TorchTensor {
    const uint8_t *name;
    size_t name_size;
    Dtype dtype;
    int ndim;
    int64_t shape[TENSOR_MAX_DIMS], stride[TENSOR_MAX_DIMS], offset;
    const uint8_t *key; /* of the storage */
    size_t key_size, bytes;
} TorchTensor;

struct TorchFile {
    const uint8_t *bytes;
    size_t size;
    bool zip, big_endian;
    const char *folder; /* of the members of the ZIP, with its slash */
    size_t folder_size;
    Pickle pickle;
    TorchStorage *storage; /* [storages], in the order of their keys */
    int64_t storages;
    struct {
        int32_t object; /* the dictionary */
        int tensors;
        char key[TORCH_ENTRY];
    } entry[TORCH_ENTRIES];
    int entries;
};

/* What all tensors together may have: more than that is no checkpoint but a view that was spread.
 */
static inline size_t torch_room(const TorchFile *file)
{
    return 8 * file->size + (1 << 20);
}

/* Containers ------------------------------------------------------------------------------------*/

/* In torch_zip.c. */
int torchzip_open(TorchFile *file, Err *err);

/* Finds the bytes of the storages that are wanted. */
int torchzip_find(const TorchFile *file, Err *err);

/* In torch_bare.c. */
int torchbare_open(TorchFile *file, Err *err);

/* In torch_storage.c: reads the pickle that begins at byte `at`; says what it is if it is not read.
 */
int torch_unpickle(TorchFile *file, const uint8_t *bytes, size_t size, size_t at, Err *err);
int torch_index_storages(TorchFile *file, Err *err);
TorchStorage *torch_storage(const TorchFile *file, const uint8_t *key, size_t size);

/* Tensors, in torch_tensor.c ----------------------------------------------------------------- */

bool torch_is_tensor(const Pickle *pickle, const PickleObject *object);
bool torch_is_text(const PickleObject *object);

/* What storage a persistent identity names, and where in it a view begins (of PyTorch 0.3). */
int torch_identity(TorchStorage *storage, int64_t *begin, const Pickle *pickle,
                   const PickleObject *identity, Err *err);

/* A tensor from its call, checked against its storage. */
int torch_tensor(TorchTensor *tensor, const Pickle *pickle, const PickleObject *call, Err *err);

/* Its numbers, from the bytes of its storage. */
void torch_copy(void *out, const TorchTensor *tensor, const uint8_t *bytes, bool swap);
Dtype torch_becomes(Dtype dtype);

#endif
