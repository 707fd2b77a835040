#include "teach.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is it the one that the training had so far? */
static void find_teacher(Run *run)
{
    char was[RECIPE_VALUE];
    bool had = recipe_value(&run->recipe, "teacher", was);
    if (run->recipe.text != NULL && strcmp(had ? was : "none", run->teacher_print) != 0)
        recipe_differs(&run->recipe, "teacher", run->teacher_print, had ? was : "none");
}

int teach_open(Run *run, Err *err)
{
    Options *options = run->options;
    TrainingDistil *distil = &options->training.distil;
    snprintf(run->teacher_print, sizeof run->teacher_print, "none");
    if (options->teacher != NULL) {
        if (teacher_open(&run->teacher, options->teacher, err) != 0)
            return -1;
        distil->kind = (DistilKind)options->distil;
        distil->weight = options->distil_weight;
        distil->dim = (int)run->teacher.embeddings.rows.d;
        snprintf(run->teacher_print, sizeof run->teacher_print, "%08" PRIx32,
                 teacher_fingerprint(&run->teacher));
        if (options->pack != NULL && teacher_check_pack(&run->teacher, options->pack, err) != 0)
            return -1;
        size_t bytes = (size_t)options->training.batch * (size_t)distil->dim * sizeof *run->target;
        run->target = malloc(bytes);
        if (run->target == NULL)
            return err_memory(err, "the teacher's embeddings of a batch", bytes);
    }
    find_teacher(run);
    return 0;
}

void teach_close(Run *run)
{
    free(run->target);
    teacher_close(&run->teacher);
}

size_t teach_bytes(const Run *run)
{
    const EmbeddingRows *rows = &run->teacher.embeddings.rows;
    return (size_t)rows->n * (size_t)rows->d * sizeof(float);
}

int teach_batch(Run *run, Err *err)
{
    TeacherMissing missing = {0};
    char batch[40];
    if (run->target == NULL)
        return 0;
    teacher_find(run->target, &missing, &run->teacher, &run->feed.faces);
    training_set_target(run->training, run->target);
    snprintf(batch, sizeof batch, "batch %" PRId64, run->feed.batch);
    return teacher_check(&missing, &run->teacher, batch, err);
}
