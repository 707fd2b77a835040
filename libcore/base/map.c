#include "base/map_internal.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_internal.h"

static int map_file(Map *map, int fd, const char *path, Err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_errno(err, "cannot read %s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, "%s: not a regular file, so its parts cannot be read in any order",
                       path);
    map->size = (size_t)st.st_size;
    if (map->size == 0)
        return 0;
    void *bytes = mmap(NULL, map->size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return err_errno(err, "cannot map %s", path);
    map->bytes = bytes;
    return 0;
}

int map_open(Map *map, const char *path, Err *err)
{
    *map = (Map){0};
    int fd = file_open(path);
    if (fd < 0)
        return err_errno(err, "cannot open %s", path);
    int rc = map_file(map, fd, path, err);
    close(fd);
    return rc;
}

void map_close(Map *map)
{
    if (map->bytes != NULL)
        munmap((void *)map->bytes, map->size);
    *map = (Map){0};
}
