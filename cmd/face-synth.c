/* face-synth: renders faces from a seed, as a stream of faces or a tar of photographs. */
#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num_internal.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "image/encode_internal.h"
#include "stream/writer.h"
#include "synth/synth_internal.h"

enum { FORMAT_FACES, FORMAT_TAR };
enum {
    CHUNK = 8, /* faces a task, so that a worker keeps a person for a while */
    FRAME_BYTES = 8 << 20,
    FRAME_FACES = 256,
    KEY_BYTES = 80,
};

typedef struct Row {
    char key[KEY_BYTES];
    float landmarks[10];
    uint8_t *jpeg; /* FORMAT_TAR: the encoded picture */
    size_t jpeg_size;
} Row;

/* One for each thread. */
typedef struct Worker {
    Synth *synth;
    Encoder *encoder;
    Err err;
} Worker;

typedef struct Job {
    SynthConfig config;
    int64_t first, people, pictures, threads;
    int format;
    const char *output, *landmarks;
    Pool *pool;
    Worker *workers;
    int64_t at, rows; /* the batch: rows `at` .. at + rows - 1 of all */
    int64_t most;     /* rows of a batch */
    Row *row;         /* [most] */
    uint8_t *image;   /* [most,size,size,3] */
} Job;

static int64_t person_of(const Job *job, int64_t row)
{
    return job->first + (job->at + row) / job->pictures;
}

static int64_t picture_of(const Job *job, int64_t row)
{
    return (job->at + row) % job->pictures;
}

static int encode(Row *row, Worker *worker, uint8_t *pixels, int size)
{
    const Image image = {pixels, size, size};
    const uint8_t *bytes;
    if (encoder_jpeg(worker->encoder, &bytes, &row->jpeg_size, &image, 92, &worker->err) != 0)
        return -1;
    row->jpeg = malloc(row->jpeg_size);
    if (row->jpeg == NULL)
        return err_memory(&worker->err, "a picture", row->jpeg_size);
    memcpy(row->jpeg, bytes, row->jpeg_size);
    return 0;
}

static void render_chunk(void *arg, int64_t chunk, int index)
{
    Job *job = arg;
    Worker *worker = &job->workers[index];
    int size = job->config.size;
    for (int64_t i = chunk * CHUNK; i < (chunk + 1) * CHUNK && i < job->rows; i++) {
        Row *row = &job->row[i];
        int64_t person = person_of(job, i), picture = picture_of(job, i);
        uint8_t *pixels = job->image + (size_t)i * image_bytes(size, size);
        snprintf(row->key, sizeof row->key, "synth/%06" PRId64 "/%06" PRId64 "_%04" PRId64 ".jpg",
                 person, person, picture);
        synth_face(worker->synth, pixels, row->landmarks, person, picture);
        if (job->format == FORMAT_TAR && !err_is_set(&worker->err))
            encode(row, worker, pixels, size);
    }
}

/* Renders the next rows: how many, 0 after the last, -1 on failure. */
static int64_t render(Job *job, Err *err)
{
    job->at += job->rows;
    int64_t left = job->people * job->pictures - job->at;
    job->rows = left < job->most ? left : job->most;
    pool_run(job->pool, (job->rows + CHUNK - 1) / CHUNK, render_chunk, job);
    for (int i = 0; i < (int)job->threads; i++)
        if (err_is_set(&job->workers[i].err))
            return err_set(err, "%s", job->workers[i].err.text);
    return job->rows;
}

static int job_start(Job *job, Err *err)
{
    size_t bytes = image_bytes(job->config.size, job->config.size);
    job->most = FRAME_BYTES / (int64_t)bytes;
    job->most = job->most > FRAME_FACES ? FRAME_FACES : job->most < 1 ? 1 : job->most;
    job->row = calloc((size_t)job->most, sizeof *job->row);
    job->image = malloc((size_t)job->most * bytes);
    job->workers = calloc((size_t)job->threads, sizeof *job->workers);
    if (job->row == NULL || job->image == NULL || job->workers == NULL)
        return err_memory(err, "faces", (size_t)job->most * bytes);
    job->pool = pool_new((int)job->threads, err);
    if (job->pool == NULL)
        return -1;
    for (int i = 0; i < (int)job->threads; i++) {
        Worker *worker = &job->workers[i];
        worker->synth = synth_new(&job->config, err);
        worker->encoder = encoder_new(err);
        if (worker->synth == NULL || worker->encoder == NULL)
            return -1;
    }
    return 0;
}

