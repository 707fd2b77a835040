/* eval-ijb: embeddings and the lists of IJB-B or IJB-C in, TAR at FAR and identification out */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/num_internal.h"
#include "cli/any-model.h"
#include "cli/missing.h"
#include "cli/processes.h"
#include "eval-ijb/ijb.h"
#include "verify/roc.h"

enum { FARS = 6 };

static const double far[FARS] = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1};

static const CliRule rules[] = {
    {CLI_ONE_OF, "meta", NULL},
    {CLI_ONE_OF, "pairs gallery", NULL},
    {CLI_TOGETHER, "gallery probe", NULL},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "eval-ijb",
                  .operands = "EMBEDDINGS [MIRRORED]",
                  .rules = rules,
                  .summary = "Evaluates templates of IJB-B and IJB-C, 1:1 and 1:N.",
                  .blas = true};

static int open_side(Side *side, const char *path, Err *err)
{
    if (path == NULL)
        return 0;
    if (embeddings_load(&side->e, path, err) != 0)
        return -1;
    if (!side->e.has_keys)
        return err_set(err, "%s: no column 'key' to find images by", path);
    return lookup_init(&side->lookup, &side->e.rows, 1, err);
}

static int measure_pairs(Ijb *ijb, const char *switches, Err *err)
{
    Scores *scores =
        template_pairs_scores(&ijb->pairs, ijb->feature, ijb->present, ijb->side[0].e.rows.d,
                              ijb->options->comm, ijb->pool, err);
    RocReading reading[FARS] = {0};
    RocQuery query = {.rule = (RocRule)ijb->options->rule, .n = FARS, .reading = reading};
    Roc roc;
    for (int i = 0; i < FARS; i++)
        reading[i].far = far[i];
    int rc = scores != NULL ? roc_query(&roc, &query, scores, ijb->pool, err) : -1;
    for (int i = 0; rc == 0 && i < FARS; i++)
        ijb_print(ijb, switches, "tar", far[i], reading[i].rank > 0 ? reading[i].tar : NAN,
                  reading[i].threshold, roc_rule_name(query.rule));
    if (rc == 0) {
        ijb_print(ijb, switches, "genuine", NAN, (double)roc.genuine, NAN, "NA");
        ijb_print(ijb, switches, "impostor", NAN, (double)roc.impostor, NAN, "NA");
    }
    scores_free(scores);
    return rc;
}

static int measure(Ijb *ijb, Switches on, Err *err)
{
    char name[16];
    snprintf(name, sizeof name, "N%dD%dF%d", on.norm, on.detected, on.flip);
    if (templates_pool(ijb->feature, ijb->present, &ijb->images, on, &ijb->side[0].e.rows,
                       &ijb->side[1].e.rows, ijb->pool, err) != 0)
        return -1;
    int64_t empty = 0;
    for (int64_t i = 0; i < ijb->images.templates; i++)
        empty += !ijb->present[i];
    ijb_print(ijb, name, "missing_images", NAN, (double)ijb->images.missing, NAN, "NA");
    ijb_print(ijb, name, "empty_templates", NAN, (double)empty, NAN, "NA");
    if (ijb->options->pairs != NULL && measure_pairs(ijb, name, err) != 0)
        return -1;
    return ijb->options->galleries.n > 0 ? measure_galleries(ijb, name, err) : 0;
}

/* "N1D0F1", or all that the input allows */
static int measure_switches(Ijb *ijb, Err *err)
{
    const Options *o = ijb->options;
    const char *s = o->switches;
    if (strcmp(s, "all") != 0)
        return measure(ijb, (Switches){s[1] == '1', s[3] == '1', s[5] == '1'}, err);
    for (int i = 0; i < 8; i++) {
        Switches on = {i & 1, i & 2, i & 4};
        if ((on.detected && o->detections == NULL) || (on.flip && o->mirrored == NULL))
            continue;
        if (measure(ijb, on, err) != 0)
            return -1;
    }
    return 0;
}

