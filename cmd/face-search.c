/* face-search: embeddings of probes and a gallery in, who each probe is out */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "any-model.h"
#include "base/array_internal.h"
#include "base/escape_internal.h"
#include "cli.h"
#include "identify/gallery_internal.h"
#include "identify/neighbours.h"
#include "scores/cosine.h"

enum { PER_ROW, PER_BEST, PER_MEAN };

/* Identities of rows of nobody known, each its own. */
#define NOBODY (INT64_C(1) << 48)

static const CliRule rules[] = {
    {CLI_ONE_OF, "gallery", NULL},
    {CLI_ONE_OF, "threshold closed-set", NULL},
    {CLI_EXCLUDES, "threshold", "closed-set"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "face-search",
                  .rules = rules,
                  .operands = "[PROBES]",
                  .summary = "Finds who faces are, among those of a gallery.",
                  .blas = true};

typedef struct Search {
    const char *gallery_path, *probes_path;
    int64_t top;
    int per; /* PER_ */
    double threshold;
    bool closed, any_model, json;
    Pool *pool;
    Embeddings probes;
    float *unit; /* [probes, d] */
    Gallery gallery;
    Neighbours *neighbours;
    float *piece; /* the gallery's rows, of length 1 */
    int64_t *identity, room;
    size_t piece_room;
    double *sum; /* [people, d], for PER_MEAN */
    int64_t sums;
} Search;

/* Unit vectors -------------------------------------------------------------------------------- */

typedef struct Units {
    float *out;
    const EmbeddingRows *rows;
    Err *err; /* [chunks] */
} Units;

enum { CHUNK = 1024 };

static void make_units(void *arg, int64_t chunk, int worker)
{
    const Units *u = arg;
    int64_t end = (chunk + 1) * CHUNK < u->rows->n ? (chunk + 1) * CHUNK : u->rows->n;
    (void)worker;
    for (int64_t i = chunk * CHUNK; i < end; i++)
        if (cosine_unit(u->out + i * u->rows->d, u->rows, i, &u->err[chunk]) != 0)
            return;
}

static int unit_rows(float *out, const EmbeddingRows *rows, Pool *pool, const char *path, Err *err)
{
    int64_t chunks = (rows->n + CHUNK - 1) / CHUNK;
    Units units = {out, rows, calloc((size_t)chunks + 1, sizeof(Err))};
    if (units.err == NULL)
        return err_memory(err, "messages", (size_t)chunks * sizeof(Err));
    pool_run(pool, chunks, make_units, &units);
    int rc = 0;
    for (int64_t k = 0; k < chunks && rc == 0; k++)
        if (err_is_set(&units.err[k]))
            rc = err_set(err, "%s: %s", path, units.err[k].text);
    free(units.err);
    return rc;
}

/* The gallery --------------------------------------------------------------------------------- */

static int reserve_piece(Search *s, const EmbeddingRows *rows, Err *err)
{
    size_t numbers = (size_t)rows->n * (size_t)rows->d;
    if (array_reserve(s->piece, s->piece_room, numbers, "a piece of the gallery", err) != 0)
        return -1;
    return array_reserve(s->identity, s->room, rows->n, "a piece of the gallery", err);
}

/* Adds rows to the sums of their people. */
static int sum_rows(Search *s, const EmbeddingRows *rows, Err *err)
{
    int64_t first = s->gallery.n - rows->n, people = s->gallery.people.n, d = rows->d;
    size_t before = (size_t)s->sums * (size_t)d;
    if (people > s->sums) {
        if (!array_resize(s->sum, (size_t)people * (size_t)d))
            return err_memory(err, "means", (size_t)people * (size_t)d * sizeof *s->sum);
        memset(s->sum + before, 0, ((size_t)people * (size_t)d - before) * sizeof *s->sum);
        s->sums = people;
    }
    for (int64_t i = 0; i < rows->n; i++) {
        int64_t person = s->gallery.person[first + i];
        for (int64_t j = 0; person >= 0 && j < d; j++)
            s->sum[person * d + j] += (double)s->piece[i * d + j];
    }
    return 0;
}

static int take_piece(Search *s, const EmbeddingRows *rows, Err *err)
{
    int64_t first = s->gallery.n;
    if (rows->n > 0 && s->probes.rows.n > 0 && rows->d != s->probes.rows.d)
        return err_set(err, "%s has embeddings of %" PRId64 " dimensions, the probes have %" PRId64,
                       s->gallery_path, rows->d, s->probes.rows.d);
    if (reserve_piece(s, rows, err) != 0 ||
        unit_rows(s->piece, rows, s->pool, s->gallery_path, err) != 0 ||
        gallery_add(&s->gallery, rows, err) != 0)
        return -1;
    if (s->per == PER_MEAN)
        return sum_rows(s, rows, err);
    for (int64_t i = 0; i < rows->n; i++) {
        int64_t person = s->gallery.person[first + i];
        s->identity[i] = person >= 0 ? person : NOBODY + first + i;
    }
    neighbours_add(s->neighbours, s->piece, rows->n, s->per == PER_BEST ? s->identity : NULL);
    return 0;
}

/* The people's means take the place of the gallery. */
static int take_means(Search *s, Err *err)
{
    int64_t d = s->probes.rows.d;
    if (array_reserve(s->piece, s->piece_room, (size_t)s->sums * (size_t)d, "means", err) != 0)
        return -1;
    for (int64_t person = 0; person < s->sums; person++) {
        double square = 0;
        for (int64_t j = 0; j < d; j++)
            square += s->sum[person * d + j] * s->sum[person * d + j];
        double scale = square > 0 ? 1 / sqrt(square) : 0;
        for (int64_t j = 0; j < d; j++)
            s->piece[person * d + j] = (float)(s->sum[person * d + j] * scale);
    }
    neighbours_add(s->neighbours, s->piece, s->sums, NULL);
    return 0;
}

static int read_gallery(Search *s, Err *err)
{
    EmbeddingReader *reader = embeddings_open(s->gallery_path, err);
    if (reader == NULL)
        return -1;
    EmbeddingRows rows;
    Progress progress = progress_begin("faces of the gallery", 0);
    int rc;
    while ((rc = embeddings_next(reader, &rows, err)) > 0) {
        if (take_piece(s, &rows, err) != 0) {
            rc = -1;
            break;
        }
        progress_step(&progress, rows.n);
    }
    progress_end();
    if (rc == 0)
        rc = any_model_check(s->any_model, &s->probes.model, s->probes_path,
                             embeddings_model(reader), s->gallery_path, err);
    embeddings_close(reader);
    if (rc == 0 && s->gallery.n == 0)
        rc = err_set(err, "%s has no faces", s->gallery_path);
    return rc == 0 && s->per == PER_MEAN ? take_means(s, err) : rc;
}

static int read_probes(Search *s, Err *err)
{
    if (embeddings_load(&s->probes, s->probes_path, err) != 0)
        return -1;
    const EmbeddingRows *rows = &s->probes.rows;
    s->unit = malloc(((size_t)rows->n * (size_t)rows->d + 1) * sizeof *s->unit);
    if (s->unit == NULL)
        return err_memory(err, "probes", (size_t)rows->n * (size_t)rows->d * sizeof *s->unit);
    if (unit_rows(s->unit, rows, s->pool, s->probes_path, err) != 0)
        return -1;
    s->neighbours =
        neighbours_new(s->unit, rows->n, rows->d > 0 ? rows->d : 1, s->top, s->pool, err);
    return s->neighbours != NULL ? 0 : -1;
}

/* Answers ------------------------------------------------------------------------------------- */

/* A neighbour as it is told. */
typedef struct Answer {
    const char *key, *identity;
    int key_length;
    bool known; /* at or above the threshold, or anybody is */
    float score;
} Answer;

static Answer answer_of(const Search *s, const Neighbour *near)
{
    Answer answer = {.key = "", .score = near->score};
    int64_t person = near->row;
    if (s->per != PER_MEAN) {
        answer.key = gallery_key(&s->gallery, near->row, &answer.key_length);
        person = s->gallery.person[near->row];
    }
    answer.identity = gallery_identity(&s->gallery, person);
    answer.known = s->closed || (double)near->score >= s->threshold;
    return answer;
}

/* The probe's key, or its number. */
static int probe_name(char *text, size_t size, const Search *s, int64_t probe)
{
    int length;
    const char *key = embedding_key(&s->probes.rows, probe, &length);
    return length > 0 ? snprintf(text, size, "%.*s", length, key)
                      : snprintf(text, size, "%" PRId64, probe);
}

static void put_line(const char *probe, int rank, const Answer *answer)
{
    escape_put(stdout, probe, strlen(probe));
    printf("\t%d\t", rank);
    if (answer->known)
        escape_put(stdout, answer->key, (size_t)answer->key_length);
    putchar('\t');
    if (answer->known)
        escape_put(stdout, answer->identity, strlen(answer->identity));
    else
        fputs("unknown", stdout);
    printf("\t%.6f\n", (double)answer->score);
}

static void print_probe(const Search *s, int64_t probe)
{
    char name[4096];
    int64_t n;
    const Neighbour *near = neighbours_of(s->neighbours, probe, &n);
    probe_name(name, sizeof name, s, probe);
    for (int64_t i = 0; i < n; i++) {
        Answer answer = answer_of(s, &near[i]);
        if (answer.known || i == 0)
            put_line(name, answer.known ? (int)i + 1 : 0, &answer);
    }
}

/* A key or a name may be no UTF-8, and then it is no JSON string: escaped as in the table. */
static json_t *text_json(const char *text, size_t size)
{
    json_t *whole = json_stringn(text, size);
    char *escaped = NULL;
    size_t length;
    if (whole != NULL)
        return whole;
    FILE *f = open_memstream(&escaped, &length);
    if (f == NULL)
        return json_null();
    escape_put(f, text, size);
    fclose(f);
    whole = json_string(escaped);
    free(escaped);
    return whole;
}

static void print_probe_json(const Search *s, int64_t probe)
{
    char name[4096];
    int64_t n;
    const Neighbour *near = neighbours_of(s->neighbours, probe, &n);
    json_t *list = json_array(), *identity = json_null();
    probe_name(name, sizeof name, s, probe);
    for (int64_t i = 0; i < n; i++) {
        Answer answer = answer_of(s, &near[i]);
        if (i == 0 && answer.known)
            identity = text_json(answer.identity, strlen(answer.identity));
        if (answer.known || i == 0)
            json_array_append_new(
                list, json_pack("{s:i, s:o, s:o, s:f, s:b}", "rank", (int)i + 1, "gallery",
                                text_json(answer.key, (size_t)answer.key_length), "identity",
                                text_json(answer.identity, strlen(answer.identity)), "score",
                                (double)answer.score, "known", (int)answer.known));
    }
    json_t *object = json_pack("{s:o, s:o, s:o}", "probe", text_json(name, strlen(name)),
                               "identity", identity, "neighbours", list);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print(const Search *s)
{
    if (!s->json)
        puts("probe\trank\tgallery\tidentity\tscore");
    for (int64_t probe = 0; probe < s->probes.rows.n; probe++)
        if (s->json)
            print_probe_json(s, probe);
        else
            print_probe(s, probe);
}

static void release(Search *s)
{
    embeddings_release(&s->probes);
    gallery_release(&s->gallery);
    neighbours_free(s->neighbours);
    pool_free(s->pool);
    free(s->unit);
    free(s->piece);
    free(s->identity);
    free(s->sum);
}

int main(int argc, char **argv)
{
    Search s = {.top = 1, .probes_path = "-"};
    int64_t threads = 0;
    CliOption options[] = {
        CLI_PATH(0, "gallery", "GALLERY", &s.gallery_path, "the embeddings of known people"),
        CLI_REAL(0, "threshold", "SCORE", &s.threshold, -1, 1, "a lower score is of a stranger"),
        CLI_FLAG(0, "closed-set", &s.closed, "everybody is in the gallery"),
        CLI_INT(0, "top", "K", &s.top, 1, NEIGHBOURS_MOST, "so many neighbours of each probe"),
        CLI_CHOICE(0, "per-identity", "row|best|mean", &s.per, "what a neighbour is"),
        ANY_MODEL_OPTION(s.any_model),
        CLI_FLAG(0, "json", &s.json, "print JSON, one object per probe"),
        CLI_THREADS(&threads),
        CLI_END,
    };
    Err err = {0};
    int operand = cli_start(&cli, options, argc, argv);
    if (argc - operand > 1)
        cli_misuse("more than one stream of probes");
    if (argc > operand)
        s.probes_path = argv[operand];
    if (strcmp(s.probes_path, "-") == 0 && strcmp(s.gallery_path, "-") == 0)
        cli_misuse("probes and gallery cannot both come from standard input");
    s.pool = pool_new((int)threads, &err);
    int rc = s.pool != NULL ? read_probes(&s, &err) : -1;
    if (rc == 0)
        rc = read_gallery(&s, &err);
    if (rc == 0)
        print(&s);
    release(&s);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
