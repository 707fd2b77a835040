/* .npy and .npz */
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/bytes_internal.h"
#include "base/out.h"
#include "format/npy_internal.h"
#include "format/zip_internal.h"
#include "sink/kind_internal.h"
#include "sink/text_internal.h"

typedef struct Arrays {
    Out out;
    bool npz, begun;
    ZipWriter zip;
    NpyForm form;   /* of the rows; shape[0] counts them */
    int64_t *label; /* [form.shape[0]] */
    size_t label_room;
    Bytes keys; /* UTF-8, a NUL after each */
    size_t longest;
    bool labelled, named;
} Arrays;

static void arrays_release(void *state)
{
    Arrays *arrays = state;
    out_abort(&arrays->out);
    free(arrays->label);
    bytes_release(&arrays->keys);
    free(arrays);
}

static void *arrays_open(const SinkOptions *options, bool npz, Err *err)
{
    Arrays *arrays = calloc(1, sizeof *arrays);
    if (arrays == NULL) {
        err_memory(err, "arrays", sizeof *arrays);
        return NULL;
    }
    arrays->npz = npz;
    arrays->zip.out = &arrays->out;
    if (out_open(&arrays->out, options->path, err) == 0 && arrays->out.direct)
        err_set(err,
                "%s: an array begins with its number of rows, which is known only at the end: not "
                "for pipes",
                arrays->out.path);
    if (!err_is_set(err))
        return arrays;
    arrays_release(arrays);
    return NULL;
}

static void *npy_sink_open(const SinkOptions *options, Err *err)
{
    return arrays_open(options, false, err);
}

static void *npz_sink_open(const SinkOptions *options, Err *err)
{
    return arrays_open(options, true, err);
}

/* The rows ---------------------------------------------------------------------------------- */

static NpyForm form_of(const SinkRow *row)
{
    if (row->embedding != NULL)
        return (NpyForm){.kind = 'f', .size = 4, .ndim = 2, .shape = {0, row->d}};
    return (NpyForm){
        .kind = 'u', .size = 1, .ndim = 4, .shape = {0, row->image.h, row->image.w, 3}};
}

/* The first row fixes the form of the array; the others must have it too. */
static int begin(Arrays *arrays, const SinkRow *row, Err *err)
{
    static const char nothing[NPY_HEADER];
    NpyForm form = form_of(row);
    if (arrays->begun) {
        form.shape[0] = arrays->form.shape[0];
        bool same = form.ndim == arrays->form.ndim &&
                    memcmp(form.shape, arrays->form.shape, sizeof form.shape) == 0;
        return same
                   ? 0
                   : err_set(err, "not of the same shape as the rows before, as an array requires");
    }
    arrays->begun = true;
    arrays->form = form;
    if (arrays->npz)
        return zip_begin(&arrays->zip, form.ndim == 2 ? "embs.npy" : "image.npy", NPY_HEADER, err);
    return out_write(&arrays->out, nothing, NPY_HEADER, err);
}

static int keep_label(Arrays *arrays, const SinkRow *row, Err *err)
{
    size_t n = (size_t)arrays->form.shape[0];
    if (array_reserve(arrays->label, arrays->label_room, n + 1, "labels", err) != 0)
        return -1;
    arrays->label[n] = row->label;
    arrays->labelled |= row->labelled;
    return 0;
}

static int keep_key(Arrays *arrays, const SinkRow *row, Err *err)
{
    size_t size = row->key_size;
    if (memchr(row->key, '\0', size) != NULL)
        return err_set(err, "a key with a NUL is not text");
    if (bytes_append(&arrays->keys, row->key, size, "keys", err) != 0 ||
        bytes_append(&arrays->keys, "", 1, "keys", err) != 0)
        return -1;
    arrays->longest = size > arrays->longest ? size : arrays->longest;
    arrays->named |= size > 0;
    return 0;
}

