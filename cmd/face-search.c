/* face-search: embeddings of probes and a gallery in, who each probe is out */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape_internal.h"
#include "cli/any-model.h"
#include "cli/cli.h"
#include "cli/gallery.h"
#include "cli/json-text.h"
#include "cli/kernels.h"
#include "cli/processes.h"
#include "cli/ratio.h"
#include "cli/threshold.h"
#include "cli/total-rows.h"
#include "identify/answers_internal.h"
#include "identify/neighbours.h"

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
    int per; /* AnswersPer */
    const char *threshold_text;
    Threshold threshold;
    bool closed, any_model, json;
    Pool *pool;
    Embeddings probes;
    Answers *answers;
    int choice; /* of kernels */
    Kernels *kernels;
    Comm *comm; /* of several processes, or NULL */
} Search;

/* The gallery --------------------------------------------------------------------------------- */

static int read_gallery(Search *s, Err *err)
{
    Progress progress = progress_begin("faces of the gallery",
                                       total_rows((char *const[]){(char *)s->gallery_path}, 1));
    return gallery_add(s->answers, s->gallery_path, s->any_model, &s->probes.model, s->probes_path,
                       &progress, err);
}

static int read_probes(Search *s, Err *err)
{
    Err inner = {0};
    if (s->threshold_text != NULL && threshold_option(&s->threshold, s->threshold_text, err) != 0)
        return -1;
    if (embeddings_load(&s->probes, s->probes_path, err) != 0 ||
        (s->threshold_text != NULL &&
         threshold_check(s->any_model, &s->threshold, s->threshold_text, &s->probes.model,
                         s->probes_path, err) != 0))
        return -1;
    s->answers = answers_new(&s->probes.rows, (AnswersPer)s->per, s->top, s->pool, &inner);
    if (s->answers == NULL)
        return err_set(err, "%s: %s", s->probes_path, inner.text);
    answers_share(s->answers, s->comm);
    s->kernels = cli_kernels(s->choice, err);
    if (s->kernels == NULL)
        return -1;
    /* Answers are the same without products in bf16. */
    if (kernels_set_precision(s->kernels, PRECISION_BF16, &inner) == 0)
        answers_kernels(s->answers, s->kernels);
    return 0;
}

/* Answers ------------------------------------------------------------------------------------- */

static bool known(const Search *s, const Answer *answer)
{
    return s->closed || (double)answer->score >= s->threshold.score;
}

enum { NAME = 4096 };

/* The key of a row, or else its number; nothing for no row. */
static const char *row_name(char text[NAME], const char *key, int length, int64_t row)
{
    text[0] = '\0';
    if (length > 0)
        snprintf(text, NAME, "%.*s", length, key);
    else if (row >= 0)
        snprintf(text, NAME, "%" PRId64, row);
    return text;
}

static const char *probe_name(char text[NAME], const Search *s, int64_t probe)
{
    int length;
    const char *key = embedding_key(&s->probes.rows, probe, &length);
    return row_name(text, key, length, probe);
}

static const char *neighbour_name(char text[NAME], const Answer *answer)
{
    return row_name(text, answer->key, answer->key_length, answer->row);
}

/* A rank of 0: unknown. */
static void put_line(const Search *s, const char *probe, int rank, const Answer *answer)
{
    char name[NAME];
    escape_put(stdout, probe, strlen(probe));
    printf("\t%d\t", rank);
    neighbour_name(name, answer);
    if (rank > 0)
        escape_put(stdout, name, strlen(name));
    putchar('\t');
    if (rank > 0)
        escape_put(stdout, answer->identity, strlen(answer->identity));
    else
        fputs("unknown", stdout);
    printf("\t%.6f", (double)answer->score);
    if (s->threshold.calibration.rule != CALIBRATION_NONE)
        printf("\t%.4f", calibration_llr(&s->threshold.calibration, (double)answer->score));
    putchar('\n');
}

