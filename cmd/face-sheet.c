/* face-sheet: faces of a stream as one picture, to see whether alignment, colours and labels are
 * right. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/counted_internal.h"
#include "base/num_internal.h"
#include "base/out.h"
#include "cli/cli.h"
#include "face-sheet/pick.h"
#include "image/decode.h"
#include "image/encode_internal.h"
#include "image/sheet_internal.h"
#include "stream/reader.h"

enum { MAX_SIDE = 4096, WIDEST = 32 };

static const CliRule rules[] = {
    {CLI_EXCLUDES, "pairs", "group key label"},
    {CLI_NEEDS, "seed", "random"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "face-sheet",
                  .operands = "[FILE ...]",
                  .rules = rules,
                  .summary = "Makes a contact sheet of the faces in a stream, a PNG."};

typedef struct Options {
    const char *output, *pairs, *size;
    CliList labels;
    PickOptions pick;
    int64_t columns, seed; /* columns 0: as it looks best */
    bool group, plain;
} Options;

typedef struct Maker {
    const Options *options;
    Picks picks;
    PickPairs pairs;
    Decoder *decoder;
    SheetForm form;
    Image sheet;
} Maker;

/* Reading ----------------------------------------------------------------------------------- */

static int take_frame(Maker *maker, const Frame *frame, Err *err)
{
    Faces faces;
    if (faces_of(&faces, frame, err) != 0)
        return -1;
    int rc = maker->pairs.begun ? pickpairs_take(&maker->pairs, &maker->picks, &faces, err)
                                : picks_take(&maker->picks, &maker->options->pick, &faces, err);
    faces_release(&faces);
    return rc;
}

static int take_stream(Maker *maker, const char *path, Err *err)
{
    Frame frame = {0};
    StreamReader *reader = reader_open(path, err);
    int rc = reader == NULL ? -1 : 1;
    while (rc > 0 && (rc = reader_next(reader, &frame, err)) > 0) {
        Err inner = {0};
        if (take_frame(maker, &frame, &inner) != 0)
            rc = reader_blame(reader, &frame, &inner, err);
        frame_release(&frame);
    }
    reader_close(reader);
    return rc;
}

/* Decodes the faces that came as files, in the order in which they will stand. */
static int decode(Maker *maker, Err *err)
{
    for (int64_t i = 0; i < maker->picks.n; i++) {
        Pick *pick = &maker->picks.pick[i];
        Err inner = {0};
        Image image;
        if (pick->h > 0)
            continue;
        if (decoder_read(maker->decoder, &image, pick->bytes, pick->size, &inner) != 0)
            return err_set(err, "row %" PRId64 ", %.200s: %s", pick->row, pick->key, inner.text);
        size_t size = image_bytes(image.h, image.w);
        free(pick->bytes);
        if ((pick->bytes = malloc(size)) == NULL)
            return err_memory(err, "a face", size);
        memcpy(pick->bytes, image.pixels, size);
        pick->h = image.h;
        pick->w = image.w;
        maker->picks.pixels += (uint64_t)image.h * (uint64_t)image.w;
        if (maker->picks.pixels > IMAGE_MOST_PIXELS)
            return err_set(err, "faces of more than %d pixels: draw some with --random",
                           IMAGE_MOST_PIXELS);
    }
    return 0;
}

/* Layout ------------------------------------------------------------------------------------ */

/* Columns that make the sheet about as high as wide */
static int square(int64_t n)
{
    int64_t side = 1;
    while (side * side < n)
        side++;
    return (int)side;
}

static int64_t largest_group(const Picks *picks)
{
    int64_t most = 0, size = 0;
    for (int64_t i = 0; i < picks->n; i++) {
        size = i > 0 && picks->pick[i].label == picks->pick[i - 1].label ? size + 1 : 1;
        most = size > most ? size : most;
    }
    return most;
}

/* Goes on to the place of the next face; one of another identity begins a new row. */
static void next_place(const Maker *maker, int64_t i, int *column, int *row)
{
    const Pick *pick = maker->picks.pick;
    bool new_group = maker->options->group && i > 0 && pick[i].label != pick[i - 1].label;
    if (i > 0)
        ++*column;
    if (*column == maker->form.columns || new_group) {
        *column = 0;
        ++*row;
    }
}

static int64_t pairs_a_row(const Maker *maker)
{
    return maker->form.columns / 2;
}

