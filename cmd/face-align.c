/* face-align: photographs -> aligned faces, found by a detector
 *
 * A batch of photographs is read, its faces are found and cut out by all threads, and written in
 * the order of the photographs: the output does not depend on the number of threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "base/out.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "detect/finder_internal.h"
#include "lists/classes_internal.h"
#include "source/photos_internal.h"
#include "stream/writer.h"

enum { ROWS = 128, KEY_ROOM = 4200 };

static const CliRule rules[] = {
    {CLI_ONE_OF, "model", NULL}, /* the detector */
    {CLI_EXCLUDES, "list", "class-level write-classes"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "face-align",
                  .operands = "ARCHIVE|FOLDER|IMAGE|- ...",
                  .rules = rules,
                  .summary = "Finds and aligns the faces in photographs.",
                  .blas = true};

typedef struct Options {
    const char *model, *output, *landmarks_out, *boxes_out, *failures_out, *write_classes;
    LabelOptions labels;
    SourceOptions source;
    FinderOptions finder;
    int64_t side, size, class_level, min_size, threads;
    int faces; /* FaceChoice */
    bool skip_bad;
} Options;

typedef struct Aligner {
    const Options *options;
    Feed feed;
    Labels labels;
    Photos photos;
    FoundFaces found[ROWS];
    Pool *pool;
    ModelFile model;
    FaceFinder **finder; /* one a thread */
    StreamWriter writer;
    Out landmarks, boxes, failures;
    Names people; /* labels that faces have, in digits */
    Progress progress;
    int64_t seen, faces, missed, skipped;
    bool named; /* the faces have a column of names: as the first frame, so all */
} Aligner;

static size_t face_bytes(const Aligner *a)
{
    return image_bytes((int)a->options->size, (int)a->options->size);
}

/* Opening and closing ---------------------------------------------------------------------------*/

static int open_threads(Aligner *a, Err *err)
{
    int threads = (int)a->options->threads;
    if (modelfile_open(&a->model, a->options->model, err) != 0)
        return -1;
    a->pool = pool_new(threads, err);
    a->finder = calloc((size_t)threads, sizeof *a->finder);
    if (a->pool == NULL || a->finder == NULL)
        return err_memory(err, "threads", (size_t)threads * sizeof *a->finder);
    for (int i = 0; i < threads && !err_is_set(err); i++)
        a->finder[i] = facefinder_new(&a->model, &a->options->finder, err);
    return err_is_set(err) ? -1 : 0;
}

static int open_all(Aligner *a, Err *err)
{
    const Options *o = a->options;
    a->feed.labels = &a->labels;
    if (labels_init(&a->labels, &o->labels, &o->source, err) != 0 || open_threads(a, err) != 0 ||
        photos_init(&a->photos, ROWS, err) != 0)
        return -1;
    a->feed.source = source_open(&o->source, err);
    if (a->feed.source == NULL ||
        (o->landmarks_out != NULL && out_open(&a->landmarks, o->landmarks_out, err) != 0) ||
        (o->boxes_out != NULL && out_open(&a->boxes, o->boxes_out, err) != 0) ||
        (o->failures_out != NULL && out_open(&a->failures, o->failures_out, err) != 0))
        return -1;
    if (o->boxes_out != NULL)
        fputs("key\tscore\tx\ty\twidth\theight\tphoto_width\tphoto_height\n", a->boxes.f);
    char *by = cli_by("");
    int rc = writer_open(&a->writer, o->output, by, err);
    free(by);
    return rc;
}

static void forget_faces(Aligner *a)
{
    for (int i = 0; i < ROWS; i++)
        foundfaces_release(&a->found[i]);
}

static void release(Aligner *a)
{
    for (int i = 0; a->finder != NULL && i < a->options->threads; i++)
        facefinder_free(a->finder[i]);
    free(a->finder);
    modelfile_close(&a->model);
    forget_faces(a);
    pool_free(a->pool);
    photos_release(&a->photos);
    source_close(a->feed.source);
    keys_release(&a->feed.keys);
    labels_release(&a->labels);
    out_abort(&a->landmarks);
    out_abort(&a->boxes);
    out_abort(&a->failures);
    names_release(&a->people);
    writer_abort(&a->writer);
}

/* One photograph --------------------------------------------------------------------------------*/

static void task(void *arg, int64_t i, int worker)
{
    Aligner *a = arg;
    Photo *photo = &a->photos.photo[i];
    if (!err_is_set(&photo->problem) &&
        facefinder_find(a->finder[worker], &a->found[i], photo_bytes(&a->photos, photo),
                        photo->size, &photo->mendable, &photo->problem) != 0)
        a->found[i].n = 0;
}

/* Writing ---------------------------------------------------------------------------------------*/

