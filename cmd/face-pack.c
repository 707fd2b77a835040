/* face-pack: photographs from archives and folders -> a pack of aligned faces
 *
 * Two batches of photographs take turns: while the pool makes faces of one, task 0 writes the
 * faces of the other and fills it anew. Everything that has an order (reading, numbering classes,
 * messages, writing) happens in task 0, so the output does not depend on the number of threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted_internal.h"
#include "base/pool.h"
#include "face-pack/check.h"
#include "face-pack/options.h"
#include "face-pack/told.h"
#include "lists/classes_internal.h"
#include "source/pairset_internal.h"
#include "source/photos_internal.h"
#include "source/records_index_internal.h"
#include "stream/writer.h"

typedef struct Packer {
    const Options *options;
    FaceForm form;
    Feed feed;
    Labels labels;
    Table landmarks;
    Pool *pool;
    FaceMaker **maker; /* one a thread, and one more to look for the size of the first */
    Photos photos[2];
    int turn; /* the batch of which faces are made; the other is written and filled */
    StreamWriter writer;
    Progress progress;
    const char *form_told; /* the form of operands that was last reported, or NULL */
    Told told;
    int64_t faces, skipped;
    bool named; /* the faces have a column of names: as the first frame, so all */
    Err failed; /* of task 0 */
} Packer;

static void packer_release(Packer *packer)
{
    for (int i = 0; packer->maker != NULL && i <= pool_threads(packer->pool); i++)
        facemaker_free(packer->maker[i]);
    free(packer->maker);
    pool_free(packer->pool);
    photos_release(&packer->photos[0]);
    photos_release(&packer->photos[1]);
    source_close(packer->feed.source);
    labels_release(&packer->labels);
    table_release(&packer->landmarks);
    keys_release(&packer->feed.keys);
    told_release(&packer->told);
    writer_abort(&packer->writer);
}

static int open_threads(Packer *packer, Err *err)
{
    int threads = (int)packer->options->threads;
    packer->pool = pool_new(threads, err);
    if (packer->pool == NULL)
        return -1;
    packer->maker = calloc((size_t)threads + 1, sizeof *packer->maker);
    if (packer->maker == NULL)
        return err_memory(err, "threads", (size_t)threads * sizeof *packer->maker);
    for (int i = 0; i <= threads; i++) {
        if ((packer->maker[i] = facemaker_new(err)) == NULL)
            return -1;
        facemaker_set(packer->maker[i], &packer->options->rules);
    }
    if (packer->options->store == STORE_RAW) {
        packer->feed.maker = packer->maker[threads];
        packer->feed.h = packer->form.h;
        packer->feed.w = packer->form.w;
    }
    return 0;
}

static int packer_open(Packer *packer, const Options *options, Err *err)
{
    *packer = (Packer){.options = options, .form = options->form};
    packer->told =
        (Told){.landmarks = options->landmarks,
               .numbered = options->labels.list != NULL || options->labels.classes != NULL};
    packer->feed.labels = &packer->labels;
    packer->feed.landmark_scale = options->landmark_scale;
    if (options->landmarks != NULL) {
        if (table_read(&packer->landmarks, options->landmarks, 2 * FACE_POINTS, err) != 0)
            return -1;
        packer->feed.landmarks = &packer->landmarks;
    }
    if (labels_init(&packer->labels, &options->labels, &options->source, err) != 0 ||
        open_threads(packer, err) != 0 ||
        photos_init(&packer->photos[0], options->rows, err) != 0 ||
        photos_init(&packer->photos[1], options->rows, err) != 0)
        return -1;
    if (packer->labels.list_form != NULL)
        cli_note("%s: read as %s", options->labels.list, packer->labels.list_form);
    if (options->parts > 0 &&
        photos_part(&packer->feed, &options->source, options->part, options->parts, err) != 0)
        return -1;
    packer->feed.source = source_open(&options->source, err);
    if (packer->feed.source == NULL)
        return -1;
    char *by = cli_by("");
    int rc = writer_open(&packer->writer, options->output, by, err);
    free(by);
    return rc;
}

