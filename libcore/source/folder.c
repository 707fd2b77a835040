#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path_internal.h"
#include "source/walk_internal.h"

enum { BLOCK = 1 << 16 };

/* fts(3), because libarchive's own reader of folders gives them in no order. */
typedef struct Folder {
    FTS *fts;
    FTSENT *entry;
    size_t skip; /* how much of a path stands before the folder's own name */
} Folder;

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void close_folder(void *state)
{
    Folder *folder = state;
    if (folder->fts != NULL)
        fts_close(folder->fts);
    free(folder);
}

/* What an entry is that is not a file, for a message */
static void say_kind(char problem[256], const FTSENT *entry)
{
    char target[160];
    ssize_t length = -1;
    if (entry->fts_info == FTS_SLNONE)
        length = readlink(entry->fts_accpath, target, sizeof target - 1);
    if (length >= 0)
        snprintf(problem, 256, "a symbolic link to %.*s, which cannot be found", (int)length,
                 target);
    else if (entry->fts_info == FTS_DC)
        snprintf(problem, 256, "a link that leads back to a folder that contains it");
    else
        snprintf(problem, 256, "not a regular file");
}

static int next_file(void *state, Member *member, Err *err)
{
    Folder *folder = state;
    FTSENT *entry;
    errno = 0;
    while ((entry = fts_read(folder->fts)) != NULL) {
        switch (entry->fts_info) {
        case FTS_D:
        case FTS_DP:
        case FTS_DOT:
            continue;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
            errno = entry->fts_errno;
            return err_errno(err, "cannot read %s", entry->fts_path);
        default:
            break;
        }
        folder->entry = entry;
        member->path = entry->fts_path + (entry->fts_level > 0 ? folder->skip : 0);
        member->problem[0] = '\0';
        if (entry->fts_info != FTS_F)
            say_kind(member->problem, entry);
        return 1;
    }
    return errno == 0 ? 0 : err_errno(err, "cannot read a folder");
}

/* What errno says of the file */
static int say_errno(Member *member, const char *what)
{
    Err why = {0};
    err_errno(&why, "%s", what);
    snprintf(member->problem, sizeof member->problem, "%.250s", why.text);
    return 0;
}

static int read_all(int fd, Member *member, Bytes *bytes, Err *err)
{
    for (bytes->size = 0;;) {
        if (bytes_reserve(bytes, BLOCK, "a member", err) != 0)
            return -1;
        ssize_t got = read(fd, bytes->data + bytes->size, bytes->room - bytes->size);
        if (got == 0)
            return 1;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return say_errno(member, "cannot be read");
        bytes->size += (size_t)got;
        if (bytes->size > WALK_MAX_MEMBER) {
            snprintf(member->problem, sizeof member->problem, "larger than the limit of %u bytes",
                     WALK_MAX_MEMBER);
            return 0;
        }
    }
}

static int read_file(void *state, Member *member, Bytes *bytes, Err *err)
{
    Folder *folder = state;
    int fd = open(folder->entry->fts_accpath, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return say_errno(member, "cannot be opened");
    int rc = read_all(fd, member, bytes, err);
    close(fd);
    return rc;
}

/* The length of "/data/" in "/data/lfw/"; all of "." and "..", which have no name of their own. */
static size_t before_name(const char *operand)
{
    size_t end = strlen(operand);
    while (end > 0 && operand[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && operand[start - 1] != '/')
        start--;
    size_t size = end - start;
    bool nameless = size == 0 || (operand[start] == '.' &&
                                  (size == 1 || (size == 2 && operand[start + 1] == '.')));
    return nameless ? end : start;
}

int folder_walk(Walk *walk, const char *operand, Err *err)
{
    char *paths[] = {strdup(operand), NULL};
    Folder *folder = calloc(1, sizeof *folder);
    if (paths[0] == NULL || folder == NULL) {
        free(paths[0]);
        free(folder);
        return err_memory(err, "a folder", sizeof *folder);
    }
    folder->skip = before_name(operand);
    folder->fts = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    free(paths[0]);
    if (folder->fts == NULL) {
        err_errno(err, "cannot read %s", operand);
        free(folder);
        return -1;
    }
    walk->state = folder;
    walk->next = next_file;
    walk->read = read_file;
    walk->close = close_folder;
    return 0;
}
