#include "stream-cat/picking.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array_internal.h"
#include "base/counted_internal.h"
#include "base/target_internal.h"
#include "cli/cli.h"

bool picking_asked(const Picking *picking)
{
    const PickOptions *o = &picking->options;
    return o->keep != NULL || o->drop != NULL || o->min_images > 0 || o->split > 0 ||
           o->sample >= 0 || o->relabel;
}

int picking_begin(Picking *picking, int files, Err *err)
{
    picking->spool = calloc((size_t)files, sizeof *picking->spool);
    if (picking->spool == NULL)
        return err_memory(err, "files", (size_t)files * sizeof *picking->spool);
    picking->files = files;
    picking->pick = pick_new(&picking->options, err);
    return picking->pick != NULL ? 0 : -1;
}

void picking_release(Picking *picking)
{
    pick_free(picking->pick);
    writer_abort(&picking->rest);
    for (int i = 0; i < picking->files; i++) {
        for (int k = 0; k < picking->spool[i].n; k++)
            frame_release(&picking->spool[i].frame[k]);
        free(picking->spool[i].frame);
    }
    free(picking->spool);
}

void picking_expect(Picking *picking, int file, const char *path)
{
    struct stat st;
    picking->spool[file].whole = strcmp(path, "-") == 0 || target_descriptor(path) >= 0 ||
                                 stat(path, &st) != 0 || !S_ISREG(st.st_mode);
}

int picking_look(Picking *picking, Frame *frame, int file, Err *err)
{
    Spool *to = &picking->spool[file];
    if (pick_look(picking->pick, frame, file, err) != 0)
        return -1;
    if (!to->whole)
        return 0;
    if (array_reserve(to->frame, to->room, to->n + 1, "frames", err) != 0)
        return -1;
    to->frame[to->n++] = *frame;
    *frame = (Frame){0};
    return 0;
}

int picking_take(Picking *picking, Frame *frame, int file, Frame *rest, Err *err)
{
    Frame picked;
    if (pick_take(picking->pick, frame, file, &picked, rest, err) != 0)
        return -1;
    *frame = picked;
    return 0;
}

static int open_rest(Picking *picking, const char *by, Err *err)
{
    if (picking->opened || picking->rest_path == NULL)
        return 0;
    char *whole = cli_by(by);
    picking->opened = true;
    int rc = writer_open(&picking->rest, picking->rest_path, whole, err);
    free(whole);
    return rc;
}

int picking_put_rest(Picking *picking, Frame *rest, const char *by, Err *err)
{
    int rc = 0;
    if (rest->tensors > 0 && picking->rest_path != NULL &&
        (open_rest(picking, by, err) != 0 || writer_put(&picking->rest, rest, false, err) != 0))
        rc = -1;
    frame_release(rest);
    return rc;
}

int picking_finish(Picking *picking, const char *by, Err *err)
{
    const char *first;
    int64_t missing = pick_missing(picking->pick, &first);
    if (missing > 0)
        cli_warn("%s of the lists no row has (the first: %s)",
                 counted(missing, "name", "names").text, first);
    if (open_rest(picking, by, err) != 0)
        return -1;
    return picking->opened ? writer_close(&picking->rest, err) : 0;
}
