/* InsightFace's training sets: train.rec, train.idx and property in a folder
 *
 * The container is dmlc's RecordIO (recordio.h), a record MXNet's IRHeader and an image file. The
 * layout is that of the official sets (rec_builder.py): images have the keys 1 .. N in the order of
 * identities, then comes a record for each identity with the range of its keys, and key 0 last with
 * the range of these records. Images are written as they come; where the images of an identity are
 * not adjacent, the keys are put in order, not the records, which is what the index is for. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/sort_internal.h"
#include "image/decode.h"
#include "sink/kind_internal.h"
#include "sink/tree_internal.h"

#define MAGIC 0xced7230aU

enum {
    IRHEADER = 24,
    ID_IN_RECORD = 8 + 8, /* where header.id is, from the record's beginning */
    MAX_RECORD = (1 << 29) - 1,
    MAX_LABEL = 1 << 24, /* labels are float32 */
};

typedef struct Place {
    uint64_t offset;
    int64_t label, row;
} Place;

typedef struct Rec {
    Tree *tree;
    FILE *rec;
    uint64_t used;
    Place *place;
    int64_t n, room;
    int h, w;
    uint8_t *record;
    size_t record_room;
} Rec;

static void rec_release(void *state)
{
    Rec *rec = state;
    if (rec->rec != NULL)
        fclose(rec->rec);
    tree_abort(rec->tree);
    free(rec->place);
    free(rec->record);
    free(rec);
}

static void *rec_open(const SinkOptions *options, Err *err)
{
    Rec *rec = calloc(1, sizeof *rec);
    if (rec == NULL) {
        err_memory(err, "records", sizeof *rec);
        return NULL;
    }
    rec->tree = tree_folder(options->path, err);
    if (rec->tree != NULL && (rec->rec = tree_create(rec->tree, "train.rec", err)) != NULL)
        return rec;
    rec_release(rec);
    return NULL;
}

static int write_bytes(Rec *rec, const void *bytes, size_t size, Err *err)
{
    rec->used += size;
    if (size > 0 && fwrite(bytes, 1, size, rec->rec) != size)
        return err_errno(err, "cannot write train.rec");
    return 0;
}

/* A part of a record; cflag: 0 whole, 1 first, 2 middle, 3 last. */
static int write_part(Rec *rec, unsigned cflag, const uint8_t *bytes, size_t size, Err *err)
{
    static const uint8_t zeros[4];
    const uint32_t head[2] = {MAGIC, (uint32_t)(cflag << 29 | size)};
    if (write_bytes(rec, head, sizeof head, err) != 0 || write_bytes(rec, bytes, size, err) != 0)
        return -1;
    return write_bytes(rec, zeros, -size % 4, err);
}

/* The record is cut wherever the magic number occurs in it at a multiple of four, and the number is
 * left out there. */
static int write_record(Rec *rec, const uint8_t *bytes, size_t size, Err *err)
{
    static const uint32_t magic = MAGIC;
    size_t begin = 0;
    if (size > MAX_RECORD)
        return err_set(err, "%zu bytes are too many for a record", size);
    for (size_t at = 0; at + 4 <= size; at += 4)
        if (memcmp(bytes + at, &magic, 4) == 0) {
            if (write_part(rec, begin == 0 ? 1 : 2, bytes + begin, at - begin, err) != 0)
                return -1;
            begin = at + 4;
        }
    return write_part(rec, begin == 0 ? 0 : 3, bytes + begin, size - begin, err);
}

static void put_header(uint8_t out[IRHEADER], uint32_t flag, float label, uint64_t id, uint64_t id2)
{
    memcpy(out, &flag, 4);
    memcpy(out + 4, &label, 4);
    memcpy(out + 8, &id, 8);
    memcpy(out + 16, &id2, 8);
}

static int measure(Rec *rec, const SinkRow *row, Err *err)
{
    Decoder *decoder = decoder_new(err);
    int rc = decoder != NULL
                 ? decoder_size(decoder, &rec->h, &rec->w, row->file, row->file_size, err)
                 : -1;
    decoder_free(decoder);
    return rc;
}

static int make_room(Rec *rec, size_t size, Err *err)
{
    if (array_reserve(rec->record, rec->record_room, size, "a record", err) != 0)
        return -1;
    return array_reserve(rec->place, rec->room, rec->n + 1, "an index", err);
}