static void lay_out(Maker *maker)
{
    const Options *o = maker->options;
    SheetForm *form = &maker->form;
    const Pick *first = maker->picks.pick;
    int64_t n = maker->picks.n, count = maker->pairs.begun ? 2 * maker->pairs.n : n;
    int64_t wide = o->columns;
    if (wide == 0)
        wide = o->group ? largest_group(&maker->picks) : square(count);
    if (o->columns == 0 && wide > WIDEST)
        wide = WIDEST;
    if (maker->pairs.begun)
        wide += wide % 2;
    form->columns = (int)wide;
    form->lines = o->plain ? 0 : SHEET_LINES;
    if (form->h == 0) {
        form->h = first->h < MAX_SIDE ? first->h : MAX_SIDE;
        form->w = first->w < MAX_SIDE ? first->w : MAX_SIDE;
    }
    int column = 0, row = 0;
    for (int64_t i = 0; i < n && !maker->pairs.begun; i++)
        next_place(maker, i, &column, &row);
    if (maker->pairs.begun)
        row = (int)((maker->pairs.n - 1) / pairs_a_row(maker));
    form->rows = row + 1;
}

/* Drawing ----------------------------------------------------------------------------------- */

/* The end of the key, without its extension, for which the sheet has no room. */
static void caption(char out[256], const char *key)
{
    size_t length = strlen(key);
    const char *dot = strrchr(key, '.');
    if (dot != NULL && strchr(dot, '/') == NULL && strlen(dot) <= 5)
        length = (size_t)(dot - key);
    size_t skipped = length > 255 ? length - 255 : 0;
    snprintf(out, 256, "%.*s", (int)(length - skipped), key + skipped);
}

/* The label in words if there is room for them, else the bare number, which for an unknown one is
 * -1 as in --label. */
static void label_text(char out[32], int64_t label, int room)
{
    if (label >= 0)
        snprintf(out, 32, "label %" PRId64, label);
    else
        strcpy(out, "unknown");
    if ((int)strlen(out) > room)
        snprintf(out, 32, "%" PRId64, label >= 0 ? label : -1);
}

static void draw(Maker *maker, const Pick *pick, int column, int row, const uint8_t *frame)
{
    char number[32], key[256];
    caption(key, pick->key);
    label_text(number, pick->label, sheet_room(&maker->form));
    Tile tile = {.face = {pick->bytes, pick->h, pick->w},
                 .column = column,
                 .row = row,
                 .line = {key, number},
                 .frame = frame};
    sheet_draw(maker->sheet, &maker->form, &tile);
}

static void draw_faces(Maker *maker)
{
    int column = 0, row = 0;
    for (int64_t i = 0; i < maker->picks.n; i++) {
        next_place(maker, i, &column, &row);
        draw(maker, &maker->picks.pick[i], column, row, NULL);
    }
}

/* A face may stand in several pairs; drawing a large one halves it in place, so each is drawn from
 * a copy. */
static int draw_pairs(Maker *maker, Err *err)
{
    static const uint8_t same[3] = {0, 150, 0}, different[3] = {210, 0, 0};
    for (int64_t i = 0; i < maker->pairs.n; i++) {
        const FacePair *pair = &maker->pairs.list.pair[maker->pairs.pair[i]];
        for (int side = 0; side < 2; side++) {
            Pick pick = maker->picks.pick[maker->pairs.image[pair->image[side]]];
            size_t size = image_bytes(pick.h, pick.w);
            uint8_t *copy = malloc(size);
            if (copy == NULL)
                return err_memory(err, "a face", size);
            memcpy(copy, pick.bytes, size);
            pick.bytes = copy;
            draw(maker, &pick, (int)(2 * (i % pairs_a_row(maker))) + side,
                 (int)(i / pairs_a_row(maker)), pair->same ? same : different);
            free(copy);
        }
    }
    return 0;
}

static int write_png(const Maker *maker, Err *err)
{
    const uint8_t *bytes;
    size_t size;
    Out out;
    Encoder *encoder = encoder_new(err);
    int rc = encoder != NULL ? encoder_png(encoder, &bytes, &size, &maker->sheet, err) : -1;
    if (rc == 0 && (rc = out_open(&out, maker->options->output, err)) == 0) {
        rc = out_write(&out, bytes, size, err);
        if (rc == 0)
            rc = out_commit(&out, err);
        out_abort(&out);
    }
    encoder_free(encoder);
    return rc;
}

static int make_sheet(Maker *maker, Err *err)
{
    Image *sheet = &maker->sheet;
    lay_out(maker);
    if (sheet_size(&sheet->h, &sheet->w, &maker->form, err) != 0)
        return -1;
    sheet->pixels = malloc(image_bytes(sheet->h, sheet->w));
    if (sheet->pixels == NULL)
        return err_memory(err, "a sheet", image_bytes(sheet->h, sheet->w));
    sheet_clear(*sheet);
    if (!maker->pairs.begun)
        draw_faces(maker);
    else if (draw_pairs(maker, err) != 0)
        return -1;
    return write_png(maker, err);
}

