#include "lists/pick_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/rng_internal.h"
#include "lists/pick_list_internal.h"

/* The streams of random numbers that are drawn of the seed. */
enum { DRAW_IDENTITIES = 1, DRAW_STRANGERS = 2, DRAW_ROWS = 3 };

/* Who is on a number of rows. */
typedef struct Person {
    int64_t rows;
    bool picked;
} Person;

struct Pick {
    PickOptions options;
    PickList keep, drop;
    Names names; /* of the identities */
    Person *person;
    int64_t room;
    int64_t strangers;    /* rows that the lists leave, of no known identity */
    int64_t met;          /* of them, taken so far */
    int64_t left, wanted; /* rows that chance has yet to choose from, and how many */
    Rng rng;
    Names numbers[2]; /* for relabel: of the identities of the picked rows and of the others */
};

/* What is known of a row. */
typedef struct Row {
    const char *text[PICK_NAME + 1]; /* key, label and name; NULL where there is none */
    size_t size[PICK_NAME + 1];
    char number[24];   /* the label */
    char identity[64]; /* where it is not the name */
    int64_t label;     /* -1: unknown */
} Row;

Pick *pick_new(const PickOptions *options, Err *err)
{
    Pick *pick = calloc(1, sizeof *pick);
    if (pick == NULL) {
        err_memory(err, "a choice", sizeof *pick);
        return NULL;
    }
    pick->options = *options;
    pick->rng = rng_at(options->seed, DRAW_ROWS, 0, 0);
    if ((options->keep == NULL ||
         pick_list_read(&pick->keep, options->keep, options->by, err) == 0) &&
        (options->drop == NULL ||
         pick_list_read(&pick->drop, options->drop, options->by, err) == 0))
        return pick;
    pick_free(pick);
    return NULL;
}

void pick_free(Pick *pick)
{
    if (pick == NULL)
        return;
    pick_list_release(&pick->keep);
    pick_list_release(&pick->drop);
    names_release(&pick->names);
    names_release(&pick->numbers[0]);
    names_release(&pick->numbers[1]);
    free(pick->person);
    free(pick);
}

bool pick_needs_look(const Pick *pick)
{
    const PickOptions *options = &pick->options;
    return options->min_images > 1 || options->split > 0 || options->sample >= 0;
}

/* A row ------------------------------------------------------------------------------------- */

typedef struct Columns {
    const Column *key, *label, *name;
} Columns;

static const Column *text_column(const Rows *rows, const char *name)
{
    const Column *column = rows_find(rows, name);
    return column != NULL && column->ragged && column->dtype == DTYPE_U8 ? column : NULL;
}

static Columns columns_of(const Rows *rows)
{
    const Column *label = rows_find(rows, "label");
    bool whole = label != NULL && !label->ragged && label->dtype == DTYPE_I64 && label->ndim == 0;
    return (Columns){text_column(rows, "key"), whole ? label : NULL, text_column(rows, "name")};
}

static void set_label(Row *row, int64_t label)
{
    row->label = label;
    row->size[PICK_LABEL] = (size_t)snprintf(row->number, sizeof row->number, "%" PRId64, label);
    row->text[PICK_LABEL] = row->number;
}

static void read_row(Row *row, const Columns *columns, int64_t i)
{
    *row = (Row){.label = -1};
    if (columns->label != NULL)
        set_label(row, column_i64(columns->label, i));
    if (columns->key != NULL)
        row->text[PICK_KEY] = (const char *)column_row(columns->key, i, &row->size[PICK_KEY]);
    if (columns->name != NULL)
        row->text[PICK_NAME] = (const char *)column_row(columns->name, i, &row->size[PICK_NAME]);
}

/* Who it is, as a text: by the name, else by the label, in its file only if labels are to be made
 * anew. "" is a stranger. */
static const char *identity_of(Row *row, const Pick *pick, int file, size_t *size)
{
    if (pick->options.relabel && row->size[PICK_NAME] > 0) {
        *size = row->size[PICK_NAME];
        return row->text[PICK_NAME];
    }
    int n = row->label < 0 ? 0
                           : snprintf(row->identity, sizeof row->identity, "%" PRId64 " in %d",
                                      row->label, pick->options.relabel ? file : 0);
    *size = (size_t)n;
    return row->identity;
}

/* The number of the row's name in a list, or -1. */
static int64_t entry_of(const PickList *list, const Row *row)
{
    if (row->text[list->by] == NULL)
        return -1;
    return names_find(&list->names, row->text[list->by], row->size[list->by]);
}

