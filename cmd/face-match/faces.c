#include "face-match/faces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "cli/cli.h"

/* Below these a face is seldom recognised. */
enum { LEAST_PIXELS = 32 };
static const double least_score = 0.7;

static void tell_doubt(const char *photograph, const Detection *face)
{
    double side = face->w < face->h ? face->w : face->h;
    if (side < LEAST_PIXELS)
        cli_warn("%s: a face of only %.0f pixels", photograph, side);
    if (face->score < least_score)
        cli_warn("%s: a face that the detector doubts, with a score of %.2f", photograph,
                 face->score);
}

typedef struct Adding {
    FaceList *list;
    const char *photograph;
    int64_t seen;
} Adding;

static int add_face(FaceList *list, const Seen *seen, const char *photograph, int k, Err *err)
{
    char second[16] = "";
    int64_t n = list->n + 1, d = list->d;
    if (k > 0)
        snprintf(second, sizeof second, "#%d", k + 1);
    if (array_reserve(list->embedding, list->numbers, (size_t)n * (size_t)d, "faces", err) != 0 ||
        array_reserve(list->photograph, list->room, n, "faces", err) != 0 ||
        array_reserve(list->key_end, list->end_room, n, "faces", err) != 0 ||
        bytes_append(&list->key, photograph, strlen(photograph), "faces", err) != 0 ||
        bytes_append(&list->key, second, strlen(second), "faces", err) != 0)
        return -1;
    memcpy(list->embedding + list->n * d, seen->embedding + k * d, (size_t)d * sizeof(float));
    list->photograph[list->n] = list->photographs;
    list->key_end[list->n++] = (int64_t)list->key.size;
    return 0;
}

static int add_photograph(void *arg, const Seen *seen, Err *err)
{
    Adding *adding = arg;
    if (adding->seen++ > 0)
        return err_set(err, "%s has several photographs", adding->photograph);
    if (seen->problem != NULL)
        return err_set(err, "%s: %s", adding->photograph, seen->problem);
    if (seen->faces->n == 0)
        return err_set(err, "%s: no face found", adding->photograph);
    for (int k = 0; k < seen->faces->n; k++) {
        tell_doubt(adding->photograph, &seen->faces->face[k]);
        if (add_face(adding->list, seen, adding->photograph, k, err) != 0)
            return -1;
    }
    return 0;
}

int facelist_add(FaceList *list, Recognizer *recognizer, const char *photograph, Err *err)
{
    Adding adding = {.list = list, .photograph = photograph};
    const SourceOptions options = {.operand = &photograph, .operands = 1, .from = SOURCE_PHOTOS};
    list->d = recognizer_width(recognizer);
    if (recognizer_run(recognizer, &options, add_photograph, &adding, err) != 0)
        return -1;
    list->photographs++;
    return adding.seen > 0 ? 0 : err_set(err, "%s: no photograph", photograph);
}

void facelist_release(FaceList *list)
{
    free(list->embedding);
    free(list->photograph);
    free(list->key_end);
    bytes_release(&list->key);
    *list = (FaceList){0};
}

EmbeddingRows facelist_rows(const FaceList *list)
{
    return (EmbeddingRows){.n = list->n,
                           .d = list->d,
                           .embedding = list->embedding,
                           .key = (const char *)list->key.data,
                           .key_end = list->key_end};
}
