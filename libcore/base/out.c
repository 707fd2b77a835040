#define _GNU_SOURCE /* O_TMPFILE, statx */
#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden_internal.h"
#include "base/target_internal.h"

/* Descriptors ------------------------------------------------------------------------------- */

/* The descriptor that a path stands for, or -1 */
static int descriptor_of(const char *path)
{
    return strcmp(path, "-") == 0 ? STDOUT_FILENO : target_descriptor(path);
}

bool out_is_terminal(const char *path)
{
    int fd = descriptor_of(path);
    return fd >= 0 && isatty(fd);
}

static int writable(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
        errno = EBADF;
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY ? 0 : -1;
}

/* Standard output keeps its own FILE, which others print to as well. */
static FILE *open_descriptor(int fd)
{
    if (writable(fd) != 0)
        return NULL;
    if (fd == STDOUT_FILENO)
        return stdout;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    FILE *f = copy >= 0 ? fdopen(copy, "wb") : NULL;
    if (f == NULL && copy >= 0)
        close(copy);
    return f;
}

/* Where it goes ----------------------------------------------------------------------------- */

typedef enum Kind { NEW_FILE, OLD_FILE, DEVICE } Kind;

/* What is at the target (a Kind); -1 with errno where no file could be. */
static int kind_of(const char *target, struct stat *st)
{
    size_t length = strlen(target);
    bool folder = length > 0 && target[length - 1] == '/';
    if (!folder && stat(target, st) != 0)
        return errno == ENOENT && length > 0 ? NEW_FILE : -1;
    if (folder || S_ISDIR(st->st_mode)) {
        errno = EISDIR;
        return -1;
    }
    return S_ISREG(st->st_mode) ? OLD_FILE : DEVICE;
}

/* Is it impossible to put another file in its place? It is in a sticky folder (/tmp) when the file
 * is not ours, and when something is mounted on it, as containers do. */
static bool is_pinned(const char *target, const struct stat *file)
{
    struct statx x;
    struct stat folder;
    if (statx(AT_FDCWD, target, 0, 0, &x) == 0 && (x.stx_attributes & STATX_ATTR_MOUNT_ROOT))
        return true;
    char *name = target_folder(target);
    uid_t user = geteuid();
    bool sticky = name != NULL && stat(name, &folder) == 0 && (folder.st_mode & S_ISVTX) != 0;
    free(name);
    return sticky && user != 0 && file->st_uid != user && folder.st_uid != user;
}

/* Files that are not there yet -------------------------------------------------------------- */

/* A new file has the mode of the one it replaces, or that which open() would give it. The owner is
 * kept where we may give files away. */
static void set_mode(int fd, const struct stat *replaced)
{
    mode_t mask = umask(0), kept = 07777;
    umask(mask);
    if (replaced == NULL) {
        fchmod(fd, 0666 & ~mask);
        return;
    }
    bool ours = replaced->st_uid == geteuid() && replaced->st_gid == getegid();
    if (!ours && fchown(fd, replaced->st_uid, replaced->st_gid) != 0)
        kept = 0777; /* set-user-ID would now be another user's */
    fchmod(fd, replaced->st_mode & kept);
}

/* An unnamed file in the target's folder. Without /proc it could not be given a name. */
static int open_unnamed(Out *out, const struct stat *replaced)
{
    int fd = -1;
    char *folder = target_folder(out->target);
    if (folder == NULL)
        return -1;
    if (access("/proc/self/fd", X_OK) == 0)
        fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        fd = hidden_file(folder, &out->hidden);
    int why = errno;
    free(folder);
    errno = why;
    if (fd >= 0)
        set_mode(fd, replaced);
    return fd;
}

/* Instead of open_unnamed(), where that failed or would be of no use */
static int open_in_place(Out *out)
{
    FILE *f = faccessat(AT_FDCWD, out->target, W_OK, AT_EACCESS) == 0 ? tmpfile() : NULL;
    int fd = f != NULL ? fcntl(fileno(f), F_DUPFD_CLOEXEC, 3) : -1;
    if (f != NULL)
        fclose(f);
    out->in_place = fd >= 0;
    return fd;
}

static int open_target(Out *out)
{
    struct stat st;
    int fd = -1, kind = kind_of(out->target, &st);
    if (kind < 0)
        return -1;
    out->direct = kind == DEVICE;
    if (kind == DEVICE)
        return open(out->target, O_WRONLY | O_CLOEXEC);
    bool pinned = kind == OLD_FILE && is_pinned(out->target, &st);
    if (!pinned)
        fd = open_unnamed(out, kind == OLD_FILE ? &st : NULL);
    bool refused = pinned || errno == EACCES || errno == EPERM || errno == EROFS;
    return fd < 0 && kind == OLD_FILE && refused ? open_in_place(out) : fd;
}

