#include "face-pack/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/counted_internal.h"
#include "base/out.h"
#include "base/pool.h"
#include "base/sort_internal.h"
#include "cli/cli.h"
#include "image/decode.h"
#include "source/photos_internal.h"

enum { ROWS = 256 };

/* What is kept of an image */
typedef struct Seen {
    uint64_t hash[2]; /* of its file */
    int64_t label, number;
    size_t key; /* in keys */
    int h, w;
    bool grey;
} Seen;

typedef struct Check {
    Photos photos;
    Pool *pool;
    Decoder **decoder; /* one a thread */
    Seen look[ROWS];   /* of the photographs */
    Seen *seen;
    int64_t n, room, broken;
    Bytes keys;
    const char *told;
    Out out;
} Check;

/* Two sums of the bytes, by FNV-1a and by another multiplier; 128 bits of them tell files apart. */
static void hash_file(uint64_t hash[2], const uint8_t *bytes, size_t size)
{
    hash[0] = 14695981039346656037u;
    hash[1] = size;
    for (size_t i = 0; i < size; i++) {
        hash[0] = (hash[0] ^ bytes[i]) * 1099511628211u;
        hash[1] = (hash[1] + bytes[i]) * 6364136223846793005u;
        hash[1] ^= hash[1] >> 29;
    }
}

static bool is_grey(const Image *image)
{
    const uint8_t *pixel = image->pixels;
    for (int64_t i = 0; i < (int64_t)image->h * image->w; i++, pixel += 3)
        if (pixel[0] != pixel[1] || pixel[1] != pixel[2])
            return false;
    return true;
}

static void look_at(void *arg, int64_t i, int worker)
{
    Check *check = arg;
    Photo *photo = &check->photos.photo[i];
    Image image;
    if (err_is_set(&photo->problem))
        return;
    if (decoder_read(check->decoder[worker], &image, photo_bytes(&check->photos, photo),
                     photo->size, &photo->problem) != 0) {
        photo->mendable = decoder_damaged(check->decoder[worker]);
        return;
    }
    Seen *look = &check->look[i];
    look->h = image.h;
    look->w = image.w;
    look->grey = is_grey(&image);
    hash_file(look->hash, photo_bytes(&check->photos, photo), photo->size);
}

static int tell_broken(Check *check, const Photo *photo, Err *err)
{
    char place[40] = "";
    if (photo->at >= 0 && strncmp(photo->problem.text, "byte ", 5) != 0)
        snprintf(place, sizeof place, "byte %" PRId64 ": ", photo->at);
    check->broken++;
    if (fprintf(check->out.f, "broken\t%s\t%s\t%s%s%s\n", photo->operand,
                photo_path(&check->photos, photo), place, photo->problem.text,
                photo_advice(photo)) < 0)
        return err_errno(err, "cannot write %s", check->out.path);
    return 0;
}

static int keep(Check *check, const Photo *photo, const Seen *look, Err *err)
{
    const char *path = photo_path(&check->photos, photo);
    size_t size = strlen(path) + 1;
    if (array_reserve(check->seen, check->room, check->n + 1, "images", err) != 0)
        return -1;
    size_t key = check->keys.size;
    if (bytes_append(&check->keys, path, size, "images", err) != 0)
        return -1;
    Seen *seen = &check->seen[check->n];
    *seen = *look;
    seen->number = check->n++;
    seen->label = photo->label;
    seen->key = key;
    return 0;
}

static int take_batch(Check *check, Labels *labels, Err *err)
{
    for (int64_t i = 0; i < check->photos.n; i++) {
        Photo *photo = &check->photos.photo[i];
        if (photo->form != NULL && photo->form != check->told)
            cli_note("%s: read as %s", photo->operand, photo->form);
        check->told = photo->form;
        if (!err_is_set(&photo->problem))
            labels_of(labels, photo_path(&check->photos, photo), photo->listed,
                      photo->labelled ? &photo->own : NULL, &photo->label, &photo->problem);
        int rc = err_is_set(&photo->problem) ? tell_broken(check, photo, err)
                                             : keep(check, photo, &check->look[i], err);
        if (rc != 0)
            return -1;
    }
    return 0;
}

static int read_all(Check *check, Feed *feed, Err *err)
{
    Progress progress = progress_begin("images", 0);
    int rc = 0;
    do {
        photos_fill(&check->photos, feed);
        pool_run(check->pool, check->photos.n, look_at, check);
        rc = take_batch(check, feed->labels, err);
        progress_step(&progress, check->photos.n);
    } while (rc == 0 && !check->photos.ended);
    progress_end();
    if (rc == 0 && err_is_set(&check->photos.failed))
        rc = err_set(err, "%s", check->photos.failed.text);
    return rc;
}

/* The report -------------------------------------------------------------------------------- */

static int by_number(const Seen *x, const Seen *y)
{
    return (x->number > y->number) - (x->number < y->number);
}

static int by_size(const void *a, const void *b)
{
    const Seen *x = a, *y = b;
    if (x->h != y->h)
        return x->h < y->h ? -1 : 1;
    return x->w != y->w ? (x->w < y->w ? -1 : 1) : by_number(x, y);
}

static int by_label(const void *a, const void *b)
{
    const Seen *x = a, *y = b;
    return x->label != y->label ? (x->label < y->label ? -1 : 1) : by_number(x, y);
}

