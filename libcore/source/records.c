/* InsightFace's train.rec: every record with an image is a member
 *
 * Records come in the order of the file. With train.idx beside it they have the keys it gives, and
 * those it does not name are passed over; without, the numbers they bear. */
#include "source/records_index_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_internal.h"
#include "base/map_internal.h"
#include "base/num_internal.h"
#include "format/recordio_internal.h"
#include "source/walk_internal.h"

typedef struct Records {
    const char *operand;
    Map map;
    RecordIo io;
    RecordIndex index;
    size_t entry;    /* the next one of the index */
    int64_t classes; /* of the file property, or INT32_MAX */
    Record record;
    RecordHeader header;
    char path[32];
} Records;

static void close_records(void *state)
{
    Records *records = state;
    free(records->io.dead);
    map_close(&records->map);
    recordindex_release(&records->index);
    free(records);
}

/* property: "classes,height,width", where there is one. */
static int read_property(Records *records, Err *err)
{
    size_t size;
    records->classes = INT32_MAX;
    char *file = records_beside(records->operand, "", "property", err), *text = NULL;
    int rc = file != NULL ? 0 : -1;
    if (rc == 0 && access(file, F_OK) == 0) {
        text = file_read(file, 4096, &size, err);
        if (text == NULL)
            rc = -1;
        else if (text[strcspn(text, ",")] = '\0', !num_int(text, 1, INT32_MAX, &records->classes))
            rc = err_set(err, "%s: not a number of classes, height and width", file);
    }
    free(text);
    free(file);
    return rc;
}

/* Which layout it is: record 0 of the official sets has the range of their meta records. */
static const char *layout(const Records *records)
{
    for (size_t i = 0; i < records->index.n; i++) {
        RecordIo io = {records->map.bytes, records->map.size,
                       (size_t)records->index.entry[i].offset, NULL};
        Record record;
        RecordHeader header;
        Err none = {0};
        if (records->index.entry[i].key != 0)
            continue;
        if (recordio_next(&io, &record, &none) > 0 &&
            recordio_header(&header, &io, &record, &none) == 0 && header.flag > 0)
            return "RecordIO with its index, identities grouped";
        return "RecordIO with its index, flat";
    }
    return records->index.n > 0 ? "RecordIO with its index, no key 0" : "RecordIO without an index";
}

/* A record's key: 1, or 0 when the index passes it over, or -1. */
static int find_key(Records *records, uint64_t *key, Err *err)
{
    const RecordIndex *index = &records->index;
    *key = records->header.id;
    if (index->n == 0)
        return 1;
    const RecordEntry *entry = &index->entry[records->entry];
    if (records->entry < index->n && entry->offset < records->record.offset)
        return err_set(err, "%s: no record begins at byte %" PRIu64 ", where %s has key %" PRIu64,
                       records->operand, entry->offset, index->file, entry->key);
    if (records->entry == index->n || entry->offset > records->record.offset)
        return 0;
    *key = entry->key;
    records->entry++;
    return 1;
}

static int at_end(Records *records, Err *err)
{
    const RecordIndex *index = &records->index;
    if (records->entry < index->n)
        return err_set(err, "%s: no record begins at byte %" PRIu64 ", where %s has key %" PRIu64,
                       records->operand, index->entry[records->entry].offset, index->file,
                       index->entry[records->entry].key);
    return 0;
}

/* Goes on after damage, and says where it was. */
static int pass_damage(Records *records, Member *member, const Err *why)
{
    if (records->io.dead == NULL) /* without memory for it damage only takes longer */
        records->io.dead = calloc(1, records->io.size / 32 + 1);
    const RecordIndex *index = &records->index;
    snprintf(records->path, sizeof records->path, "damage");
    snprintf(member->problem, sizeof member->problem, "%.250s", why->text);
    member->path = records->path;
    recordio_resync(&records->io);
    while (records->entry < index->n && index->entry[records->entry].offset < records->io.at)
        records->entry++;
    return 1;
}

static void set_label(const Records *records, Member *member)
{
    float label = records->header.label;
    member->labelled = true;
    member->label = -1;
    if (!(label >= -1 && label < (float)INT32_MAX) || label != (float)(int64_t)label)
        snprintf(member->problem, sizeof member->problem,
                 "byte %zu: the label %g is not an integer from -1", records->record.offset,
                 (double)label);
    else if ((int64_t)label >= records->classes)
        snprintf(member->problem, sizeof member->problem,
                 "byte %zu: the label is %g, but property says %" PRId64 " classes",
                 records->record.offset, (double)label, records->classes);
    else
        member->label = (int64_t)label;
}

static int next_record(void *state, Member *member, Err *err)
{
    Records *records = state;
    uint64_t key = 0;
    member->problem[0] = '\0';
    for (;;) {
        Err why = {0};
        int rc = recordio_next(&records->io, &records->record, &why);
        if (rc == 0)
            return at_end(records, err);
        if (rc > 0 && recordio_header(&records->header, &records->io, &records->record, &why) != 0)
            rc = -1;
        if (rc < 0)
            return pass_damage(records, member, &why);
        rc = find_key(records, &key, err);
        if (rc < 0)
            return -1;
        if (rc > 0 && records->header.image < records->record.size)
            break;
        if (rc > 0)
            member->meta++;
        else
            member->unnamed++;
    }
    snprintf(records->path, sizeof records->path, "%" PRIu64, key);
    member->path = records->path;
    member->at = (int64_t)records->record.offset;
    set_label(records, member);
    return 1;
}

static int read_record(void *state, Member *member, Bytes *bytes, Err *err)
{
    Records *records = state;
    size_t size = records->record.size - records->header.image;
    bytes->size = 0;
    if (size > WALK_MAX_MEMBER) {
        snprintf(member->problem, sizeof member->problem,
                 "byte %zu: larger than the limit of %u bytes", records->record.offset,
                 WALK_MAX_MEMBER);
        return 0;
    }
    if (bytes_reserve(bytes, size, "a member", err) != 0)
        return -1;
    recordio_copy(bytes->data, &records->io, &records->record, records->header.image, size);
    bytes->size = size;
    return 1;
}

int records_walk(Walk *walk, const char *operand, Err *err)
{
    Records *records = calloc(1, sizeof *records);
    if (records == NULL)
        return err_memory(err, "records", sizeof *records);
    *walk = (Walk){records, next_record, read_record, close_records, NULL};
    records->operand = operand;
    if (map_open(&records->map, operand, err) == 0 &&
        recordindex_read(&records->index, operand, err) == 0 && read_property(records, err) == 0) {
        records->io = (RecordIo){records->map.bytes, records->map.size, 0, NULL};
        walk->form = layout(records);
        return 0;
    }
    close_records(records);
    return -1;
}