int out_open(Out *out, const char *path, Err *err)
{
    *out = (Out){.path = strdup(strcmp(path, "-") == 0 ? "standard output" : path),
                 .target = target_follow(path)};
    int fd = out->target != NULL ? descriptor_of(out->target) : -1;
    if (fd >= 0) {
        out->direct = true;
        out->f = open_descriptor(fd);
    } else if (out->target != NULL && out->path != NULL) {
        fd = open_target(out);
        out->f = fd >= 0 ? fdopen(fd, "wb") : NULL;
        if (out->f == NULL && fd >= 0)
            close(fd);
    }
    if (out->f != NULL && out->path != NULL)
        return 0;
    err_errno(err, "cannot write %s", path[0] != '\0' ? path : "a file without a name");
    out_abort(out);
    return -1;
}

/* A fifo is not opened: that would wait for its reader, and end it when closed. */
int out_check(const char *path, bool *in_place, Err *err)
{
    struct stat st;
    Out out = {0};
    char *target = target_follow(path);
    bool device = target != NULL && descriptor_of(target) < 0 && kind_of(target, &st) == DEVICE;
    int rc = 0;
    if (device && faccessat(AT_FDCWD, target, W_OK, AT_EACCESS) != 0)
        rc = err_errno(err, "cannot write %s", path);
    else if (!device)
        rc = out_open(&out, path, err);
    if (in_place != NULL)
        *in_place = out.in_place;
    out_abort(&out);
    free(target);
    return rc;
}

int out_write(Out *out, const void *bytes, size_t n, Err *err)
{
    if (n > 0 && fwrite(bytes, 1, n, out->f) != n)
        return err_errno(err, "cannot write %s", out->path);
    return 0;
}

/* The end ----------------------------------------------------------------------------------- */

/* A link cannot replace a file, a rename can: then the unnamed file gets a hidden name first. */
static int link_unnamed(Out *out)
{
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fileno(out->f));
    if (linkat(AT_FDCWD, self, AT_FDCWD, out->target, AT_SYMLINK_FOLLOW) == 0)
        return 0;
    char *folder = errno == EEXIST ? target_folder(out->target) : NULL;
    out->hidden = folder != NULL ? hidden_free(folder) : NULL;
    free(folder);
    if (out->hidden == NULL)
        return -1;
    return linkat(AT_FDCWD, self, AT_FDCWD, out->hidden, AT_SYMLINK_FOLLOW);
}

static int give_name(Out *out)
{
    if (out->hidden == NULL && link_unnamed(out) != 0)
        return -1;
    if (out->hidden != NULL && rename(out->hidden, out->target) != 0)
        return -1;
    free(out->hidden); /* renamed away: nothing for out_abort to remove */
    out->hidden = NULL;
    return 0;
}

static int copy_all(int from, int to)
{
    char block[1 << 16];
    ssize_t got;
    while ((got = read(from, block, sizeof block)) > 0)
        for (ssize_t done = 0, n; done < got; done += n)
            if ((n = write(to, block + done, (size_t)(got - done))) < 0)
                return -1;
    return (int)got;
}

/* Replaces the content of the target. Room is taken first, so that a full disk changes nothing. */
static int overwrite(const Out *out)
{
    struct stat old, new;
    int from = fileno(out->f), to = open(out->target, O_WRONLY | O_CLOEXEC), rc = -1;
    if (to < 0)
        return -1;
    if (fstat(to, &old) == 0 && fstat(from, &new) == 0 && lseek(from, 0, SEEK_SET) == 0) {
        int full = new.st_size > old.st_size ? posix_fallocate(to, 0, new.st_size) : 0;
        if (full == 0)
            rc = copy_all(from, to);
        else if (ftruncate(to, old.st_size) == 0)
            errno = full;
    }
    if (rc == 0)
        rc = ftruncate(to, new.st_size);
    if (rc == 0)
        rc = fsync(to);
    int why = errno;
    close(to);
    errno = why;
    return rc;
}

static int put_in_place(Out *out, Err *err)
{
    if (give_name(out) != 0)
        return err_errno(err, "cannot create %s", out->path);
    if (target_settle(out->target) != 0)
        return err_errno(err, "%s is whole, but may be gone after a crash of the machine",
                         out->path);
    return 0;
}

int out_commit(Out *out, Err *err)
{
    int rc = 0;
    if (ferror(out->f) || fflush(out->f) != 0)
        rc = err_errno(err, "cannot write %s", out->path);
    if (rc == 0 && !out->direct && !out->in_place && fsync(fileno(out->f)) != 0)
        rc = err_errno(err, "cannot write %s", out->path);
    if (rc == 0 && out->in_place && overwrite(out) != 0)
        rc = err_errno(err, "cannot write %s in place", out->path);
    if (rc == 0 && !out->direct && !out->in_place)
        rc = put_in_place(out, err);
    if (rc == 0 && out->f != stdout) {
        FILE *f = out->f;
        out->f = NULL; /* what is on disk does not depend on how it is closed */
        if (fclose(f) != 0 && out->direct)
            rc = err_errno(err, "cannot write %s", out->path);
    }
    out_abort(out);
    return rc;
}

void out_abort(Out *out)
{
    if (out->f != NULL && out->f != stdout)
        fclose(out->f);
    if (out->hidden != NULL)
        unlink(out->hidden);
    free(out->hidden);
    free(out->target);
    free(out->path);
    *out = (Out){0};
}