static int arrays_put(void *state, const SinkRow *row, Err *err)
{
    Arrays *arrays = state;
    const void *bytes = row->embedding != NULL ? (const void *)row->embedding : row->image.pixels;
    size_t size = row->embedding != NULL ? (size_t)row->d * sizeof(float)
                                         : image_bytes(row->image.h, row->image.w);
    if (begin(arrays, row, err) != 0)
        return -1;
    if (arrays->npz && (keep_label(arrays, row, err) != 0 || keep_key(arrays, row, err) != 0))
        return -1;
    arrays->form.shape[0]++;
    return arrays->npz ? zip_write(&arrays->zip, bytes, size, err)
                       : out_write(&arrays->out, bytes, size, err);
}

/* The end ----------------------------------------------------------------------------------- */

static int write_labels(Arrays *arrays, Err *err)
{
    char header[NPY_HEADER];
    int64_t n = arrays->form.shape[0];
    NpyForm form = {.kind = 'i', .size = 8, .ndim = 1, .shape = {n}};
    if (npy_header(header, &form, err) != 0 ||
        zip_begin(&arrays->zip, "label.npy", NPY_HEADER, err) != 0 ||
        zip_write(&arrays->zip, arrays->label, (size_t)n * sizeof *arrays->label, err) != 0)
        return -1;
    return zip_end(&arrays->zip, header, err);
}

/* A name in UTF-32, as long as the longest, filled up with zeros */
static int write_names(Arrays *arrays, Err *err)
{
    char header[NPY_HEADER];
    const uint8_t *at = arrays->keys.data;
    NpyForm form = {
        .kind = 'U', .size = 4 * arrays->longest, .ndim = 1, .shape = {arrays->form.shape[0]}};
    uint32_t *text = malloc(form.size);
    if (text == NULL)
        return err_memory(err, "a name", form.size);
    int rc = npy_header(header, &form, err);
    if (rc == 0)
        rc = zip_begin(&arrays->zip, "names.npy", NPY_HEADER, err);
    for (int64_t i = 0; i < form.shape[0] && rc == 0; i++, at++) {
        memset(text, 0, form.size);
        for (size_t n = 0; *at != '\0'; n++)
            text[n] = text_next(&at);
        rc = zip_write(&arrays->zip, text, form.size, err);
    }
    free(text);
    return rc == 0 ? zip_end(&arrays->zip, header, err) : -1;
}

static int begin_finish(Arrays *arrays, char header[NPY_HEADER], Err *err)
{
    if (!arrays->begun)
        return err_set(err, "%s: an array without rows has no shape", arrays->out.path);
    return npy_header(header, &arrays->form, err);
}

static int npy_finish(void *state, Err *err)
{
    Arrays *arrays = state;
    char header[NPY_HEADER];
    if (begin_finish(arrays, header, err) != 0)
        return -1;
    if (fseeko(arrays->out.f, 0, SEEK_SET) != 0)
        return err_errno(err, "cannot write %s", arrays->out.path);
    if (out_write(&arrays->out, header, NPY_HEADER, err) != 0)
        return -1;
    return out_commit(&arrays->out, err);
}

static int npz_finish(void *state, Err *err)
{
    Arrays *arrays = state;
    char header[NPY_HEADER];
    if (begin_finish(arrays, header, err) != 0 || zip_end(&arrays->zip, header, err) != 0 ||
        (arrays->labelled && write_labels(arrays, err) != 0) ||
        (arrays->named && write_names(arrays, err) != 0) || zip_finish(&arrays->zip, err) != 0)
        return -1;
    return out_commit(&arrays->out, err);
}

const SinkKind sink_npy = {.name = "an .npy",
                           .faces = FACES_PIXELS,
                           .embeddings = true,
                           .open = npy_sink_open,
                           .put = arrays_put,
                           .finish = npy_finish,
                           .release = arrays_release};
const SinkKind sink_npz = {.name = "an .npz",
                           .faces = FACES_PIXELS,
                           .embeddings = true,
                           .open = npz_sink_open,
                           .put = arrays_put,
                           .finish = npz_finish,
                           .release = arrays_release};