/* Do the lists leave the row? If so it has the label that they give it. */
static bool listed(Pick *pick, Row *row)
{
    int64_t kept = pick->options.keep != NULL ? entry_of(&pick->keep, row) : -1;
    int64_t dropped = pick->options.drop != NULL ? entry_of(&pick->drop, row) : -1;
    if (kept >= 0)
        pick->keep.found[kept] = true;
    if (dropped >= 0)
        pick->drop.found[dropped] = true;
    if (dropped >= 0 || (pick->options.keep != NULL && kept < 0))
        return false;
    if (kept >= 0 && pick->keep.label[kept] != PICK_NO_LABEL)
        set_label(row, pick->keep.label[kept]);
    return true;
}

static int check_list(const PickList *list, const Columns *columns, Err *err)
{
    static const char *const words[] = {
        [PICK_KEY] = "keys", [PICK_LABEL] = "labels", [PICK_NAME] = "names"};
    const Column *has[] = {
        [PICK_KEY] = columns->key, [PICK_LABEL] = columns->label, [PICK_NAME] = columns->name};
    if (list->file == NULL || has[list->by] != NULL)
        return 0;
    return err_set(err, "its rows have no %s, by which %s picks", words[list->by], list->file);
}

/* The columns of a frame, among them what the lists pick by if there are rows. */
static int find_columns(Columns *columns, const Pick *pick, const Rows *rows, Err *err)
{
    *columns = columns_of(rows);
    if (rows->n == 0)
        return 0;
    return check_list(&pick->keep, columns, err) == 0 ? check_list(&pick->drop, columns, err) : -1;
}

/* All rows ---------------------------------------------------------------------------------- */

static int count_row(Pick *pick, Row *row, int file, Err *err)
{
    size_t size;
    const char *text = identity_of(row, pick, file, &size);
    if (size == 0) {
        pick->strangers++;
        return 0;
    }
    int64_t before = pick->names.n, number = names_add(&pick->names, text, size, err);
    if (number < 0 || array_reserve(pick->person, pick->room, number + 1, "identities", err) != 0)
        return -1;
    if (number == before)
        pick->person[number] = (Person){0};
    pick->person[number].rows++;
    return 0;
}

int pick_look(Pick *pick, const Frame *frame, int file, Err *err)
{
    Rows rows;
    Row row;
    Columns columns;
    if (rows_of(&rows, frame, err) != 0)
        return -1;
    int rc = find_columns(&columns, pick, &rows, err);
    for (int64_t i = 0; i < rows.n && rc == 0; i++) {
        read_row(&row, &columns, i);
        if (listed(pick, &row))
            rc = count_row(pick, &row, file, err);
    }
    rows_release(&rows);
    return rc;
}

/* A stranger is an identity of one row. */
static bool stranger_picked(const Pick *pick, int64_t number)
{
    Rng rng = rng_at(pick->options.seed, DRAW_STRANGERS, (uint64_t)number, 0);
    return pick->options.min_images < 2 &&
           (pick->options.split == 0 || rng_unit(&rng) < pick->options.split);
}

int pick_settle(Pick *pick, Err *err)
{
    const PickOptions *options = &pick->options;
    int64_t people = 0, n = 0, *who = calloc((size_t)pick->names.n + 1, sizeof *who);
    if (who == NULL)
        return err_memory(err, "identities", (size_t)pick->names.n * sizeof *who);
    for (int64_t k = 0; k < pick->names.n; k++)
        if (pick->person[k].rows >= options->min_images)
            who[people++] = k;
    int64_t share = options->split > 0 ? llround(options->split * (double)people) : people;
    Rng draw = rng_at(options->seed, DRAW_IDENTITIES, 0, 0);
    uint64_t key = rng_u64(&draw);
    for (int64_t k = 0; k < people; k++)
        if ((int64_t)rng_permute(key, 0, (uint64_t)people, (uint64_t)k) < share) {
            pick->person[who[k]].picked = true;
            n += pick->person[who[k]].rows;
        }
    for (int64_t k = 0; k < pick->strangers; k++)
        n += stranger_picked(pick, k);
    pick->left = n;
    pick->wanted = options->sample >= 0 && options->sample < n ? options->sample : n;
    free(who);
    return 0;
}

/* Taking ------------------------------------------------------------------------------------ */

/* One of `left` rows, of which `wanted` are to be drawn (Knuth's algorithm S). */
static bool drawn(Pick *pick)
{
    bool yes = rng_below(&pick->rng, (uint64_t)pick->left) < (uint64_t)pick->wanted;
    pick->left--;
    pick->wanted -= yes;
    return yes;
}