static int rec_put(void *state, const SinkRow *row, Err *err)
{
    Rec *rec = state;
    size_t size = IRHEADER + row->file_size;
    if (row->label < 0 || row->label >= MAX_LABEL)
        return err_set(err, "the label %" PRId64 " is not in 0 .. %d, as a record requires",
                       row->label, MAX_LABEL - 1);
    if ((rec->n == 0 && measure(rec, row, err) != 0) || make_room(rec, size, err) != 0)
        return -1;
    put_header(rec->record, 0, (float)row->label, (uint64_t)rec->n + 1, 0);
    memcpy(rec->record + IRHEADER, row->file, row->file_size);
    rec->place[rec->n] = (Place){rec->used, row->label, rec->n};
    rec->n++;
    return write_record(rec, rec->record, size, err);
}

/* The end ----------------------------------------------------------------------------------- */

static int by_label(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The final keys of images, where they are not their numbers */
static int renumber(Rec *rec, Err *err)
{
    for (int64_t i = 0; i < rec->n; i++) {
        const uint64_t key = (uint64_t)i + 1;
        if (rec->place[i].row == i)
            continue;
        if (fseeko(rec->rec, (off_t)(rec->place[i].offset + ID_IN_RECORD), SEEK_SET) != 0 ||
            fwrite(&key, sizeof key, 1, rec->rec) != 1)
            return err_errno(err, "cannot write train.rec");
    }
    return fseeko(rec->rec, 0, SEEK_END) != 0 ? err_errno(err, "cannot write train.rec") : 0;
}

/* A record without an image: a range of keys */
static int write_range(Rec *rec, FILE *idx, int64_t key, int64_t first, int64_t end, Err *err)
{
    uint8_t record[IRHEADER + 8];
    const float range[2] = {(float)first, (float)end};
    put_header(record, 2, 0, (uint64_t)key, key == 0);
    memcpy(record + IRHEADER, range, sizeof range);
    if (fprintf(idx, "%" PRId64 "\t%" PRIu64 "\n", key, rec->used) < 0)
        return err_errno(err, "cannot write train.idx");
    return write_record(rec, record, sizeof record, err);
}

static int write_ranges(Rec *rec, FILE *idx, Err *err)
{
    int64_t key = rec->n;
    for (int64_t i = 0, end; i < rec->n; i = end) {
        for (end = i; end < rec->n && rec->place[end].label == rec->place[i].label;)
            end++;
        if (write_range(rec, idx, ++key, i + 1, end + 1, err) != 0)
            return -1;
    }
    return write_range(rec, idx, 0, rec->n + 1, key + 1, err);
}

static int write_index(Rec *rec, FILE *idx, Err *err)
{
    for (int64_t i = 0; i < rec->n; i++)
        if (fprintf(idx, "%" PRId64 "\t%" PRIu64 "\n", i + 1, rec->place[i].offset) < 0)
            return err_errno(err, "cannot write train.idx");
    return write_ranges(rec, idx, err);
}

static int rec_finish(void *state, Err *err)
{
    Rec *rec = state;
    char property[64];
    if (rec->n == 0)
        return err_set(err, "no faces, so no records");
    sort_array(rec->place, (size_t)rec->n, sizeof *rec->place, by_label);
    int size = snprintf(property, sizeof property, "%" PRId64 ",%d,%d\n",
                        rec->place[rec->n - 1].label + 1, rec->h, rec->w);
    FILE *idx = tree_create(rec->tree, "train.idx", err);
    if (idx == NULL)
        return -1;
    int rc = renumber(rec, err);
    if (rc == 0)
        rc = write_index(rec, idx, err);
    if (fclose(idx) != 0)
        rc = err_errno(err, "cannot write train.idx");
    FILE *file = rec->rec;
    rec->rec = NULL;
    if (fclose(file) != 0)
        rc = err_errno(err, "cannot write train.rec");
    if (rc == 0)
        rc = tree_put(rec->tree, "property", property, (size_t)size, err);
    Tree *tree = rec->tree;
    if (rc != 0)
        return -1;
    rec->tree = NULL;
    return tree_close(tree, err);
}

const SinkKind sink_rec = {.name = "records",
                           .faces = FACES_FILES,
                           .open = rec_open,
                           .put = rec_put,
                           .finish = rec_finish,
                           .release = rec_release};
