#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/parts_internal.h"
#include "train/pass_internal.h"

int training_set_rate(Training *training, const char *pattern, double rate, Err *err)
{
    const Graph *graph = training->graph;
    int found = 0;
    for (int i = 0; i < graph->param_count; i++) {
        const Param *param = &graph->params[i];
        if (!param->trainable || fnmatch(pattern, param->name, 0) != 0)
            continue;
        training->rate[i] *= rate;
        found++;
    }
    return found > 0
               ? 0
               : err_set(err, "no parameter of %s has a name like '%s'", graph->arch, pattern);
}

/* The centres on their way: once an identity has been seen, its first one is the sum of its unit
 * embeddings. */
typedef struct Centres {
    real *weight;       /* [end - begin, sub, D] */
    int64_t begin, end; /* the identities whose centres are here */
    int64_t sub;        /* centres of each */
    double *length;     /* [C], that it was drawn with; 0 while no face was seen */
    int64_t identities, d;
} Centres;

static double length_of(const real *x, int64_t d)
{
    double sum = 0;
    for (int64_t k = 0; k < d; k++)
        sum += (double)x[k] * (double)x[k];
    return sqrt(sum);
}

static real *first_centre(const Centres *c, int64_t identity)
{
    return c->weight + (identity - c->begin) * c->sub * c->d;
}

static int add_faces(void *arg, const Frame *frame, const Faces *faces, float *embedding, Err *err)
{
    (void)frame;
    Centres *c = arg;
    for (int64_t i = 0; i < faces->rows.n; i++) {
        int64_t label = faces_label(faces, i);
        if (label < 0 || label >= c->identities)
            return err_set(err, "row %lld has label %lld; the head has identities 0 to %lld",
                           (long long)i, (long long)label, (long long)c->identities - 1);
        if (label < c->begin || label >= c->end)
            continue;
        real *w = first_centre(c, label);
        double squares = 0;
        for (int64_t k = 0; k < c->d; k++)
            squares += (double)embedding[i * c->d + k] * (double)embedding[i * c->d + k];
        if (squares == 0)
            continue;
        if (c->length[label] == 0) {
            c->length[label] = fmax(length_of(w, c->d), 1e-12);
            for (int64_t k = 0; k < c->d; k++)
                w[k] = 0;
        }
        for (int64_t k = 0; k < c->d; k++)
            w[k] += (real)((double)embedding[i * c->d + k] / sqrt(squares));
    }
    return 0;
}

int training_centre_means(Training *training, const char *faces, Err *err)
{
    HeadTensor tensor[HEAD_TENSORS];
    int tensors = head_tensors(training->head, tensor);
    if (tensors == 0 || strcmp(tensor[0].name, "weight") != 0)
        return err_set(err, "head %s has no centres", training->config.head.info->name);
    int64_t sub = tensor[0].shape[0] / training->config.identities;
    Centres c = {.weight = tensor[0].data,
                 .begin = tensor[0].first / sub,
                 .end = (tensor[0].first + tensor[0].rows) / sub,
                 .sub = sub,
                 .identities = training->config.identities,
                 .d = training->config.embedding};
    c.length = calloc((size_t)c.identities, sizeof *c.length);
    if (c.length == NULL)
        return err_memory(err, "centres", (size_t)c.identities * sizeof *c.length);
    int rc = pass_over(training->graph, faces, training->pool, training->kernels, add_faces, &c,
                       NULL, err);
    for (int64_t j = c.begin; rc == 0 && j < c.end; j++) {
        real *w = first_centre(&c, j);
        double length = length_of(w, c.d);
        for (int64_t k = 0; length > 0 && c.length[j] > 0 && k < c.d; k++)
            w[k] = (real)((double)w[k] * c.length[j] / length);
    }
    free(c.length);
    return rc;
}
