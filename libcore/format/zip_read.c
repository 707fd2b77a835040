#include "format/zip_read_internal.h"

#include <string.h>
#include <zlib.h>

/* APPNOTE.TXT 6.3 */
enum { LOCAL = 30, CENTRAL = 46, END64 = 56, LOCATOR = 20, END = 22, COMMENT = 65535 };

static uint64_t number(const uint8_t *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

/* Where the record at the end begins, or the size if there is none. */
static size_t find_end(const uint8_t *bytes, size_t size)
{
    for (size_t back = END; back <= size && back <= END + COMMENT; back++) {
        const uint8_t *at = bytes + size - back;
        if (number(at, 4) == 0x06054b50 && number(at + 20, 2) <= back - END)
            return size - back;
    }
    return size;
}

int zipreader_init(ZipReader *reader, const uint8_t *bytes, size_t size, Err *err)
{
    size_t end = find_end(bytes, size);
    if (end == size)
        return err_set(err, "a ZIP archive that was cut: its directory, at the end, is missing");
    uint64_t members = number(bytes + end + 10, 2), begin = number(bytes + end + 16, 4);
    if (end >= LOCATOR && number(bytes + end - LOCATOR, 4) == 0x07064b50) {
        uint64_t wide = number(bytes + end - LOCATOR + 8, 8);
        if (size < END64 || wide > size - END64 || number(bytes + wide, 4) != 0x06064b50)
            return err_set(err, "a damaged ZIP archive: its directory is not where it should be");
        members = number(bytes + wide + 32, 8);
        begin = number(bytes + wide + 48, 8);
    }
    if (begin > size)
        return err_set(err, "a damaged ZIP archive: its directory is not where it should be");
    *reader = (ZipReader){.bytes = bytes, .size = size, .at = (size_t)begin, .left = members};
    return 0;
}

/* Size, packed size and offset of a large archive are in a field of their own, those that do not
 * fit. */
static void take_wide(uint64_t value[3], const uint8_t *extra, size_t size)
{
    while (size >= 4) {
        size_t length = number(extra + 2, 2), at = 4;
        if (length > size - 4)
            return;
        for (int i = 0; number(extra, 2) == 1 && i < 3; i++)
            if (value[i] == 0xffffffff && at + 8 <= length + 4) {
                value[i] = number(extra + at, 8);
                at += 8;
            }
        extra += 4 + length;
        size -= 4 + length;
    }
}

/* The bytes behind the local header. */
static int find_bytes(const ZipReader *reader, ZipStored *member, uint64_t offset, Err *err)
{
    bool inside = reader->size >= LOCAL && offset <= reader->size - LOCAL;
    const uint8_t *local = reader->bytes + (inside ? offset : 0);
    if (!inside || number(local, 4) != 0x04034b50)
        return err_set(err, "a damaged ZIP archive: a member is not where it should be");
    uint64_t begin = offset + LOCAL + number(local + 26, 2) + number(local + 28, 2);
    if (begin > reader->size || member->size > reader->size - begin)
        return err_set(err, "a ZIP archive that was cut or damaged: a member goes beyond its end");
    member->bytes = reader->bytes + begin;
    return 0;
}

int zipreader_next(ZipReader *reader, ZipStored *member, Err *err)
{
    const uint8_t *entry = reader->bytes + reader->at;
    size_t left = reader->size - reader->at;
    if (reader->left == 0)
        return 0;
    if (left < CENTRAL || number(entry, 4) != 0x02014b50)
        return err_set(err, "a damaged ZIP archive: byte %zu: not a member", reader->at);
    size_t name = number(entry + 28, 2), extra = number(entry + 30, 2);
    size_t whole = CENTRAL + name + extra + number(entry + 32, 2);
    if (whole > left)
        return err_set(err, "a damaged ZIP archive: byte %zu: not a member", reader->at);
    uint64_t value[3] = {number(entry + 24, 4), number(entry + 20, 4), number(entry + 42, 4)};
    take_wide(value, entry + CENTRAL + name, extra);
    *member = (ZipStored){.name = (const char *)entry + CENTRAL,
                          .name_size = name,
                          .size = value[0],
                          .crc = (uint32_t)number(entry + 16, 4),
                          .packed = (entry[8] & 1) != 0 || number(entry + 10, 2) != 0};
    reader->at += whole;
    reader->left--;
    if (!member->packed && find_bytes(reader, member, value[2], err) != 0)
        return -1;
    return 1;
}

int zipstored_check(const ZipStored *member, Err *err)
{
    int length = member->name_size < 200 ? (int)member->name_size : 200;
    if (member->packed)
        return err_set(err, "'%.*s' is compressed in its ZIP, which PyTorch never does", length,
                       member->name);
    if (crc32_z(crc32(0, NULL, 0), member->bytes, member->size) != member->crc)
        return err_set(err, "'%.*s' is damaged: its checksum is wrong", length, member->name);
    return 0;
}
