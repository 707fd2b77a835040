/* Embeddings in .npy and .npz */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "format/npz_internal.h"
#include "source/vector_kind_internal.h"
#include "stream/input_internal.h"

typedef struct Array {
    Input *input; /* .npy */
    Npy npy;
    NpzArray embedding, label, key; /* .npz; label and key perhaps closed */
    float *vector;
    char *text;
} Array;

static void array_close(void *state)
{
    Array *array = state;
    npy_release(&array->npy);
    input_close(array->input);
    npzarray_close(&array->embedding);
    npzarray_close(&array->label);
    npzarray_close(&array->key);
    free(array->vector);
    free(array->text);
    free(array);
}

static int64_t read_input(void *state, void *bytes, size_t n, Err *err)
{
    return input_read(state, bytes, n, err);
}

/* Room for a row, which is no more than what .npy allows */
static int prepare(Array *array, const Npy *npy, const char *path, Err *err)
{
    const NpyForm *form = &npy->form;
    if (form->ndim == 4)
        return err_set(err, "%s: an array of four dimensions, as images have; see face-pack", path);
    if (form->ndim != 2 || form->kind == 'U' || form->kind == 'S')
        return err_set(err, "%s: not an array of numbers in rows and columns", path);
    if (npy->width > VECTOR_MAX_WIDTH)
        return err_set(err, "%s: %" PRId64 " numbers are not an embedding", path, npy->width);
    array->vector = malloc((size_t)npy->width * sizeof *array->vector + 1);
    return array->vector != NULL ? 0 : err_memory(err, "a row", (size_t)npy->width * 4);
}

static int open_npy(Array *array, const char *path, Err *err)
{
    Err inner = {0};
    array->input = input_open(path, err);
    if (array->input == NULL)
        return -1;
    if (npy_init(&array->npy, (ByteFlow){read_input, array->input}, &inner) != 0)
        return err_set(err, "%.300s: %.600s", input_name(array->input), inner.text);
    return prepare(array, &array->npy, input_name(array->input), err);
}

static void *array_open(const char *path, int (*open)(Array *, const char *, Err *), Err *err)
{
    Array *array = calloc(1, sizeof *array);
    if (array == NULL) {
        err_memory(err, "an array", sizeof *array);
        return NULL;
    }
    if (open(array, path, err) == 0)
        return array;
    array_close(array);
    return NULL;
}

static void *npy_source_open(const char *path, Err *err)
{
    return array_open(path, open_npy, err);
}

static int npy_source_next(void *state, VectorRow *row, Err *err)
{
    Array *array = state;
    int rc = npy_next(&array->npy, err);
    *row = (VectorRow){.vector = array->vector, .d = array->npy.width};
    return rc > 0 && npy_floats(&array->npy, array->vector, err) != 0 ? -1 : rc;
}

/* .npz -------------------------------------------------------------------------------------- */

/* The array of embeddings: by its name, or the only one of floats in rows and columns */
static int find_embedding(const NpzIndex *index)
{
    static const char *const names[] = {"embs",  "embedding", "embeddings", "emb",   "feat",
                                        "feats", "feature",   "features",   "arr_0", NULL};
    int found = npz_find(index, names);
    if (found >= 0)
        return found;
    for (int i = 0; i < index->arrays; i++) {
        const NpyForm *form = &index->array[i].form;
        if (form->kind != 'f' || form->ndim != 2)
            continue;
        if (found >= 0)
            return -1;
        found = i;
    }
    return found;
}

static int open_npz(Array *array, const char *path, Err *err)
{
    NpzIndex index;
    if (npz_index(&index, path, err) != 0)
        return -1;
    int i = find_embedding(&index);
    if (i < 0)
        return err_set(err,
                       "%s: no array of its %d is 'embs', 'embedding' or 'features', or "
                       "the only one of floats in rows and columns",
                       path, index.arrays);
    if (npzarray_open(&array->embedding, path, index.array[i].name, err) != 0)
        return -1;
    const Npy *npy = &array->embedding.npy;
    if (prepare(array, npy, path, err) != 0 ||
        npz_column(&array->label, &index, NPZ_LABELS, npy->rows, path, err) != 0 ||
        npz_column(&array->key, &index, NPZ_KEYS, npy->rows, path, err) != 0)
        return -1;
    array->text = malloc(npy_text_room(&array->key.npy));
    return array->text != NULL ? 0 : err_memory(err, "a key", npy_text_room(&array->key.npy));
}

static void *npz_source_open(const char *path, Err *err)
{
    return array_open(path, open_npz, err);
}

/* A column ends with the embeddings; its npy_next() also checks that nothing follows. */
static int next_label(Array *array, VectorRow *row, Err *err)
{
    if (array->label.archive == NULL)
        return 0;
    if (npy_next(&array->label.npy, err) <= 0)
        return -1;
    row->labelled = true;
    return npy_integer(&array->label.npy, 0, &row->label, err);
}

static int next_key(Array *array, VectorRow *row, Err *err)
{
    if (array->key.archive == NULL)
        return 0;
    if (npy_next(&array->key.npy, err) <= 0)
        return -1;
    int64_t size = npy_text(&array->key.npy, array->text, err);
    row->key = array->text;
    row->key_size = (size_t)size;
    return size < 0 ? -1 : 0;
}

static int npz_source_next(void *state, VectorRow *row, Err *err)
{
    Array *array = state;
    Npy *npy = &array->embedding.npy;
    int rc = npy_next(npy, err);
    if (rc <= 0)
        return rc;
    *row = (VectorRow){.vector = array->vector, .d = npy->width};
    if (npy_floats(npy, array->vector, err) != 0 || next_label(array, row, err) != 0 ||
        next_key(array, row, err) != 0)
        return err_set(err, "labels or keys end too early");
    return 1;
}

const VectorKind vectors_npy = {npy_source_open, npy_source_next, array_close};
const VectorKind vectors_npz = {npz_source_open, npz_source_next, array_close};