static int by_hash(const void *a, const void *b)
{
    const Seen *x = a, *y = b;
    int order = memcmp(x->hash, y->hash, sizeof x->hash);
    return order != 0 ? order : by_number(x, y);
}

static void tell_sizes(Check *check)
{
    int64_t grey = 0;
    sort_array(check->seen, (size_t)check->n, sizeof *check->seen, by_size);
    for (int64_t i = 0, end; i < check->n; i = end) {
        const Seen *first = &check->seen[i];
        for (end = i;
             end < check->n && check->seen[end].h == first->h && check->seen[end].w == first->w;)
            grey += check->seen[end++].grey;
        fprintf(check->out.f, "size %dx%d\t%" PRId64 "\n", first->h, first->w, end - i);
    }
    fprintf(check->out.f, "colour\t%" PRId64 "\ngrey\t%" PRId64 "\n", check->n - grey, grey);
}

/* How many identities have 1, 2 to 3, 4 to 7 images and so on */
static void tell_identities(Check *check)
{
    int64_t count[64] = {0}, identities = 0, unknown = 0;
    sort_array(check->seen, (size_t)check->n, sizeof *check->seen, by_label);
    for (int64_t i = 0, end; i < check->n; i = end) {
        for (end = i; end < check->n && check->seen[end].label == check->seen[i].label;)
            end++;
        if (check->seen[i].label < 0) {
            unknown += end - i;
            continue;
        }
        count[63 - __builtin_clzll((unsigned long long)(end - i))]++;
        identities++;
    }
    fprintf(check->out.f, "identities\t%" PRId64 "\nimages of nobody known\t%" PRId64 "\n",
            identities, unknown);
    for (int k = 0; k < 63; k++)
        if (count[k] > 0)
            fprintf(check->out.f, "identities with %lld..%lld images\t%" PRId64 "\n", 1LL << k,
                    (2LL << k) - 1, count[k]);
}

static void tell_duplicates(Check *check)
{
    int64_t duplicates = 0;
    const char *keys = (const char *)check->keys.data;
    sort_array(check->seen, (size_t)check->n, sizeof *check->seen, by_hash);
    for (int64_t i = 1, first = 0; i < check->n; i++) {
        const Seen *seen = &check->seen[i];
        if (memcmp(seen->hash, check->seen[first].hash, sizeof seen->hash) != 0) {
            first = i;
            continue;
        }
        fprintf(check->out.f, "duplicate\t%s\t%s\n", keys + check->seen[first].key,
                keys + seen->key);
        duplicates++;
    }
    fprintf(check->out.f, "duplicates\t%" PRId64 "\n", duplicates);
}

static int report(Check *check, const Source *source, Err *err)
{
    fprintf(check->out.f, "images\t%" PRId64 "\nmeta records\t%" PRId64 "\n", check->n,
            source_meta(source));
    if (source_unnamed(source) > 0)
        fprintf(check->out.f, "records not in the index\t%" PRId64 "\n", source_unnamed(source));
    if (check->n > 0) {
        tell_identities(check);
        tell_sizes(check);
        tell_duplicates(check);
    }
    fprintf(check->out.f, "broken\t%" PRId64 "\n", check->broken);
    if (out_commit(&check->out, err) != 0)
        return -1;
    return check->broken == 0
               ? 0
               : err_set(err, "%" PRId64 " of %s broken", check->broken,
                         counted(check->n + check->broken, "image is", "images are").text);
}

static int open_check(Check *check, const DecodeRules *rules, int threads, const char *output,
                      Err *err)
{
    check->pool = pool_new(threads, err);
    check->decoder = calloc((size_t)threads, sizeof *check->decoder);
    if (check->pool == NULL || check->decoder == NULL)
        return err_memory(err, "threads", (size_t)threads * sizeof *check->decoder);
    for (int i = 0; i < threads; i++) {
        if ((check->decoder[i] = decoder_new(err)) == NULL)
            return -1;
        decoder_set(check->decoder[i], rules);
    }
    return photos_init(&check->photos, ROWS, err) != 0 ? -1 : out_open(&check->out, output, err);
}

static void close_check(Check *check, int threads)
{
    for (int i = 0; check->decoder != NULL && i < threads; i++)
        decoder_free(check->decoder[i]);
    free(check->decoder);
    pool_free(check->pool);
    photos_release(&check->photos);
    free(check->seen);
    bytes_release(&check->keys);
    out_abort(&check->out);
    free(check);
}

int check_run(const SourceOptions *source, const LabelOptions *options, const DecodeRules *rules,
              int threads, const char *output, Err *err)
{
    Labels labels = {0};
    Feed feed = {.labels = &labels};
    Check *check = calloc(1, sizeof *check);
    if (check == NULL)
        return err_memory(err, "a check", sizeof *check);
    int rc = open_check(check, rules, threads, output, err);
    if (rc == 0)
        rc = labels_init(&labels, options, source, err);
    if (rc == 0 && (feed.source = source_open(source, err)) == NULL)
        rc = -1;
    if (rc == 0)
        rc = read_all(check, &feed, err);
    if (rc == 0)
        rc = report(check, feed.source, err);
    source_close(feed.source);
    keys_release(&feed.keys);
    labels_release(&labels);
    close_check(check, threads);
    return rc;
}
