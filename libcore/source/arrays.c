/* Images in NumPy's arrays: each becomes a PPM, which the decoder knows */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path_internal.h"
#include "format/npz_internal.h"
#include "image/image.h"
#include "source/walk_internal.h"
#include "stream/input_internal.h"

enum { DIGITS = 24, HEADER = 64 };

typedef struct Arrays {
    const char *operand;
    Input *input; /* .npy */
    Npy npy;
    NpzArray image, label, key; /* .npz; label and key perhaps closed */
    Npy *pixels;                /* the one of the two that is read */
    int h, w, channels;         /* 1 or 3 */
    bool planes;                /* channels come before height and width */
    char *path;
    size_t stem, room; /* of path */
} Arrays;

static void close_arrays(void *state)
{
    Arrays *arrays = state;
    npy_release(&arrays->npy);
    input_close(arrays->input);
    npzarray_close(&arrays->image);
    npzarray_close(&arrays->label);
    npzarray_close(&arrays->key);
    free(arrays->path);
    free(arrays);
}

/* [n,h,w], [n,h,w,1], [n,h,w,3] or [n,3,h,w] */
static int find_shape(Arrays *arrays, const char *operand, Err *err)
{
    const NpyForm *form = &arrays->pixels->form;
    const int64_t *shape = form->shape;
    bool bytes = form->kind == 'u' && form->size == 1;
    int64_t h = shape[1], w = shape[2], channels = form->ndim == 4 ? shape[3] : 1;
    if (form->ndim == 4 && channels != 3 && channels != 1 && shape[1] == 3) {
        arrays->planes = true;
        h = shape[2];
        w = shape[3];
        channels = 3;
    }
    if (!bytes || form->ndim < 3 || form->ndim > 4 || (channels != 1 && channels != 3))
        return err_set(err, "%s: its array is not uint8 [n,h,w,3], [n,3,h,w] or [n,h,w]", operand);
    if (h < 1 || w < 1 || h > IMAGE_MAX_SIDE || w > IMAGE_MAX_SIDE || h * w > IMAGE_MAX_PIXELS)
        return err_set(err, "%s: images of %" PRId64 " x %" PRId64 " pixels are over the limit",
                       operand, w, h);
    arrays->h = (int)h;
    arrays->w = (int)w;
    arrays->channels = (int)channels;
    return 0;
}

/* Keys of rows without one: the file's name without its extension, and the row's number */
static int find_stem(Arrays *arrays, const char *operand, Err *err)
{
    const char *base = strcmp(operand, "-") == 0 ? "row" : path_base(operand);
    size_t length = strcspn(base, ".");
    size_t text = arrays->key.archive != NULL ? npy_text_room(&arrays->key.npy) : 0;
    arrays->room = length + DIGITS > text ? length + DIGITS : text;
    arrays->path = malloc(arrays->room + 1);
    if (arrays->path == NULL)
        return err_memory(err, "a path", arrays->room);
    memcpy(arrays->path, base, length);
    arrays->stem = length;
    return 0;
}

static int64_t read_input(void *state, void *bytes, size_t n, Err *err)
{
    return input_read(state, bytes, n, err);
}

static int open_npy(Arrays *arrays, const char *operand, Err *err)
{
    Err inner = {0};
    arrays->input = input_open(operand, err);
    if (arrays->input == NULL)
        return -1;
    arrays->pixels = &arrays->npy;
    if (npy_init(&arrays->npy, (ByteFlow){read_input, arrays->input}, &inner) != 0)
        return err_set(err, "%.300s: %.600s", input_name(arrays->input), inner.text);
    return 0;
}

/* By its name, or the only one of bytes in three or four dimensions */
static int find_images(const NpzIndex *index)
{
    static const char *const names[] = {"image", "images", "faces", "x", "arr_0", NULL};
    int found = npz_find(index, names);
    for (int i = 0; i < index->arrays && found < 0; i++) {
        const NpyForm *form = &index->array[i].form;
        if (form->kind == 'u' && form->size == 1 && form->ndim >= 3)
            found = i;
    }
    return found;
}

