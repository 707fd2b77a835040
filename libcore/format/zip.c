#include "format/zip_internal.h"

#include <string.h>
#include <zlib.h>

/* APPNOTE.TXT 6.3: a local header is 30 bytes, its name and here 20 bytes of ZIP64. */
enum {
    LOCAL = 30,
    EXTRA = 20,
    CENTRAL = 46,
    CENTRAL_EXTRA = 28,
    END64 = 56,
    LOCATOR = 20,
    END = 22
};

/* 1 January 1980, so that the same arrays are the same bytes */
enum { DATE = 0x21, VERSION_ZIP64 = 45 };

static uint8_t *put(uint8_t *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

static int write_out(ZipWriter *zip, const void *bytes, size_t n, Err *err)
{
    zip->used += n;
    return out_write(zip->out, bytes, n, err);
}

static int write_local(ZipWriter *zip, const ZipMember *member, Err *err)
{
    uint8_t header[LOCAL + EXTRA], *at = header;
    size_t length = strlen(member->name);
    at = put(at, 0x04034b50, 4);
    at = put(at, VERSION_ZIP64, 2);
    at = put(at, 0, 6); /* flags, method: stored, time */
    at = put(at, DATE, 2);
    at = put(at, member->crc, 4);
    at = put(at, 0xffffffffffffffff, 8); /* sizes: see the extra field */
    at = put(at, length, 2);
    at = put(at, EXTRA, 2);
    uint8_t *extra = at;
    at = put(at, 1, 2);
    at = put(at, 16, 2);
    at = put(at, member->size, 8);
    put(at, member->size, 8);
    return out_write(zip->out, header, LOCAL, err) != 0 ||
                   out_write(zip->out, member->name, length, err) != 0
               ? -1
               : out_write(zip->out, extra, EXTRA, err);
}

static size_t local_bytes(const ZipMember *member)
{
    return LOCAL + strlen(member->name) + EXTRA;
}

int zip_begin(ZipWriter *zip, const char *name, size_t head, Err *err)
{
    static const uint8_t nothing[256];
    if (zip->members == ZIP_MEMBERS || strlen(name) >= sizeof zip->member[0].name ||
        head > sizeof nothing)
        return err_set(err, "%s: too many members, or too long a name", zip->out->path);
    ZipMember *member = &zip->member[zip->members++];
    *member = (ZipMember){.offset = zip->used};
    memcpy(member->name, name, strlen(name));
    member->crc = (uint32_t)crc32(0, NULL, 0);
    zip->head = head;
    if (write_local(zip, member, err) != 0)
        return -1;
    zip->used += local_bytes(member);
    return write_out(zip, nothing, head, err);
}

int zip_write(ZipWriter *zip, const void *bytes, size_t n, Err *err)
{
    ZipMember *member = &zip->member[zip->members - 1];
    member->crc = (uint32_t)crc32_z(member->crc, bytes, n);
    member->size += n;
    return write_out(zip, bytes, n, err);
}

int zip_end(ZipWriter *zip, const void *head, Err *err)
{
    ZipMember *member = &zip->member[zip->members - 1];
    uint32_t first = (uint32_t)crc32_z(crc32(0, NULL, 0), head, zip->head);
    member->crc = (uint32_t)crc32_combine(first, member->crc, (z_off_t)member->size);
    member->size += zip->head;
    if (fseeko(zip->out->f, (off_t)member->offset, SEEK_SET) != 0)
        return err_errno(err, "cannot write %s", zip->out->path);
    if (write_local(zip, member, err) != 0 || out_write(zip->out, head, zip->head, err) != 0)
        return -1;
    if (fseeko(zip->out->f, (off_t)zip->used, SEEK_SET) != 0)
        return err_errno(err, "cannot write %s", zip->out->path);
    return 0;
}

static int write_central(ZipWriter *zip, const ZipMember *member, Err *err)
{
    uint8_t header[CENTRAL + CENTRAL_EXTRA], *at = header;
    size_t length = strlen(member->name);
    at = put(at, 0x02014b50, 4);
    at = put(at, VERSION_ZIP64, 2);
    at = put(at, VERSION_ZIP64, 2);
    at = put(at, 0, 6);
    at = put(at, DATE, 2);
    at = put(at, member->crc, 4);
    at = put(at, 0xffffffffffffffff, 8);
    at = put(at, length, 2);
    at = put(at, CENTRAL_EXTRA, 2);
    at = put(at, 0, 2); /* comment, disk, attributes */
    at = put(at, 0, 8);
    at = put(at, 0xffffffff, 4);
    uint8_t *extra = at;
    at = put(at, 1, 2);
    at = put(at, 24, 2);
    at = put(at, member->size, 8);
    at = put(at, member->size, 8);
    put(at, member->offset, 8);
    return write_out(zip, header, CENTRAL, err) != 0 ||
                   write_out(zip, member->name, length, err) != 0
               ? -1
               : write_out(zip, extra, CENTRAL_EXTRA, err);
}

int zip_finish(ZipWriter *zip, Err *err)
{
    uint8_t end[END64 + LOCATOR + END], *at = end;
    uint64_t begin = zip->used;
    for (int i = 0; i < zip->members; i++)
        if (write_central(zip, &zip->member[i], err) != 0)
            return -1;
    uint64_t stop = zip->used;
    at = put(at, 0x06064b50, 4);
    at = put(at, END64 - 12, 8);
    at = put(at, VERSION_ZIP64, 2);
    at = put(at, VERSION_ZIP64, 2);
    at = put(at, 0, 8); /* disks */
    at = put(at, (uint64_t)zip->members, 8);
    at = put(at, (uint64_t)zip->members, 8);
    at = put(at, stop - begin, 8);
    at = put(at, begin, 8);
    at = put(at, 0x07064b50, 4);
    at = put(at, 0, 4);
    at = put(at, stop, 8);
    at = put(at, 1, 4);
    at = put(at, 0x06054b50, 4);
    at = put(at, 0, 4);
    at = put(at, (uint64_t)zip->members, 2);
    at = put(at, (uint64_t)zip->members, 2);
    at = put(at, 0xffffffffffffffff, 8); /* see the record before */
    put(at, 0, 2);
    return write_out(zip, end, sizeof end, err);
}