/* Reports what is wrong with a photograph: 0 when it is to be skipped. */
static int skip(Packer *packer, const Photos *photos, const Photo *photo, Err *err)
{
    const char *operand = strcmp(photo->operand, "-") == 0 ? "standard input" : photo->operand;
    const char *path = photo_path(photos, photo);
    Err named = {0};
    char place[40] = "";
    if (photo->at >= 0 && strncmp(photo->problem.text, "byte ", 5) != 0)
        snprintf(place, sizeof place, "byte %lld: ", (long long)photo->at);
    if (strcmp(operand, path) == 0)
        err_set(&named, "%s: %s%s", path, photo->problem.text, photo_advice(photo));
    else
        err_set(&named, "%s: %s: %s%s%s", operand, path, place, photo->problem.text,
                photo_advice(photo));
    if (!packer->options->skip_bad || photo->problem.memory)
        return err_set(err, "%s", named.text);
    cli_warn("skipped %s", named.text);
    packer->skipped++;
    return 0;
}

/* Says what operands were taken for, once for each run of operands of one form. */
static void tell_form(Packer *packer, const Photo *photo)
{
    if (photo->form != NULL && photo->form != packer->form_told)
        cli_note("%s: read as %s", photo->operand, photo->form);
    packer->form_told = photo->form;
}

/* Gives every face its label. */
static int label_faces(Packer *packer, Photos *photos, Err *err)
{
    for (int64_t i = 0; i < photos->n; i++) {
        Photo *photo = &photos->photo[i];
        tell_form(packer, photo);
        if (!err_is_set(&photo->problem))
            labels_of(&packer->labels, photo_path(photos, photo), photo->listed,
                      photo->labelled ? &photo->own : NULL, &photo->label, &photo->problem);
        int rc = err_is_set(&photo->problem)
                     ? skip(packer, photos, photo, err)
                     : told_take(&packer->told, photo, photo_path(photos, photo), err);
        if (rc != 0)
            return -1;
    }
    return 0;
}

static int write_faces(Packer *packer, Photos *photos, Err *err)
{
    Frame frame = {0};
    int rc = label_faces(packer, photos, err);
    int64_t n = 0;
    if (packer->faces == 0)
        packer->named = labels_named(&packer->labels);
    photos->named = packer->named ? &packer->labels : NULL;
    if (rc == 0)
        n = photos_frame(photos, &frame, &packer->form, packer->options->store == STORE_JPEG, err);
    int64_t identities = labels_bound(&packer->labels);
    if (n > 0 && packer->faces == 0 && identities > 0)
        rc = frame_set_number(&frame, "identities", identities, err);
    if (n > 0 && rc == 0)
        rc = writer_put(&packer->writer, &frame, false, err);
    frame_release(&frame);
    if (rc != 0 || n < 0)
        return -1;
    packer->faces += n;
    progress_step(&packer->progress, photos->n);
    return err_is_set(&photos->failed) ? err_set(err, "%s", photos->failed.text) : 0;
}

static void task(void *arg, int64_t i, int worker)
{
    Packer *packer = arg;
    if (i > 0) {
        photos_make(&packer->photos[packer->turn], i - 1, packer->maker[worker], &packer->form,
                    packer->options->store == STORE_JPEG);
        return;
    }
    Photos *other = &packer->photos[!packer->turn];
    if (write_faces(packer, other, &packer->failed) != 0)
        return;
    other->n = 0;
    other->ended = packer->photos[packer->turn].ended;
    if (!other->ended)
        photos_fill(other, &packer->feed);
}

/* Faces as pixels have the size that was found when they were read. */
static int prepare(Packer *packer, Photos *photos, Err *err)
{
    packer->form.h = packer->feed.h;
    packer->form.w = packer->feed.w;
    return packer->form.h == 0 ? 0 : photos_reserve(photos, packer->form.h, packer->form.w, err);
}