static void job_release(Job *job)
{
    pool_free(job->pool);
    for (int i = 0; job->workers != NULL && i < (int)job->threads; i++) {
        synth_free(job->workers[i].synth);
        encoder_free(job->workers[i].encoder);
    }
    for (int64_t i = 0; job->row != NULL && i < job->most; i++)
        free(job->row[i].jpeg);
    free(job->workers);
    free(job->image);
    free(job->row);
}

/* The batch as a frame, its pixels borrowed. */
static int fill_frame(Frame *frame, const Job *job, Err *err)
{
    int64_t n = job->rows, size = job->config.size, bytes = 0;
    const int64_t shape[4] = {n, size, size, 3};
    for (int64_t i = 0; i < n; i++)
        bytes += (int64_t)strlen(job->row[i].key);
    int64_t *label = frame_alloc(frame, "label", DTYPE_I64, 1, &n, err);
    int64_t *end = frame_alloc(frame, "key_end", DTYPE_I64, 1, &n, err);
    char *key = frame_alloc(frame, "key", DTYPE_U8, 1, &bytes, err);
    if (label == NULL || end == NULL || key == NULL ||
        frame_add(frame, "image", DTYPE_U8, 4, shape, job->image, err) != 0)
        return -1;
    for (int64_t i = 0, at = 0; i < n; i++) {
        size_t length = strlen(job->row[i].key);
        memcpy(key + at, job->row[i].key, length);
        label[i] = person_of(job, i);
        end[i] = at += (int64_t)length;
    }
    if (job->at == 0 && frame_set_number(frame, "identities", job->first + job->people, err) != 0)
        return -1;
    return frame_set_meta(frame, "kind", "faces", err);
}

static int write_faces(Job *job, Progress *progress, Err *err)
{
    StreamWriter writer;
    char *by = cli_by("");
    int rc = writer_open(&writer, job->output, by, err);
    int64_t n = 0;
    free(by);
    while (rc == 0 && (n = render(job, err)) > 0) {
        Frame frame = {0};
        bool last = job->at + n == job->people * job->pictures;
        rc = fill_frame(&frame, job, err);
        if (rc == 0)
            rc = writer_put(&writer, &frame, last, err);
        frame_release(&frame);
        progress_step(progress, n);
    }
    if (rc == 0 && n == 0)
        return writer_close(&writer, err);
    writer_abort(&writer);
    return -1;
}

typedef struct Tar {
    Out out;
    Err err; /* of writing out: libarchive has its own */
    struct archive *archive;
} Tar;

static la_ssize_t tar_write(struct archive *archive, void *arg, const void *bytes, size_t n)
{
    Tar *tar = arg;
    (void)archive;
    return out_write(&tar->out, bytes, n, &tar->err) == 0 ? (la_ssize_t)n : -1;
}

static int tar_fail(const Tar *tar, Err *err)
{
    const char *why = archive_error_string(tar->archive);
    if (err_is_set(&tar->err))
        return err_set(err, "%s", tar->err.text);
    return err_set(err, "cannot write %s: %s", tar->out.path, why != NULL ? why : "out of memory");
}

static int tar_open(Tar *tar, const char *path, Err *err)
{
    *tar = (Tar){0};
    if (out_is_terminal(path))
        return err_set(err, "will not write an archive to a terminal: use -o FILE or a pipe");
    if (out_open(&tar->out, path, err) != 0)
        return -1;
    tar->archive = archive_write_new();
    if (tar->archive == NULL)
        return err_memory(err, "an archive", 1);
    if (archive_write_set_format_ustar(tar->archive) != ARCHIVE_OK ||
        archive_write_open(tar->archive, tar, NULL, tar_write, NULL) != ARCHIVE_OK)
        return tar_fail(tar, err);
    return 0;
}

