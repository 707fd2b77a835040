/* stream-cat: joins, cuts and merges tensor streams, reads and writes other formats. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "source/braces_internal.h"
#include "source/vectors_internal.h"
#include "stream-cat/joined.h"
#include "stream-cat/options.h"
#include "stream-cat/picking.h"
#include "stream-cat/trim.h"
#include "stream/reader.h"
#include "stream/rows.h"
#include "stream/writer.h"

typedef struct Cat {
    const Options *options;
    int64_t left; /* rows still wanted, or -1 for all */
    Sink *sink;
    StreamWriter writer;
    bool opened;
    char *by;       /* provenance of what went in */
    Frame held;     /* read and not yet written, because it may be the last */
    bool holding;   /* held is one */
    RowBuffer rows; /* merging: all rows, once there are two frames of them */
    Frame merged;   /* merging: the metadata */
    bool joins;     /* there is more than one file */
    Joined joined;
    Picking picking;
    int file; /* the number of the one that is read */
} Cat;

static int take_head(Cat *cat, Frame *frame, Err *err)
{
    Rows rows;
    if (rows_of(&rows, frame, err) != 0)
        return -1;
    if (rows.n > cat->left)
        trim_rows(frame, &rows, cat->left);
    cat->left -= rows.n < cat->left ? rows.n : cat->left;
    rows_release(&rows);
    return 0;
}

/* Merging ----------------------------------------------------------------------------------- */

static int add_rows(Cat *cat, const Rows *rows, Err *err)
{
    for (int64_t i = 0; i < rows->n; i++)
        if (rowbuffer_add(&cat->rows, rows, i, err) != 0)
            return -1;
    return 0;
}

static int add_held(Cat *cat, Err *err)
{
    Rows rows;
    int rc = rows_of(&rows, &cat->held, err);
    if (rc == 0)
        rc = add_rows(cat, &rows, err);
    rows_release(&rows);
    frame_release(&cat->held);
    cat->holding = false;
    return rc;
}

/* The metadata of the first frame that has them; the kinds must agree. */
static int merge_meta(Cat *cat, const Frame *frame, Err *err)
{
    const char *have = frame_meta(&cat->merged, "kind"), *kind = frame_meta(frame, "kind");
    if (kind != NULL && have != NULL && strcmp(kind, have) != 0)
        return err_set(err, "its kind is '%s', so it cannot be merged with '%s'", kind, have);
    if (kind != NULL && have == NULL && frame_set_meta(&cat->merged, "kind", kind, err) != 0)
        return -1;
    const char *first = frame_meta(&cat->merged, "model"), *model = frame_meta(frame, "model");
    if (first != NULL && model != NULL && strcmp(model, first) != 0)
        return err_set(
            err, "its embeddings are of the model %s, so they cannot be merged with those of %s",
            model, first);
    return frame_inherit_meta(&cat->merged, frame, err);
}

/* The first frame is held as it is; a second one makes both a table of rows. */
static int merge_frame(Cat *cat, Frame *frame, Err *err)
{
    Err inner = {0};
    Rows rows;
    if (merge_meta(cat, frame, err) != 0)
        return -1;
    if (!cat->holding && cat->rows.store == NULL) {
        cat->held = *frame;
        cat->holding = true;
        *frame = (Frame){0};
        return 0;
    }
    int rc = rows_of(&rows, frame, &inner);
    if (rc == 0 && rows.n > 0 && cat->holding)
        rc = add_held(cat, &inner);
    if (rc == 0)
        rc = add_rows(cat, &rows, &inner);
    rows_release(&rows);
    return rc == 0 ? 0 : err_set(err, "cannot be merged: %s", inner.text);
}

/* Joining ----------------------------------------------------------------------------------- */

/* Adds the provenance of the frame, unless it is there: that of the first frame that has one or,
 * when frames are merged, those of all. Later frames of a joined stream keep their own. */
static int collect_by(Cat *cat, const Frame *frame, Err *err)
{
    const char *by = frame_meta(frame, "by");
    if (by == NULL || by[0] == '\0' || (cat->by != NULL && !cat->options->merge))
        return 0;
    size_t length = strlen(by), before = cat->by != NULL ? strlen(cat->by) : 0;
    for (const char *at = cat->by; at != NULL && (at = strstr(at, by)) != NULL; at++)
        if ((at == cat->by || at[-1] == '\n') && (at[length] == '\n' || at[length] == '\0'))
            return 0;
    if (!array_resize(cat->by, before + length + 2))
        return err_memory(err, "provenance", before + length + 2);
    if (before > 0)
        cat->by[before++] = '\n';
    memcpy(cat->by + before, by, length + 1);
    return 0;
}