/* What is wrong with a photograph: 0 when it is to be skipped. */
static int skip(Aligner *a, const Photo *photo, Err *err)
{
    Err named = {0};
    err_set(&named, "%.300s: %.300s: %.350s%s", photo->operand, photo_path(&a->photos, photo),
            photo->problem.text, photo_advice(photo));
    if (!a->options->skip_bad || photo->problem.memory)
        return err_set(err, "%s", named.text);
    cli_warn("skipped %s", named.text);
    a->skipped++;
    return 0;
}

/* Who was to be on it; of a photograph with a problem, too, who did not come to be seen. */
static void label_photo(Aligner *a, Photo *photo)
{
    Err unknown = {0};
    if (labels_of(&a->labels, photo_path(&a->photos, photo), photo->listed,
                  photo->labelled ? &photo->own : NULL, &photo->label, &unknown) == 0)
        return;
    photo->label = -1;
    if (!err_is_set(&photo->problem) || unknown.memory)
        photo->problem = unknown;
}

/* Labels the faces and reports on each photograph; returns the number of faces, or -1. */
static int64_t examine(Aligner *a, Err *err)
{
    int64_t n = 0;
    for (int64_t i = 0; i < a->photos.n; i++) {
        Photo *photo = &a->photos.photo[i];
        const char *path = photo_path(&a->photos, photo);
        label_photo(a, photo);
        if (err_is_set(&photo->problem)) {
            a->found[i].n = 0;
            if (skip(a, photo, err) != 0)
                return -1;
        } else if (a->found[i].n == 0) {
            cli_note("%s: no face found", path);
            a->missed++;
        }
        n += a->found[i].n;
    }
    a->seen += a->photos.n;
    return n;
}

/* The key of a face: the photograph's path, with "#2" and so on from its second face on. */
static int key_of(char key[KEY_ROOM], const Aligner *a, int64_t photo, int face)
{
    const char *path = photo_path(&a->photos, &a->photos.photo[photo]);
    return face == 0 ? snprintf(key, KEY_ROOM, "%s", path)
                     : snprintf(key, KEY_ROOM, "%s#%d", path, face + 1);
}

static int add_keys(Aligner *a, Frame *frame, int64_t n, Err *err)
{
    char key[KEY_ROOM];
    int64_t total = 0, row = 0;
    for (int64_t i = 0; i < a->photos.n; i++)
        for (int k = 0; k < a->found[i].n; k++)
            total += key_of(key, a, i, k);
    char *bytes = frame_alloc(frame, "key", DTYPE_U8, 1, &total, err);
    int64_t *end = frame_alloc(frame, "key_end", DTYPE_I64, 1, &n, err);
    int64_t *label = frame_alloc(frame, "label", DTYPE_I64, 1, &n, err);
    if (bytes == NULL || end == NULL || label == NULL)
        return -1;
    total = 0;
    for (int64_t i = 0; i < a->photos.n; i++)
        for (int k = 0; k < a->found[i].n; k++) {
            int size = key_of(key, a, i, k);
            if (size >= KEY_ROOM)
                return err_set(err, "a path of %d bytes", size);
            memcpy(bytes + total, key, (size_t)size);
            end[row] = total += size;
            label[row++] = a->photos.photo[i].label;
        }
    return 0;
}

static int add_names(Aligner *a, Frame *frame, int64_t n, Err *err)
{
    int64_t total = 0, row = 0;
    for (int64_t i = 0; i < a->photos.n; i++)
        total += a->found[i].n * (int64_t)strlen(labels_name(&a->labels, a->photos.photo[i].label));
    char *bytes = frame_alloc(frame, "name", DTYPE_U8, 1, &total, err);
    int64_t *end = frame_alloc(frame, "name_end", DTYPE_I64, 1, &n, err);
    if (bytes == NULL || end == NULL)
        return -1;
    total = 0;
    for (int64_t i = 0; i < a->photos.n; i++) {
        const char *name = labels_name(&a->labels, a->photos.photo[i].label);
        for (int k = 0; k < a->found[i].n; k++) {
            memcpy(bytes + total, name, strlen(name));
            end[row++] = total += (int64_t)strlen(name);
        }
    }
    return 0;
}

