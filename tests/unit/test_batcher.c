/* batch/batcher: the same batches for any threads and start, from packs and from pipes */
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include "batch/batcher_internal.h"
#include "image/encode_internal.h"
#include "stream/faces.h"
#include "stream/writer.h"
#include "unit.h"

enum { ROWS = 50, SIDE = 16, PIXELS = SIDE * SIDE * 3, MAX_BATCHES = 64 };

static char dir[] = "/tmp/test_batcher.XXXXXX";

static const char *path_of(const char *name)
{
    static char path[2][300];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

/* Face i: all pixels i, identity i / 5, key "k<i>", and a column that no tool knows. */
static void add_rows(Frame *frame, int64_t first, int64_t n, bool jpeg, Err *err)
{
    int64_t image[] = {n, SIDE, SIDE, 3}, extra[] = {n, 2}, end = 0;
    uint8_t *pixels = malloc((size_t)n * PIXELS), *files = NULL;
    int64_t *label = frame_alloc(frame, "label", DTYPE_I64, 1, &n, err);
    int64_t *key_end = frame_alloc(frame, "key_end", DTYPE_I64, 1, &n, err);
    float *score = frame_alloc(frame, "score", DTYPE_F32, 2, extra, err);
    char keys[8 * ROWS];
    int64_t keys_size = 0, *file_end = malloc((size_t)n * sizeof *file_end);
    for (int64_t i = 0; i < n; i++) {
        memset(pixels + i * PIXELS, (int)(first + i), PIXELS);
        label[i] = (first + i) / 5;
        score[2 * i] = score[2 * i + 1] = (float)(first + i) / 2;
        keys_size += sprintf(keys + keys_size, "k%d", (int)(first + i));
        key_end[i] = keys_size;
    }
    memcpy(frame_alloc(frame, "key", DTYPE_U8, 1, &keys_size, err), keys, (size_t)keys_size);
    if (jpeg) {
        Encoder *encoder = encoder_new(err);
        for (int64_t i = 0; i < n; i++) {
            size_t size;
            const uint8_t *file;
            Image face = {pixels + i * PIXELS, SIDE, SIDE};
            encoder_jpeg(encoder, &file, &size, &face, 95, err);
            files = realloc(files, (size_t)end + size);
            memcpy(files + end, file, size);
            file_end[i] = end += (int64_t)size;
        }
        encoder_free(encoder);
        memcpy(frame_alloc(frame, "jpeg", DTYPE_U8, 1, &end, err), files, (size_t)end);
        memcpy(frame_alloc(frame, "jpeg_end", DTYPE_I64, 1, &n, err), file_end, (size_t)n * 8);
    } else {
        memcpy(frame_alloc(frame, "image", DTYPE_U8, 4, image, err), pixels, (size_t)n * PIXELS);
    }
    free(pixels);
    free(files);
    free(file_end);
}

/* ROWS faces in frames of 7, every other one of JPEGs. */
static void write_pack(const char *path)
{
    Err err = {0};
    StreamWriter writer;
    int rc = writer_open(&writer, path, "test 1", &err);
    for (int64_t first = 0; rc == 0 && first < ROWS; first += 7) {
        Frame frame = {0};
        int64_t left = ROWS - first;
        add_rows(&frame, first, left < 7 ? left : 7, first % 2 == 1, &err);
        frame_set_meta(&frame, "kind", "faces", &err);
        frame_set_meta(&frame, "colour", first == 0 ? "red" : "blue", &err);
        rc = writer_put(&writer, &frame, false, &err);
        frame_release(&frame);
    }
    if (rc != 0 || writer_close(&writer, &err) != 0 || err_is_set(&err))
        printf("Bail out! %s\n", err.text), exit(1);
}

static void compress_file(const char *to, const char *from)
{
    char buffer[4096];
    FILE *f = fopen(from, "rb");
    gzFile gz = gzopen(to, "wb");
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
        gzwrite(gz, buffer, (unsigned)n);
    fclose(f);
    gzclose(gz);
}

/* What a run gave: a checksum, the epoch and the rows (by score) of each batch. */
typedef struct Run {
    int batches, rows;
    uint32_t crc[MAX_BATCHES];
    int size[MAX_BATCHES], epoch[MAX_BATCHES];
    int row[MAX_BATCHES * ROWS];
    bool whole; /* the columns of each row belong together */
    Err err;
} Run;

static void take_batch(Run *run, const Frame *frame)
{
    Faces faces;
    uint32_t crc = 0;
    for (size_t t = 0; t < frame->tensors; t++)
        crc = (uint32_t)crc32_z(crc, frame->tensor[t].data, frame->tensor[t].bytes);
    if (faces_of(&faces, frame, &run->err) != 0)
        return;
    for (int64_t i = 0; i < faces.rows.n; i++) {
        float score;
        char want[16];
        size_t size;
        memcpy(&score, rows_find(&faces.rows, "score")->data + 8 * i, sizeof score);
        const char *key = faces_key(&faces, i, &size);
        int row = (int)(2 * score), length = snprintf(want, sizeof want, "k%d", row);
        run->whole = run->whole && size == (size_t)length && memcmp(key, want, size) == 0 &&
                     faces_label(&faces, i) == row / 5;
        run->row[run->rows++] = row;
    }
    run->whole = run->whole && faces.image != NULL && faces.h == SIDE && faces.w == SIDE &&
                 faces.jpeg == NULL;
    run->size[run->batches] = (int)faces.rows.n;
    run->epoch[run->batches] = atoi(frame_meta(frame, "epoch"));
    run->crc[run->batches++] = crc;
    faces_release(&faces);
}

static Run go(const char *path, BatcherOptions options)
{
    Run run = {.whole = true};
    Frame *frame;
    options.order.epochs += options.order.epochs == 0;
    options.threads += options.threads == 0;
    Batcher *batcher = batcher_open(path, &options, &run.err);
    while (batcher != NULL && batcher_next(batcher, &frame, &run.err) > 0)
        take_batch(&run, frame);
    batcher_close(batcher);
    return run;
}

static bool same_tail(const Run *all, const Run *tail, int start)
{
    bool same = all->batches == start + tail->batches;
    for (int i = 0; same && i < tail->batches; i++)
        same = all->crc[start + i] == tail->crc[i] && all->epoch[start + i] == tail->epoch[i];
    return same;
}

static const Augment everything = {.flip = 0.5, .crop = 0.3, .low_res = 0.3, .photometric = 0.5};

static void test_pack(const char *pack)
{
    BatcherOptions options = {.order = {.seed = 3, .batch = 8, .epochs = 3, .shuffle = true},
                              .augment = everything,
                              .threads = 1};
    Run one = go(pack, options);
    CHECK(one.err.text[0] == '\0' && one.batches == 21 && one.whole,
          "three epochs are 21 batches whose columns belong together%s", one.err.text);
    bool once = true, full = true;
    int moved = 0;
    for (int epoch = 0; epoch < 3; epoch++) {
        bool seen[ROWS] = {0};
        for (int i = 0; i < ROWS; i++) {
            int row = one.row[epoch * ROWS + i];
            once = once && !seen[row];
            seen[row] = true;
            moved += epoch > 0 && row != one.row[i];
        }
        for (int b = 0; b < 7; b++)
            full = full && one.size[7 * epoch + b] == (b < 6 ? 8 : 2) &&
                   one.epoch[7 * epoch + b] == epoch;
    }
    CHECK(once && moved > ROWS, "every epoch has every row once, in an order of its own");
    CHECK(full, "batches of 8 and a last one of 2, epoch by epoch");
    options.threads = 4;
    Run four = go(pack, options);
    CHECK(same_tail(&one, &four, 0), "four threads make the same bytes");
    int starts[] = {1, 6, 7, 20, 21};
    for (int i = 0; i < 5; i++) {
        options.start = starts[i];
        Run tail = go(pack, options);
        CHECK(same_tail(&one, &tail, starts[i]) && tail.err.text[0] == '\0',
              "from batch %d on: the tail of the whole", starts[i]);
    }
    options.start = 22;
    Run beyond = go(pack, options);
    CHECK(strstr(beyond.err.text, "it has 21 in all"), "refused: %s", beyond.err.text);
    options.start = 0;
    options.order.seed = 4;
    Run other = go(pack, options);
    CHECK(!same_tail(&one, &other, 0), "another seed, other batches");
}

static void test_pack_options(const char *pack)
{
    BatcherOptions options = {.order = {.batch = 8, .drop_last = true}};
    Run run = go(pack, options);
    bool in_order = true;
    for (int i = 0; i < run.rows; i++)
        in_order = in_order && run.row[i] == i;
    CHECK(in_order && run.rows == 48 && run.batches == 6, "no shuffle keeps the order; drop_last");
    options.order.batch = 51;
    run = go(pack, options);
    CHECK(strstr(run.err.text, "fewer than a batch"), "refused: %s", run.err.text);
    options.order =
        (SamplerOptions){.seed = 1, .batch = 6, .epochs = 2, .per_identity = 3, .shuffle = true};
    run = go(pack, options);
    bool triples = run.rows == 60;
    for (int i = 0; i + 2 < run.rows; i += 3)
        triples =
            triples && run.row[i] / 5 == run.row[i + 1] / 5 && run.row[i] / 5 == run.row[i + 2] / 5;
    CHECK(triples && run.whole, "three of each of two identities in a batch");
}

static void test_metadata(const char *pack)
{
    Err err = {0};
    Frame *frame = NULL;
    BatcherOptions options = {.order = {.batch = 20, .epochs = 2}, .threads = 2};
    Batcher *batcher = batcher_open(pack, &options, &err);
    CHECK(batcher_batches(batcher) == 6 && strcmp(batcher_by(batcher), "test 1") == 0,
          "batches and provenance are known at once");
    bool first = false, last = false, middle = true;
    for (int i = 0; batcher_next(batcher, &frame, &err) > 0; i++) {
        const char *colour = frame_meta(frame, "colour"), *batch = frame_meta(frame, "batch");
        if (i == 0)
            first = colour != NULL && strcmp(colour, "red") == 0 && strcmp(batch, "0") == 0;
        else
            middle = middle && colour == NULL && atoi(batch) == i;
        middle = middle && strcmp(frame_meta(frame, "batches"), "6") == 0;
        last = frame->last;
    }
    CHECK(first && middle && last && err.text[0] == '\0',
          "the first frame inherits, all are numbered, the last is marked");
    batcher_close(batcher);
}

static void test_pipe(const char *pipe)
{
    BatcherOptions options = {
        .order = {.seed = 3, .batch = 8, .shuffle = true}, .buffer = 10, .augment = everything};
    Run one = go(pipe, options);
    options.threads = 3;
    Run three = go(pipe, options);
    CHECK(one.rows == ROWS && one.whole && same_tail(&one, &three, 0),
          "a pipe gives all rows, the same for any threads%s", one.err.text);
    bool seen[ROWS] = {0}, once = true, bounded = true;
    int moved = 0;
    for (int i = 0; i < ROWS; i++) {
        once = once && !seen[one.row[i]];
        seen[one.row[i]] = true;
        bounded = bounded && one.row[i] < i + 10;
        moved += one.row[i] != i;
    }
    CHECK(once && bounded && moved > ROWS / 2, "each row once, none from beyond the buffer");
    options.start = 4;
    Run tail = go(pipe, options);
    CHECK(same_tail(&one, &tail, 4), "from batch 4 on: the tail of the whole");
    options.start = 7;
    tail = go(pipe, options);
    CHECK(tail.batches == 0 && tail.err.text[0] == '\0', "right behind the end: nothing");
    options.start = 8;
    tail = go(pipe, options);
    CHECK(strstr(tail.err.text, "it has 7 in all"), "refused: %s", tail.err.text);
    options.start = 0;
    options.order.shuffle = false;
    Run plain = go(pipe, options);
    bool in_order = plain.rows == ROWS;
    for (int i = 0; i < plain.rows; i++)
        in_order = in_order && plain.row[i] == i;
    CHECK(in_order, "no shuffle keeps the order");
    options.order.drop_last = true;
    plain = go(pipe, options);
    CHECK(plain.rows == 48, "drop_last");
    options.order.batch = 51;
    plain = go(pipe, options);
    CHECK(strstr(plain.err.text, "fewer than a batch"), "refused: %s", plain.err.text);
    options.order.epochs = 2;
    plain = go(pipe, options);
    CHECK(strstr(plain.err.text, "more than one epoch"), "refused: %s", plain.err.text);
}

/* A pack whose row 4 is no JPEG, or has another size */
static void write_bad(const char *path, bool resized)
{
    Err err = {0};
    StreamWriter writer;
    Frame frame = {0}, odd = {0};
    int64_t n = 1, bytes = 7, shape[] = {1, 8, 8, 3};
    writer_open(&writer, path, "", &err);
    add_rows(&frame, 0, 4, true, &err);
    frame_set_meta(&frame, "kind", "faces", &err);
    writer_put(&writer, &frame, false, &err);
    *(int64_t *)frame_alloc(&odd, "label", DTYPE_I64, 1, &n, &err) = 1;
    frame_alloc(&odd, "score", DTYPE_F32, 2, (int64_t[]){1, 2}, &err);
    *(int64_t *)frame_alloc(&odd, "key_end", DTYPE_I64, 1, &n, &err) = 7;
    memcpy(frame_alloc(&odd, "key", DTYPE_U8, 1, &bytes, &err), "odd/one", 7);
    if (resized) {
        frame_alloc(&odd, "image", DTYPE_U8, 4, shape, &err);
    } else {
        *(int64_t *)frame_alloc(&odd, "jpeg_end", DTYPE_I64, 1, &n, &err) = 7;
        frame_alloc(&odd, "jpeg", DTYPE_U8, 1, &bytes, &err);
    }
    frame_set_meta(&odd, "kind", "faces", &err);
    writer_put(&writer, &odd, true, &err);
    if (writer_close(&writer, &err) != 0)
        printf("Bail out! %s\n", err.text), exit(1);
    frame_release(&frame);
    frame_release(&odd);
}

static void test_bad_rows(const char *path)
{
    for (int resized = 0; resized < 2; resized++) {
        write_bad(path, resized);
        Run run = go(path, (BatcherOptions){.order = {.batch = 2}, .threads = 2});
        CHECK(run.batches == 2 && strstr(run.err.text, "row 4 (odd/one): "),
              "the batches before it, then: %s", run.err.text);
    }
    unlink(path);
}

static void test_close_early(const char *pack)
{
    Err err = {0};
    Frame *frame;
    BatcherOptions options = {.order = {.batch = 3, .epochs = 100}, .threads = 2};
    for (int taken = 0; taken < 6; taken++) {
        Batcher *batcher = batcher_open(pack, &options, &err);
        for (int i = 0; i < taken; i++)
            batcher_next(batcher, &frame, &err);
        batcher_close(batcher);
    }
    CHECK(err.text[0] == '\0', "closing early does no harm");
}

/* A pack that cannot be opened now is no pipe, whose rows would come in another order. */
static void test_no_descriptors(const char *pack)
{
    struct rlimit limit, none;
    Err err = {0};
    BatcherOptions options = {
        .order = {.seed = 1, .batch = 8, .epochs = 1, .shuffle = true}, .buffer = 8, .threads = 1};
    int next = dup(0);
    close(next);
    getrlimit(RLIMIT_NOFILE, &limit);
    none = limit;
    none.rlim_cur = (rlim_t)next;
    setrlimit(RLIMIT_NOFILE, &none);
    Batcher *batcher = batcher_open(pack, &options, &err);
    setrlimit(RLIMIT_NOFILE, &limit);
    CHECK(batcher == NULL && strstr(err.text, "cannot open") != NULL, "refused: %s", err.text);
    batcher_close(batcher);
}

int main(void)
{
    if (mkdtemp(dir) == NULL)
        return 1;
    char pack[300], pipe[300];
    snprintf(pack, sizeof pack, "%s", path_of("pack"));
    snprintf(pipe, sizeof pipe, "%s", path_of("pack.gz"));
    write_pack(pack);
    compress_file(pipe, pack);
    test_pack(pack);
    test_no_descriptors(pack);
    test_pack_options(pack);
    test_metadata(pack);
    test_pipe(pipe);
    test_bad_rows(path_of("bad"));
    test_close_early(pack);
    unlink(pack);
    unlink(pipe);
    rmdir(dir);
    return END_TESTS();
}