static int open_output(Cat *cat, Err *err)
{
    if (cat->options->to != 0) {
        cat->sink = sink_open((SinkFormat)(cat->options->to - 1), &cat->options->sink, err);
        return cat->sink != NULL ? 0 : -1;
    }
    char *by = cli_by(cat->by != NULL ? cat->by : "");
    int rc = writer_open(&cat->writer, cat->options->output, by, err);
    free(by);
    return rc;
}

static int write_held(Cat *cat, bool last, Err *err)
{
    if (!cat->opened && open_output(cat, err) != 0)
        return -1;
    cat->opened = true;
    if (!cat->holding)
        return 0;
    int rc = cat->sink != NULL ? sink_put(cat->sink, &cat->held, err)
                               : writer_put(&cat->writer, &cat->held, last, err);
    frame_release(&cat->held);
    cat->holding = false;
    return rc;
}

/* A frame that only marks the end of its stream, which is not the end of ours */
static bool is_mark(const Frame *frame)
{
    return frame->tensors == 0 &&
           (frame->metas == 0 || (frame->metas == 1 && frame_meta(frame, "by") != NULL));
}

static bool is_rows(const Frame *frame)
{
    const char *kind = frame_meta(frame, "kind");
    return kind != NULL && (strcmp(kind, "faces") == 0 || strcmp(kind, "embeddings") == 0);
}

/* Turns the frame into what the output gets: 1 when it is then to be joined, 0 when it is done
 * with. */
static int prepare(Cat *cat, Frame *frame, const char *path, Err *err)
{
    if (is_mark(frame) || cat->left == 0)
        return 0;
    if (cat->options->select != NULL && trim_columns(frame, cat->options->select, err) != 0)
        return -1;
    if (cat->left > 0 && take_head(cat, frame, err) != 0)
        return -1;
    if (cat->joins && is_rows(frame) && joined_take(&cat->joined, frame, path, err) != 0)
        return -1;
    return cat->options->merge ? merge_frame(cat, frame, err) : 1;
}

static int join_frame(Cat *cat, Frame *frame, Err *err)
{
    if (cat->holding && write_held(cat, false, err) != 0)
        return -1;
    cat->held = *frame;
    cat->holding = true;
    *frame = (Frame){0};
    return 0;
}

/* What is done with each frame of a file, in the first pass over the files and in the second. A
 * fault of the frame goes into `fault`, any other into err. */
typedef int Visit(Cat *cat, Frame *frame, const char *path, Err *fault, Err *err);

static int look_frame(Cat *cat, Frame *frame, const char *path, Err *fault, Err *err)
{
    (void)path, (void)err;
    if (is_mark(frame))
        return 0;
    return picking_look(&cat->picking, frame, cat->file, fault);
}

static int pick_rows(Cat *cat, Frame *frame, Err *fault, Err *err)
{
    Frame rest = {0};
    if (cat->picking.pick == NULL || is_mark(frame))
        return 0;
    if (picking_take(&cat->picking, frame, cat->file, &rest, fault) != 0)
        return -1;
    return picking_put_rest(&cat->picking, &rest, cat->by != NULL ? cat->by : "", err);
}

static int take_frame(Cat *cat, Frame *frame, const char *path, Err *fault, Err *err)
{
    if (collect_by(cat, frame, fault) != 0 || pick_rows(cat, frame, fault, err) != 0)
        return -1;
    int rc = prepare(cat, frame, path, fault);
    return rc <= 0 ? rc : join_frame(cat, frame, err);
}

/* Reads a file to its end, or until there are enough rows; standard input always to its end, so
 * that its writer ends well. */
static int read_file(Cat *cat, const char *path, Visit *visit, Err *err)
{
    StreamReader *reader = reader_open(path, err);
    bool all = strcmp(path, "-") == 0;
    Frame frame;
    int rc = reader == NULL ? -1 : 1;
    while (rc == 1 && (cat->left != 0 || all) && (rc = reader_next(reader, &frame, err)) == 1) {
        Err fault = {0};
        if (visit(cat, &frame, path, &fault, err) != 0)
            rc = err_is_set(&fault) ? reader_blame(reader, &frame, &fault, err) : -1;
        frame_release(&frame);
    }
    reader_close(reader);
    return rc < 0 ? -1 : 0;
}

