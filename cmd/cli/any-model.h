/* Embeddings of different models are not compared, unless the user insists. */
#ifndef CMD_CLI_ANY_MODEL_H
#define CMD_CLI_ANY_MODEL_H

#include "cli.h"
#include "stream/embeddings.h"

#define ANY_MODEL_OPTION(value)                                                                    \
    CLI_FLAG(0, "any-model", &(value), "compare embeddings of different models all the same")

/* b may be NULL. That one of two models is not known is said. */
static inline int any_model_check(bool any, const EmbeddingModel *a, const char *a_name,
                                  const EmbeddingModel *b, const char *b_name, Err *err)
{
    Err inner = {0};
    if (any)
        return 0;
    if (embeddings_one_model(a, a_name, b, b_name, &inner) != 0)
        return err_set(err, "%s; --any-model compares them all the same", inner.text);
    if (b != NULL && (a->first[0] == '\0') != (b->first[0] == '\0'))
        cli_note("%s does not say which model made it; it is compared as if it were the same",
                 a->first[0] == '\0' ? a_name : b_name);
    return 0;
}

#endif
