/* stream-ls: lists the frames of tensor streams and checks them. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "cli/cli.h"
#include "cli/json-text.h"
#include "stream-ls/table.h"
#include "stream/reader.h"
#include "stream/rows.h"

enum { SHORT_TENSORS = 6 }; /* the most shown of a frame without --long */

typedef struct Listing {
    const char *file;
    bool json, all;
    int64_t frames, rows;
    uint64_t bytes; /* of tensors */
    bool bad;       /* a frame was damaged or is not what its kind says */
} Listing;

static void print_tensor(const Tensor *tensor)
{
    escape_put(stdout, tensor->name, strlen(tensor->name));
    printf(" %s[", dtype_name(tensor->dtype));
    for (int d = 0; d < tensor->ndim; d++)
        printf("%s%" PRId64, d > 0 ? "," : "", tensor->shape[d]);
    putchar(']');
}

/* "    key: value", a line for each line of the value */
static void print_meta(const char *key, const char *value)
{
    for (;;) {
        size_t length = strcspn(value, "\n");
        printf("    ");
        escape_put(stdout, key, strlen(key));
        printf(": ");
        escape_put(stdout, value, length);
        putchar('\n');
        if (value[length] == '\0')
            return;
        value += length + 1;
    }
}

static uint64_t tensor_bytes(const Frame *frame)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < frame->tensors; i++)
        bytes += frame->tensor[i].bytes;
    return bytes;
}

static void print_details(const Frame *frame)
{
    for (size_t i = 0; i < frame->tensors; i++) {
        printf("    ");
        print_tensor(&frame->tensor[i]);
        putchar('\n');
    }
    for (size_t i = 0; i < frame->metas; i++)
        if (strcmp(frame->meta[i].key, "kind") != 0)
            print_meta(frame->meta[i].key, frame->meta[i].value);
}

/* rows is -1 when the frame is not a table. */
static void print_frame(const Listing *listing, const Frame *frame, int64_t rows)
{
    const char *kind = frame_meta(frame, "kind"), *by = frame_meta(frame, "by");
    if (kind == NULL)
        kind = "-";
    printf("%12" PRIu64 "  ", frame->offset);
    escape_put(stdout, kind, strlen(kind));
    printf("%*s  ", strlen(kind) < 10 ? 10 - (int)strlen(kind) : 0, "");
    if (rows >= 0)
        printf("%9" PRId64, rows);
    else
        printf("%9s", "-");
    printf("  %12" PRIu64 "  %-7s", tensor_bytes(frame), frame->crc_bad ? "DAMAGED" : "ok");
    for (size_t i = 0; !listing->all && i < frame->tensors && i < SHORT_TENSORS; i++) {
        printf("  ");
        print_tensor(&frame->tensor[i]);
    }
    if (listing->all || frame->tensors > SHORT_TENSORS)
        printf("  %s%s", listing->all ? "" : "... of ",
               counted((int64_t)frame->tensors, "tensor", "tensors").text);
    puts(frame->last ? "  (last)" : "");
    if (listing->all)
        print_details(frame);
    else if (by != NULL)
        print_meta("by", by);
}

static json_t *tensor_json(const Tensor *tensor)
{
    json_t *shape = json_array();
    for (int d = 0; d < tensor->ndim; d++)
        json_array_append_new(shape, json_integer(tensor->shape[d]));
    return json_pack("{s:s, s:s, s:o}", "name", tensor->name, "dtype", dtype_name(tensor->dtype),
                     "shape", shape);
}

static void print_frame_json(const Listing *listing, const Frame *frame, int64_t rows)
{
    jansson_watch();
    json_t *tensors = json_array(), *meta = json_object();
    for (size_t i = 0; i < frame->tensors; i++)
        json_array_append_new(tensors, tensor_json(&frame->tensor[i]));
    for (size_t i = 0; i < frame->metas; i++)
        json_object_set_new(meta, frame->meta[i].key, json_string(frame->meta[i].value));
    put_json(json_pack("{s:o?, s:I, s:s?, s:o, s:I, s:s, s:b, s:o, s:o}", "file",
                       json_string(listing->file), "offset", (json_int_t)frame->offset, "kind",
                       frame_meta(frame, "kind"), "rows",
                       rows >= 0 ? json_integer(rows) : json_null(), "bytes",
                       (json_int_t)tensor_bytes(frame), "crc", frame->crc_bad ? "damaged" : "ok",
                       "last", (int)frame->last, "tensors", tensors, "metadata", meta));
}

/* The rows of a frame, or -1 when it is not a table, which only models may be. */
static int64_t count_rows(Listing *listing, const Frame *frame)
{
    const char *kind = frame_meta(frame, "kind");
    Err err = {0};
    Rows rows;
    if (kind != NULL && (strcmp(kind, "model") == 0 || strcmp(kind, "checkpoint") == 0))
        return -1;
    if (rows_of(&rows, frame, &err) == 0) {
        int64_t n = rows.n;
        rows_release(&rows);
        return n;
    }
    if (kind != NULL && (strcmp(kind, "faces") == 0 || strcmp(kind, "embeddings") == 0)) {
        listing->bad = true;
        cli_warn("%s: frame at byte %" PRIu64 ": %s", listing->file, frame->offset, err.text);
    }
    return -1;
}

