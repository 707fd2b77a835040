/* stream-cat: joins, cuts and merges tensor streams. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "stream/reader.h"
#include "stream/rows.h"
#include "stream/writer.h"

typedef struct Cat {
    const char *output, *select;
    int64_t left; /* rows still wanted, or -1 for all */
    bool merge;
    StreamWriter writer;
    bool opened;
    char *by;       /* provenance of what went in */
    Frame held;     /* read and not yet written, because it may be the last */
    bool holding;   /* held is one */
    RowBuffer rows; /* merging: all rows, once there are two frames of them */
    Frame merged;   /* merging: the metadata */
} Cat;

/* Selecting --------------------------------------------------------------------------------- */

/* Is `name` one of the comma-separated `list`, itself or (ends of a ragged column) by its stem? */
static bool listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    size_t stem = length > 4 && strcmp(name + length - 4, "_end") == 0 ? length - 4 : length;
    while (*list != '\0') {
        size_t item = strcspn(list, ",");
        if ((item == length || item == stem) && memcmp(list, name, item) == 0)
            return true;
        list += item + (list[item] == ',');
    }
    return false;
}

static int check_selected(const Frame *frame, const char *list, Err *err)
{
    char name[256];
    do {
        size_t item = strcspn(list, ",");
        size_t length = item < sizeof name ? item : sizeof name - 1;
        memcpy(name, list, length);
        name[length] = '\0';
        if (frame_find(frame, name) == NULL)
            return err_set(err, "there is no tensor '%s' to select", name);
        list += item + (list[item] == ',');
    } while (*list != '\0');
    return 0;
}

/* Takes the other tensors out of the frame. */
static int select_tensors(Frame *frame, const char *list, Err *err)
{
    size_t kept = 0;
    if (frame->tensors == 0)
        return 0;
    if (check_selected(frame, list, err) != 0)
        return -1;
    for (size_t i = 0; i < frame->tensors; i++) {
        if (listed(list, frame->tensor[i].name))
            frame->tensor[kept++] = frame->tensor[i];
        else
            free(frame->tensor[i].name); /* the data lie in the frame's block */
    }
    frame->tensors = kept;
    return 0;
}

/* Cutting ----------------------------------------------------------------------------------- */

static void cut_tensor(Tensor *tensor, int64_t n)
{
    size_t row = tensor->shape[0] > 0 ? tensor->bytes / (size_t)tensor->shape[0] : 0;
    tensor->bytes = (size_t)n * row;
    tensor->shape[0] = n;
}

/* Leaves the first n rows, which are fewer than there are. */
static void cut_rows(Frame *frame, const Rows *rows, int64_t n)
{
    for (size_t i = 0; i < frame->tensors; i++) {
        const Column *column = rows_find(rows, frame->tensor[i].name);
        size_t size = 0, before = 0;
        if (column != NULL && column->ragged && n > 0)
            before = (size_t)(column_row(column, n - 1, &size) - column->data);
        cut_tensor(&frame->tensor[i],
                   column != NULL && column->ragged ? (int64_t)(before + size) : n);
    }
}

static int take_head(Cat *cat, Frame *frame, Err *err)
{
    Rows rows;
    if (rows_of(&rows, frame, err) != 0)
        return -1;
    if (rows.n > cat->left)
        cut_rows(frame, &rows, cat->left);
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

/* Adds the provenance of the frame, unless it is there: of the first frame that has one, or when
 * frames are merged of all. Later frames of a joined stream keep their own. */
static int collect_by(Cat *cat, const Frame *frame, Err *err)
{
    const char *by = frame_meta(frame, "by");
    if (by == NULL || by[0] == '\0' || (cat->by != NULL && !cat->merge))
        return 0;
    size_t length = strlen(by), before = cat->by != NULL ? strlen(cat->by) : 0;
    for (const char *at = cat->by; at != NULL && (at = strstr(at, by)) != NULL; at++)
        if ((at == cat->by || at[-1] == '\n') && (at[length] == '\n' || at[length] == '\0'))
            return 0;
    char *grown = realloc(cat->by, before + length + 2);
    if (grown == NULL)
        return err_memory(err, "provenance", before + length + 2);
    if (before > 0)
        grown[before++] = '\n';
    memcpy(grown + before, by, length + 1);
    cat->by = grown;
    return 0;
}

static int write_held(Cat *cat, bool last, Err *err)
{
    if (!cat->opened) {
        char *by = cli_by(cat->by != NULL ? cat->by : "");
        int rc = writer_open(&cat->writer, cat->output, by, err);
        free(by);
        if (rc != 0)
            return -1;
        cat->opened = true;
    }
    if (!cat->holding)
        return 0;
    int rc = writer_put(&cat->writer, &cat->held, last, err);
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

/* Makes the frame what it shall be in the output: 1 when it is then to be joined, 0 when there is
 * nothing more to do with it. */
static int prepare(Cat *cat, Frame *frame, Err *err)
{
    if (collect_by(cat, frame, err) != 0)
        return -1;
    if (is_mark(frame) || cat->left == 0)
        return 0;
    if (cat->select != NULL && select_tensors(frame, cat->select, err) != 0)
        return -1;
    if (cat->left > 0 && take_head(cat, frame, err) != 0)
        return -1;
    return cat->merge ? merge_frame(cat, frame, err) : 1;
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

static int take_frame(Cat *cat, StreamReader *reader, Frame *frame, Err *err)
{
    Err inner = {0};
    int rc = prepare(cat, frame, &inner);
    if (rc < 0)
        return reader_blame(reader, frame, &inner, err);
    return rc == 0 ? 0 : join_frame(cat, frame, err);
}

/* Reads a file to its end, or until there are rows enough; standard input always to its end, so
 * that what writes it ends well. */
static int take_file(Cat *cat, const char *path, Err *err)
{
    StreamReader *reader = reader_open(path, err);
    bool all = strcmp(path, "-") == 0;
    Frame frame;
    int rc = reader == NULL ? -1 : 1;
    while (rc == 1 && (cat->left != 0 || all) && (rc = reader_next(reader, &frame, err)) == 1) {
        if (take_frame(cat, reader, &frame, err) != 0)
            rc = -1;
        frame_release(&frame);
    }
    reader_close(reader);
    return rc < 0 ? -1 : 0;
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
    return writer_close(&cat->writer, err);
}

static void release(Cat *cat)
{
    writer_abort(&cat->writer);
    frame_release(&cat->held);
    frame_release(&cat->merged);
    rowbuffer_release(&cat->rows);
    free(cat->by);
}

static Cli cli = {
    .name = "stream-cat",
    .operands = "[FILE ...]",
    .summary = "Joins tensor streams; selects columns, cuts and merges.",
};

int main(int argc, char **argv)
{
    Err err = {0};
    Cat cat = {.output = "-", .left = -1};
    CliOption options[] = {
        CLI_INT('n', "head", "N", &cat.left, 0, INT64_MAX, "the first N rows only"),
        CLI_TEXT('s', "select", "NAME,...", &cat.select, "these columns (tensors) only"),
        CLI_FLAG('m', "merge", &cat.merge, "one frame: an ordinary safetensors file"),
        CLI_OUTPUT(&cat.output),
        CLI_END,
    };
    int first = cli_start(&cli, options, argc, argv), rc = 0;
    if (first == argc)
        rc = take_file(&cat, "-", &err);
    for (int i = first; rc == 0 && i < argc; i++)
        rc = take_file(&cat, argv[i], &err);
    if (rc == 0)
        rc = finish(&cat, &err);
    release(&cat);
    return rc != 0 ? cli_fail(&err) : cli_done();
}
