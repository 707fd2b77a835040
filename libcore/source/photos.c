#include "source/photos_internal.h"

#include <stdlib.h>
#include <string.h>

int photos_init(Photos *photos, int64_t rows, Err *err)
{
    *photos = (Photos){.rows = rows};
    photos->photo = calloc((size_t)rows, sizeof *photos->photo);
    if (photos->photo != NULL)
        return 0;
    return err_memory(err, "photographs", (size_t)rows * sizeof *photos->photo);
}

void photos_release(Photos *photos)
{
    for (int64_t i = 0; photos->photo != NULL && i < photos->rows; i++)
        bytes_release(&photos->photo[i].jpeg);
    free(photos->photo);
    bytes_release(&photos->paths);
    bytes_release(&photos->bytes);
    free(photos->pixels);
    *photos = (Photos){0};
}

/* The most faces of this size in a frame, at least 1 */
static int64_t most_rows(const Photos *photos, int h, int w)
{
    int64_t fit = (int64_t)(PHOTOS_PIXELS / image_bytes(h, w));
    fit = fit > 0 ? fit : 1;
    return fit < photos->rows ? fit : photos->rows;
}

int photos_reserve(Photos *photos, int h, int w, Err *err)
{
    int64_t rows = most_rows(photos, h, w);
    rows = rows > photos->n ? rows : photos->n; /* broken ones stand before the first sound one */
    size_t bytes = (size_t)rows * image_bytes(h, w);
    if (image_bytes(h, w) > PHOTOS_PIXELS)
        return err_set(err, "a face of %d x %d pixels is over the limit of a frame, %u bytes", w, h,
                       PHOTOS_PIXELS);
    if (photos->pixels == NULL)
        photos->pixels = malloc(bytes);
    return photos->pixels != NULL ? 0 : err_memory(err, "faces", bytes);
}

static void find_points(Photo *photo, const Feed *feed, const char *path)
{
    if (feed->landmarks == NULL)
        return;
    int64_t row = table_find(feed->landmarks, path);
    if (row < 0) {
        err_set(&photo->problem, "no landmarks in %s", feed->landmarks->file);
        return;
    }
    const double *value = table_row(feed->landmarks, row);
    for (int i = 0; i < FACE_POINTS; i++)
        for (int k = 0; k < 2; k++)
            photo->points[i][k] = feed->landmark_scale * value[2 * i + k];
}

/* Keys must be unique (tensor-stream(5)), or nobody could tell which picture a name means. */
static int check_key(Photo *photo, Feed *feed, const char *path, Err *err)
{
    int64_t number;
    const char *before;
    if (err_is_set(&photo->problem))
        return 0;
    if (keys_add(&feed->keys, path, photo->operand, &number, &before, err) != 0)
        return -1;
    photo->repeated = before != NULL;
    if (before != NULL && strcmp(before, photo->operand) != 0)
        err_set(&photo->problem,
                "%.200s already has a picture of the same name; names and labels of both would be "
                "mixed up",
                before);
    else if (before != NULL)
        err_set(&photo->problem, "a picture of the same name came before%s",
                photo->form != NULL && strstr(photo->form, "without an index") != NULL
                    ? " (--reindex makes an index)"
                    : "");
    return 0;
}

static int take(Photos *photos, Feed *feed, const Item *item, int64_t listed, Err *err)
{
    Photo *photo = &photos->photo[photos->n];
    Bytes jpeg = photo->jpeg;
    *photo = (Photo){.operand = item->operand,
                     .form = item->form,
                     .path = photos->paths.size,
                     .bytes = photos->bytes.size,
                     .size = item->size,
                     .listed = listed,
                     .labelled = item->labelled,
                     .own = item->label,
                     .at = item->at,
                     .jpeg = jpeg};
    photo->jpeg.size = 0;
    if (bytes_append(&photos->paths, item->path, strlen(item->path) + 1, "photographs", err) != 0 ||
        bytes_append(&photos->bytes, item->bytes, item->size, "photographs", err) != 0)
        return -1;
    if (item->problem != NULL)
        err_set(&photo->problem, "%s", item->problem);
    find_points(photo, feed, item->path);
    photos->n++;
    return check_key(photo, feed, item->path, err);
}