static int tar_put(Tar *tar, const Row *row, Err *err)
{
    struct archive_entry *entry = archive_entry_new();
    if (entry == NULL)
        return err_memory(err, "an archive's entry", 1);
    archive_entry_set_pathname(entry, row->key);
    archive_entry_set_size(entry, (la_int64_t)row->jpeg_size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    bool fine =
        archive_write_header(tar->archive, entry) == ARCHIVE_OK &&
        archive_write_data(tar->archive, row->jpeg, row->jpeg_size) == (la_ssize_t)row->jpeg_size;
    archive_entry_free(entry);
    return fine ? 0 : tar_fail(tar, err);
}

static int tar_end(Tar *tar, Err *err)
{
    return archive_write_close(tar->archive) == ARCHIVE_OK ? 0 : tar_fail(tar, err);
}

static int put_landmarks(Out *out, const Row *row, Err *err)
{
    char line[KEY_BYTES + 10 * 16];
    int n = snprintf(line, sizeof line, "%s", row->key);
    for (int k = 0; k < 10; k++)
        n += snprintf(line + n, sizeof line - (size_t)n, "\t%.2f", row->landmarks[k]);
    line[n++] = '\n';
    return out_write(out, line, (size_t)n, err);
}

static int put_photos(Job *job, Tar *tar, Out *marks, Progress *progress, Err *err)
{
    int64_t n;
    while ((n = render(job, err)) > 0) {
        for (int64_t i = 0; i < n; i++) {
            Row *row = &job->row[i];
            if (tar_put(tar, row, err) != 0 ||
                (job->landmarks != NULL && put_landmarks(marks, row, err) != 0))
                return -1;
            free(row->jpeg);
            row->jpeg = NULL;
        }
        progress_step(progress, n);
    }
    return n == 0 ? 0 : -1;
}

/* The archive and its landmarks appear both or not at all. */
static int commit_both(const Job *job, Tar *tar, Out *marks, Err *err)
{
    bool named = job->landmarks != NULL && !marks->direct;
    if (job->landmarks != NULL && out_commit(marks, err) != 0)
        return -1;
    if (out_commit(&tar->out, err) == 0)
        return 0;
    if (named)
        unlink(job->landmarks);
    return -1;
}

static int write_tar(Job *job, Progress *progress, Err *err)
{
    Tar tar;
    Out marks = {0};
    int rc = tar_open(&tar, job->output, err);
    if (rc == 0 && job->landmarks != NULL)
        rc = out_open(&marks, job->landmarks, err);
    if (rc == 0)
        rc = put_photos(job, &tar, &marks, progress, err);
    if (rc == 0)
        rc = tar_end(&tar, err);
    if (rc == 0)
        rc = commit_both(job, &tar, &marks, err);
    out_abort(&marks);
    if (rc != 0 && tar.archive != NULL) /* or libarchive would end it as if it were whole */
        archive_write_fail(tar.archive);
    archive_write_free(tar.archive);
    out_abort(&tar.out);
    return rc;
}

/* faces are aligned already */
static const CliRule rules[] = {
    {CLI_NEEDS, "landmarks-out", "format=tar"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {
    .name = "face-synth",
    .rules = rules,
    .operands = "",
    .summary = "Renders faces from a seed: a data set that needs no download.",
};

int main(int argc, char **argv)
{
    Err err = {0};
    Job job = {.people = 100, .pictures = 10, .output = "-"};
    int64_t seed = 1, size = 0;
    double hardness = .5;
    CliOption options[] = {
        CLI_WAS('n', "", "identities"),
        CLI_INT(0, "identities", "N", &job.people, 1, 1000000000, "people"),
        CLI_WAS('m', "", "images"),
        CLI_INT(0, "images", "M", &job.pictures, 1, 1000000, "pictures of each"),
        CLI_WAS('f', "", "first-identity"),
        CLI_INT(0, "first-identity", "K", &job.first, 0, 1000000000, "number of the first person"),
        CLI_INT('s', "seed", "S", &seed, 0, INT64_MAX, "seed of the population"),
        CLI_REAL(0, "hardness", "H", &hardness, 0, 1,
                 "0: plain and distinct people, 1: varied and similar"),
        CLI_INT(0, "size", "PIXELS", &size, SYNTH_SMALLEST, SYNTH_LARGEST,
                "side of a picture; by default 112, in a tar 160"),
        CLI_CHOICE(0, "format", "faces|tar", &job.format,
                   "aligned faces, or photographs as JPEG files"),
        CLI_WAS(0, "landmarks", "landmarks-out"),
        CLI_OUT(0, "landmarks-out", "FILE", &job.landmarks,
                "with tar: write five points for each picture"),
        CLI_OUTPUT(&job.output),
        CLI_THREADS(&job.threads),
        CLI_END,
    };
    if (cli_start(&cli, options, argc, argv) < argc)
        cli_misuse("unexpected operand '%s'", argv[argc - 1]);
    if (size == 0)
        size = job.format == FORMAT_TAR ? 160 : 112;
    job.config = (SynthConfig){(uint64_t)seed, hardness, (int)size, job.format == FORMAT_TAR};
    int rc = job_start(&job, &err);
    if (rc == 0) {
        Progress progress = progress_begin("faces", job.people * job.pictures);
        rc = job.format == FORMAT_TAR ? write_tar(&job, &progress, &err)
                                      : write_faces(&job, &progress, &err);
        progress_end();
    }
    job_release(&job);
    return rc != 0 ? cli_fail(&err) : cli_done();
}