static void print_probe(const Search *s, int64_t probe)
{
    char name[NAME];
    int64_t n = answers_count(s->answers, probe);
    probe_name(name, s, probe);
    for (int64_t i = 0; i < n; i++) {
        Answer answer = answers_at(s->answers, probe, i);
        if (known(s, &answer) || i == 0)
            put_line(s, name, known(s, &answer) ? (int)i + 1 : 0, &answer);
    }
}

static void print_probe_json(const Search *s, int64_t probe)
{
    char name[NAME], neighbour[NAME];
    int64_t n = answers_count(s->answers, probe);
    jansson_watch();
    json_t *list = json_array(), *identity = json_null();
    probe_name(name, s, probe);
    for (int64_t i = 0; i < n; i++) {
        Answer answer = answers_at(s->answers, probe, i);
        neighbour_name(neighbour, &answer);
        if (i == 0 && known(s, &answer))
            identity = text_json(answer.identity, strlen(answer.identity));
        if (known(s, &answer) || i == 0)
            json_array_append_new(
                list,
                ratio_json(json_pack("{s:i, s:o, s:o, s:f, s:b}", "rank", (int)i + 1, "gallery",
                                     text_json(neighbour, strlen(neighbour)), "identity",
                                     text_json(answer.identity, strlen(answer.identity)), "score",
                                     (double)answer.score, "known", (int)known(s, &answer)),
                           &s->threshold.calibration, (double)answer.score));
    }
    json_t *object = json_pack("{s:o, s:o, s:o}", "probe", text_json(name, strlen(name)),
                               "identity", identity, "neighbours", list);
    put_json(object);
}

static void print(const Search *s)
{
    if (!s->json)
        printf("probe\trank\tgallery\tidentity\tscore%s\n",
               s->threshold.calibration.rule != CALIBRATION_NONE ? "\tllr" : "");
    for (int64_t probe = 0; probe < s->probes.rows.n; probe++)
        if (s->json)
            print_probe_json(s, probe);
        else
            print_probe(s, probe);
}

static int begin_processes(Search *s, Err *err)
{
    const char *const file[] = {s->probes_path, s->gallery_path, s->threshold_text};
    if (cli_processes_alike(&s->comm, err) != 0)
        return -1;
    return cli_processes_files(s->comm, file, sizeof file / sizeof *file, err);
}

static void release(Search *s)
{
    embeddings_release(&s->probes);
    answers_free(s->answers);
    kernels_free(s->kernels);
    pool_free(s->pool);
}

int main(int argc, char **argv)
{
    Search s = {.top = 1, .probes_path = "-"};
    int64_t threads = 0;
    CliOption options[] = {
        CLI_PATH(0, "gallery", "GALLERY", &s.gallery_path, "the embeddings of known people"),
        THRESHOLD_OPTION(s.threshold_text),
        CLI_FLAG(0, "closed-set", &s.closed, "everybody is in the gallery"),
        CLI_INT(0, "top", "K", &s.top, 1, NEIGHBOURS_MOST, "so many neighbours of each probe"),
        CLI_CHOICE(0, "per-identity", "row|best|mean", &s.per, "what a neighbour is"),
        ANY_MODEL_OPTION(s.any_model),
        CLI_FLAG(0, "json", &s.json, "print JSON, one object per probe"),
        CLI_KERNELS(&s.choice),
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
    threshold_not_input(s.threshold_text, s.probes_path, s.gallery_path);
    int rc = begin_processes(&s, &err);
    if (rc == 0 && (s.pool = pool_new((int)threads, &err)) == NULL)
        rc = -1;
    if (rc == 0)
        rc = read_probes(&s, &err);
    if (rc == 0)
        rc = read_gallery(&s, &err);
    if (rc == 0)
        rc = kernels_check(s.kernels, &err);
    if (rc == 0)
        print(&s);
    release(&s);
    int status = rc == 0 ? cli_done() : cli_fail(&err);
    cli_processes_end(s.comm, status);
    return status;
}
