#define _GNU_SOURCE /* O_TMPFILE */
#include "base/spill_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden_internal.h"
#include "base/target_internal.h"

/* Not every file system knows files without names; there it has one for a moment. */
static int nameless(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char *name;
    fd = hidden_file(folder, &name);
    if (fd >= 0)
        unlink(name);
    free(name);
    return fd;
}

/* Beside the output, where there is room for it; the folder of devices is memory. */
static char *folder_for(const char *path)
{
    struct stat st;
    bool device = stat(path, &st) == 0 && S_ISCHR(st.st_mode);
    return device ? strdup("/var/tmp") : target_folder(path);
}

int spill_open(Spill *spill, const char *path, size_t size, const char *what, Err *err)
{
    char *folder = folder_for(path);
    int fd = folder != NULL ? nameless(folder) : -1;
    free(folder);
    *spill = (Spill){0};
    if (fd < 0)
        return err_errno(err, "%s: cannot make a file beside it for %s", path, what);
    /* the room now: a full disk later would be a signal */
    int full = posix_fallocate(fd, 0, (off_t)size);
    void *bytes =
        full == 0 ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (full != 0)
        errno = full;
    if (bytes == MAP_FAILED)
        err_errno(err, "%s: no room beside it for %s, %zu bytes", path, what, size);
    close(fd);
    if (bytes == MAP_FAILED)
        return -1;
    *spill = (Spill){bytes, size};
    return 0;
}

void spill_close(Spill *spill)
{
    if (spill->bytes != NULL)
        munmap(spill->bytes, spill->size);
    *spill = (Spill){0};
}
