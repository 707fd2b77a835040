#include "stream/reader.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes_internal.h"
#include "stream/input_internal.h"

struct StreamReader {
    Input *input;
    char *by;
    uint64_t offset; /* of the next byte */
    bool any, ended; /* a frame was read; the one read last bore "last" */
    bool tolerate_crc;
};

static StreamReader *reader_of(Input *input, Err *err)
{
    StreamReader *reader = input != NULL ? calloc(1, sizeof *reader) : NULL;
    if (reader != NULL) {
        reader->input = input;
        return reader;
    }
    if (input != NULL)
        err_memory(err, "a stream reader", sizeof *reader);
    input_close(input);
    return NULL;
}

StreamReader *reader_open(const char *path, Err *err)
{
    return reader_of(input_open(path, err), err);
}

StreamReader *reader_open_bytes(const char *name, const void *bytes, size_t size, Err *err)
{
    return reader_of(input_open_bytes(name, bytes, size, err), err);
}

void reader_close(StreamReader *reader)
{
    if (reader == NULL)
        return;
    input_close(reader->input);
    free(reader->by);
    free(reader);
}

void reader_tolerate_crc(StreamReader *reader)
{
    reader->tolerate_crc = true;
}

const char *reader_name(const StreamReader *reader)
{
    return input_name(reader->input);
}

const char *reader_by(const StreamReader *reader)
{
    return reader->by != NULL ? reader->by : "";
}

int reader_blame(const StreamReader *reader, const Frame *frame, const Err *inner, Err *err)
{
    return err_set(err, "%s: frame at byte %" PRIu64 ": %s", reader_name(reader), frame->offset,
                   inner->text);
}

static int cut(const StreamReader *reader, const char *what, Err *err)
{
    return err_set(err, "%s: the stream was cut at byte %" PRIu64 ": it ends %s",
                   reader_name(reader), reader->offset, what);
}

/* Reads size bytes into new memory that grows as they arrive, so that a false size in a pipe
 * costs no more than what was really sent. NULL on failure. */
static char *read_block(StreamReader *reader, size_t size, const char *inside, Err *err)
{
    Bytes bytes = {0};
    size_t step = 1 << 20;
    bool known = input_size(reader->input) >= 0;
    do {
        size_t more = known || size - bytes.size <= step ? size - bytes.size : step;
        if (bytes_reserve(&bytes, more, "a frame", err) != 0)
            break;
        int64_t got = input_read(reader->input, bytes.data + bytes.size, more, err);
        if (got < 0)
            break;
        bytes.size += (size_t)got;
        reader->offset += (uint64_t)got;
        if ((size_t)got < more) {
            cut(reader, inside, err);
            break;
        }
        step = bytes.size;
    } while (bytes.size < size);
    if (!err_is_set(err))
        return (char *)bytes.data;
    bytes_release(&bytes);
    return NULL;
}

/* What a frame claims to hold must be within the limit and, where the size of the file is known,
 * within the rest of it. */
static int check_size(const StreamReader *reader, uint64_t bytes, uint64_t limit, const char *what,
                      Err *err)
{
    int64_t size = input_size(reader->input);
    if (bytes > limit)
        return err_set(err,
                       "%s: byte %" PRIu64 ": a %s of %" PRIu64 " bytes, over the limit of %" PRIu64
                       " (not a tensor stream?)",
                       reader_name(reader), reader->offset, what, bytes, limit);
    if (size >= 0 && bytes > (uint64_t)size - reader->offset)
        return err_set(err,
                       "%s: the stream was cut: the %s at byte %" PRIu64 " has %" PRIu64
                       " bytes, the file ends at %" PRId64,
                       reader_name(reader), what, reader->offset, bytes, size);
    return 0;
}

/* The 8 bytes before the header: 1, 0 at the end of the stream, -1. */
static int read_length(StreamReader *reader, uint64_t *length, Err *err)
{
    unsigned char bytes[8];
    int64_t got = input_read(reader->input, bytes, sizeof bytes, err);
    if (got < 0)
        return -1;
    if (got == 0 && reader->any && reader->ended)
        return 0;
    reader->offset += (uint64_t)got;
    if (got == 0 && !reader->any)
        return err_set(err, "%s: empty, not a tensor stream", reader_name(reader));
    if (got == 0)
        return cut(reader, "without a frame marked last", err);
    if (got < 8)
        return cut(reader, "within a frame's length", err);
    for (int i = 7; i >= 0; i--)
        *length = *length << 8 | bytes[i];
    return 1;
}

static int read_header(StreamReader *reader, uint64_t length, Frame *frame, FrameLayout *layout,
                       Err *err)
{
    if (check_size(reader, length, FRAME_MAX_HEADER, "header", err) != 0)
        return -1;
    uint64_t offset = reader->offset - 8;
    char *json = read_block(reader, length, "within a frame's header", err);
    if (json == NULL)
        return -1;
    Err inner = {0};
    int rc = frame_parse(frame, layout, json, length, &inner);
    free(json);
    frame->offset = offset;
    return rc == 0 ? 0 : reader_blame(reader, frame, &inner, err);
}

static int read_data(StreamReader *reader, Frame *frame, const FrameLayout *layout, Err *err)
{
    if (check_size(reader, layout->data_bytes, FRAME_MAX_BYTES, "frame's data", err) != 0)
        return -1;
    frame->block = read_block(reader, layout->data_bytes, "within a frame's data", err);
    if (frame->block == NULL)
        return -1;
    frame_rebase(frame, frame->block);
    if (!layout->has_crc)
        return err_set(err, "%s: frame at byte %" PRIu64 ": it has no crc32", reader_name(reader),
                       frame->offset);
    frame->crc_bad = libdeflate_crc32(0, frame->block, layout->data_bytes) != layout->crc;
    if (frame->crc_bad && !reader->tolerate_crc)
        return err_set(err, "%s: frame at byte %" PRIu64 ": its data is damaged (CRC-32 differs)",
                       reader_name(reader), frame->offset);
    return 0;
}

static int remember_by(StreamReader *reader, const Frame *frame, Err *err)
{
    const char *by = frame_meta(frame, "by");
    if (reader->any || by == NULL)
        return 0;
    reader->by = strdup(by);
    return reader->by != NULL ? 0 : err_memory(err, "provenance", strlen(by));
}

int reader_next(StreamReader *reader, Frame *frame, Err *err)
{
    uint64_t length = 0;
    FrameLayout layout;
    *frame = (Frame){0};
    int rc = read_length(reader, &length, err);
    if (rc <= 0)
        return rc;
    if (read_header(reader, length, frame, &layout, err) != 0)
        return -1;
    if (read_data(reader, frame, &layout, err) != 0 || remember_by(reader, frame, err) != 0) {
        frame_release(frame);
        return -1;
    }
    reader->any = true;
    reader->ended = frame->last;
    return 1;
}
