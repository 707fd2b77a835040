/* decode-rate THREADS: how fast libjpeg-turbo alone decodes JPEG files to RGB
 *
 * Their names come on standard input, one a line. They are read first; only decoding, by so many
 * threads, is timed, after WARM times that are not. Prints the seconds, the number of files, and
 * the seconds of the first time. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <turbojpeg.h>

#include "base/file_internal.h"

enum { WARM = 3, MOST_THREADS = 256, LIMIT = 1 << 28 };

typedef struct Work {
    uint8_t **bytes;
    size_t *size;
    int files;
    atomic_int next, failed;
} Work;

static void *decode(void *arg)
{
    Work *work = arg;
    tjhandle tj = tjInitDecompress();
    uint8_t *pixels = NULL;
    size_t room = 0;
    for (int i; (i = atomic_fetch_add(&work->next, 1)) < work->files;) {
        int w, h, subsampling, space;
        if (tjDecompressHeader3(tj, work->bytes[i], work->size[i], &w, &h, &subsampling, &space) !=
            0) {
            atomic_fetch_add(&work->failed, 1);
            continue;
        }
        size_t need = (size_t)w * (size_t)h * 3;
        if (need > room) {
            free(pixels);
            pixels = malloc(room = need);
        }
        if (pixels == NULL || tjDecompress2(tj, work->bytes[i], work->size[i], pixels, w, 0, h,
                                            TJPF_RGB, TJFLAG_ACCURATEDCT) != 0)
            atomic_fetch_add(&work->failed, 1);
    }
    free(pixels);
    tjDestroy(tj);
    return NULL;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double decode_all(Work *work, int threads)
{
    pthread_t thread[MOST_THREADS];
    double begun = now();
    atomic_store(&work->next, 0);
    for (int i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, decode, work) != 0)
            exit(1);
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    return now() - begun;
}

int main(int argc, char **argv)
{
    char name[4096];
    Err err = {0};
    Work work = {0};
    int threads = argc > 1 ? atoi(argv[1]) : 0, room = 0;
    if (threads < 1 || threads > MOST_THREADS)
        return 2;
    while (scanf("%4095[^\n]\n", name) == 1) {
        if (work.files == room) {
            room = 2 * room + 1024;
            work.bytes = realloc(work.bytes, (size_t)room * sizeof *work.bytes);
            work.size = realloc(work.size, (size_t)room * sizeof *work.size);
        }
        work.bytes[work.files] = (uint8_t *)file_read(name, LIMIT, &work.size[work.files], &err);
        if (work.bytes[work.files++] == NULL) {
            fprintf(stderr, "decode-rate: %s\n", err.text);
            return 1;
        }
    }
    double first = decode_all(&work, threads);
    for (int i = 1; i < WARM; i++)
        decode_all(&work, threads);
    printf("%.3f %d %.3f\n", decode_all(&work, threads), work.files, first);
    return work.failed != 0;
}
