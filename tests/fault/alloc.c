/* Preloaded into a program: its FAULT_ALLOC-th allocation after main() began fails, once. Without
 * that all succeed. How many there were is written to the file FAULT_COUNT at the end, and where
 * the one that failed was asked for to the file FAULT_TRACE. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef int Main(int, char **, char **);
typedef int StartMain(Main *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

/* glibc's own, which need no dlsym(): that allocates. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);

static atomic_long seen;
static long wanted = -1; /* before main() begins, none counts */
static Main *real_main;

static void trace(void)
{
    const char *path = getenv("FAULT_TRACE");
    void *frame[32];
    if (path == NULL)
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int n = backtrace(frame, 32);
    backtrace_symbols_fd(frame, n, fd);
    close(fd);
}

static int fails(void)
{
    if (wanted < 0 || atomic_fetch_add(&seen, 1) + 1 != wanted)
        return 0;
    wanted = 0; /* what trace() asks for is given */
    trace();
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    return fails() ? NULL : __libc_realloc(p, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    return fails() ? NULL : __libc_memalign(align, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
    if (fails())
        return ENOMEM;
    *p = __libc_memalign(align, size);
    return *p != NULL ? 0 : ENOMEM;
}

static void report(void)
{
    const char *path = getenv("FAULT_COUNT");
    FILE *f = path != NULL ? fopen(path, "w") : NULL;
    if (f == NULL)
        return;
    fprintf(f, "%ld\n", atomic_load(&seen));
    fclose(f);
}

static int begin(int argc, char **argv, char **env)
{
    const char *at = getenv("FAULT_ALLOC");
    void *warm[1];
    backtrace(warm, 1); /* loads what it needs */
    atexit(report);
    wanted = at != NULL ? atol(at) : 0;
    return real_main(argc, argv, env);
}

int __libc_start_main(Main *main, int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack_end)
{
    StartMain *next = (StartMain *)dlsym(RTLD_NEXT, "__libc_start_main");
    real_main = main;
    return next(begin, argc, argv, init, fini, rtld_fini, stack_end);
}
