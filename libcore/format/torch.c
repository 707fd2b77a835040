#include "format/torch_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/torch_parts_internal.h"

/* How deep in lists and dictionaries a state_dict is looked for */
enum { DEPTH = 12 };

/* Finding state_dicts ------------------------------------------------------------------------- */

typedef struct Search {
    TorchFile *file;
    bool *seen; /* [objects] */
} Search;

static int count_tensors(const Pickle *pickle, const PickleObject *dict)
{
    int n = 0;
    for (int64_t i = 0; i + 1 < dict->n; i += 2)
        n += torch_is_text(pickle_item(pickle, dict, i)) &&
             torch_is_tensor(pickle, pickle_item(pickle, dict, i + 1));
    return n;
}

/* When there are too many, the smallest goes. */
static void add_entry(TorchFile *file, int32_t object, int tensors, const char *path)
{
    int least = 0;
    for (int i = 1; i < file->entries; i++)
        least = file->entry[i].tensors < file->entry[least].tensors ? i : least;
    if (file->entries == TORCH_ENTRIES) {
        if (file->entry[least].tensors >= tensors)
            return;
        memmove(&file->entry[least], &file->entry[least + 1],
                (size_t)(TORCH_ENTRIES - 1 - least) * sizeof file->entry[0]);
        file->entries--;
    }
    file->entry[file->entries].object = object;
    file->entry[file->entries].tensors = tensors;
    snprintf(file->entry[file->entries++].key, TORCH_ENTRY, "%s", path);
}

static bool is_optimiser(const char *key)
{
    for (; *key != '\0'; key++)
        if (strncasecmp(key, "optim", 5) == 0)
            return true;
    return false;
}

static void search(Search *s, int32_t number, const char *path, int depth);

static void search_item(Search *s, int32_t number, const char *path, const char *key, int depth)
{
    char inner[TORCH_ENTRY];
    snprintf(inner, sizeof inner, "%.80s%s%.40s", path, path[0] != '\0' ? "." : "", key);
    if (!is_optimiser(key))
        search(s, number, inner, depth + 1);
}

static void search(Search *s, int32_t number, const char *path, int depth)
{
    const Pickle *pickle = &s->file->pickle;
    const PickleObject *object = &pickle->object[number];
    bool dict = object->kind == PICKLE_DICT;
    char key[TORCH_ENTRY];
    if ((!dict && object->kind != PICKLE_LIST && object->kind != PICKLE_TUPLE) || depth > DEPTH ||
        s->seen[number])
        return;
    s->seen[number] = true;
    int tensors = dict ? count_tensors(pickle, object) : 0;
    if (tensors > 0)
        add_entry(s->file, number, tensors, path);
    for (int64_t i = 0; i + dict < object->n; i += 1 + dict) {
        const PickleObject *name = pickle_item(pickle, object, i);
        if (!dict)
            snprintf(key, sizeof key, "%" PRId64, i);
        else if (torch_is_text(name))
            snprintf(key, sizeof key, "%.*s", (int)(name->n < 100 ? name->n : 100),
                     (const char *)name->bytes);
        else
            continue;
        search_item(s, object->item[i + dict], path, key, depth);
    }
}

static int find_entries(TorchFile *file, Err *err)
{
    const Pickle *pickle = &file->pickle;
    Search s = {file, calloc((size_t)pickle->objects + 1, 1)};
    if (s.seen == NULL)
        return err_memory(err, "a pickle", (size_t)pickle->objects);
    search(&s, pickle->stack[pickle->depth - 1], "", 0);
    free(s.seen);
    if (file->entries > 0)
        return 0;
    return err_set(err, "it holds no state_dict (names with tensors); in PyTorch, "
                        "torch.save(model.state_dict(), FILE) writes one");
}

/* Opening ------------------------------------------------------------------------------------- */

bool torchfile_known(const uint8_t *bytes, size_t size)
{
    return size >= 4 &&
           (memcmp(bytes, "PK\3\4", 4) == 0 || memcmp(bytes, "PK\5\6", 4) == 0 ||
            (bytes[0] == 0x80 && bytes[1] <= 5 && bytes[2] > 5) || memcmp(bytes, "L119", 4) == 0);
}

TorchFile *torchfile_open(const uint8_t *bytes, size_t size, Err *err)
{
    TorchFile *file = calloc(1, sizeof *file);
    if (file == NULL) {
        err_memory(err, "a checkpoint", sizeof *file);
        return NULL;
    }
    *file = (TorchFile){.bytes = bytes, .size = size, .zip = size > 0 && bytes[0] == 'P'};
    int rc = file->zip ? torchzip_open(file, err) : torchbare_open(file, err);
    if (rc == 0 && find_entries(file, err) == 0)
        return file;
    torchfile_close(file);
    return NULL;
}

void torchfile_close(TorchFile *file)
{
    if (file == NULL)
        return;
    pickle_release(&file->pickle);
    free(file->storage);
    free(file);
}

