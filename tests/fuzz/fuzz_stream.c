/* Tensor streams, damaged in every way, through the reader, the views of frames, and packs */
#include <fcntl.h>
#include <zlib.h>

#include "base/file_internal.h"
#include "mutate.h"
#include "stream/faces.h"
#include "stream/pack_internal.h"
#include "stream/reader.h"
#include "stream/writer.h"

static volatile unsigned sink; /* so that the bytes are really read */

/* What failed says why, what did not says nothing. */
static void check_err(const Err *err, bool failed)
{
    if (err_is_set(err) != failed)
        abort();
}

static void touch_rows(const Rows *rows)
{
    RowBuffer buffer = {0};
    Frame copy = {0};
    Err err = {0};
    for (int64_t i = 0; i < rows->n && i < 1000; i++) {
        for (size_t c = 0; c < rows->columns; c++) {
            size_t size;
            const uint8_t *bytes = column_row(&rows->column[c], i, &size);
            for (size_t b = 0; b < size; b++)
                sink += bytes[b];
        }
        check_err(&err, rows->columns > 0 && rowbuffer_add(&buffer, rows, i, &err) != 0);
    }
    check_err(&err, rowbuffer_flush(&buffer, &copy, &err) != 0);
    rowbuffer_release(&buffer);
    frame_release(&copy);
}

/* A frame that was read has a header that is read again as the same tensors. */
static void touch_header(Frame *frame)
{
    Err err = {0};
    Frame again = {0};
    FrameLayout layout;
    size_t size;
    char *header = frame_header(frame, true, &size, &err);
    if (header == NULL || frame_parse(&again, &layout, header + 8, size - 8, &err) != 0)
        abort();
    if (!again.last || again.tensors != frame->tensors || again.metas != frame->metas)
        abort();
    for (size_t i = 0; i < frame->tensors; i++) {
        const Tensor *tensor = frame_find(&again, frame->tensor[i].name);
        if (tensor == NULL || tensor->bytes != frame->tensor[i].bytes)
            abort();
    }
    frame_release(&again);
    free(header);
}

static void touch_frame(const Frame *frame)
{
    Err err = {0};
    Rows rows;
    bool failed = rows_of(&rows, frame, &err) != 0;
    check_err(&err, failed);
    if (!failed)
        touch_rows(&rows);
    rows_release(&rows);
    err = (Err){0};
    Faces faces;
    failed = faces_of(&faces, frame, &err) != 0;
    check_err(&err, failed);
    for (int64_t i = 0; i < faces.rows.n && i < 1000; i++) {
        size_t size;
        sink += (unsigned)faces_label(&faces, i);
        faces_key(&faces, i, &size);
    }
    faces_release(&faces);
}

static bool read_stream(const char *path, bool tolerate)
{
    Err err = {0};
    Frame frame;
    int rc = -1;
    StreamReader *reader = reader_open(path, &err);
    if (reader != NULL && tolerate)
        reader_tolerate_crc(reader);
    while (reader != NULL && (rc = reader_next(reader, &frame, &err)) == 1) {
        touch_frame(&frame);
        touch_header(&frame);
        frame_release(&frame);
    }
    check_err(&err, rc != 0);
    reader_close(reader);
    return rc == 0;
}

/* The same bytes through a pipe, whose length nobody knows beforehand */
static bool read_piped(const Blob *input, bool tolerate)
{
    int fd[2];
    if (input->size > 1 << 15) /* a pipe holds more than that */
        return false;
    if (pipe(fd) != 0 || write(fd[1], input->at, input->size) != (ssize_t)input->size ||
        dup2(fd[0], STDIN_FILENO) != STDIN_FILENO)
        abort();
    close(fd[0]);
    close(fd[1]);
    return read_stream("-", tolerate);
}

static void read_pack(const char *path)
{
    Err err = {0};
    Pack *pack = pack_open(path, &err);
    check_err(&err, pack == NULL);
    for (int64_t i = 0; pack != NULL && i < pack_rows(pack) && i < 1000; i++) {
        int64_t row;
        Err why = {0};
        const Frame *frame = pack_frame(pack, i, &row, &why);
        check_err(&why, frame == NULL);
        if (frame != NULL && row == 0)
            touch_frame(frame);
    }
    pack_close(pack);
}

static bool read_all_ways(const char *path, const Blob *input, uint64_t run)
{
    bool sound = read_stream(path, false);
    read_pack(path);
    if (run % 4 == 0 && input->size <= 1 << 15 && read_piped(input, false) != sound)
        abort();
    read_stream(path, true);
    return sound;
}

static void put_faces(StreamWriter *writer, bool last)
{
    Err err = {0};
    Frame frame = {0};
    int64_t shape[] = {3, 4, 4, 3}, bytes = 5;
    memset(frame_alloc(&frame, "image", DTYPE_U8, 4, shape, &err), 7, 144);
    memcpy(frame_alloc(&frame, "label", DTYPE_I64, 1, shape, &err), (int64_t[]){4, -1, 9}, 24);
    memcpy(frame_alloc(&frame, "key_end", DTYPE_I64, 1, shape, &err), (int64_t[]){2, 2, 5}, 24);
    memcpy(frame_alloc(&frame, "key", DTYPE_U8, 1, &bytes, &err), "abcde", 5);
    frame_set_meta(&frame, "kind", "faces", &err);
    writer_put(writer, &frame, last, &err);
    check_err(&err, false);
    frame_release(&frame);
}

static void put_model(StreamWriter *writer)
{
    Err err = {0};
    Frame frame = {0};
    int64_t shape[] = {2, 3};
    frame_alloc(&frame, "weight", DTYPE_F32, 2, shape, &err);
    frame_alloc(&frame, "mean", DTYPE_F64, 1, shape + 1, &err);
    frame_alloc(&frame, "step", DTYPE_I64, 0, shape, &err);
    frame_set_meta(&frame, "kind", "model", &err);
    writer_put(writer, &frame, true, &err);
    check_err(&err, false);
    frame_release(&frame);
}

static Blob file_bytes(const char *path)
{
    Err err = {0};
    Blob bytes;
    bytes.at = (uint8_t *)file_read(path, MUTANT_ROOM, &bytes.size, &err);
    check_err(&err, false);
    unlink(path);
    return bytes;
}

/* which: 0 faces and an end mark, 1 a model, 2 faces in two frames */
static Blob make_seed(int which)
{
    char path[] = "/tmp/fuzz.XXXXXX";
    Err err = {0};
    StreamWriter writer;
    close(mkstemp(path));
    writer_open(&writer, path, "fuzz 1", &err);
    if (which == 1)
        put_model(&writer);
    else
        put_faces(&writer, false);
    if (which == 2)
        put_faces(&writer, true);
    writer_close(&writer, &err);
    check_err(&err, false);
    return file_bytes(path);
}

static Blob gzipped(const Blob *plain)
{
    char path[] = "/tmp/fuzz.XXXXXX";
    gzFile gz = gzdopen(mkstemp(path), "wb");
    gzwrite(gz, plain->at, (unsigned)plain->size);
    gzclose(gz);
    return file_bytes(path);
}

int main(int argc, char **argv)
{
    Blob seeds[] = {make_seed(0), make_seed(1), make_seed(2), {0}};
    seeds[3] = gzipped(&seeds[2]);
    int rc = fuzz("streams", read_all_ways, seeds, 4, argc, argv);
    for (int i = 0; i < 4; i++)
        free(seeds[i].at);
    return rc;
}
