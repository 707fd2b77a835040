#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"

enum { MAX_SIDE = 4096 };

static const CliRule rules[] = {
    {CLI_EXCLUDES, "landmarks", "center-crop"},
    {CLI_NEEDS, "size antialias", "landmarks center-crop"},
    {CLI_NEEDS, "landmark-scale", "landmarks"},
    {CLI_NEEDS, "crop-side", "center-crop"},
    {CLI_NEEDS, "quality unchecked", "store=jpeg"},
    {CLI_EXCLUDES, "unchecked", "landmarks center-crop"},
    {CLI_EXCLUDES, "list", "class-level write-classes"},
    {CLI_EXCLUDES, "check", "reindex"},
    {CLI_EXCLUDES, "part", "check reindex pairs-out"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "face-pack",
                  .operands = "ARCHIVE|FOLDER|IMAGE|- ...",
                  .rules = rules,
                  .summary = "Makes a pack of faces from photographs."};

/* The values that the table below is bound to, with their defaults. */
static Options options = {
    .output = "-", .landmark_scale = 1, .rules = {.max_pixels = IMAGE_MAX_PIXELS}, .rows = 256};
static int from = SOURCE_AUTO;
static const char *size = "112", *part;
static bool crop;
static int64_t class_level = 1, crop_side, quality = 95;
static CliList exclude;
static const char *exclude_list;

static CliOption table[] = {
    CLI_CHOICE(0, "from", "auto|photos|wds|npy|npz|rec|bin", &from, "what the operands are"),
    CLI_FILE(0, "landmarks", "FILE", &options.landmarks, "align by the five points in FILE"),
    CLI_REAL(0, "landmark-scale", "F", &options.landmark_scale, 1e-6, 1e6,
             "multiply the points by F"),
    CLI_WAS(0, "crop", "center-crop"),
    CLI_FLAG(0, "center-crop", &crop, "crop the centre and resize it"),
    CLI_INT(0, "crop-side", "N", &crop_side, 1, IMAGE_MAX_SIDE, "shorter side of the crop"),
    CLI_TEXT(0, "size", "N|HxW", &size, "height and width of the faces"),
    CLI_FLAG(0, "antialias", &options.form.antialias, "halve much larger pictures first"),
    CLI_WAS('l', "", "list"),
    CLI_FILE(0, "list", "FILE", &options.labels.list, "take the images in FILE: path, label"),
    CLI_INT(0, "class-level", "N", &class_level, 1, 64, "the class is the Nth folder up"),
    CLI_FILE(0, "classes", "FILE", &options.labels.classes, "number the classes as in FILE"),
    CLI_OUT(0, "write-classes", "FILE", &options.write_classes, "write the classes to FILE"),
    CLI_LIST(0, "exclude", "PATTERN", &exclude, "ignore these files"),
    CLI_FILE(0, "exclude-list", "FILE", &exclude_list, "ignore the files of this list"),
    CLI_OUT(0, "pairs-out", "FILE", &options.pairs_out, "write the pairs of a .bin to FILE"),
    CLI_LOCAL_FLAG(0, "check", &options.check, "only read everything and report on it"),
    CLI_LOCAL_FLAG(0, "reindex", &options.reindex, "only make a new index for train.rec"),
    CLI_FLAG(0, "skip-bad", &options.skip_bad, "leave out what is broken, and continue"),
    CLI_FLAG(0, "lenient", &options.rules.lenient,
             "accept damaged JPEGs that the decoder recovers from"),
    CLI_INT(0, "max-pixels", "N", &options.rules.max_pixels, 1, IMAGE_MOST_PIXELS,
            "refuse larger pictures"),
    CLI_CHOICE(0, "store", "raw|jpeg", &options.store, "faces as pixels or JPEG files"),
    CLI_INT(0, "quality", "N", &quality, 1, 100, "JPEG quality"),
    CLI_FLAG(0, "unchecked", &options.form.unchecked, "store JPEG files without decoding them"),
    CLI_TEXT(0, "part", "I/N", &part, "only the Ith of N parts, which cat joins to the whole"),
    CLI_INT(0, "rows", "N", &options.rows, 1, 65536, "faces per frame"),
    CLI_THREADS(&options.threads),
    CLI_OUTPUT(&options.output),
    CLI_END,
};
/* "112" or "112x96", height first */
static void parse_size(const char *text, FaceForm *form)
{
    char high[16];
    int64_t h, w;
    size_t cut = strcspn(text, "x");
    snprintf(high, sizeof high, "%.*s", (int)(cut < 15 ? cut : 15), text);
    if (!num_int(high, 1, MAX_SIDE, &h) ||
        !num_int(text[cut] == '\0' ? high : text + cut + 1, 1, MAX_SIDE, &w))
        cli_misuse("--size %s: neither a size nor HEIGHTxWIDTH, in 1 .. %d", text, MAX_SIDE);
    form->h = (int)h;
    form->w = (int)w;
}

/* "2/8" */
static void parse_part(void)
{
    char which[24];
    size_t cut = strcspn(part, "/");
    snprintf(which, sizeof which, "%.*s", (int)(cut < 23 ? cut : 23), part);
    if (part[cut] == '\0' || !num_int(part + cut + 1, 1, 1000000, &options.parts) ||
        !num_int(which, 1, options.parts, &options.part))
        cli_misuse("--part %s: not a part and their number, as in 2/8", part);
    options.part--;
    if (!source_rereadable(&options.source))
        cli_misuse("--part reads everything twice, which standard input cannot be");
}

static void set_form(FaceForm *form)
{
    bool placed = options.landmarks != NULL || crop;
    form->placing = crop ? PLACING_CROP : placed ? PLACING_ALIGN : PLACING_NONE;
    if (placed)
        parse_size(size, form);
    form->side = (int)crop_side;
    form->quality = (int)quality;
}

static void set_source(SourceOptions *source, int operands, char **operand)
{
    Err err = {0};
    for (int i = 0; i < operands; i++)
        if (braces_files(&options.operands, operand[i], &err) != 0)
            cli_misused(&err);
    *source = (SourceOptions){.operand = (const char *const *)options.operands.name,
                              .operands = options.operands.n,
                              .from = (SourceForm)from,
                              .exclude = exclude.item,
                              .excludes = exclude.n,
                              .exclude_list = exclude_list};
}

const Options *pack_options(int argc, char **argv)
{
    int first = cli_start(&cli, table, argc, argv);
    if (first == argc)
        cli_misuse("no archive, folder or image given; - is standard input");
    set_form(&options.form);
    set_source(&options.source, argc - first, argv + first);
    options.labels.level = (int)class_level;
    if (part != NULL)
        parse_part();
    if (options.pairs_out != NULL && options.source.operands != 1)
        cli_misuse("--pairs-out needs exactly one verification set");
    if (options.reindex && cli_given("output") && options.source.operands != 1)
        cli_misuse("--reindex --output needs exactly one train.rec");
    return &options;
}

void pack_options_release(void)
{
    free(exclude.item);
    braces_release(&options.operands);
}