static int write_frame(Aligner *a, int64_t n, Err *err)
{
    Frame frame = {0};
    const int64_t shape[4] = {n, a->options->size, a->options->size, 3};
    uint8_t *pixels = frame_alloc(&frame, "image", DTYPE_U8, 4, shape, err);
    int rc = pixels != NULL ? add_keys(a, &frame, n, err) : -1;
    for (int64_t i = 0; rc == 0 && i < a->photos.n; i++) {
        size_t bytes = (size_t)a->found[i].n * face_bytes(a);
        if (bytes > 0)
            memcpy(pixels, a->found[i].pixels, bytes);
        pixels += bytes;
    }
    if (a->faces == 0)
        a->named = labels_named(&a->labels);
    if (rc == 0 && a->named)
        rc = add_names(a, &frame, n, err);
    int64_t identities = labels_bound(&a->labels);
    if (rc == 0 && a->faces == 0 && identities > 0)
        rc = frame_set_number(&frame, "identities", identities, err);
    if (rc == 0)
        rc = frame_set_meta(&frame, "kind", "faces", err);
    if (rc == 0)
        rc = writer_put(&a->writer, &frame, false, err);
    frame_release(&frame);
    a->faces += n;
    return rc;
}

/* The points of each photograph's largest face, as face-pack --landmarks reads them. */
static int write_landmarks(Aligner *a, Err *err)
{
    for (int64_t i = 0; i < a->photos.n && a->options->landmarks_out != NULL; i++) {
        if (a->found[i].n == 0)
            continue;
        fputs(photo_path(&a->photos, &a->photos.photo[i]), a->landmarks.f);
        for (int k = 0; k < FACE_POINTS; k++)
            fprintf(a->landmarks.f, "\t%.2f\t%.2f", a->found[i].face[0].points[k][0],
                    a->found[i].face[0].points[k][1]);
        if (fputc('\n', a->landmarks.f) == EOF)
            return err_errno(err, "cannot write %s", a->landmarks.path);
    }
    return 0;
}

/* Every face of every photograph, by its key, in pixels of the photograph. */
static int write_boxes(Aligner *a, Err *err)
{
    char key[KEY_ROOM];
    for (int64_t i = 0; i < a->photos.n && a->options->boxes_out != NULL; i++)
        for (int k = 0; k < a->found[i].n; k++) {
            const Detection *face = &a->found[i].face[k];
            key_of(key, a, i, k);
            escape_put(a->boxes.f, key, strlen(key));
            fprintf(a->boxes.f, "\t%.4f\t%.2f\t%.2f\t%.2f\t%.2f\t%d\t%d\n", face->score, face->x,
                    face->y, face->w, face->h, a->found[i].w, a->found[i].h);
        }
    if (a->options->boxes_out != NULL && ferror(a->boxes.f))
        return err_errno(err, "cannot write %s", a->boxes.path);
    return 0;
}

/* A second picture of one name is none that failed: the first may have a face. */
static int write_failures(Aligner *a, Err *err)
{
    for (int64_t i = 0; i < a->photos.n && a->options->failures_out != NULL; i++) {
        const Photo *photo = &a->photos.photo[i];
        const char *path = photo_path(&a->photos, photo);
        if (a->found[i].n > 0 || photo->repeated)
            continue;
        escape_put(a->failures.f, path, strlen(path));
        fprintf(a->failures.f, "\t%lld\n", (long long)photo->label);
    }
    if (a->options->failures_out != NULL && ferror(a->failures.f))
        return err_errno(err, "cannot write %s", a->failures.path);
    return 0;
}

static int count_people(Aligner *a, Err *err)
{
    char text[24];
    for (int64_t i = 0; i < a->photos.n; i++) {
        int64_t label = a->photos.photo[i].label;
        if (a->found[i].n == 0 || label < 0)
            continue;
        int size = snprintf(text, sizeof text, "%lld", (long long)label);
        if (names_add(&a->people, text, (size_t)size, err) < 0)
            return -1;
    }
    return 0;
}

static int align(Aligner *a, Err *err)
{
    do {
        photos_fill(&a->photos, &a->feed);
        pool_run(a->pool, a->photos.n, task, a);
        int64_t n = examine(a, err);
        if (n < 0 || count_people(a, err) != 0 || write_landmarks(a, err) != 0 ||
            write_boxes(a, err) != 0 || write_failures(a, err) != 0 ||
            (n > 0 && write_frame(a, n, err) != 0))
            return -1;
        forget_faces(a);
        progress_step(&a->progress, a->photos.n);
        if (err_is_set(&a->photos.failed))
            return err_set(err, "%s", a->photos.failed.text);
    } while (!a->photos.ended);
    return 0;
}