int torchfile_entries(const TorchFile *file)
{
    return file->entries;
}

const char *torchfile_entry(const TorchFile *file, int entry)
{
    return file->entry[entry].key;
}

int torchfile_tensors(const TorchFile *file, int entry)
{
    return file->entry[entry].tensors;
}

/* Reading ------------------------------------------------------------------------------------- */

typedef struct Reading {
    const TorchFile *file;
    TorchTensor *tensor; /* [n] */
    int n;
} Reading;

static void release(Reading *r)
{
    free(r->tensor);
    *r = (Reading){0};
}

/* The tensors of an entry, in its order. */
static int gather(Reading *r, const TorchFile *file, int entry, Err *err)
{
    const Pickle *pickle = &file->pickle;
    const PickleObject *dict = &pickle->object[file->entry[entry].object];
    size_t room = (size_t)file->entry[entry].tensors, total = 0;
    *r = (Reading){.file = file, .tensor = calloc(room, sizeof *r->tensor)};
    if (r->tensor == NULL)
        return err_memory(err, "tensors", room * sizeof *r->tensor);
    for (int64_t i = 0; i + 1 < dict->n; i += 2) {
        const PickleObject *name = pickle_item(pickle, dict, i);
        const PickleObject *call = pickle_item(pickle, dict, i + 1);
        if (!torch_is_text(name) || !torch_is_tensor(pickle, call))
            continue;
        TorchTensor *tensor = &r->tensor[r->n];
        *tensor = (TorchTensor){.name = name->bytes, .name_size = (size_t)name->n};
        if (name->n > 400 || memchr(name->bytes, '\0', (size_t)name->n) != NULL)
            return err_set(err, "byte %zu of its pickle: not the name of a tensor", name->offset);
        if (torch_tensor(tensor, pickle, call, err) != 0)
            return -1;
        if (__builtin_add_overflow(total, tensor->bytes, &total) || total > torch_room(file))
            return err_set(
                err, "tensor '%.*s': the tensors up to it take %zu bytes, the file has %zu",
                (int)(name->n < 200 ? name->n : 200), (const char *)name->bytes, total, file->size);
        r->n++;
    }
    return 0;
}

typedef struct Name {
    char text[401];
} Name;

static Name name_of(const TorchTensor *tensor)
{
    Name name;
    snprintf(name.text, sizeof name.text, "%.*s", (int)tensor->name_size,
             (const char *)tensor->name);
    return name;
}

int torchfile_outline(Frame *frame, const TorchFile *file, int entry, Err *err)
{
    Reading r;
    int rc = gather(&r, file, entry, err);
    for (int i = 0; rc == 0 && i < r.n; i++) {
        const TorchTensor *t = &r.tensor[i];
        rc = frame_add(frame, name_of(t).text, torch_becomes(t->dtype), t->ndim, t->shape, NULL,
                       err);
    }
    release(&r);
    return rc;
}

/* Marks the storages of the tensors. What the file cannot have is not looked for. */
static int want_storages(const Reading *r, Err *err)
{
    for (int i = 0; i < r->n; i++) {
        const TorchTensor *t = &r->tensor[i];
        TorchStorage *storage = torch_storage(r->file, t->key, t->key_size);
        if (storage == NULL || storage->dtype == DTYPE_COUNT ||
            (uint64_t)storage->count > r->file->size / dtype_size(storage->dtype))
            return err_set(err, "tensor '%.200s': a storage of %" PRId64 " numbers in %zu bytes",
                           name_of(t).text, storage != NULL ? storage->count : 0, r->file->size);
        storage->wanted = true;
    }
    return 0;
}

static int copy_tensors(Frame *frame, const Reading *r, Err *err)
{
    for (int i = 0; i < r->n; i++) {
        const TorchTensor *t = &r->tensor[i];
        const TorchStorage *storage = torch_storage(r->file, t->key, t->key_size);
        void *out =
            frame_alloc(frame, name_of(t).text, torch_becomes(t->dtype), t->ndim, t->shape, err);
        if (out == NULL)
            return -1;
        if (t->bytes > 0 && storage->bytes == NULL)
            return err_set(err, "tensor '%.200s': its storage, %.*s, is missing", name_of(t).text,
                           (int)(t->key_size < 60 ? t->key_size : 60), (const char *)t->key);
        if (t->bytes > 0)
            torch_copy(out, t, storage->bytes, r->file->big_endian);
    }
    return 0;
}

int torchfile_read(Frame *frame, const TorchFile *file, int entry, Err *err)
{
    Reading r;
    int rc = gather(&r, file, entry, err);
    if (rc == 0)
        rc = want_storages(&r, err);
    if (rc == 0 && file->zip)
        rc = torchzip_find(file, err);
    if (rc == 0)
        rc = copy_tensors(frame, &r, err);
    release(&r);
    return rc;
}
