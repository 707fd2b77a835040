#include "base/target_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num_internal.h"

int target_descriptor(const char *path)
{
    static const char *const standard[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    static const char *const folder[] = {"/dev/fd/", "/proc/self/fd/"};
    for (int i = 0; i < 3; i++)
        if (strcmp(path, standard[i]) == 0)
            return i;
    for (int i = 0; i < 2; i++) {
        int64_t n;
        size_t length = strlen(folder[i]);
        if (strncmp(path, folder[i], length) == 0 && num_int(path + length, 0, INT_MAX, &n))
            return (int)n;
    }
    return -1;
}

char *target_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

int target_settle(const char *path)
{
    char *folder = target_folder(path);
    int fd = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool fails = fd < 0 ? errno != EACCES && errno != EPERM
                        : fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EBADF;
    int why = errno;
    if (fd >= 0)
        close(fd);
    free(folder);
    errno = why;
    return fails ? -1 : 0;
}

/* What a link at path points to, seen from where we are; frees path. */
static char *step(char *path, const char *link)
{
    const char *slash = link[0] == '/' ? NULL : strrchr(path, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    char *next = malloc(folder + strlen(link) + 1);
    if (next != NULL) {
        memcpy(next, path, folder);
        strcpy(next + folder, link);
    }
    free(path);
    return next;
}

char *target_follow(const char *path)
{
    enum { MOST_LINKS = 40 }; /* as Linux itself */
    char link[PATH_MAX];
    char *at = strdup(path);
    for (int i = 0; at != NULL && target_descriptor(at) < 0; i++) {
        ssize_t n = readlink(at, link, sizeof link - 1);
        if (n < 0) /* not a link: a file, nothing, or something that opening it will reveal */
            return at;
        link[n] = '\0';
        if (i == MOST_LINKS) {
            free(at);
            errno = ELOOP;
            return NULL;
        }
        at = step(at, link);
    }
    return at;
}
