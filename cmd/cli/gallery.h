/* The gallery of face-search and face-match: a stream of embeddings, read once. */
#ifndef CMD_CLI_GALLERY_H
#define CMD_CLI_GALLERY_H

#include "any-model.h"
#include "identify/answers_internal.h"

/* The stream at path goes into the answers, to its end. `probes` is the model of what is searched
 * for, named so in messages; progress may be NULL. */
static inline int gallery_add(Answers *answers, const char *path, bool any_model,
                              const EmbeddingModel *probes, const char *name, Progress *progress,
                              Err *err)
{
    EmbeddingRows rows;
    Err inner = {0};
    bool told = false;
    int rc;
    EmbeddingReader *reader = embeddings_open(path, err);
    if (reader == NULL)
        return -1;
    while ((rc = embeddings_next(reader, &rows, err)) > 0) {
        const EmbeddingModel *model = embeddings_model(reader);
        /* Known from the first frame on, unless it changes */
        if (!told || model->other[0] != '\0')
            rc = any_model_check(any_model, probes, name, model, path, err);
        told = true;
        if (rc >= 0 && answers_add(answers, &rows, &inner) != 0)
            rc = err_set(err, "%s: %s", path, inner.text);
        if (rc < 0)
            break;
        if (progress != NULL)
            progress_step(progress, rows.n);
    }
    if (progress != NULL)
        progress_end();
    embeddings_close(reader);
    if (rc == 0 && answers_end(answers, &inner) != 0)
        rc = err_set(err, "%s: %s", path, inner.text);
    return rc;
}

#endif
