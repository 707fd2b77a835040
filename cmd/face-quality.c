/* face-quality: faces in, the same faces with columns of quality out */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "image/decode.h"
#include "image/quality_internal.h"
#include "lists/table_internal.h"
#include "stream/faces.h"
#include "stream/reader.h"
#include "stream/writer.h"

static Cli cli = {.name = "face-quality",
                  .operands = "[FACES]",
                  .summary = "Rates sharpness, exposure, size and pose of faces, from 0 to 100."};

typedef struct Rater {
    const char *landmarks; /* or NULL */
    Table points;
    Decoder *decoder;
    StreamWriter writer;
    Progress progress;
} Rater;

static int components(const Rater *rater)
{
    return rater->landmarks != NULL ? FACE_COMPONENTS : FACE_PIXEL_COMPONENTS;
}

static int find_pixels(Image *image, Rater *rater, const Faces *faces, int64_t row, Err *err)
{
    size_t size;
    if (faces->image != NULL) {
        *image = (Image){(uint8_t *)column_row(faces->image, row, &size), faces->h, faces->w};
        return 0;
    }
    const uint8_t *file = column_row(faces->jpeg, row, &size);
    return decoder_read(rater->decoder, image, file, size, err);
}

static int rate_points(float *score, const Rater *rater, const Faces *faces, int64_t row, Err *err)
{
    double points[FACE_POINTS][2];
    size_t size;
    const char *key = faces_key(faces, row, &size);
    char *path = strndup(key, size);
    if (path == NULL)
        return err_memory(err, "a key", size);
    int64_t at = table_find(&rater->points, path);
    free(path);
    if (at < 0)
        return err_set(err, "no landmarks in %s", rater->landmarks);
    memcpy(points, table_row(&rater->points, at), sizeof points);
    face_quality_points(score, points);
    return 0;
}

static int rate(float score[FACE_COMPONENTS], Rater *rater, const Faces *faces, int64_t row,
                Err *err)
{
    Image image = {0};
    if (find_pixels(&image, rater, faces, row, err) != 0)
        return -1;
    face_quality_pixels(score, &image);
    return rater->landmarks != NULL ? rate_points(score, rater, faces, row, err) : 0;
}

/* column[component] in the frame, and behind them that of the least of all */
static int add_columns(float *column[FACE_COMPONENTS + 1], const Rater *rater, Frame *frame,
                       int64_t n, Err *err)
{
    char name[64];
    for (int k = 0; k <= components(rater); k++) {
        snprintf(name, sizeof name, "quality%s%s", k < components(rater) ? "_" : "",
                 k < components(rater) ? face_component_name(k) : "");
        if (frame_find(frame, name) != NULL)
            return err_set(err, "there is a column %s already", name);
        column[k] = frame_alloc(frame, name, DTYPE_F32, 1, &n, err);
        if (column[k] == NULL)
            return -1;
    }
    return 0;
}

static int rate_rows(Rater *rater, Frame *frame, const Faces *faces, Err *err)
{
    float *column[FACE_COMPONENTS + 1], score[FACE_COMPONENTS];
    int n = components(rater);
    if (add_columns(column, rater, frame, faces->rows.n, err) != 0)
        return -1;
    for (int64_t row = 0; row < faces->rows.n; row++) {
        Err why = {0};
        if (rate(score, rater, faces, row, &why) != 0)
            return faces_blame(faces, row, row, why.text, err);
        column[n][row] = 100;
        for (int k = 0; k < n; k++) {
            column[k][row] = score[k];
            if (score[k] < column[n][row])
                column[n][row] = score[k];
        }
        progress_step(&rater->progress, 1);
    }
    return 0;
}

static int rate_frame(Rater *rater, Frame *frame, Err *err)
{
    Faces faces;
    if (faces_of(&faces, frame, err) != 0)
        return -1;
    int rc = frame->tensors > 0 ? rate_rows(rater, frame, &faces, err) : 0;
    faces_release(&faces);
    return rc;
}

static int rate_stream(Rater *rater, StreamReader *reader, const char *output, Err *err)
{
    Frame frame = {0};
    bool opened = false;
    int rc;
    while ((rc = reader_next(reader, &frame, err)) > 0) {
        Err inner = {0};
        if (!opened) {
            char *by = cli_by(reader_by(reader));
            rc = writer_open(&rater->writer, output, by, err);
            opened = rc == 0;
            free(by);
        }
        if (opened && (rc = rate_frame(rater, &frame, &inner)) != 0)
            reader_blame(reader, &frame, &inner, err);
        if (opened && rc == 0)
            rc = writer_put(&rater->writer, &frame, frame.last, err);
        frame_release(&frame);
        if (rc < 0)
            return -1;
    }
    return rc == 0 ? writer_close(&rater->writer, err) : rc;
}

static int run(Rater *rater, const char *input, const char *output, Err *err)
{
    int rc = -1;
    if (rater->landmarks != NULL &&
        table_read(&rater->points, rater->landmarks, 2 * FACE_POINTS, err) != 0)
        return -1;
    StreamReader *reader = reader_open(input, err);
    if (reader == NULL)
        return -1;
    rater->decoder = decoder_new(err);
    rater->progress = progress_begin("faces", 0);
    if (rater->decoder != NULL)
        rc = rate_stream(rater, reader, output, err);
    progress_end();
    reader_close(reader);
    return rc;
}

int main(int argc, char **argv)
{
    Rater rater = {0};
    const char *output = "-";
    CliOption table[] = {
        CLI_FILE(0, "landmarks", "FILE", &rater.landmarks,
                 "the five points in FILE: size and pose too"),
        CLI_OUTPUT(&output),
        CLI_END,
    };
    Err err = {0};
    int operand = cli_start(&cli, table, argc, argv);
    if (argc - operand > 1)
        cli_misuse("more than one stream of faces");
    int rc = run(&rater, operand < argc ? argv[operand] : "-", output, &err);
    writer_abort(&rater.writer);
    decoder_free(rater.decoder);
    table_release(&rater.points);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
