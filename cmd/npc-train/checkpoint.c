#include "checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array_internal.h"
#include "base/num_internal.h"
#include "base/path_internal.h"
#include "base/sort_internal.h"
#include "base/target_internal.h"
#include "job.h"
#include "save.h"

/* A second name for the checkpoint that was just written: a link costs nothing, and stays what it
 * is when the checkpoint is replaced. Where there are no links it is written once more. */
static int copy_to(Run *run, const char *name, Err *err)
{
    const char *path = run->options->checkpoint;
    bool linked = job_first(run) && (unlink(name) == 0 || access(name, F_OK) != 0) &&
                  linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
    return job_agree(run, linked) ? 0 : save_model(run, name, err);
}

static char *numbered(const char *path, int64_t step, Err *err)
{
    size_t size = strlen(path) + 24;
    char *name = malloc(size);
    if (name != NULL)
        snprintf(name, size, "%s.%" PRId64, path, step);
    else
        err_memory(err, "a name", size);
    return name;
}

static int descending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

/* The steps of the numbered checkpoints in their folder, those up to `done`. -1 on failure. */
static int64_t find_steps(int64_t **steps, const char *path, int64_t done, Err *err)
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    size_t length = strlen(base);
    int64_t n = 0, room = 0, step;
    char *folder = target_folder(path);
    DIR *dir = folder != NULL ? opendir(folder) : NULL;
    free(folder);
    if (dir == NULL)
        return err_errno(err, "%s: cannot list its folder", path);
    for (struct dirent *entry; errno = 0, (entry = readdir(dir)) != NULL;) {
        const char *name = entry->d_name;
        if (strncmp(name, base, length) != 0 || name[length] != '.' || name[length + 1] == '0' ||
            !num_int(name + length + 1, 1, done, &step))
            continue;
        if (array_reserve(*steps, room, n + 1, "checkpoints", err) != 0) {
            closedir(dir);
            return -1;
        }
        (*steps)[n++] = step;
    }
    int why = errno;
    closedir(dir);
    errno = why;
    return why == 0 ? n : err_errno(err, "%s: cannot list its folder", path);
}

/* All but the newest go. Those of later steps than this are of another run. */
static int sweep(const char *path, int64_t keep, int64_t done, Err *err)
{
    int64_t *steps = NULL, n = find_steps(&steps, path, done, err);
    int rc = n < 0 ? -1 : 0;
    sort_array(steps, (size_t)(n > 0 ? n : 0), sizeof *steps, descending);
    for (int64_t i = keep; rc == 0 && i < n; i++) {
        char *name = numbered(path, steps[i], err);
        if (name == NULL || unlink(name) != 0)
            rc = name == NULL ? -1 : err_errno(err, "cannot remove %s", name);
        free(name);
    }
    free(steps);
    return rc;
}

static int keep_numbered(Run *run, int64_t done, Err *err)
{
    const Options *options = run->options;
    char *name = numbered(options->checkpoint, done, err);
    int rc = name != NULL ? copy_to(run, name, err) : -1;
    free(name);
    if (rc != 0 || !job_first(run))
        return rc;
    return sweep(options->checkpoint, options->keep, done, err);
}

int checkpoint_write(Run *run, Err *err)
{
    const Options *options = run->options;
    int64_t done = training_steps(run->training);
    if (run->kept == done)
        return 0;
    job_stage("a checkpoint", true);
    if (save_model(run, options->checkpoint, err) != 0)
        return -1;
    run->kept = done;
    return options->keep > 0 && done > 0 ? keep_numbered(run, done, err) : 0;
}

char *checkpoint_rewind_name(const Run *run, Err *err)
{
    size_t size = strlen(run->options->checkpoint) + sizeof ".rewind";
    char *name = malloc(size);
    if (name != NULL)
        snprintf(name, size, "%s.rewind", run->options->checkpoint);
    else
        err_memory(err, "a name", size);
    return name;
}

static int copy_to_rewind(Run *run, Err *err)
{
    char *name = checkpoint_rewind_name(run, err);
    int rc = name != NULL ? copy_to(run, name, err) : -1;
    free(name);
    return rc;
}

/* Is there one, of no later step? */
static bool can_rewind(const Run *run)
{
    Err ignored = {0};
    SavedTraining saved;
    char *name = checkpoint_rewind_name(run, &ignored);
    bool can = name != NULL && saved_open(&saved, name, &ignored) == 0;
    free(name);
    if (!can)
        return false;
    can = saved.steps <= run->resumed;
    saved_release(&saved);
    return can;
}

int checkpoint_begin(Run *run, Err *err)
{
    bool can = run->resumed % run->options->every != 0 && job_first(run) && can_rewind(run);
    if (job_agree(run, can))
        return 0;
    return checkpoint_write(run, err) == 0 ? copy_to_rewind(run, err) : -1;
}

void checkpoint_end(const Run *run)
{
    Err ignored = {0};
    char *name = run->options->on_divergence == DIVERGENCE_REWIND && job_first(run)
                     ? checkpoint_rewind_name(run, &ignored)
                     : NULL;
    if (name != NULL)
        unlink(name);
    free(name);
}

int checkpoint_step(Run *run, Err *err)
{
    const Options *options = run->options;
    if (options->checkpoint == NULL || training_steps(run->training) % options->every != 0)
        return 0;
    if (checkpoint_write(run, err) != 0)
        return -1;
    return options->on_divergence == DIVERGENCE_REWIND ? copy_to_rewind(run, err) : 0;
}
