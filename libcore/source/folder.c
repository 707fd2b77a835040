#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array_internal.h"
#include "base/path_internal.h"
#include "source/walk_internal.h"

enum { BLOCK = 1 << 16 };

/* A folder on the way from the operand to where we are, its names in order */
typedef struct Level {
    struct dirent **name;
    int n, at;
    dev_t device;
    ino_t inode;
    size_t length; /* of its path */
} Level;

/* scandir(3), because libarchive's own reader of folders gives them in no order, and glibc's fts(3)
 * takes a disk that fails for a folder's end. */
typedef struct Folder {
    Bytes path; /* of what was met last, with its NUL */
    Level *level;
    int64_t levels, room;
    bool begun;
    size_t skip; /* how much of a path stands before the folder's own name */
} Folder;

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static const char *path_of(const Folder *folder)
{
    return (const char *)folder->path.data;
}

static void leave(Folder *folder)
{
    Level *level = &folder->level[--folder->levels];
    for (int i = 0; i < level->n; i++)
        free(level->name[i]);
    free(level->name);
}

static void close_folder(void *state)
{
    Folder *folder = state;
    while (folder->levels > 0)
        leave(folder);
    free(folder->level);
    bytes_release(&folder->path);
    free(folder);
}

static int enter(Folder *folder, const struct stat *st, Err *err)
{
    Level level = {.device = st->st_dev, .inode = st->st_ino, .length = strlen(path_of(folder))};
    if (array_reserve(folder->level, folder->room, folder->levels + 1, "folders", err) != 0)
        return -1;
    level.n = scandir(path_of(folder), &level.name, is_entry, by_name);
    if (level.n < 0)
        return err_errno(err, "cannot read %s", path_of(folder));
    folder->level[folder->levels++] = level;
    return 0;
}

/* The path becomes that of a folder's next name. */
static int go_to_next(Folder *folder, Level *level, Err *err)
{
    const char *name = level->name[level->at++]->d_name;
    size_t size = strlen(name) + 1;
    folder->path.size = level->length;
    if (bytes_reserve(&folder->path, size + 1, "a path", err) != 0)
        return -1;
    if (level->length > 0 && folder->path.data[level->length - 1] != '/')
        folder->path.data[folder->path.size++] = '/';
    memcpy(folder->path.data + folder->path.size, name, size);
    return 0;
}

static bool is_within_itself(const Folder *folder, const struct stat *st)
{
    for (int64_t i = 0; i < folder->levels; i++)
        if (folder->level[i].device == st->st_dev && folder->level[i].inode == st->st_ino)
            return true;
    return false;
}

/* What is at the path: 1 a member, 0 a folder, entered; a link that leads nowhere is a member with
 * a problem, and so is what is no file. */
static int look(Folder *folder, Member *member, Err *err)
{
    char target[160];
    struct stat st;
    member->problem[0] = '\0';
    if (stat(path_of(folder), &st) != 0) {
        int why = errno;
        bool lost = why == ENOENT || why == ENOTDIR || why == ELOOP || why == EACCES;
        ssize_t length = lost ? readlink(path_of(folder), target, sizeof target - 1) : -1;
        errno = why;
        if (length < 0)
            return err_errno(err, "cannot read %s", path_of(folder));
        snprintf(member->problem, sizeof member->problem,
                 "a symbolic link to %.*s, which cannot be found", (int)length, target);
    } else if (S_ISDIR(st.st_mode) && !is_within_itself(folder, &st)) {
        return enter(folder, &st, err);
    } else if (S_ISDIR(st.st_mode)) {
        snprintf(member->problem, sizeof member->problem,
                 "a link that leads back to a folder that contains it");
    } else if (!S_ISREG(st.st_mode)) {
        snprintf(member->problem, sizeof member->problem, "not a regular file");
    }
    return 1;
}

static int next_file(void *state, Member *member, Err *err)
{
    Folder *folder = state;
    int found = 0;
    if (!folder->begun) {
        folder->begun = true;
        found = look(folder, member, err);
    }
    while (found == 0 && folder->levels > 0) {
        Level *level = &folder->level[folder->levels - 1];
        if (level->at == level->n)
            leave(folder);
        else
            found = go_to_next(folder, level, err) == 0 ? look(folder, member, err) : -1;
    }
    if (found == 1)
        member->path = path_of(folder) + (folder->levels > 0 ? folder->skip : 0);
    return found;
}

/* What errno says of the file; a want of memory or descriptors says nothing of it. */
static int say_errno(Member *member, const char *path, const char *what, Err *err)
{
    Err why = {0};
    if (errno == ENOMEM || errno == EMFILE || errno == ENFILE)
        return err_errno(err, "%s %s", path, what);
    err_errno(&why, "%s", what);
    snprintf(member->problem, sizeof member->problem, "%.250s", why.text);
    return 0;
}

static int read_all(int fd, const char *path, Member *member, Bytes *bytes, Err *err)
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
            return say_errno(member, path, "cannot be read", err);
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
    const char *path = path_of(folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return say_errno(member, path, "cannot be opened", err);
    int rc = read_all(fd, path, member, bytes, err);
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
    size_t length = strlen(operand);
    Folder *folder = calloc(1, sizeof *folder);
    if (folder == NULL)
        return err_memory(err, "a folder", sizeof *folder);
    if (bytes_reserve(&folder->path, length + 1, "a path", err) != 0) {
        free(folder);
        return -1;
    }
    memcpy(folder->path.data, operand, length + 1);
    folder->skip = before_name(operand);
    *walk = (Walk){folder, next_file, read_file, close_folder, walk->form};
    return 0;
}
