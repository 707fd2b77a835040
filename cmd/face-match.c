/* face-match: photographs in; whether two show the same person, or who is on them, out */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/counted_internal.h"
#include "base/escape_internal.h"
#include "cli/any-model.h"
#include "cli/cli.h"
#include "cli/gallery.h"
#include "cli/kernels.h"
#include "cli/model-options.h"
#include "cli/threshold.h"
#include "face-match/faces.h"
#include "face-match/tell.h"
#include "identify/answers_internal.h"
#include "match/enrolled_internal.h"
#include "scores/cosine.h"

static const CliRule rules[] = {
    {CLI_ONE_OF, "detector", NULL},
    {CLI_ONE_OF, "model", NULL},
    {CLI_NEEDS, "kept", "gallery"},
    {CLI_RULES_END, NULL, NULL},
};

static Cli cli = {.name = "face-match",
                  .rules = rules,
                  .operands = "PHOTOGRAPH...",
                  .summary = "Tells whether two photographs show the same person, or who it is.",
                  .blas = true,
                  .nets = true};

typedef struct Match {
    RecognizerOptions options;
    const char *gallery, *kept, *threshold_text;
    char *threshold_path; /* the model's own, if none is given */
    Threshold threshold;
    int choice; /* of kernels */
    bool any_model, json;
    Pool *pool;
    Kernels *kernels;
    Recognizer *recognizer;
    FaceList faces; /* of the photographs */
} Match;

/* MODEL.threshold, unless one is given. */
static int find_threshold(Match *m, Err *err)
{
    static const char ending[] = ".threshold";
    if (m->threshold_text == NULL) {
        size_t size = strlen(m->options.model);
        m->threshold_path = malloc(size + sizeof ending);
        if (m->threshold_path == NULL)
            return err_memory(err, "a path", size);
        memcpy(m->threshold_path, m->options.model, size);
        memcpy(m->threshold_path + size, ending, sizeof ending);
        if (access(m->threshold_path, F_OK) != 0)
            cli_misuse("--threshold is needed: there is no %s", m->threshold_path);
        m->threshold_text = m->threshold_path;
    }
    return threshold_option(&m->threshold, m->threshold_text, err);
}

static int prepare(Match *m, int threads, Err *err)
{
    EmbeddingModel model = {0};
    if (find_threshold(m, err) != 0 || (m->pool = pool_new(threads, err)) == NULL ||
        (m->kernels = cli_kernels(m->choice, err)) == NULL ||
        (m->recognizer = recognizer_new(&m->options, m->pool, m->kernels, err)) == NULL)
        return -1;
    strcpy(model.first, recognizer_model(m->recognizer));
    return threshold_check(m->any_model, &m->threshold, m->threshold_text, &model, m->options.model,
                           err);
}

/* Two photographs ----------------------------------------------------------------------------- */

/* Of all pairs of a face of one and a face of the other, the most alike. */
static int match_pair(Match *m, char **photograph, Err *err)
{
    FaceList *faces = &m->faces;
    float best = -2, score;
    int64_t a = 0, b = 0;
    for (int i = 0; i < 2; i++)
        if (facelist_add(faces, m->recognizer, photograph[i], err) != 0)
            return -1;
    EmbeddingRows rows = facelist_rows(faces);
    for (int64_t i = 0; i < rows.n; i++)
        for (int64_t j = i + 1; j < rows.n; j++) {
            int64_t pair[1][2] = {{i, j}};
            if (faces->photograph[i] == faces->photograph[j])
                continue;
            if (cosine_pairs(&score, &rows, (const int64_t(*)[2])pair, 1, err) != 0)
                return -1;
            if (score > best) {
                best = score;
                a = i;
                b = j;
            }
        }
    Verdict verdict = {.score = (double)best, .threshold = &m->threshold};
    verdict.is = verdict.score >= m->threshold.score ? "same" : "different";
    verdict.key[0] = embedding_key(&rows, a, &verdict.key_length[0]);
    verdict.key[1] = embedding_key(&rows, b, &verdict.key_length[1]);
    tell_pair(&verdict, m->json);
    return 0;
}

/* A gallery ----------------------------------------------------------------------------------- */

static int tell_left_out(void *arg, const Seen *seen, Err *err)
{
    (void)arg;
    (void)err;
    cli_warn("%s: %s; left out", seen->path,
             seen->problem != NULL ? seen->problem : "no face found");
    return 0;
}

