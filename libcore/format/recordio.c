#include "format/recordio_internal.h"

#include <string.h>

enum { HEAD = 8, LENGTH_BITS = 29 };

static const uint8_t magic[4] = {0x0a, 0x23, 0xd7, 0xce};

typedef struct Part {
    unsigned cflag;
    size_t data, size, end;
} Part;

static uint32_t u32_at(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

bool recordio_known(const uint8_t *bytes, size_t size)
{
    return size >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
}

static int read_part(Part *part, const RecordIo *io, size_t at, Err *err)
{
    size_t left = io->size - at;
    if (left < HEAD)
        return err_set(err, "byte %zu: cut: %zu bytes where a record begins", at, left);
    if (!recordio_known(io->bytes + at, left))
        return err_set(err, "byte %zu: no record begins here", at);
    uint32_t word = u32_at(io->bytes + at + 4);
    part->cflag = word >> LENGTH_BITS;
    part->data = at + HEAD;
    part->size = word & ((1u << LENGTH_BITS) - 1);
    size_t padded = (part->size + 3) & ~(size_t)3;
    if (part->cflag > 3)
        return err_set(err, "byte %zu: a part of a record of unknown kind %u", at, part->cflag);
    if (padded > left - HEAD)
        return err_set(err, "byte %zu: cut: a record of %zu bytes where %zu are left", at,
                       part->size, left - HEAD);
    part->end = part->data + padded;
    return 0;
}

static bool is_dead(const RecordIo *io, size_t at)
{
    return io->dead != NULL && (io->dead[at / 32] >> at / 4 % 8 & 1) != 0;
}

/* Marks the parts of a split record that was found to have no end, up to the one that failed. */
static void bury(const RecordIo *io, size_t from, size_t end)
{
    Err none = {0};
    Part part = {.end = from};
    for (size_t at = from; io->dead != NULL && at < end; at = part.end) {
        io->dead[at / 32] |= (uint8_t)(1 << at / 4 % 8);
        if (read_part(&part, io, at, &none) != 0)
            return;
    }
}

static int lacks(const RecordIo *io, size_t at, const char *what, Err *err)
{
    bury(io, io->at, at);
    return err_set(err, "byte %zu: %s of a split record is missing", at, what);
}

int recordio_next(RecordIo *io, Record *record, Err *err)
{
    Part part = {.end = io->at};
    if (io->at >= io->size)
        return 0;
    *record = (Record){.offset = io->at};
    for (bool first = true;; first = false) {
        size_t at = part.end;
        if (is_dead(io, at))
            return lacks(io, at, "the last part", err);
        if (read_part(&part, io, at, err) != 0) {
            bury(io, io->at, at);
            return -1;
        }
        if (first != (part.cflag < 2))
            return lacks(io, at, first ? "the first part" : "the last part", err);
        record->size += part.size + (first ? 0 : sizeof magic);
        if (part.cflag == 0 || part.cflag == 3)
            break;
    }
    record->end = io->at = part.end;
    return 1;
}

void recordio_resync(RecordIo *io)
{
    for (size_t at = (io->at | 3) + 1; at < io->size && io->size - at >= HEAD; at += 4)
        if (recordio_known(io->bytes + at, HEAD) && u32_at(io->bytes + at + 4) >> LENGTH_BITS < 2) {
            io->at = at;
            return;
        }
    io->at = io->size;
}

/* Copies what a piece of data that begins at *at shares with from .. from + n. */
static void copy_piece(uint8_t *out, size_t from, size_t n, size_t *at, const uint8_t *piece,
                       size_t size)
{
    size_t begin = *at > from ? *at : from;
    size_t end = *at + size < from + n ? *at + size : from + n;
    if (begin < end)
        memcpy(out + (begin - from), piece + (begin - *at), end - begin);
    *at += size;
}

void recordio_copy(uint8_t *out, const RecordIo *io, const Record *record, size_t from, size_t n)
{
    Err none = {0};
    Part part = {.end = record->offset};
    size_t at = 0;
    while (at < from + n && part.end < record->end) {
        if (part.end > record->offset)
            copy_piece(out, from, n, &at, magic, sizeof magic);
        if (read_part(&part, io, part.end, &none) != 0)
            return;
        copy_piece(out, from, n, &at, io->bytes + part.data, part.size);
    }
}

int recordio_header(RecordHeader *header, const RecordIo *io, const Record *record, Err *err)
{
    uint8_t bytes[RECORDIO_LABELS];
    if (record->size < sizeof bytes)
        return err_set(err, "%zu bytes are too few for a record's header", record->size);
    recordio_copy(bytes, io, record, 0, sizeof bytes);
    header->flag = u32_at(bytes);
    memcpy(&header->label, bytes + 4, sizeof header->label);
    header->id = u32_at(bytes + 8) | (uint64_t)u32_at(bytes + 12) << 32;
    header->image = RECORDIO_LABELS + (size_t)header->flag * 4;
    if (header->image > record->size)
        return err_set(err, "%u labels do not fit into a record of %zu bytes", header->flag,
                       record->size);
    if (header->flag > 0)
        recordio_copy((uint8_t *)&header->label, io, record, RECORDIO_LABELS, 4);
    return 0;
}