static int pack(Packer *packer, Err *err)
{
    packer->progress = progress_begin("faces", 0);
    photos_fill(&packer->photos[0], &packer->feed);
    Photos *photos = &packer->photos[0];
    while (photos->n > 0 &&
           (packer->options->store == STORE_JPEG || prepare(packer, photos, err) == 0)) {
        pool_run(packer->pool, photos->n + 1, task, packer);
        if (err_is_set(&packer->failed))
            break;
        packer->turn = !packer->turn;
        photos = &packer->photos[packer->turn];
    }
    /* What remains: the batch made last, and the reason if reading ended early. */
    Photos *other = &packer->photos[!packer->turn];
    if (!err_is_set(err) && !err_is_set(&packer->failed) &&
        write_faces(packer, other, &packer->failed) == 0)
        write_faces(packer, photos, &packer->failed);
    progress_end();
    if (err_is_set(&packer->failed))
        err_set(err, "%s", packer->failed.text);
    return err_is_set(err) ? -1 : 0;
}

static int write_pairs(const Options *options, Err *err)
{
    int64_t folds;
    if (options->pairs_out == NULL)
        return 0;
    int64_t pairs =
        pairset_write_pairs(options->source.operand[0], options->pairs_out, &folds, err);
    if (pairs > 0 && folds > 0)
        cli_note("%s: %s in %s, in LFW's format", options->pairs_out,
                 counted(pairs, "pair", "pairs").text, counted(folds, "fold", "folds").text);
    else if (pairs > 0)
        cli_note("%s: %s, lines of two names and 1 or 0, as there are no equal folds",
                 options->pairs_out, counted(pairs, "pair", "pairs").text);
    return pairs < 0 ? -1 : 0;
}

/* Reports what is known only when everything has been read. */
static int finish(Packer *packer, Err *err)
{
    const Options *options = packer->options;
    Err unmet = {0};
    int64_t missing = labels_unmet(&packer->labels, &unmet);
    if (missing > 0 && !options->skip_bad)
        return err_set(err, "%s%s", unmet.text, missing > 1 ? " (and more)" : "");
    if (missing > 0)
        cli_warn("skipped %s%s", unmet.text, missing > 1 ? " (and more)" : "");
    packer->skipped += missing;
    if (packer->faces == 0)
        return err_set(err, "no face at all");
    if (options->write_classes != NULL &&
        classes_write(&packer->labels.classes, options->write_classes, err) != 0)
        return -1;
    if (write_pairs(options, err) != 0 || writer_close(&packer->writer, err) != 0)
        return -1;
    told_finish(&packer->told, source_unnamed(packer->feed.source));
    char unlisted[48] = "";
    if (options->labels.list != NULL)
        snprintf(unlisted, sizeof unlisted, ", %lld not listed", (long long)packer->feed.unlisted);
    cli_note("%s of %s, %lld skipped%s", counted(packer->faces, "face", "faces").text,
             counted(packer->told.people.names.n, "identity", "identities").text,
             (long long)packer->skipped, unlisted);
    return 0;
}

static int run(const Options *options, Err *err)
{
    Packer packer;
    int rc = packer_open(&packer, options, err);
    if (rc == 0)
        rc = pack(&packer, err);
    if (rc == 0)
        rc = finish(&packer, err);
    packer_release(&packer);
    return rc;
}

/* Makes train.idx beside each train.rec, or what --output names. */
static int reindex(const Options *options, Err *err)
{
    for (int i = 0; i < options->source.operands; i++) {
        const char *rec = options->source.operand[i];
        bool named = cli_given("output");
        char *file = named ? NULL : records_beside(rec, ".idx", NULL, err);
        int64_t n =
            named || file != NULL ? records_reindex(rec, named ? options->output : file, err) : -1;
        if (n >= 0)
            cli_note("%s: %s", named ? options->output : file,
                     counted(n, "record", "records").text);
        free(file);
        if (n < 0)
            return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    Err err = {0};
    const Options *o = pack_options(argc, argv);
    int rc = o->check
                 ? check_run(&o->source, &o->labels, &o->rules, (int)o->threads, o->output, &err)
             : o->reindex ? reindex(o, &err)
                          : run(o, &err);
    pack_options_release();
    return rc == 0 ? cli_done() : cli_fail(&err);
}
