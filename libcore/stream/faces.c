#include "stream/faces.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_SIDE = 1 << 15 };

static int check_kind(const Frame *frame, Err *err)
{
    const char *kind = frame_meta(frame, "kind");
    if (kind == NULL || strcmp(kind, "faces") != 0)
        return err_set(err, "its kind is '%s', not 'faces'", kind != NULL ? kind : "(none)");
    return 0;
}

static int check_columns(Faces *faces, Err *err)
{
    const Column *image = faces->image, *label = faces->label;
    if ((image == NULL) == (faces->jpeg == NULL))
        return err_set(err, "faces need either a column 'image' or a column 'jpeg'");
    if (image != NULL) {
        if (image->dtype != DTYPE_U8 || image->ndim != 3 || image->shape[2] != 3 ||
            image->shape[0] < 1 || image->shape[0] > MAX_SIDE || image->shape[1] < 1 ||
            image->shape[1] > MAX_SIDE)
            return err_set(err, "column 'image' is not U8 [n,h,w,3]");
        faces->h = (int)image->shape[0];
        faces->w = (int)image->shape[1];
    }
    if (faces->jpeg != NULL && !faces->jpeg->ragged)
        return err_set(err, "column 'jpeg' has no 'jpeg_end'");
    if (label != NULL && (label->dtype != DTYPE_I64 || label->ragged || label->ndim != 0))
        return err_set(err, "column 'label' is not I64 [n]");
    if (faces->key != NULL && !faces->key->ragged)
        return err_set(err, "column 'key' has no 'key_end'");
    return 0;
}

int faces_of(Faces *faces, const Frame *frame, Err *err)
{
    *faces = (Faces){0};
    if (frame->tensors == 0)
        return 0;
    if (check_kind(frame, err) != 0 || rows_of(&faces->rows, frame, err) != 0)
        return -1;
    faces->image = rows_find(&faces->rows, "image");
    faces->jpeg = rows_find(&faces->rows, "jpeg");
    faces->label = rows_find(&faces->rows, "label");
    faces->key = rows_find(&faces->rows, "key");
    if (check_columns(faces, err) == 0)
        return 0;
    faces_release(faces);
    return -1;
}

void faces_release(Faces *faces)
{
    rows_release(&faces->rows);
    *faces = (Faces){0};
}

int64_t faces_label(const Faces *faces, int64_t i)
{
    return faces->label != NULL ? column_i64(faces->label, i) : -1;
}

const char *faces_key(const Faces *faces, int64_t i, size_t *size)
{
    *size = 0;
    return faces->key != NULL ? (const char *)column_row(faces->key, i, size) : "";
}

int faces_blame(const Faces *faces, int64_t i, int64_t number, const char *why, Err *err)
{
    size_t size;
    const char *key = faces_key(faces, i, &size);
    return err_set(err, "row %" PRId64 "%s%.*s: %s", number, size > 0 ? ", " : "",
                   (int)(size < 200 ? size : 200), key, why);
}
