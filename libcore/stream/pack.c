#include "stream/pack_internal.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/map_internal.h"
#include "stream/rows.h"

typedef struct Entry {
    Frame frame;
    FrameLayout layout;
    const uint8_t *data;
    int64_t first, rows; /* the pack's rows first .. first+rows-1 */
    atomic_bool verified;
} Entry;

struct Pack {
    char *path;
    Map map;
    Entry *entry;
    size_t entries, room;
    int64_t rows;
};

static int blame(const Pack *pack, size_t at, const Err *inner, Err *err)
{
    return err_set(err, "%s: frame at byte %zu: %s", pack->path, at, inner->text);
}

/* Parses the frame at byte `at` into a new entry; *next is where the following one begins. */
static int add_entry(Pack *pack, size_t at, size_t *next, Err *err)
{
    Err inner = {0};
    uint64_t header = 0;
    size_t left = pack->map.size - at;
    for (int i = 7; i >= 0 && left >= 8; i--)
        header = header << 8 | pack->map.bytes[at + (size_t)i];
    if (left < 8 || header > FRAME_MAX_HEADER || header > left - 8)
        return err_set(
            err,
            "%s: the stream was cut (or is not a tensor stream) at byte %zu: a header of %" PRIu64
            " bytes does not fit into the file",
            pack->path, at, header);
    Entry *entry = &pack->entry[pack->entries];
    *entry = (Entry){.first = pack->rows};
    if (frame_parse(&entry->frame, &entry->layout, (const char *)pack->map.bytes + at + 8, header,
                    &inner) != 0)
        return blame(pack, at, &inner, err);
    pack->entries++;
    entry->frame.offset = at;
    entry->data = pack->map.bytes + at + 8 + header;
    frame_rebase(&entry->frame, (void *)entry->data);
    if (entry->layout.data_bytes > left - 8 - header)
        return err_set(err,
                       "%s: the stream was cut: the frame at byte %zu has %zu bytes of data, "
                       "the file ends at %zu",
                       pack->path, at, entry->layout.data_bytes, pack->map.size);
    Rows rows;
    if (rows_of(&rows, &entry->frame, &inner) != 0)
        return blame(pack, at, &inner, err);
    entry->rows = rows.n;
    pack->rows += rows.n;
    rows_release(&rows);
    *next = at + 8 + header + entry->layout.data_bytes;
    return 0;
}

static int index_frames(Pack *pack, Err *err)
{
    if (pack->map.size >= 2 && pack->map.bytes[0] == 0x1f && pack->map.bytes[1] == 0x8b)
        return err_set(err, "%s: gzipped, so its rows cannot be accessed in any order", pack->path);
    if (pack->map.size == 0)
        return err_set(err, "%s: empty, not a tensor stream", pack->path);
    for (size_t at = 0; at < pack->map.size;) {
        if (array_reserve(pack->entry, pack->room, pack->entries + 1, "a pack's index", err) != 0)
            return -1;
        if (add_entry(pack, at, &at, err) != 0)
            return -1;
    }
    if (!pack->entry[pack->entries - 1].frame.last)
        return err_set(err,
                       "%s: the stream was cut at byte %zu: it ends without a frame marked last",
                       pack->path, pack->map.size);
    return 0;
}

Pack *pack_open(const char *path, Err *err)
{
    Pack *pack = calloc(1, sizeof *pack);
    if (pack == NULL || (pack->path = strdup(path)) == NULL) {
        free(pack);
        err_memory(err, "a pack", sizeof *pack);
        return NULL;
    }
    if (map_open(&pack->map, pack->path, err) == 0 && index_frames(pack, err) == 0)
        return pack;
    pack_close(pack);
    return NULL;
}

void pack_close(Pack *pack)
{
    if (pack == NULL)
        return;
    for (size_t i = 0; i < pack->entries; i++)
        frame_release(&pack->entry[i].frame);
    map_close(&pack->map);
    free(pack->entry);
    free(pack->path);
    free(pack);
}

int64_t pack_rows(const Pack *pack)
{
    return pack->rows;
}

const char *pack_name(const Pack *pack)
{
    return pack->path;
}

const char *pack_by(const Pack *pack)
{
    const char *by = frame_meta(&pack->entry[0].frame, "by");
    return by != NULL ? by : "";
}

size_t pack_frames(const Pack *pack)
{
    return pack->entries;
}

size_t pack_locate(const Pack *pack, int64_t i, int64_t *row)
{
    size_t low = 0, high = pack->entries; /* the entry is in [low, high) */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (pack->entry[middle].first <= i)
            low = middle;
        else
            high = middle;
    }
    *row = i - pack->entry[low].first;
    return low;
}

const Frame *pack_frame_at(Pack *pack, size_t index, Err *err)
{
    Entry *entry = &pack->entry[index];
    if (atomic_load(&entry->verified))
        return &entry->frame;
    if (!entry->layout.has_crc ||
        libdeflate_crc32(0, entry->data, entry->layout.data_bytes) != entry->layout.crc) {
        err_set(err, "%s: frame at byte %" PRIu64 ": %s", pack->path, entry->frame.offset,
                entry->layout.has_crc ? "its data is damaged (CRC-32 differs)" : "it has no crc32");
        return NULL;
    }
    atomic_store(&entry->verified, true);
    return &entry->frame;
}

const Frame *pack_frame_unchecked(const Pack *pack, size_t index)
{
    return &pack->entry[index].frame;
}

const Frame *pack_frame(Pack *pack, int64_t i, int64_t *row, Err *err)
{
    return pack_frame_at(pack, pack_locate(pack, i, row), err);
}

uint32_t pack_fingerprint(const Pack *pack)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < pack->entries; i++) {
        const Entry *entry = &pack->entry[i];
        uint64_t what[] = {(uint64_t)entry->rows, entry->layout.crc, entry->layout.has_crc,
                           entry->layout.data_bytes};
        if (entry->layout.data_bytes > 0)
            sum = libdeflate_crc32(sum, what, sizeof what);
    }
    return sum;
}
