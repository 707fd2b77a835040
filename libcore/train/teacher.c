#include "train/teacher_internal.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/counted_internal.h"
#include "stream/pack_internal.h"

static const char *key_of(const void *owner, size_t i, size_t *length)
{
    int n;
    const char *key = embedding_key(&((const Teacher *)owner)->embeddings.rows, (int64_t)i, &n);
    *length = (size_t)n;
    return key;
}

static int add_row(Teacher *teacher, int64_t i, Err *err)
{
    const EmbeddingRows *rows = &teacher->embeddings.rows;
    size_t length;
    const char *key = key_of(teacher, (size_t)i, &length);
    double squares = 0;
    for (int64_t k = 0; k < rows->d; k++)
        squares += (double)rows->embedding[i * rows->d + k] * rows->embedding[i * rows->d + k];
    if (length == 0)
        return err_set(err, "%s: row %" PRId64 " has no key to find its face by", teacher->path, i);
    if (!isfinite(squares) || squares == 0)
        return err_set(err, "%s: the embedding of '%.*s' has no direction", teacher->path,
                       (int)length, key);
    if (index_find(&teacher->index, key_of, teacher, key, length) >= 0)
        return err_set(err, "%s: two rows have the key '%.*s'", teacher->path, (int)length, key);
    return index_add(&teacher->index, key_of, teacher, (size_t)i, err);
}

int teacher_open(Teacher *teacher, const char *path, Err *err)
{
    *teacher = (Teacher){.path = path};
    int rc = embeddings_load(&teacher->embeddings, path, err);
    if (rc == 0 && teacher->embeddings.rows.n == 0)
        rc = err_set(err, "%s: it has no embeddings", path);
    for (int64_t i = 0; rc == 0 && i < teacher->embeddings.rows.n; i++)
        rc = add_row(teacher, i, err);
    if (rc != 0)
        teacher_close(teacher);
    return rc;
}

void teacher_close(Teacher *teacher)
{
    index_release(&teacher->index);
    embeddings_release(&teacher->embeddings);
    *teacher = (Teacher){0};
}

uint32_t teacher_fingerprint(const Teacher *teacher)
{
    const EmbeddingRows *rows = &teacher->embeddings.rows;
    size_t n = (size_t)rows->n;
    uint32_t sum = libdeflate_crc32(0, rows->embedding, n * (size_t)rows->d * sizeof(float));
    sum = libdeflate_crc32(sum, rows->key_end, n * sizeof *rows->key_end);
    return libdeflate_crc32(sum, rows->key, (size_t)rows->key_end[n - 1]);
}

void teacher_find(float *target, TeacherMissing *missing, const Teacher *teacher,
                  const Faces *faces)
{
    const EmbeddingRows *rows = &teacher->embeddings.rows;
    for (int64_t i = 0; i < faces->rows.n; i++) {
        size_t length;
        const char *key = faces_key(faces, i, &length);
        int64_t row = length > 0 ? index_find(&teacher->index, key_of, teacher, key, length) : -1;
        if (row < 0 && missing->missing++ == 0)
            snprintf(missing->first, TEACHER_KEY, "%.*s", (int)length, key);
        if (row >= 0 && target != NULL)
            memcpy(target + i * rows->d, rows->embedding + row * rows->d,
                   (size_t)rows->d * sizeof *target);
    }
    missing->faces += faces->rows.n;
}

int teacher_check(const TeacherMissing *missing, const Teacher *teacher, const char *faces,
                  Err *err)
{
    if (missing->missing == 0)
        return 0;
    return err_set(err, "%s lacks %" PRId64 " of %s of %s, %s%s%s", teacher->path, missing->missing,
                   counted(missing->faces, "face", "faces").text, faces,
                   missing->first[0] != '\0' ? "the first with the key '" : "the first of no key",
                   missing->first, missing->first[0] != '\0' ? "'" : "");
}

int teacher_check_pack(const Teacher *teacher, const char *path, Err *err)
{
    TeacherMissing missing = {0};
    Pack *pack = pack_open(path, err);
    for (size_t i = 0; pack != NULL && i < pack_frames(pack); i++) {
        Faces faces;
        if (faces_of(&faces, pack_frame_unchecked(pack, i), err) != 0)
            break;
        teacher_find(NULL, &missing, teacher, &faces);
        faces_release(&faces);
    }
    pack_close(pack);
    return err_is_set(err) ? -1 : teacher_check(&missing, teacher, path, err);
}