/* The stream of the gallery: itself, or that kept of a folder; in new memory. */
static char *gallery_stream(Match *m, Err *err)
{
    struct stat about;
    Enrolled enrolled;
    if (strcmp(m->gallery, "-") == 0 || stat(m->gallery, &about) != 0 || !S_ISDIR(about.st_mode))
        return strdup(m->gallery);
    char *path = m->kept != NULL ? strdup(m->kept) : enrolled_path(m->gallery, err);
    char *by = cli_by("");
    if (path == NULL || enrolled_update(&enrolled, m->recognizer, m->gallery, path, by,
                                        tell_left_out, NULL, err) != 0) {
        free(path);
        path = NULL;
    } else if (enrolled.made) {
        cli_note("%s of %s are kept in %s", counted(enrolled.faces, "face", "faces").text,
                 counted(enrolled.photographs, "photograph", "photographs").text, path);
    }
    free(by);
    return path;
}

static int add_gallery(Match *m, Answers *answers, const char *path, Err *err)
{
    EmbeddingModel own = {0};
    strcpy(own.first, recognizer_model(m->recognizer));
    return gallery_add(answers, path, m->any_model, &own, m->options.model, NULL, err);
}

static void tell_answers(Match *m, Answers *answers)
{
    EmbeddingRows rows = facelist_rows(&m->faces);
    for (int64_t i = 0; i < rows.n; i++) {
        Answer answer = answers_at(answers, i, 0);
        Verdict verdict = {.score = (double)answer.score, .threshold = &m->threshold};
        bool known = verdict.score >= m->threshold.score && answer.identity[0] != '\0';
        verdict.is = known ? answer.identity : "unknown";
        verdict.known = known;
        verdict.key[0] = embedding_key(&rows, i, &verdict.key_length[0]);
        verdict.key[1] = answer.key;
        verdict.key_length[1] = answer.key_length;
        tell_person(&verdict, m->json);
    }
}

static int match_gallery(Match *m, char **photograph, int n, Err *err)
{
    for (int i = 0; i < n; i++)
        if (facelist_add(&m->faces, m->recognizer, photograph[i], err) != 0)
            return -1;
    EmbeddingRows rows = facelist_rows(&m->faces);
    char *path = gallery_stream(m, err);
    Answers *answers = path != NULL ? answers_new(&rows, ANSWERS_BEST, 1, m->pool, err) : NULL;
    int rc = answers != NULL ? add_gallery(m, answers, path, err) : -1;
    if (rc == 0)
        tell_answers(m, answers);
    answers_free(answers);
    free(path);
    return rc;
}

static void release(Match *m)
{
    facelist_release(&m->faces);
    recognizer_free(m->recognizer);
    kernels_free(m->kernels);
    pool_free(m->pool);
    free(m->threshold_path);
}

int main(int argc, char **argv)
{
    int64_t threads = 0;
    int faces = FACES_LARGEST, mirror = MIRROR_NONE;
    bool bgr = false;
    ModelOptions stated = {0};
    Match m = {.options.finder = {.detect = {.score = 0.5, .side = 640},
                                  .rules.max_pixels = IMAGE_MAX_PIXELS}};
    CliOption table[] = {
        CLI_FILE(0, "detector", "DETECTOR", &m.options.detector,
                 "the detector, a YuNet or an SCRFD in ONNX"),
        CLI_FILE('m', "model", "MODEL", &m.options.model, "the model to embed with"),
        MODEL_OPTIONS(stated),
        CLI_FLAG(0, "bgr", &bgr, "the model takes BGR, not RGB"),
        CLI_CHOICE(0, "mirror", "none|sum|concat", &mirror,
                   "how to use the embedding of the mirrored face"),
        CLI_CHOICE(0, "faces", "largest|all|central", &faces, "which faces of a photograph"),
        CLI_PATH('g', "gallery", "GALLERY", &m.gallery,
                 "known people: a stream of embeddings, or a folder"),
        CLI_PATH(0, "kept", "FILE", &m.kept, "where the embeddings of that folder are kept"),
        THRESHOLD_OPTION(m.threshold_text),
        ANY_MODEL_OPTION(m.any_model),
        CLI_FLAG(0, "json", &m.json, "print JSON, an object a line"),
        CLI_KERNELS(&m.choice),
        CLI_THREADS(&threads),
        CLI_END,
    };
    Err err = {0};
    int operand = cli_start(&cli, table, argc, argv), n = argc - operand;
    if (m.gallery == NULL && n != 2)
        cli_misuse("two photographs are needed, or --gallery");
    if (n == 0)
        cli_misuse("no photograph given");
    model_choice(&m.options.import, &stated);
    m.options.import.bgr = bgr ? &bgr : NULL;
    m.options.finder.faces = (FaceChoice)faces;
    m.options.mirror = (Mirror)mirror;
    int rc = prepare(&m, (int)threads, &err);
    if (rc == 0)
        rc = m.gallery != NULL ? match_gallery(&m, argv + operand, n, &err)
                               : match_pair(&m, argv + operand, &err);
    release(&m);
    return rc == 0 ? cli_done() : cli_fail(&err);
}