static int load(Ijb *ijb, const Options *o, Err *err)
{
    if (open_side(&ijb->side[0], o->input, err) != 0 ||
        open_side(&ijb->side[1], o->mirrored, err) != 0 ||
        any_model_check(o->any_model, &ijb->side[0].e.model, o->input,
                        o->mirrored != NULL ? &ijb->side[1].e.model : NULL, o->mirrored, err) != 0)
        return -1;
    const EmbeddingRows *rows = &ijb->side[0].e.rows;
    if (o->mirrored != NULL && ijb->side[1].e.rows.d != rows->d)
        return err_set(err, "%s: embeddings of %s, not %lld", o->mirrored,
                       counted(ijb->side[1].e.rows.d, "dimension", "dimensions").text,
                       (long long)rows->d);
    if (templates_read(&ijb->images, o->meta, o->detections, &ijb->side[0].lookup,
                       o->mirrored != NULL ? &ijb->side[1].lookup : NULL, err) != 0)
        return -1;
    if (missing_tell(&ijb->images.missing_names, ijb->images.n, o->skip_missing, err) != 0)
        return -1;
    if (o->pairs != NULL && template_pairs_read(&ijb->pairs, o->pairs, &ijb->images, err) != 0)
        return -1;
    size_t floats = (size_t)ijb->images.templates * (size_t)rows->d;
    ijb->feature = malloc(floats * sizeof(float));
    ijb->present = malloc((size_t)ijb->images.templates);
    ijb->pool = pool_new((int)o->threads, err);
    if (ijb->feature == NULL || ijb->present == NULL)
        return err_memory(err, "templates", floats * sizeof(float));
    return ijb->pool != NULL ? 0 : -1;
}

static void release(Ijb *ijb)
{
    for (int i = 0; i < 2; i++) {
        lookup_release(&ijb->side[i].lookup);
        embeddings_release(&ijb->side[i].e);
    }
    templates_release(&ijb->images);
    free(ijb->feature);
    free(ijb->present);
    template_pairs_release(&ijb->pairs);
    pool_free(ijb->pool);
}

static void check(const Options *o)
{
    const char *s = o->switches;
    if (strcmp(s, "all") == 0)
        return;
    bool form = strlen(s) == 6 && s[0] == 'N' && s[2] == 'D' && s[4] == 'F';
    for (int i = 1; form && i < 6; i += 2)
        form = s[i] == '0' || s[i] == '1';
    if (!form)
        cli_misuse("--switches: '%s' is neither of the form N1D1F1 nor 'all'", s);
    if (s[3] == '1' && o->detections == NULL)
        cli_misuse("--switches: D1 needs --detections");
    if (s[5] == '1' && o->mirrored == NULL)
        cli_misuse("--switches: F1 needs the embeddings of the mirrored images");
}

static int begin_processes(Options *o, Err *err)
{
    const char *const file[] = {o->input, o->mirrored, o->meta, o->detections, o->pairs, o->probe};
    if (cli_processes_alike(&o->comm, err) != 0 ||
        cli_processes_files(o->comm, file, sizeof file / sizeof *file, err) != 0)
        return -1;
    return cli_processes_files(o->comm, o->galleries.item, o->galleries.n, err);
}

int main(int argc, char **argv)
{
    Options o = {.switches = "all", .rule = ROC_NEAREST};
    CliOption table[] = {
        CLI_WAS('m', "", "meta"),
        CLI_TEXT(0, "meta", "FILE", &o.meta, "images, templates and media: ijbc_face_tid_mid.txt"),
        CLI_TEXT(0, "detections", "FILE", &o.detections,
                 "the detector's scores: ijbc_name_5pts_score.txt"),
        CLI_TEXT('p', "pairs", "FILE", &o.pairs, "1:1: ijbc_template_pair_label.txt"),
        CLI_LIST(0, "gallery", "FILE", &o.galleries, "1:N: ijbc_1N_gallery_G1.csv; repeat for G2"),
        CLI_TEXT(0, "probe", "FILE", &o.probe, "1:N: ijbc_1N_probe_mixed.csv"),
        CLI_TEXT(0, "switches", "N1D1F1", &o.switches,
                 "norm, detector, mirror; or all that the input allows"),
        CLI_CHOICE(0, "convention", "blufr|nearest|conservative|dropped|histogram", &o.rule,
                   "how TAR is read off the curve"),
        CLI_FLAG(0, "tsv", &o.tsv, "print TSV, one figure per line"),
        ANY_MODEL_OPTION(o.any_model),
        CLI_FLAG(0, "skip-missing", &o.skip_missing, "continue without missing images"),
        CLI_THREADS(&o.threads),
        CLI_END,
    };
    Err err = {0};
    Ijb ijb = {.options = &o};
    int operand = cli_start(&cli, table, argc, argv);
    if (argc - operand < 1 || argc - operand > 2)
        cli_misuse("one or two streams of embeddings are needed");
    o.input = argv[operand];
    o.mirrored = argc - operand == 2 ? argv[operand + 1] : NULL;
    check(&o);
    int rc = begin_processes(&o, &err);
    if (rc == 0)
        rc = load(&ijb, &o, &err);
    if (rc == 0) {
        report_ijb_header(stdout, o.tsv);
        rc = measure_switches(&ijb, &err);
    }
    release(&ijb);
    free(o.galleries.item);
    int status = rc == 0 ? cli_done() : cli_fail(&err);
    cli_processes_end(o.comm, status);
    return status;
}
