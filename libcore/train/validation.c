#include "train/validation_internal.h"

#include <math.h>
#include <string.h>

#include "stream/embeddings_internal.h"
#include "train/parts_internal.h"
#include "train/pass_internal.h"
#include "verify/evaluation_internal.h"

typedef struct Gathering {
    Embeddings embeddings;
    EmbeddingRoom room;
    int d;
} Gathering;

/* A frame of embeddings, with what names and labels the faces have. */
static int gather(void *arg, const Frame *faces_frame, const Faces *faces, float *embedding,
                  Err *err)
{
    static const char *const passed[] = {"label", "key", "key_end"};
    Gathering *g = arg;
    Frame frame = {0};
    int64_t shape[2] = {faces->rows.n, g->d};
    int rc = frame_add(&frame, "embedding", DTYPE_F32, 2, shape, embedding, err);
    for (int i = 0; rc == 0 && i < 3; i++) {
        const Tensor *t = frame_find(faces_frame, passed[i]);
        if (t != NULL)
            rc = frame_add(&frame, t->name, t->dtype, t->ndim, t->shape, t->data, err);
    }
    if (rc == 0)
        rc = embeddings_append(&g->embeddings, &g->room, &frame, err);
    frame_release(&frame);
    return rc;
}

static int measure(ValidationResult *result, Comparison *c, const ValidationAsk *ask, Pool *pool,
                   Err *err)
{
    Evaluation evaluation = {0};
    EvaluationAsk what = {.rule = ROC_BLUFR, .far = ask->far, .fars = ask->fars};
    NameList missing = {0};
    if (comparison_missing(&missing, c, err) != 0)
        return -1;
    int rc = 0;
    if (missing.n > 0)
        rc = err_set(err, "%s has images that %s has not, such as %s", ask->pairs, ask->faces,
                     name_list_first(&missing));
    name_list_release(&missing);
    if (rc == 0)
        rc = comparison_score(c, err);
    if (rc == 0)
        rc = evaluation_measure(&evaluation, &what, c, pool, err);
    if (rc == 0) {
        for (int i = 0; i < ask->fars; i++)
            result->tar[i] =
                evaluation.reading[i].rank > 0 ? evaluation.reading[i].tar : (double)NAN;
        bool folds = evaluation.folds.folds > 0;
        result->accuracy = folds ? evaluation.folds.insightface.mean : (double)NAN;
        result->spread = folds ? evaluation.folds.insightface.spread : (double)NAN;
        result->genuine = evaluation.roc.genuine;
        result->impostor = evaluation.roc.impostor;
    }
    evaluation_release(&evaluation);
    return rc;
}

int training_validate(ValidationResult *result, const Training *training, const ValidationAsk *ask,
                      Err *err)
{
    Gathering g = {.d = training->config.embedding};
    Comparison comparison = {0};
    Graph net = training_net(training);
    *result = (ValidationResult){0};
    int rc = pass_over(&net, ask->faces, training->pool, training->kernels, gather, &g, NULL, err);
    if (rc != 0)
        embeddings_release(&g.embeddings);
    else
        rc = comparison_of(&comparison, &g.embeddings, ask->faces, ask->pairs, 0, err);
    if (rc == 0)
        rc = measure(result, &comparison, ask, training->pool, err);
    comparison_release(&comparison);
    return rc;
}
