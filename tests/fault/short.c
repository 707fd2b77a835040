/* Preloaded into a program: what it or its libraries ask to read or write of a descriptor is done
 * by half, as pipes, sockets and signals may have it at any time. What stdio does inside the C
 * library is not seen here. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/uio.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static size_t half(size_t n)
{
    return n > 1 ? n / 2 : n;
}

ssize_t read(int fd, void *bytes, size_t n)
{
    return NEXT(read)(fd, bytes, half(n));
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    return NEXT(write)(fd, bytes, half(n));
}

ssize_t pread(int fd, void *bytes, size_t n, off_t at)
{
    return NEXT(pread)(fd, bytes, half(n), at);
}

ssize_t pread64(int fd, void *bytes, size_t n, off64_t at)
{
    return NEXT(pread64)(fd, bytes, half(n), at);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    return NEXT(pwrite)(fd, bytes, half(n), at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
    return NEXT(pwrite64)(fd, bytes, half(n), at);
}

ssize_t readv(int fd, const struct iovec *part, int n)
{
    return n > 1 ? NEXT(readv)(fd, part, n / 2) : read(fd, part->iov_base, part->iov_len);
}

ssize_t writev(int fd, const struct iovec *part, int n)
{
    return n > 1 ? NEXT(writev)(fd, part, n / 2) : write(fd, part->iov_base, part->iov_len);
}