/* The first sound picture decides the size of faces that are pixels. */
static void find_size(Feed *feed, const Photos *photos, const Photo *photo)
{
    Err unsound = {0};
    if (feed->maker != NULL && feed->h == 0 && !err_is_set(&photo->problem) &&
        facemaker_size(feed->maker, &feed->h, &feed->w, photo_bytes(photos, photo), photo->size,
                       &unsound) != 0)
        feed->h = feed->w = 0;
}

/* A photograph of another part: its name and size count, and it is dropped. */
static void leave_to_others(Photos *photos, Feed *feed)
{
    const Photo *photo = &photos->photo[photos->n - 1];
    find_size(feed, photos, photo);
    photos->paths.size = photo->path;
    photos->bytes.size = photo->bytes;
    photos->n--;
}

int photos_part(Feed *feed, const SourceOptions *options, int64_t part, int64_t parts, Err *err)
{
    SourceOptions names_only = *options;
    names_only.names_only = true;
    Source *source = source_open(&names_only, err);
    Item item;
    int64_t n = 0, listed;
    int rc = source != NULL ? 1 : -1;
    while (rc > 0 && (rc = source_next(source, &item, err)) > 0)
        n += labels_want(feed->labels, item.path, &listed);
    source_close(source);
    /* n part / parts, which does not overflow where n part would */
    feed->begin = n / parts * part + n % parts * part / parts;
    feed->end = n / parts * (part + 1) + n % parts * (part + 1) / parts;
    if (rc == 0 && feed->begin == feed->end)
        return err_set(err, "part %lld of %lld has none of the %lld photographs",
                       (long long)part + 1, (long long)parts, (long long)n);
    return rc;
}

/* Whether another photograph may come into the batch. */
static bool has_room(const Photos *photos, Feed *feed)
{
    if (photos->n > 0)
        find_size(feed, photos, &photos->photo[photos->n - 1]);
    int64_t rows = feed->h > 0 ? most_rows(photos, feed->h, feed->w) : photos->rows;
    return photos->n < rows && photos->bytes.size < PHOTOS_BYTES;
}

void photos_fill(Photos *photos, Feed *feed)
{
    Item item;
    photos->n = 0;
    photos->paths.size = photos->bytes.size = 0;
    while (has_room(photos, feed)) {
        int64_t listed;
        int rc = source_next(feed->source, &item, &photos->failed);
        if (rc > 0 && !labels_want(feed->labels, item.path, &listed))
            feed->unlisted++;
        else if (rc > 0) {
            bool mine = feed->end == 0 || (feed->seen >= feed->begin && feed->seen < feed->end);
            rc = take(photos, feed, &item, listed, &photos->failed) == 0 ? 1 : -1;
            if (rc > 0 && !mine)
                leave_to_others(photos, feed);
            feed->seen++;
        }
        if (rc <= 0) {
            photos->ended = true;
            return;
        }
    }
}

static void make_jpeg(Photos *photos, Photo *photo, FaceMaker *maker, const FaceForm *form)
{
    const uint8_t *own = photo_bytes(photos, photo), *file;
    size_t size;
    if (facemaker_jpeg(maker, &file, &size, form, own, photo->size,
                       (const double(*)[2])photo->points, &photo->problem) == 0 &&
        file != own)
        bytes_append(&photo->jpeg, file, size, "a face", &photo->problem);
}

void photos_make(Photos *photos, int64_t i, FaceMaker *maker, const FaceForm *form, bool jpeg)
{
    Photo *photo = &photos->photo[i];
    if (err_is_set(&photo->problem))
        return;
    if (jpeg)
        make_jpeg(photos, photo, maker, form);
    else
        facemaker_pixels(maker, photos->pixels + (size_t)i * image_bytes(form->h, form->w), form,
                         photo_bytes(photos, photo), photo->size, (const double(*)[2])photo->points,
                         &photo->problem);
    photo->doubt = facemaker_doubt(maker);
    photo->mendable = err_is_set(&photo->problem) && facemaker_mendable(maker);
}

