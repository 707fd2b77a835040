#define _GNU_SOURCE /* O_TMPFILE */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* "dir/.name.XXXXXX", for mkstemp */
static char *hidden_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    int dir = slash == NULL ? 0 : (int)(slash - path) + 1;
    size_t size = strlen(path) + 10;
    char *name = malloc(size);
    if (name != NULL)
        snprintf(name, size, "%.*s.%s.XXXXXX", dir, path, path + dir);
    return name;
}

static int make_hidden(Out *out, const char *path)
{
    out->hidden = hidden_name(path);
    if (out->hidden == NULL)
        return -1;
    int fd = mkstemp(out->hidden);
    if (fd < 0) {
        free(out->hidden);
        out->hidden = NULL;
    }
    return fd;
}

static int open_unnamed(Out *out, const char *path)
{
    int fd = -1;
    char *dir = directory_of(path);
    if (dir == NULL)
        return -1;
#ifdef O_TMPFILE
    fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) {
        free(dir);
        return fd;
    }
#endif
    free(dir);
    fd = make_hidden(out, path);
    if (fd >= 0) {
        mode_t mask = umask(0);
        umask(mask);
        fchmod(fd, 0666 & ~mask);
    }
    return fd;
}

int out_open(Out *out, const char *path, Err *err)
{
    *out = (Out){0};
    struct stat st;
    if (strcmp(path, "-") == 0) {
        *out = (Out){.f = stdout, .path = strdup("standard output"), .direct = true};
        return out->path != NULL ? 0 : err_memory(err, "a name", 16);
    }
    out->path = strdup(path);
    if (out->path == NULL)
        return err_memory(err, "a name", strlen(path));
    out->direct = stat(path, &st) == 0 && !S_ISREG(st.st_mode);
    int fd = out->direct ? open(path, O_WRONLY | O_CLOEXEC) : open_unnamed(out, path);
    if (fd >= 0)
        out->f = fdopen(fd, "wb");
    if (out->f == NULL) {
        err_errno(err, "cannot write %s", path);
        if (fd >= 0)
            close(fd);
        out_abort(out);
        return -1;
    }
    return 0;
}

int out_write(Out *out, const void *bytes, size_t n, Err *err)
{
    if (n > 0 && fwrite(bytes, 1, n, out->f) != n)
        return err_errno(err, "cannot write %s", out->path);
    return 0;
}

/* Gives the unnamed file a hidden name first: a link cannot replace a file, a rename can. */
static int give_name(Out *out)
{
    if (out->hidden == NULL) {
        char self[64];
        int fd = make_hidden(out, out->path);
        if (fd < 0)
            return -1;
        close(fd);
        unlink(out->hidden);
        snprintf(self, sizeof self, "/proc/self/fd/%d", fileno(out->f));
        if (linkat(AT_FDCWD, self, AT_FDCWD, out->hidden, AT_SYMLINK_FOLLOW) != 0)
            return -1;
    }
    return rename(out->hidden, out->path);
}

int out_commit(Out *out, Err *err)
{
    int rc = 0;
    if (ferror(out->f) || fflush(out->f) != 0)
        rc = err_errno(err, "cannot write %s", out->path);
    if (rc == 0 && !out->direct && fsync(fileno(out->f)) != 0)
        rc = err_errno(err, "cannot write %s", out->path);
    if (rc == 0 && !out->direct && give_name(out) != 0)
        rc = err_errno(err, "cannot create %s", out->path);
    if (rc == 0 && !out->direct) {
        free(out->hidden); /* renamed away: nothing for out_abort to remove */
        out->hidden = NULL;
    }
    if (rc == 0) {
        FILE *f = out->f;
        out->f = NULL;
        if (fclose(f) != 0)
            rc = err_errno(err, "cannot write %s", out->path);
    }
    out_abort(out);
    return rc;
}

void out_abort(Out *out)
{
    if (out->f != NULL)
        fclose(out->f);
    if (out->hidden != NULL)
        unlink(out->hidden);
    free(out->hidden);
    free(out->path);
    *out = (Out){0};
}

static char *read_all(FILE *f, const char *path, size_t limit, size_t *size, Err *err)
{
    char *bytes = NULL;
    size_t used = 0, room = 0;
    for (;;) {
        if (used + 1 >= room) {
            room = room == 0 ? 1 << 16 : 2 * room;
            char *grown = realloc(bytes, room);
            if (grown == NULL) {
                err_memory(err, path, room);
                break;
            }
            bytes = grown;
        }
        size_t got = fread(bytes + used, 1, room - used - 1, f);
        used += got;
        if (used > limit) {
            err_set(err, "%s: larger than the limit of %zu bytes", path, limit);
            break;
        }
        if (got == 0) {
            if (ferror(f)) {
                err_errno(err, "cannot read %s", path);
                break;
            }
            bytes[used] = '\0';
            *size = used;
            return bytes;
        }
    }
    free(bytes);
    return NULL;
}

char *file_read(const char *path, size_t limit, size_t *size, Err *err)
{
    if (strcmp(path, "-") == 0)
        return read_all(stdin, "standard input", limit, size, err);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        err_errno(err, "cannot open %s", path);
        return NULL;
    }
    char *bytes = read_all(f, path, limit, size, err);
    fclose(f);
    return bytes;
}