static int finish(Aligner *a, Err *err)
{
    const Options *o = a->options;
    Err unmet = {0};
    int64_t missing = labels_unmet(&a->labels, &unmet);
    if (missing > 0 && !o->skip_bad)
        return err_set(err, "%s%s", unmet.text, missing > 1 ? " (and more)" : "");
    if (missing > 0)
        cli_warn("skipped %s%s", unmet.text, missing > 1 ? " (and more)" : "");
    a->skipped += missing;
    if (a->faces == 0)
        return err_set(err, "no face at all");
    if (o->write_classes != NULL && classes_write(&a->labels.classes, o->write_classes, err) != 0)
        return -1;
    if ((o->landmarks_out != NULL && out_commit(&a->landmarks, err) != 0) ||
        (o->boxes_out != NULL && out_commit(&a->boxes, err) != 0) ||
        (o->failures_out != NULL && out_commit(&a->failures, err) != 0) ||
        writer_close(&a->writer, err) != 0)
        return -1;
    cli_note("%s of %s in %s; %lld (%.2f %%) without a face, %lld skipped",
             counted(a->faces, "face", "faces").text,
             counted(a->people.n, "identity", "identities").text,
             counted(a->seen, "photograph", "photographs").text, (long long)a->missed,
             100.0 * (double)a->missed / (double)a->seen, (long long)a->skipped);
    return 0;
}

static int run(const Options *options, Err *err)
{
    Aligner *a = calloc(1, sizeof *a);
    if (a == NULL)
        return err_memory(err, "photographs", sizeof *a);
    a->options = options;
    int rc = open_all(a, err);
    if (rc == 0) {
        a->progress = progress_begin("photographs", 0);
        rc = align(a, err);
        progress_end();
    }
    if (rc == 0)
        rc = finish(a, err);
    release(a);
    free(a);
    return rc;
}

int main(int argc, char **argv)
{
    CliList exclude = {0};
    Options o = {.output = "-",
                 .finder = {.detect = {.score = 0.5}, .rules.max_pixels = IMAGE_MAX_PIXELS},
                 .side = 640,
                 .size = 112,
                 .min_size = 1,
                 .class_level = 1};
    CliOption table[] = {
        CLI_FILE('m', "model", "MODEL", &o.model, "the detector, a YuNet or an SCRFD in ONNX"),
        CLI_CHOICE(0, "faces", "largest|all|central", &o.faces, "which faces of a photograph"),
        CLI_REAL(0, "score", "X", &o.finder.detect.score, 0, 1,
                 "take faces with at least this score"),
        CLI_INT(0, "side", "N", &o.side, 32, 8192,
                "reduce larger photographs to this size for the search"),
        CLI_INT(0, "min-size", "N", &o.min_size, 1, INT32_MAX,
                "pass over faces whose box has a shorter side than this"),
        CLI_INT(0, "size", "N", &o.size, 16, 1024, "height and width of the faces"),
        CLI_FLAG(0, "antialias", &o.finder.antialias, "halve much larger faces first"),
        CLI_OUT(0, "landmarks-out", "FILE", &o.landmarks_out, "write the points to FILE"),
        CLI_OUT(0, "boxes-out", "FILE", &o.boxes_out, "write scores and boxes to FILE"),
        CLI_OUT(0, "failures-out", "FILE", &o.failures_out,
                "write the photographs without a face to FILE"),
        CLI_FILE(0, "list", "FILE", &o.labels.list, "take the images in FILE: path, label"),
        CLI_FILE(0, "classes", "FILE", &o.labels.classes, "number the classes as in FILE"),
        CLI_OUT(0, "write-classes", "FILE", &o.write_classes, "write the classes to FILE"),
        CLI_INT(0, "class-level", "N", &o.class_level, 1, 64, "the class is the Nth folder up"),
        CLI_LIST(0, "exclude", "PATTERN", &exclude, "ignore these files"),
        CLI_FILE(0, "exclude-list", "FILE", &o.source.exclude_list,
                 "ignore the files of this list"),
        CLI_FLAG(0, "skip-bad", &o.skip_bad, "leave out what is broken, and continue"),
        CLI_FLAG(0, "lenient", &o.finder.rules.lenient,
                 "accept damaged JPEGs that the decoder recovers from"),
        CLI_INT(0, "max-pixels", "N", &o.finder.rules.max_pixels, 1, IMAGE_MOST_PIXELS,
                "refuse larger pictures"),
        CLI_THREADS(&o.threads),
        CLI_OUTPUT(&o.output),
        CLI_END,
    };
    Err err = {0};
    int operand = cli_start(&cli, table, argc, argv);
    if (operand == argc)
        cli_misuse("no archive, folder or image given; - is standard input");
    o.finder.detect.side = (int)o.side;
    o.finder.size = (int)o.size;
    o.finder.detect.min_size = (int)o.min_size;
    o.finder.faces = (FaceChoice)o.faces;
    o.labels.level = (int)o.class_level;
    o.source = (SourceOptions){.operand = (const char *const *)argv + operand,
                               .operands = argc - operand,
                               .exclude = exclude.item,
                               .excludes = exclude.n,
                               .exclude_list = o.source.exclude_list};
    int rc = run(&o, &err);
    free(exclude.item);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