/* The face's JPEG file */
static const uint8_t *face_file(const Photos *photos, const Photo *photo, size_t *size)
{
    *size = photo->jpeg.size > 0 ? photo->jpeg.size : photo->size;
    return photo->jpeg.size > 0 ? photo->jpeg.data : photo_bytes(photos, photo);
}

static const uint8_t *face_key(const Photos *photos, const Photo *photo, size_t *size)
{
    *size = strlen(photo_path(photos, photo));
    return (const uint8_t *)photo_path(photos, photo);
}

static const uint8_t *face_name(const Photos *photos, const Photo *photo, size_t *size)
{
    const char *name = labels_name(photos->named, photo->label);
    *size = strlen(name);
    return (const uint8_t *)name;
}

/* A ragged column: `name` with all the bytes, `end` with where each row's end. */
static int add_ragged(const Photos *photos, Frame *frame, int64_t n, const char *name,
                      const char *end_name,
                      const uint8_t *(*part)(const Photos *, const Photo *, size_t *), Err *err)
{
    int64_t total = 0, row = 0;
    size_t size;
    for (int64_t i = 0; i < photos->n; i++)
        if (!err_is_set(&photos->photo[i].problem)) {
            part(photos, &photos->photo[i], &size);
            total += (int64_t)size;
        }
    uint8_t *bytes = frame_alloc(frame, name, DTYPE_U8, 1, &total, err);
    int64_t *end = frame_alloc(frame, end_name, DTYPE_I64, 1, &n, err);
    if (bytes == NULL || end == NULL)
        return -1;
    total = 0;
    for (int64_t i = 0; i < photos->n; i++)
        if (!err_is_set(&photos->photo[i].problem)) {
            const uint8_t *data = part(photos, &photos->photo[i], &size);
            if (size > 0)
                memcpy(bytes + total, data, size);
            end[row++] = total += (int64_t)size;
        }
    return 0;
}

/* Moves the faces together, over those that could not be made. */
static int add_pixels(Photos *photos, Frame *frame, int64_t n, const FaceForm *form, Err *err)
{
    const size_t face = image_bytes(form->h, form->w);
    const int64_t shape[] = {n, form->h, form->w, 3};
    uint8_t *to = photos->pixels;
    for (int64_t i = 0; i < photos->n; i++)
        if (!err_is_set(&photos->photo[i].problem)) {
            memmove(to, photos->pixels + (size_t)i * face, face);
            to += face;
        }
    return frame_add(frame, "image", DTYPE_U8, 4, shape, photos->pixels, err);
}

int64_t photos_frame(Photos *photos, Frame *frame, const FaceForm *form, bool jpeg, Err *err)
{
    int64_t n = 0;
    for (int64_t i = 0; i < photos->n; i++)
        n += !err_is_set(&photos->photo[i].problem);
    if (n == 0)
        return 0;
    if ((jpeg ? add_ragged(photos, frame, n, "jpeg", "jpeg_end", face_file, err)
              : add_pixels(photos, frame, n, form, err)) != 0 ||
        add_ragged(photos, frame, n, "key", "key_end", face_key, err) != 0 ||
        (photos->named != NULL &&
         add_ragged(photos, frame, n, "name", "name_end", face_name, err) != 0))
        return -1;
    int64_t *label = frame_alloc(frame, "label", DTYPE_I64, 1, &n, err);
    for (int64_t i = 0; label != NULL && i < photos->n; i++)
        if (!err_is_set(&photos->photo[i].problem))
            *label++ = photos->photo[i].label;
    return label != NULL && frame_set_meta(frame, "kind", "faces", err) == 0 ? n : -1;
}
