/* face-group: embeddings in, the same with the groups they form as labels out */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "cli/any-model.h"
#include "cli/cli.h"
#include "cli/threshold.h"
#include "face-group/frames.h"
#include "identify/assign_internal.h"
#include "identify/grouping_internal.h"
#include "scores/cosine.h"
#include "stream/writer.h"

enum { BY_COMPONENTS, BY_WHISPERS, BY_AVERAGE, BY_DBSCAN };

static const CliRule rules[] = {
    {CLI_ONE_OF, "threshold", NULL},
    {CLI_NEEDS, "seed", "by=chinese-whispers"},
    {CLI_NEEDS, "min-points", "by=dbscan"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "face-group",
                  .rules = rules,
                  .operands = "[EMBEDDINGS]",
                  .summary = "Groups faces, so that each group is a person.",
                  .blas = true};

typedef struct Grouping {
    const char *input, *assign, *threshold_text;
    Threshold threshold;
    int by; /* BY_ */
    int64_t seed, min_points;
    bool any_model;
    Pool *pool;
    FrameList frames;
    int64_t *group; /* [frames.n] */
    int64_t groups, assigned;
} Grouping;

static int check_models(Grouping *g, const EmbeddingModel *other, Err *err)
{
    return any_model_check(g->any_model, &g->frames.model, g->input, other, g->assign, err);
}

static void step(void *progress, int64_t more)
{
    progress_step(progress, more);
}

/* group[n] of unit[n,d], numbered from 0 */
static int make_groups(Grouping *g, int64_t *group, const float *unit, int64_t n, Err *err)
{
    NearGraph graph;
    int64_t d = g->frames.d;
    Progress progress = progress_begin("faces", n);
    int rc = near_graph_build(&graph, unit, n, d, g->threshold.score, g->pool,
                              &(NearGraphProgress){step, &progress}, err);
    progress_end();
    if (rc == 0 && g->by == BY_COMPONENTS)
        rc = group_components(group, &graph, err);
    else if (rc == 0 && g->by == BY_WHISPERS)
        rc = group_whispers(group, &graph, (uint64_t)g->seed, err);
    else if (rc == 0 && g->by == BY_AVERAGE)
        rc = group_average(group, &graph, unit, d, g->threshold.score, err);
    else if (rc == 0)
        rc = group_dbscan(group, &graph, g->min_points, err);
    near_graph_release(&graph);
    return rc;
}

/* Joins the groups of a stream where they can; *most = the largest number of these, or -1. */
static int join_existing(Grouping *g, int64_t *most, Err *err)
{
    EmbeddingRows rows;
    Err inner = {0};
    EmbeddingReader *reader = embeddings_open(g->assign, err);
    Assigner *assigner = reader != NULL ? assigner_new(g->frames.unit, g->frames.n, g->frames.d,
                                                       g->threshold.score, g->pool, err)
                                        : NULL;
    int rc = assigner != NULL ? 1 : -1;
    bool told = false;
    while (rc > 0 && (rc = embeddings_next(reader, &rows, err)) > 0) {
        const EmbeddingModel *model = embeddings_model(reader);
        if (!told || model->other[0] != '\0')
            rc = check_models(g, model, err) == 0 ? 1 : -1;
        told = true;
        if (rc > 0 && assigner_add(assigner, &rows, &inner) != 0)
            rc = err_set(err, "%s: %s", g->assign, inner.text);
    }
    if (rc == 0)
        *most = assigner_end(assigner, g->group);
    assigner_free(assigner);
    embeddings_close(reader);
    return rc;
}

/* Groups those that joined none, with numbers from `first` on. */
static int group_others(Grouping *g, int64_t first, Err *err)
{
    int64_t n = 0, d = g->frames.d;
    int64_t *group = malloc(((size_t)g->frames.n + 1) * sizeof *group);
    float *unit = g->frames.unit; /* the others' rows move to the front */
    if (group == NULL)
        return err_memory(err, "groups", (size_t)g->frames.n * sizeof *group);
    for (int64_t i = 0; i < g->frames.n; i++)
        if (g->group[i] < 0)
            memmove(unit + n++ * d, unit + i * d, (size_t)d * sizeof *unit);
    g->assigned = g->frames.n - n;
    int rc = make_groups(g, group, unit, n, err);
    n = 0;
    for (int64_t i = 0; rc == 0 && i < g->frames.n; i++) {
        if (g->group[i] >= 0)
            continue;
        int64_t its = group[n++];
        g->group[i] = its < 0 ? -1 : first + its;
        g->groups = its + 1 > g->groups ? its + 1 : g->groups;
    }
    free(group);
    return rc;
}

static void tell(const Grouping *g)
{
    int64_t none = 0;
    for (int64_t i = 0; i < g->frames.n; i++)
        none += g->group[i] < 0;
    if (g->assign != NULL)
        cli_note("%s joined groups of %s", counted(g->assigned, "face", "faces").text, g->assign);
    cli_note("%s in %s%s; %lld in none",
             counted(g->frames.n - g->assigned - none, "face", "faces").text,
             counted(g->groups, "group", "groups").text, g->assign != NULL ? " of their own" : "",
             (long long)none);
}

static int run(Grouping *g, const char *output, int threads, Err *err)
{
    int64_t most = -1;
    if (threshold_option(&g->threshold, g->threshold_text, err) != 0)
        return -1;
    if (g->by == BY_WHISPERS && g->threshold.score < 0)
        cli_misuse("--by chinese-whispers sums scores: the threshold must not be negative");
    if ((g->pool = pool_new(threads, err)) == NULL ||
        framelist_read(&g->frames, g->input, g->pool, err) != 0 ||
        check_models(g, NULL, err) != 0 ||
        threshold_check(g->any_model, &g->threshold, g->threshold_text, &g->frames.model, g->input,
                        err) != 0)
        return -1;
    g->group = malloc(((size_t)g->frames.n + 1) * sizeof *g->group);
    if (g->group == NULL)
        return err_memory(err, "groups", (size_t)g->frames.n * sizeof *g->group);
    for (int64_t i = 0; i < g->frames.n; i++)
        g->group[i] = -1;
    if ((g->assign != NULL && join_existing(g, &most, err) != 0) ||
        group_others(g, most + 1, err) != 0)
        return -1;
    char *by = cli_by(g->frames.by);
    int rc = framelist_write(&g->frames, output, by, g->group, most + 1 + g->groups, err);
    free(by);
    if (rc == 0)
        tell(g);
    return rc;
}

int main(int argc, char **argv)
{
    Grouping g = {.input = "-", .by = BY_AVERAGE, .seed = 1, .min_points = 4};
    const char *output = "-";
    int64_t threads = 0;
    CliOption options[] = {
        THRESHOLD_OPTION(g.threshold_text),
        CLI_CHOICE(0, "by", "components|chinese-whispers|average|dbscan", &g.by,
                   "how groups are made"),
        CLI_INT(0, "min-points", "N", &g.min_points, 1, INT32_MAX,
                "dbscan: faces near a core, itself among them"),
        CLI_INT('s', "seed", "N", &g.seed, 0, INT64_MAX, "seed of chinese-whispers"),
        CLI_FILE(0, "assign", "GROUPED", &g.assign, "join the groups of this stream first"),
        ANY_MODEL_OPTION(g.any_model),
        CLI_THREADS(&threads),
        CLI_OUTPUT(&output),
        CLI_END,
    };
    Err err = {0};
    int operand = cli_start(&cli, options, argc, argv);
    if (argc - operand > 1)
        cli_misuse("more than one stream of embeddings");
    if (argc > operand)
        g.input = argv[operand];
    if (g.assign != NULL && strcmp(g.assign, "-") == 0 && strcmp(g.input, "-") == 0)
        cli_misuse("the two streams cannot both be standard input");
    threshold_not_input(g.threshold_text, g.input, g.assign);
    int rc = run(&g, output, (int)threads, &err);
    framelist_release(&g.frames);
    free(g.group);
    pool_free(g.pool);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
