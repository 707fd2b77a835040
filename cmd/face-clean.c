/* face-clean: labelled embeddings in, a list of what is doubtful among them out */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "base/out.h"
#include "cli/any-model.h"
#include "cli/cli.h"
#include "identify/doubts_internal.h"
#include "scores/cosine.h"

typedef enum Find { OUTLIERS, SPLIT, MERGE, OVERLAP, DUPLICATES } Find;

/* Measured: pipelines/RESULTS.md, clean.mk */
static const double usual_angle[] = {75, 75, 55, 55, 15};

static const CliRule rules[] = {
    {CLI_ONE_OF, "find", NULL},
    {CLI_NEEDS, "with", "find=overlap"},
    {CLI_NEEDS, "find=overlap", "with"},
    {CLI_NEEDS, "min-images", "find=split"},
    {CLI_EXCLUDES, "sub-centres", "find=duplicates"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "face-clean",
                  .rules = rules,
                  .operands = "[EMBEDDINGS]",
                  .summary = "Lists what is doubtful in a labelled set of faces.",
                  .blas = true};

/* A stream of faces, and the sub-centres of its people. */
typedef struct Faces {
    const char *path;
    Embeddings e;
    float *unit; /* [n,d] of length 1 */
    SubCentres s;
} Faces;

typedef struct Clean {
    Faces faces, with;
    int find; /* Find */
    double angle;
    int64_t centres, least;
    bool any_model;
    Pool *pool;
    Doubts doubts;
} Clean;

/* Reading ------------------------------------------------------------------------------------- */

static int read_faces(Faces *faces, Pool *pool, Err *err)
{
    Err inner = {0};
    if (embeddings_load(&faces->e, faces->path, err) != 0)
        return -1;
    size_t numbers = (size_t)faces->e.rows.n * (size_t)faces->e.rows.d;
    faces->unit = malloc((numbers + 1) * sizeof *faces->unit);
    if (faces->unit == NULL)
        return err_memory(err, "embeddings", numbers * sizeof *faces->unit);
    if (cosine_units(faces->unit, &faces->e.rows, pool, &inner) != 0)
        return err_set(err, "%s: %s", faces->path, inner.text);
    free(faces->e.embedding);
    faces->e.embedding = NULL;
    return 0;
}

static void faces_release(Faces *faces)
{
    embeddings_release(&faces->e);
    subcentres_release(&faces->s);
    free(faces->unit);
}

/* The name of a person, that of their first row. */
static const char *name_of(const Faces *faces, int64_t person, int *length)
{
    return embedding_name(&faces->e.rows, faces->s.row[faces->s.first[person]], length);
}

/* A list goes by labels: each must be one person. */
static int one_name_a_label(const Faces *faces, Err *err)
{
    const SubCentres *s = &faces->s;
    for (int64_t p = 0; p < s->people; p++) {
        int length, other;
        const char *name = name_of(faces, p, &length);
        for (int64_t i = s->first[p] + 1; i < s->first[p + 1]; i++) {
            const char *text = embedding_name(&faces->e.rows, s->row[i], &other);
            if (other != length || memcmp(text, name, (size_t)length) != 0)
                return err_set(err,
                               "%s: the label %" PRId64 " is of '%.*s' and of '%.*s': stream-cat "
                               "--relabel numbers people by their names",
                               faces->path, s->label[p], length, name, other, text);
        }
    }
    return 0;
}

static int find_people(Clean *c, Faces *faces, Err *err)
{
    const EmbeddingRows *rows = &faces->e.rows;
    if (rows->n > 0 && !faces->e.has_labels)
        return err_set(err, "%s: no column 'label': who the faces are is not known", faces->path);
    if (subcentres_find(&faces->s, faces->unit, rows->label, rows->n, rows->d, (int)c->centres,
                        c->angle, c->pool, err) != 0)
        return -1;
    return one_name_a_label(faces, err);
}

/* Finding ------------------------------------------------------------------------------------- */

static int find_overlap(Clean *c, Err *err)
{
    int64_t d = c->faces.e.rows.d, other = c->with.e.rows.d;
    if (c->faces.e.rows.n > 0 && c->with.e.rows.n > 0 && d != other)
        return err_set(err, "%s has embeddings of %s, %s of %lld", c->faces.path,
                       counted(d, "dimension", "dimensions").text, c->with.path, (long long)other);
    return doubts_overlap(&c->doubts, &c->faces.s, &c->with.s, c->angle, c->pool, err);
}

static int find(Clean *c, Err *err)
{
    const Faces *faces = &c->faces;
    switch ((Find)c->find) {
    case OUTLIERS:
        return doubts_outliers(&c->doubts, &faces->s, c->angle, err);
    case SPLIT:
        return doubts_splits(&c->doubts, &faces->s, c->angle, c->least, err);
    case MERGE:
        return doubts_merges(&c->doubts, &faces->s, c->angle, c->pool, err);
    case OVERLAP:
        return find_overlap(c, err);
    case DUPLICATES:
        break;
    }
    return doubts_duplicates(&c->doubts, faces->unit, faces->e.rows.n, faces->e.rows.d, c->angle,
                             c->pool, err);
}

/* Printing ------------------------------------------------------------------------------------ */

static const char *const headings[] = {
    [OUTLIERS] = "key\tlabel\tangle\tname",        [SPLIT] = "key\tlabel\tangle\twas\tname",
    [MERGE] = "label\tlabel\tangle\tname\tother",  [OVERLAP] = "label\tof\tangle\tname\tother",
    [DUPLICATES] = "key\tof\tangle\tlabel\tother",
};

static void put_key(FILE *f, const Faces *faces, int64_t row)
{
    int length;
    const char *key = embedding_key(&faces->e.rows, row, &length);
    escape_put(f, key, (size_t)length);
}

static void put_name(FILE *f, const Faces *faces, int64_t person)
{
    int length;
    const char *name = name_of(faces, person, &length);
    escape_put(f, name, (size_t)length);
}

/* A row of outliers, splits and duplicates. */
static void put_row(FILE *f, const Clean *c, const Doubt *doubt)
{
    const int64_t *label = c->faces.e.rows.label;
    put_key(f, &c->faces, doubt->what);
    putc('\t', f);
    if (c->find == DUPLICATES)
        put_key(f, &c->faces, doubt->other);
    else
        fprintf(f, "%" PRId64, c->find == SPLIT ? doubt->other : label[doubt->what]);
    fprintf(f, "\t%.2f\t", doubt->angle);
    if (c->find == DUPLICATES) {
        fprintf(f, "%" PRId64 "\t%" PRId64 "\n", label[doubt->what], label[doubt->other]);
        return;
    }
    if (c->find == SPLIT)
        fprintf(f, "%" PRId64 "\t", label[doubt->what]);
    int length;
    const char *name = embedding_name(&c->faces.e.rows, doubt->what, &length);
    escape_put(f, name, (size_t)length);
    putc('\n', f);
}

/* A person of merges and overlaps. */
static void put_person(FILE *f, const Clean *c, const Doubt *doubt)
{
    const Faces *others = c->find == OVERLAP ? &c->with : &c->faces;
    fprintf(f, "%" PRId64 "\t%" PRId64 "\t%.2f\t", c->faces.s.label[doubt->what],
            others->s.label[doubt->other], doubt->angle);
    put_name(f, &c->faces, doubt->what);
    putc('\t', f);
    put_name(f, others, doubt->other);
    putc('\n', f);
}

/* A list of rows goes by their keys, each of which must say which row. */
static int check_keys(const Clean *c, Err *err)
{
    for (int64_t i = 0; i < c->doubts.n; i++) {
        int length;
        embedding_key(&c->faces.e.rows, c->doubts.item[i].what, &length);
        if (length == 0)
            return err_set(err, "%s: row %" PRId64 " has no key to be listed by", c->faces.path,
                           c->doubts.item[i].what);
    }
    return 0;
}

static int print(const Clean *c, const char *output, Err *err)
{
    Out out;
    bool people = c->find == MERGE || c->find == OVERLAP;
    if ((!people && check_keys(c, err) != 0) || out_open(&out, output, err) != 0)
        return -1;
    fprintf(out.f, "%s\n", headings[c->find]);
    for (int64_t i = 0; i < c->doubts.n; i++)
        if (people)
            put_person(out.f, c, &c->doubts.item[i]);
        else
            put_row(out.f, c, &c->doubts.item[i]);
    return out_commit(&out, err);
}

static void tell(const Clean *c)
{
    const SubCentres *s = &c->faces.s;
    Counted faces = counted(c->faces.e.rows.n, "face", "faces");
    Counted people = counted(s->people, "identity", "identities");
    if (c->find == MERGE || c->find == OVERLAP)
        cli_note("%lld of %s listed", (long long)c->doubts.n, people.text);
    else if (c->find == DUPLICATES)
        cli_note("%lld of %s listed", (long long)c->doubts.n, faces.text);
    else
        cli_note("%lld of %s of %s listed", (long long)c->doubts.n, faces.text, people.text);
}

static int run(Clean *c, const char *output, int threads, Err *err)
{
    const EmbeddingModel *other = c->find == OVERLAP ? &c->with.e.model : NULL;
    if ((c->pool = pool_new(threads, err)) == NULL || read_faces(&c->faces, c->pool, err) != 0 ||
        (other != NULL && read_faces(&c->with, c->pool, err) != 0) ||
        any_model_check(c->any_model, &c->faces.e.model, c->faces.path, other, c->with.path, err) !=
            0)
        return -1;
    if (c->find != DUPLICATES && find_people(c, &c->faces, err) != 0)
        return -1;
    if (other != NULL && find_people(c, &c->with, err) != 0)
        return -1;
    if (find(c, err) != 0 || print(c, output, err) != 0)
        return -1;
    tell(c);
    return 0;
}

int main(int argc, char **argv)
{
    Clean c = {.faces.path = "-", .centres = 3, .least = 3};
    const char *output = "-";
    int64_t threads = 0;
    CliOption options[] = {
        CLI_CHOICE(0, "find", "outliers|split|merge|overlap|duplicates", &c.find, "what is listed"),
        CLI_FILE(0, "with", "TEST", &c.with.path, "overlap: with the people of this stream"),
        CLI_REAL(0, "angle", "DEGREES", &c.angle, 0, 180,
                 "how far is far: by default 75, of merge and overlap 55, duplicates 15"),
        CLI_INT(0, "sub-centres", "K", &c.centres, 1, SUBCENTRES_MOST, "of each identity"),
        CLI_INT(0, "min-images", "K", &c.least, 1, INT32_MAX,
                "split: whoever is split off has so many"),
        ANY_MODEL_OPTION(c.any_model),
        CLI_THREADS(&threads),
        CLI_OUTPUT(&output),
        CLI_END,
    };
    Err err = {0};
    int operand = cli_start(&cli, options, argc, argv);
    if (argc - operand > 1)
        cli_misuse("more than one stream of embeddings");
    if (argc > operand)
        c.faces.path = argv[operand];
    if (c.with.path != NULL && strcmp(c.with.path, "-") == 0 && strcmp(c.faces.path, "-") == 0)
        cli_misuse("the two streams cannot both be standard input");
    if (!cli_given("angle"))
        c.angle = usual_angle[c.find];
    int rc = run(&c, output, (int)threads, &err);
    faces_release(&c.faces);
    faces_release(&c.with);
    doubts_release(&c.doubts);
    pool_free(c.pool);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
