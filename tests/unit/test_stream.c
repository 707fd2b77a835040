/* stream/: frames, reader, writer, rows, packs; hostile and cut streams */
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file_internal.h"
#include "stream/faces.h"
#include "stream/pack_internal.h"
#include "stream/reader.h"
#include "stream/writer.h"
#include "unit.h"

static char dir[] = "/tmp/test_stream.XXXXXX";

static const char *path_of(const char *name)
{
    static char path[2][300];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static void put_bytes(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
        exit(1);
}

/* Three faces of 2x2 pixels with keys "a", "", "ccc" */
static void make_faces(Frame *frame, int64_t first, Err *err)
{
    int64_t shape[] = {3, 2, 2, 3}, bytes = 4;
    uint8_t *image = frame_alloc(frame, "image", DTYPE_U8, 4, shape, err);
    int64_t *label = frame_alloc(frame, "label", DTYPE_I64, 1, shape, err);
    int64_t *end = frame_alloc(frame, "key_end", DTYPE_I64, 1, shape, err);
    char *key = frame_alloc(frame, "key", DTYPE_U8, 1, &bytes, err);
    for (int i = 0; i < 36; i++)
        image[i] = (uint8_t)(i + first);
    for (int i = 0; i < 3; i++)
        label[i] = first + i;
    memcpy(end, (int64_t[]){1, 1, 4}, 24);
    memcpy(key, "accc", 4);
    frame_set_meta(frame, "kind", "faces", err);
    frame_set_meta(frame, "colour", "of \"quotes\" and \xc3\xa9", err);
}

static int write_stream(const char *path, int frames, Err *err)
{
    StreamWriter writer;
    int rc = writer_open(&writer, path, "test 1", err);
    for (int i = 0; rc == 0 && i < frames; i++) {
        Frame frame = {0};
        make_faces(&frame, 3 * i, err);
        rc = writer_put(&writer, &frame, false, err);
        frame_release(&frame);
    }
    return rc == 0 ? writer_close(&writer, err) : rc;
}

/* Reads to the end: the number of rows, or -1. */
static int64_t count_rows(const char *path, Err *err)
{
    StreamReader *reader = reader_open(path, err);
    int64_t n = 0;
    Frame frame;
    int rc = reader == NULL ? -1 : 1;
    while (rc == 1 && (rc = reader_next(reader, &frame, err)) == 1) {
        Faces faces;
        if (faces_of(&faces, &frame, err) != 0)
            rc = -1;
        n += rc == 1 ? faces.rows.n : 0;
        faces_release(&faces);
        frame_release(&frame);
    }
    reader_close(reader);
    return rc == 0 ? n : -1;
}

static void test_round_trip(void)
{
    Err err = {0};
    const char *path = path_of("stream");
    CHECK(write_stream(path, 2, &err) == 0, "written%s", err.text);
    StreamReader *reader = reader_open(path, &err);
    Frame frame;
    CHECK(reader != NULL && reader_next(reader, &frame, &err) == 1, "a frame%s", err.text);
    CHECK(strcmp(reader_by(reader), "test 1") == 0, "provenance");
    CHECK(strcmp(frame_meta(&frame, "colour"), "of \"quotes\" and \xc3\xa9") == 0, "metadata");
    CHECK(frame_meta(&frame, "crc32") == NULL, "crc32 belongs to the layout");
    Faces faces;
    size_t size;
    CHECK(faces_of(&faces, &frame, &err) == 0 && faces.rows.n == 3 && faces.h == 2, "faces");
    CHECK(faces_label(&faces, 2) == 2 && column_row(faces.image, 1, &size)[0] == 12 && size == 12,
          "label and pixels");
    CHECK(memcmp(faces_key(&faces, 2, &size), "ccc", 3) == 0 && size == 3, "key of row 2");
    faces_key(&faces, 1, &size);
    CHECK(size == 0, "an empty key");
    faces_release(&faces);
    frame_release(&frame);
    CHECK(reader_next(reader, &frame, &err) == 1, "a second frame");
    frame_release(&frame);
    CHECK(reader_next(reader, &frame, &err) == 1 && frame.tensors == 0 && frame.last,
          "the empty frame that ends a stream");
    frame_release(&frame);
    CHECK(reader_next(reader, &frame, &err) == 0, "the end");
    reader_close(reader);
}

static void test_joined_and_gzip(void)
{
    Err err = {0};
    size_t size;
    char *bytes = file_read(path_of("stream"), 1 << 20, &size, &err);
    char *twice = malloc(2 * size);
    memcpy(twice, bytes, size);
    memcpy(twice + size, bytes, size);
    put_bytes(path_of("twice"), twice, 2 * size);
    CHECK(count_rows(path_of("twice"), &err) == 12, "cat of two streams is a stream%s", err.text);
    gzFile gz = gzopen(path_of("gz"), "wb");
    gzwrite(gz, twice, (unsigned)(2 * size));
    gzclose(gz);
    CHECK(count_rows(path_of("gz"), &err) == 12, "gzip is read as it is%s", err.text);
    size_t packed;
    char *gzipped = file_read(path_of("gz"), 1 << 20, &packed, &err);
    int refused = 0;
    for (size_t n = 0; n < packed; n++) {
        Err why = {0};
        put_bytes(path_of("cut"), gzipped, n);
        refused += count_rows(path_of("cut"), &why) == -1 && why.text[0] != '\0';
    }
    CHECK(refused == (int)packed, "cut gzip refused at each of %zu bytes", packed);
    put_bytes(path_of("cut"), twice, 2 * size);
    free(gzipped);
    free(twice);
    free(bytes);
}

static void test_cut_and_flipped(void)
{
    Err err = {0};
    size_t size;
    char *bytes = file_read(path_of("stream"), 1 << 20, &size, &err);
    int refused = 0, refused_pack = 0, flipped = 0;
    for (size_t n = 0; n < size; n++) {
        Err why = {0}, why_pack = {0};
        put_bytes(path_of("cut"), bytes, n);
        refused += count_rows(path_of("cut"), &why) == -1 && strstr(why.text, "/cut: ") != NULL;
        Pack *pack = pack_open(path_of("cut"), &why_pack);
        refused_pack += pack == NULL && why_pack.text[0] != '\0';
        pack_close(pack);
    }
    CHECK(refused == (int)size, "a cut at each of %zu bytes is an error", size);
    CHECK(refused_pack == (int)size, "and no pack");
    for (size_t n = 0; n < size; n++) {
        Err why = {0};
        bytes[n] ^= 0x55;
        put_bytes(path_of("cut"), bytes, size);
        flipped += count_rows(path_of("cut"), &why) == -1;
        bytes[n] ^= 0x55;
    }
    /* A flip in the spaces, or in a name or text of the header, may leave a sound stream. */
    CHECK(flipped > (int)size / 2, "%d of %zu damaged bytes noticed, none crashed", flipped, size);
    free(bytes);
}

/* A frame made of this JSON and n zero bytes; what the reader says of it. */
static const char *verdict(const char *json, size_t n)
{
    static Err err;
    err = (Err){0};
    char *bytes = calloc(1, strlen(json) + n + 8);
    bytes[0] = (char)strlen(json);
    bytes[1] = (char)(strlen(json) >> 8);
    memcpy(bytes + 8, json, strlen(json));
    put_bytes(path_of("hostile"), bytes, 8 + strlen(json) + n);
    free(bytes);
    return count_rows(path_of("hostile"), &err) >= 0 ? "accepted" : err.text;
}

#define REFUSED(json, n, why)                                                                      \
    CHECK(strstr(verdict(json, n), why) != NULL, "%s: %s", why, verdict(json, n))

static void test_hostile(void)
{
    REFUSED("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
            "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}",
            8, "duplicate");
    REFUSED("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[1,5]}}", 5, "hole");
    REFUSED("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
            "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}",
            6, "overlap");
    REFUSED("{\"a\":{\"dtype\":\"Q8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "dtype");
    REFUSED("{\"a\":{\"dtype\":\"U8\",\"shape\":[-4],\"data_offsets\":[0,4]}}", 4, "integer");
    REFUSED("{\"a\":{\"dtype\":\"U8\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "integer");
    REFUSED("{\"a\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,4]}}", 4, "fit its shape");
    REFUSED("{\"a\":{\"dtype\":\"I64\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}",
            0, "impossible shape");
    REFUSED("{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1,
            "dimensions");
    REFUSED("{\"a\":{\"dtype\":\"U8\",\"shape\":[1000000000000],\"data_offsets\":[0,"
            "1000000000000]}}",
            4, "over the limit");
    REFUSED("{\"a\":{\"dtype\":\"U8\",\"shape\":[60000000000],\"data_offsets\":[0,60000000000]}}",
            4, "cut");
    REFUSED("{\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
            "\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[4,12]}}",
            12, "not aligned for a I64");
    REFUSED("{\"__metadata__\":{\"last\":1}}", 0, "not a string");
    REFUSED("{\"__metadata__\":{\"last\":\"1\"}}", 0, "no crc32");
    REFUSED("{\"__metadata__\":{\"crc32\":\"12\"}}", 0, "hex digits");
    REFUSED("[]", 0, "no JSON object");
    REFUSED("{", 0, "bad header");
    CHECK(strcmp(verdict("{\"__metadata__\":{\"crc32\":\"00000000\",\"last\":\"1\"}}", 0),
                 "accepted") == 0,
          "an empty last frame is a stream");
}

static void test_hostile_pipe(void)
{
    Err err = {0};
    char bytes[64] = {0};
    int fd[2];
    memcpy(bytes, "\x40\x42\x0f\0\0\0\0\0{", 9); /* a header of a million bytes, 56 sent */
    if (pipe(fd) != 0 || write(fd[1], bytes, sizeof bytes) != sizeof bytes || dup2(fd[0], 0) != 0)
        exit(1);
    close(fd[1]);
    CHECK(count_rows("-", &err) == -1 && strstr(err.text, "cut") != NULL, "a cut pipe: %s",
          err.text);
}

static void test_rows(void)
{
    Err err = {0};
    Frame one = {0}, two = {0}, other = {0}, out = {0};
    Rows rows[3];
    RowBuffer buffer = {0};
    int64_t shape[] = {3};
    make_faces(&one, 0, &err);
    make_faces(&two, 3, &err);
    frame_alloc(&other, "label", DTYPE_I64, 1, shape, &err);
    rows_of(&rows[0], &one, &err);
    rows_of(&rows[1], &two, &err);
    rows_of(&rows[2], &other, &err);
    CHECK(rowbuffer_add(&buffer, &rows[0], 2, &err) == 0 &&
              rowbuffer_add(&buffer, &rows[1], 0, &err) == 0,
          "rows of two frames");
    CHECK(rowbuffer_add(&buffer, &rows[2], 0, &err) == -1 && buffer.n == 2,
          "a row of another form is refused: %s", err.text);
    err = (Err){0};
    CHECK(rowbuffer_flush(&buffer, &out, &err) == 0 && buffer.n == 0, "made a frame");
    frame_set_meta(&out, "kind", "faces", &err);
    Faces faces;
    size_t size;
    CHECK(faces_of(&faces, &out, &err) == 0 && faces.rows.n == 2, "which is faces%s", err.text);
    CHECK(faces_label(&faces, 0) == 2 && faces_label(&faces, 1) == 3, "labels moved");
    CHECK(memcmp(faces_key(&faces, 0, &size), "ccc", 3) == 0 && size == 3, "keys moved");
    faces_release(&faces);
    rowbuffer_release(&buffer);
    for (int i = 0; i < 3; i++)
        rows_release(&rows[i]);
    frame_release(&one);
    frame_release(&two);
    frame_release(&other);
    frame_release(&out);
}

static void test_bad_rows(void)
{
    Err err = {0};
    Frame frame = {0};
    Rows rows;
    make_faces(&frame, 0, &err);
    int64_t *end = frame_find(&frame, "key_end")->data;
    end[1] = 9;
    CHECK(rows_of(&rows, &frame, &err) == -1 && strstr(err.text, "row 1") != NULL, "%s", err.text);
    end[1] = 1;
    end[2] = 3;
    err = (Err){0};
    CHECK(rows_of(&rows, &frame, &err) == -1, "%s", err.text);
    frame_release(&frame);
}

static void test_pack(void)
{
    Err err = {0};
    Pack *pack = pack_open(path_of("twice"), &err);
    int64_t row;
    CHECK(pack != NULL && pack_rows(pack) == 12 && pack_frames(pack) == 6, "a pack of two streams");
    const Frame *frame = pack_frame(pack, 7, &row, &err);
    Faces faces;
    CHECK(frame != NULL && row == 1 && faces_of(&faces, frame, &err) == 0 &&
              faces_label(&faces, row) == 1,
          "row 7 is row 1 of the second stream's first frame%s", err.text);
    faces_release(&faces);
    pack_close(pack);
    CHECK(pack_open(path_of("gz"), &err) == NULL && strstr(err.text, "gzip") != NULL, "%s",
          err.text);
}

/* A header that would cost the parser far more than its bytes is refused by a look at it. */
static void test_costly_headers(void)
{
    static const struct {
        const char *before, *each, *after, *why;
        int times;
    } c[] = {{"{\"a\":", "[", "", "deeper", 1000},
             {"{\"a\":[", "0,", "0]}", "more members", 1000000},
             {"{\"a\":[", "{},", "{}]}", "more members", 1000000},
             {"{\"a,[[[[\\\"[[[\":", "", "1}", "needs dtype", 0}};
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        size_t each = strlen(c[i].each), size = 0;
        char *json = malloc(100 + (size_t)c[i].times * each);
        size += (size_t)sprintf(json, "%s", c[i].before);
        for (int k = 0; k < c[i].times; k++, size += each)
            memcpy(json + size, c[i].each, each);
        size += (size_t)sprintf(json + size, "%s", c[i].after);
        Frame frame = {0};
        FrameLayout layout;
        Err err = {0};
        CHECK(frame_parse(&frame, &layout, json, size, &err) == -1 &&
                  strstr(err.text, c[i].why) != NULL,
              "%s", err.text);
        free(json);
    }
}

static void test_many_tensors(void)
{
    enum { MANY = 2000 };
    Err err = {0};
    Frame frame = {0}, again = {0};
    FrameLayout layout;
    Rows rows;
    char name[600];
    size_t size;
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "t%04d%s", i / 2 * 2, i % 2 == 0 ? "" : "_end");
        frame_add(&frame, name, i % 2 == 0 ? DTYPE_U8 : DTYPE_I64, 1, (int64_t[]){0}, NULL, &err);
    }
    memset(name, 'x', 500);
    strcpy(name + 500, "_end");
    frame_add(&frame, name, DTYPE_I64, 1, (int64_t[]){0}, NULL, &err);
    name[500] = '\0';
    frame_add(&frame, name, DTYPE_U8, 1, (int64_t[]){0}, NULL, &err);
    CHECK(frame_add(&frame, "t0000", DTYPE_U8, 1, (int64_t[]){0}, NULL, &err) == -1 &&
              strstr(err.text, "twice") != NULL,
          "a name twice is found: %s", err.text);
    err = (Err){0};
    char *header = frame_header(&frame, true, &size, &err);
    CHECK(header != NULL && frame_parse(&again, &layout, header + 8, size - 8, &err) == 0,
          "written and read%s", err.text);
    int found = 0;
    for (size_t i = 0; i < frame.tensors; i++) {
        const Tensor *tensor = frame_find(&again, frame.tensor[i].name);
        found += tensor != NULL && strcmp(tensor->name, frame.tensor[i].name) == 0;
    }
    CHECK(found == MANY + 2 && frame_find(&again, "t0001") == NULL, "all are found: %d", found);
    CHECK(rows_of(&rows, &again, &err) == 0 && rows.columns == MANY / 2 + 1 &&
              rows_find(&rows, name)->ragged,
          "each column has its end, one with a name of 500 bytes too%s", err.text);
    rows_release(&rows);
    free(header);
    frame_release(&frame);
    frame_release(&again);
}

int main(void)
{
    if (mkdtemp(dir) == NULL)
        return 1;
    test_round_trip();
    test_joined_and_gzip();
    test_cut_and_flipped();
    test_hostile();
    test_hostile_pipe();
    test_rows();
    test_bad_rows();
    test_pack();
    test_costly_headers();
    test_many_tensors();
    const char *names[] = {"stream", "twice", "gz", "cut", "hostile"};
    for (int i = 0; i < 5; i++)
        unlink(path_of(names[i]));
    rmdir(dir);
    return END_TESTS();
}