static int open_npz(Arrays *arrays, const char *operand, Err *err)
{
    NpzIndex index;
    if (npz_index(&index, operand, err) != 0)
        return -1;
    int i = find_images(&index);
    if (i < 0)
        return err_set(err, "%s: no array of its %d has images", operand, index.arrays);
    arrays->pixels = &arrays->image.npy;
    if (npzarray_open(&arrays->image, operand, index.array[i].name, err) != 0 ||
        npz_column(&arrays->label, &index, NPZ_LABELS, arrays->pixels->rows, operand, err) != 0 ||
        npz_column(&arrays->key, &index, NPZ_KEYS, arrays->pixels->rows, operand, err) != 0)
        return -1;
    return 0;
}

static int next_path(Arrays *arrays, Err *err)
{
    if (arrays->key.archive == NULL) {
        snprintf(arrays->path + arrays->stem, DIGITS, "/%09" PRId64, arrays->pixels->row - 1);
        return 0;
    }
    if (npy_next(&arrays->key.npy, err) <= 0)
        return err_set(err, "its keys end too early");
    int64_t size = npy_text(&arrays->key.npy, arrays->path, err);
    if (size < 0)
        return -1;
    arrays->path[size] = '\0';
    return 0;
}

/* Who is on a picture is said by the array or unknown; folders in its keys do not tell. */
static int next_label(Arrays *arrays, Member *member, Err *err)
{
    member->labelled = true;
    member->label = -1;
    if (arrays->label.archive == NULL)
        return 0;
    if (npy_next(&arrays->label.npy, err) <= 0)
        return err_set(err, "its labels end too early");
    if (npy_integer(&arrays->label.npy, 0, &member->label, err) != 0)
        return -1;
    if (member->label < -1 || member->label > INT32_MAX)
        snprintf(member->problem, sizeof member->problem, "its label is not in -1 .. %d",
                 INT32_MAX);
    return 0;
}

static int next_row(void *state, Member *member, Err *err)
{
    Arrays *arrays = state;
    Err inner = {0};
    int rc = npy_next(arrays->pixels, &inner);
    member->problem[0] = '\0';
    if (rc > 0 && (next_path(arrays, &inner) != 0 || next_label(arrays, member, &inner) != 0))
        rc = -1;
    member->path = arrays->path;
    if (rc < 0)
        err_set(err, "%.300s: %.600s", arrays->operand, inner.text);
    return rc;
}

static int read_row(void *state, Member *member, Bytes *bytes, Err *err)
{
    const Arrays *arrays = state;
    size_t pixels = (size_t)arrays->h * (size_t)arrays->w, row = arrays->pixels->row_bytes;
    const uint8_t *from = arrays->pixels->bytes;
    (void)member;
    bytes->size = 0;
    if (bytes_reserve(bytes, HEADER + row, "a member", err) != 0)
        return -1;
    int head = snprintf((char *)bytes->data, HEADER, "P%d\n%d %d\n255\n",
                        arrays->channels == 3 ? 6 : 5, arrays->w, arrays->h);
    uint8_t *to = bytes->data + head;
    if (!arrays->planes)
        memcpy(to, from, row);
    for (size_t i = 0; arrays->planes && i < pixels; i++)
        for (size_t c = 0; c < 3; c++)
            to[3 * i + c] = from[c * pixels + i];
    bytes->size = (size_t)head + row;
    return 1;
}

int arrays_walk(Walk *walk, const char *operand, bool npz, Err *err)
{
    Arrays *arrays = calloc(1, sizeof *arrays);
    if (arrays == NULL)
        return err_memory(err, "arrays", sizeof *arrays);
    arrays->operand = operand;
    *walk = (Walk){arrays, next_row, read_row, close_arrays, NULL};
    if ((npz ? open_npz(arrays, operand, err) : open_npy(arrays, operand, err)) == 0 &&
        find_shape(arrays, operand, err) == 0 && find_stem(arrays, operand, err) == 0)
        return 0;
    close_arrays(arrays);
    return -1;
}