/* ------------------------------------------------------------------------------------------- */

static int collect(Maker *maker, char **file, int files, Err *err)
{
    maker->decoder = decoder_new(err);
    if (maker->decoder == NULL)
        return -1;
    if (maker->options->pairs != NULL &&
        pickpairs_init(&maker->pairs, maker->options->pairs, &maker->options->pick, err) != 0)
        return -1;
    if (files == 0 && take_stream(maker, "-", err) != 0)
        return -1;
    for (int i = 0; i < files; i++)
        if (take_stream(maker, file[i], err) != 0)
            return -1;
    if (maker->pairs.begun && pickpairs_check(&maker->pairs, err) != 0)
        return -1;
    if (maker->picks.n == 0)
        return err_set(err, "no face of %" PRId64 " was selected", maker->picks.rows);
    if (!maker->pairs.begun)
        picks_sort(&maker->picks, maker->options->group);
    return decode(maker, err);
}

static void read_labels(Options *o)
{
    PickOptions *pick = &o->pick;
    pick->label = calloc((size_t)o->labels.n + 1, sizeof *pick->label);
    if (pick->label == NULL)
        cli_no_memory();
    for (; pick->labels < o->labels.n; pick->labels++)
        if (!num_int(o->labels.item[pick->labels], -1, INT64_MAX, &pick->label[pick->labels]))
            cli_misuse("--label: '%s' is not an integer, -1 or more", o->labels.item[pick->labels]);
}

/* "112" or "112x96", height first */
static void read_size(const char *text, SheetForm *form)
{
    char high[16];
    int64_t h, w;
    size_t cut = strcspn(text, "x");
    snprintf(high, sizeof high, "%.*s", (int)(cut < 15 ? cut : 15), text);
    if (!num_int(high, 8, MAX_SIDE, &h) ||
        !num_int(text[cut] == '\0' ? high : text + cut + 1, 8, MAX_SIDE, &w))
        cli_misuse("--size %s: neither a size nor HEIGHTxWIDTH, in 8 .. %d", text, MAX_SIDE);
    form->h = (int)h;
    form->w = (int)w;
}

static void check(Options *o, SheetForm *form)
{
    if (out_is_terminal(o->output))
        cli_misuse("will not write a PNG to a terminal: use -o FILE or a pipe");
    if (o->size != NULL)
        read_size(o->size, form);
    read_labels(o);
    o->pick.seed = (uint64_t)o->seed;
}

int main(int argc, char **argv)
{
    Err err = {0};
    Options o = {.output = "-", .pick.random = -1, .seed = 1};
    CliOption table[] = {
        CLI_LIST('k', "key", "PATTERN", &o.pick.key, "faces whose key or file name matches"),
        CLI_LIST(0, "label", "N", &o.labels, "faces of this identity"),
        CLI_WAS('n', "", "random"),
        CLI_INT(0, "random", "N", &o.pick.random, 1, INT32_MAX, "N of them, drawn at random"),
        CLI_INT(0, "seed", "N", &o.seed, 0, INT64_MAX, "seed for --random"),
        CLI_FILE(0, "pairs", "FILE", &o.pairs, "the pairs of this list, side by side"),
        CLI_WAS('g', "", "group"),
        CLI_FLAG(0, "group", &o.group, "begin a new row for each identity"),
        CLI_INT(0, "columns", "N", &o.columns, 1, 1024, "faces per row"),
        CLI_TEXT(0, "size", "N|HxW", &o.size, "height and width of each face on the sheet"),
        CLI_FLAG(0, "plain", &o.plain, "no text"),
        CLI_OUTPUT(&o.output),
        CLI_END,
    };
    Maker maker = {.options = &o};
    int first = cli_start(&cli, table, argc, argv);
    check(&o, &maker.form);
    int rc = collect(&maker, argv + first, argc - first, &err);
    if (rc == 0)
        rc = make_sheet(&maker, &err);
    if (rc == 0)
        cli_note("%" PRId64 " of %s on %d x %d pixels", maker.picks.n,
                 counted(maker.picks.rows, "face", "faces").text, maker.sheet.w, maker.sheet.h);
    free(maker.sheet.pixels);
    decoder_free(maker.decoder);
    picks_release(&maker.picks);
    pickpairs_release(&maker.pairs);
    free(o.pick.label);
    free(o.pick.key.item);
    free(o.labels.item);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