static void list_frame(Listing *listing, const Frame *frame)
{
    int64_t rows = count_rows(listing, frame);
    listing->frames++;
    listing->rows += rows > 0 ? rows : 0;
    listing->bytes += tensor_bytes(frame);
    if (listing->json)
        print_frame_json(listing, frame, rows);
    else
        print_frame(listing, frame, rows);
    fflush(stdout); /* before any message, and for readers of a pipe while it runs */
    if (frame->crc_bad) {
        listing->bad = true;
        cli_warn("%s: frame at byte %" PRIu64 ": its data is damaged (CRC-32 differs)",
                 listing->file, frame->offset);
    }
}

/* A file's name, and with it the message, may not be UTF-8 and so not a JSON string. */
static json_t *error_json(const Listing *listing, const Err *err)
{
    json_t *text = err_is_set(err) ? json_string(err->text) : NULL;
    if (text != NULL)
        return text;
    return err_is_set(err) || listing->bad ? json_string("damaged") : json_null();
}

static void print_totals(const Listing *listing, const Err *err)
{
    if (listing->json) {
        jansson_watch();
        put_json(json_pack("{s:o?, s:I, s:I, s:I, s:o}", "file", json_string(listing->file),
                           "frames", (json_int_t)listing->frames, "rows", (json_int_t)listing->rows,
                           "bytes", (json_int_t)listing->bytes, "error", error_json(listing, err)));
    } else
        printf("%s, %s, %" PRIu64 " bytes of tensors, %s\n",
               counted(listing->frames, "frame", "frames").text,
               counted(listing->rows, "row", "rows").text, listing->bytes,
               err_is_set(err) ? "NOT WHOLE"
               : listing->bad  ? "DAMAGED"
                               : "whole");
    fflush(stdout);
}

static int list_file(const char *path, bool json, bool all)
{
    Err err = {0};
    StreamReader *reader = reader_open(path, &err);
    if (reader == NULL)
        return cli_fail(&err);
    Listing listing = {.file = reader_name(reader), .json = json, .all = all};
    Frame frame;
    reader_tolerate_crc(reader);
    if (!json)
        printf("%12s  %-10s  %9s  %12s  %-7s  %s\n", "offset", "kind", "rows", "bytes", "crc",
               "tensors");
    while (reader_next(reader, &frame, &err) == 1) {
        list_frame(&listing, &frame);
        frame_release(&frame);
    }
    print_totals(&listing, &err);
    reader_close(reader);
    if (err_is_set(&err))
        return cli_fail(&err);
    return listing.bad ? CLI_FAILED : CLI_OK;
}

/* The rows of a file, which must be whole. */
static int table_file(const char *path, RowTable *table)
{
    Err err = {0}, inner = {0};
    StreamReader *reader = reader_open(path, &err);
    if (reader == NULL)
        return cli_fail(&err);
    Frame frame;
    int rc = 1;
    while (rc == 1 && (rc = reader_next(reader, &frame, &err)) == 1) {
        if (row_table_put(table, &frame, &inner) != 0)
            rc = reader_blame(reader, &frame, &inner, &err);
        frame_release(&frame);
    }
    reader_close(reader);
    return rc < 0 ? cli_fail(&err) : CLI_OK;
}

/* Above the listing of each of several files */
static void print_name(const char *path, bool blank_line)
{
    if (blank_line)
        putchar('\n');
    escape_put(stdout, path, strlen(path));
    puts(":");
}

static const CliRule rules[] = {
    {CLI_NEEDS, "fields", "table"},
    {CLI_EXCLUDES, "table", "long json"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {
    .name = "stream-ls",
    .rules = rules,
    .operands = "[FILE ...]",
    .summary = "Lists the frames of tensor streams and checks them, or their rows.",
};

/* Several files are one table. */
static int list_rows(const char *fields, char **path, int paths)
{
    Err err = {0};
    RowTable table;
    if (row_table_init(&table, fields, &err) != 0)
        cli_misused(&err);
    int status = paths == 0 ? table_file("-", &table) : CLI_OK;
    for (int i = 0; i < paths && status == CLI_OK; i++)
        status = table_file(path[i], &table);
    if (status == CLI_OK)
        row_table_heading(&table);
    row_table_release(&table);
    return status;
}

static int list_frames(bool json, bool all, char **path, int paths)
{
    int status = paths == 0 ? list_file("-", json, all) : CLI_OK;
    for (int i = 0; i < paths; i++) {
        if (paths > 1 && !json)
            print_name(path[i], i > 0);
        status |= list_file(path[i], json, all);
    }
    return status;
}

int main(int argc, char **argv)
{
    bool json = false, all = false, table = false;
    const char *fields = NULL;
    CliOption options[] = {
        CLI_FLAG('l', "long", &all, "list every tensor and all metadata, one per line"),
        CLI_FLAG(0, "json", &json, "print JSON, one object per line: the frames, then the totals"),
        CLI_FLAG(0, "table", &table, "print a line for each row, as TSV"),
        CLI_TEXT(0, "fields", "LIST", &fields,
                 "of frame,row and columns [frame,row,key,label,name]"),
        CLI_END,
    };
    int first = cli_start(&cli, options, argc, argv);
    int status = table ? list_rows(fields, argv + first, argc - first)
                       : list_frames(json, all, argv + first, argc - first);
    return status | cli_done();
}