/* The same for embeddings made elsewhere. */
static int read_vectors(Cat *cat, const char *path, Visit *visit, Err *err)
{
    VectorReader *reader = vectors_open((VectorFormat)(cat->options->from - 1), path,
                                        cat->options->list, cat->options->labels, err);
    bool all = strcmp(path, "-") == 0;
    Frame frame;
    int rc = reader == NULL ? -1 : 1;
    while (rc == 1 && (cat->left != 0 || all) && (rc = vectors_next(reader, &frame, err)) == 1) {
        Err fault = {0};
        if (visit(cat, &frame, path, &fault, err) != 0)
            rc = err_is_set(&fault) ? err_set(err, "%.300s: %.600s", path, fault.text) : -1;
        frame_release(&frame);
    }
    vectors_close(reader);
    return rc < 0 ? -1 : 0;
}

static int read_any(Cat *cat, const char *path, Visit *visit, Err *err)
{
    return cat->options->from != 0 ? read_vectors(cat, path, visit, err)
                                   : read_file(cat, path, visit, err);
}

/* A file that was spooled in the first pass is taken from there. */
static int take(Cat *cat, const char *path, Err *err)
{
    Spool *spool = cat->picking.spool != NULL ? &cat->picking.spool[cat->file] : NULL;
    if (spool == NULL || !spool->whole)
        return read_any(cat, path, take_frame, err);
    for (int i = 0; i < spool->n; i++) {
        Err fault = {0};
        int rc = take_frame(cat, &spool->frame[i], path, &fault, err);
        frame_release(&spool->frame[i]);
        if (rc != 0)
            return err_is_set(&fault) ? err_set(err, "%.300s: %.600s", path, fault.text) : -1;
    }
    return 0;
}

/* All rows are looked at before the first is picked, where that depends on them. */
static int look(Cat *cat, const BracedNames *files, Err *err)
{
    if (!picking_asked(&cat->picking))
        return 0;
    if (picking_begin(&cat->picking, files->n, err) != 0)
        return -1;
    if (!pick_needs_look(cat->picking.pick))
        return 0;
    for (cat->file = 0; cat->file < files->n; cat->file++) {
        const char *path = files->name[cat->file];
        picking_expect(&cat->picking, cat->file, path);
        if (read_any(cat, path, look_frame, err) != 0)
            return -1;
    }
    return pick_settle(cat->picking.pick, err);
}

static int finish(Cat *cat, Err *err)
{
    if (cat->rows.store != NULL) {
        if (rowbuffer_flush(&cat->rows, &cat->merged, err) != 0)
            return -1;
        cat->held = cat->merged;
        cat->holding = true;
        cat->merged = (Frame){0};
    }
    if (write_held(cat, true, err) != 0)
        return -1;
    if (cat->picking.pick != NULL &&
        picking_finish(&cat->picking, cat->by != NULL ? cat->by : "", err) != 0)
        return -1;
    if (cat->sink == NULL)
        return writer_close(&cat->writer, err);
    Sink *sink = cat->sink;
    cat->sink = NULL;
    return sink_close(sink, err);
}

static void release(Cat *cat)
{
    writer_abort(&cat->writer);
    sink_abort(cat->sink);
    frame_release(&cat->held);
    frame_release(&cat->merged);
    rowbuffer_release(&cat->rows);
    joined_release(&cat->joined);
    picking_release(&cat->picking);
    free(cat->by);
}

static int name_files(BracedNames *files, const Options *options, Err *err)
{
    if (options->operands == 0)
        return braces_files(files, "-", err);
    for (int i = 0; i < options->operands; i++)
        if (braces_files(files, options->operand[i], err) != 0)
            return -1;
    return 0;
}

static int run(Cat *cat, const BracedNames *files, Err *err)
{
    cat->joins = files->n > 1;
    if (look(cat, files, err) != 0)
        return -1;
    for (cat->file = 0; cat->file < files->n; cat->file++)
        if (take(cat, files->name[cat->file], err) != 0)
            return -1;
    if (finish(cat, err) != 0)
        return -1;
    joined_tell(&cat->joined);
    return 0;
}

int main(int argc, char **argv)
{
    Err err = {0};
    BracedNames files = {0};
    const Options *options = cat_options(argc, argv);
    Cat cat = {.options = options,
               .left = options->first,
               .picking = {.options = options->pick, .rest_path = options->rest},
               .joined = {.relabelled = options->pick.relabel}};
    int rc = name_files(&files, options, &err);
    if (rc == 0)
        rc = run(&cat, &files, &err);
    release(&cat);
    braces_release(&files);
    return rc != 0 ? cli_fail(&err) : cli_done();
}
