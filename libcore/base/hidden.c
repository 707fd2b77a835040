#define _GNU_SOURCE /* asprintf, mkostemp */
#include "base/hidden_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/num_internal.h"

enum { HOST_SIZE = 65, RANDOM_SIZE = 6 };

/* ".npcface.HOST.", which a host's name has no slash to break */
static void prefix_of_host(char prefix[HOST_SIZE + 16])
{
    char host[HOST_SIZE] = "";
    if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0')
        strcpy(host, "localhost");
    for (char *c = host; *c != '\0'; c++)
        if (*c == '/')
            *c = '_';
    snprintf(prefix, HOST_SIZE + 16, ".npcface.%s.", host);
}

void hidden_remove(char *folder)
{
    char *paths[] = {folder, NULL};
    FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; fts != NULL && (entry = fts_read(fts)) != NULL;)
        if (entry->fts_info == FTS_DP)
            rmdir(entry->fts_accpath);
        else if (entry->fts_info != FTS_D)
            unlink(entry->fts_accpath);
    if (fts != NULL)
        fts_close(fts);
}

/* Without /proc nobody is known to have ended. */
static bool has_ended(int64_t process)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%" PRId64, process);
    return access(path, F_OK) != 0 && errno == ENOENT && access("/proc/self", F_OK) == 0;
}

/* Is it a name of ours whose process has ended? */
static bool is_left_over(const char *name, const char *prefix)
{
    char digits[16];
    int64_t process;
    size_t before = strlen(prefix);
    if (strncmp(name, prefix, before) != 0)
        return false;
    const char *dot = strchr(name + before, '.');
    size_t length = dot != NULL ? (size_t)(dot - name) - before : sizeof digits;
    if (length >= sizeof digits || strlen(dot + 1) != RANDOM_SIZE)
        return false;
    memcpy(digits, name + before, length);
    digits[length] = '\0';
    return num_int(digits, 1, INT_MAX, &process) && has_ended(process);
}

/* The same process number may be at work in another container of this host: it holds a lock. */
static void remove_unless_locked(char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        hidden_remove(path);
    close(fd);
}

static void sweep(const char *folder, const char *prefix)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char *path;
        if (!is_left_over(entry->d_name, prefix) ||
            asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
            continue;
        remove_unless_locked(path);
        free(path);
    }
    if (dir != NULL)
        closedir(dir);
}

/* "folder/.npcface.HOST.PROCESS.XXXXXX", after what others left there is gone */
static char *make_name(const char *folder)
{
    char *path, prefix[HOST_SIZE + 16];
    int before = errno;
    prefix_of_host(prefix);
    sweep(folder, prefix);
    errno = before;
    if (asprintf(&path, "%s/%s%ld.XXXXXX", folder, prefix, (long)getpid()) >= 0)
        return path;
    errno = ENOMEM;
    return NULL;
}

int hidden_file(const char *folder, char **path)
{
    *path = make_name(folder);
    int fd = *path != NULL ? mkostemp(*path, O_CLOEXEC) : -1;
    if (fd >= 0) {
        flock(fd, LOCK_EX | LOCK_NB); /* where files cannot be locked, the number has to do */
        return fd;
    }
    free(*path);
    *path = NULL;
    return -1;
}

char *hidden_folder(const char *folder, int *lock)
{
    char *path = make_name(folder);
    *lock = -1;
    if (path == NULL || mkdtemp(path) == NULL) {
        free(path);
        return NULL;
    }
    *lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock >= 0)
        flock(*lock, LOCK_EX | LOCK_NB);
    return path;
}

char *hidden_free(const char *folder)
{
    char *path;
    int fd = hidden_file(folder, &path);
    if (fd < 0)
        return NULL;
    unlink(path);
    close(fd);
    return path;
}