static bool picked_row(Pick *pick, const char *who, size_t size)
{
    if (!pick_needs_look(pick))
        return true;
    int64_t number = size > 0 ? names_find(&pick->names, who, size) : -1;
    bool person = number >= 0 ? pick->person[number].picked : stranger_picked(pick, pick->met++);
    return person && drawn(pick);
}

/* A part of a frame on its way: its rows, and the labels they get. */
typedef struct Part {
    RowBuffer rows;
    int64_t *label, room;
    bool changed; /* a label is not what it was */
} Part;

static int part_add(Part *part, const Rows *rows, int64_t i, int64_t label, bool changed, Err *err)
{
    int64_t n = part->rows.n;
    if (array_reserve(part->label, part->room, n + 1, "labels", err) != 0 ||
        rowbuffer_add(&part->rows, rows, i, err) != 0)
        return -1;
    part->label[n] = label;
    part->changed = part->changed || changed;
    return 0;
}

static int put_labels(Frame *frame, const Part *part, int64_t n, Err *err)
{
    const Tensor *have = frame_find(frame, "label");
    void *data = have != NULL ? have->data : frame_alloc(frame, "label", DTYPE_I64, 1, &n, err);
    if (data == NULL)
        return -1;
    memcpy(data, part->label, (size_t)n * sizeof *part->label);
    return 0;
}

/* All but "kind", "by" and the number of identities, which may be another one now. */
static int copy_metas(Frame *out, const Frame *from, Err *err)
{
    static const char left_out[] = " kind by identities ";
    for (size_t i = 0; i < from->metas; i++) {
        char word[32];
        int n = snprintf(word, sizeof word, " %s ", from->meta[i].key);
        bool leave = n > 0 && (size_t)n < sizeof word && strstr(left_out, word) != NULL;
        if (!leave && frame_set_meta(out, from->meta[i].key, from->meta[i].value, err) != 0)
            return -1;
    }
    return 0;
}

static int part_finish(Part *part, Frame *out, const Frame *from, Err *err)
{
    const char *kind = frame_meta(from, "kind");
    int64_t n = part->rows.n;
    *out = (Frame){.offset = from->offset};
    if (n == 0)
        return 0;
    if ((kind != NULL && frame_set_meta(out, "kind", kind, err) != 0) ||
        copy_metas(out, from, err) != 0 || rowbuffer_flush(&part->rows, out, err) != 0)
        return -1;
    return part->changed ? put_labels(out, part, n, err) : 0;
}

/* Adds row i to its part: part[0] is picked, part[1] is the rest. */
static int sort_row(Pick *pick, Part part[2], const Rows *rows, const Columns *columns, int64_t i,
                    int file, Err *err)
{
    Row row;
    size_t size = 0;
    read_row(&row, columns, i);
    int64_t before = row.label, label;
    bool left = listed(pick, &row);
    const char *who = identity_of(&row, pick, file, &size);
    int to = left && picked_row(pick, who, size) ? 0 : 1;
    label = row.label;
    if (pick->options.relabel) {
        label = size > 0 ? names_add(&pick->numbers[to], who, size, err) : -1;
        if (size > 0 && label < 0)
            return -1;
    }
    return part_add(&part[to], rows, i, label, label != before, err);
}

int pick_take(Pick *pick, Frame *frame, int file, Frame *picked, Frame *rest, Err *err)
{
    Rows rows;
    Part part[2] = {0};
    *picked = *rest = (Frame){0};
    Columns columns;
    if (rows_of(&rows, frame, err) != 0)
        return -1;
    int rc = find_columns(&columns, pick, &rows, err);
    for (int64_t i = 0; i < rows.n && rc == 0; i++)
        rc = sort_row(pick, part, &rows, &columns, i, file, err);
    if (rc == 0 && (part_finish(&part[0], picked, frame, err) != 0 ||
                    part_finish(&part[1], rest, frame, err) != 0))
        rc = -1;
    for (int k = 0; k < 2; k++) {
        rowbuffer_release(&part[k].rows);
        free(part[k].label);
    }
    rows_release(&rows);
    frame_release(frame);
    if (rc != 0) {
        frame_release(picked);
        frame_release(rest);
    }
    return rc;
}

static int64_t list_missing(const PickList *list, const char **first)
{
    int64_t n = 0;
    for (int64_t i = 0; i < list->names.n; i++)
        if (!list->found[i] && n++ == 0 && *first == NULL)
            *first = names_at(&list->names, i);
    return n;
}

int64_t pick_missing(const Pick *pick, const char **first)
{
    *first = NULL;
    int64_t kept = list_missing(&pick->keep, first);
    return kept + list_missing(&pick->drop, first);
}
