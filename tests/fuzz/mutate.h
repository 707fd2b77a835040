/* Deterministic mutations of small inputs, and the loop that feeds them to a reader.
 *
 * A fuzzer is a program `fuzz_X [RUNS [SEED]]` built with sanitizers. It prints TAP like a unit
 * test. When the sanitizers stop it, the input that did it is in the file it named at the start.
 *
 * With FUZZ_GUIDED it is `fuzz_X CORPUS [OPTION...]` instead: its inputs go into that folder, and
 * libFuzzer mutates them, guided by what code they reach; the options are libFuzzer's. */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng_internal.h"

enum { MUTANT_ROOM = 1 << 16 };

typedef struct Blob {
    uint8_t *at;
    size_t size;
} Blob;

/* What is fuzzed: true when the input was accepted. It stops the program, by abort(), when
 * something else than a crash is wrong. `run` is its number, for variants. */
typedef bool FuzzTarget(const char *path, const Blob *input, uint64_t run);

#ifdef FUZZ_GUIDED

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *bytes, size_t size));

static FuzzTarget *guided_target;
static char guided_path[] = "/tmp/fuzz.XXXXXX";
static int guided_fd;

/* Which variant an input is for depends on its bytes alone. */
static int guided_run(const uint8_t *bytes, size_t size)
{
    const Blob input = {(uint8_t *)bytes, size};
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    if (ftruncate(guided_fd, 0) != 0 || pwrite(guided_fd, bytes, size, 0) != (ssize_t)size)
        exit(1);
    guided_target(guided_path, &input, hash >> 32);
    return 0;
}

static inline int fuzz(const char *what, FuzzTarget *target, const Blob *seeds, size_t n, int argc,
                       char **argv)
{
    guided_target = target;
    guided_fd = mkstemp(guided_path);
    if (argc < 2 || guided_fd < 0)
        return 2;
    for (size_t i = 0; i < n; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s-%zu", argv[1], what, i);
        FILE *f = fopen(name, "wb");
        if (f == NULL || fwrite(seeds[i].at, 1, seeds[i].size, f) != seeds[i].size ||
            fclose(f) != 0)
            return 1;
    }
    int rc = LLVMFuzzerRunDriver(&argc, &argv, guided_run);
    unlink(guided_path);
    return rc;
}

#else

/* Numbers at which sizes, signs and types change, in 1, 2, 4 or 8 bytes, either end first */
static size_t mutate_number(uint8_t *at, size_t left, Rng *rng)
{
    static const uint64_t edge[] = {
        0,         1,          2,          0x7f,        0x80,        0xff,
        0x7fff,    0xffff,     0x7fffffff, 0x80000000,  0xffffffff,  0x7fffffffffffffff,
        INT64_MIN, UINT64_MAX, 1 << 20,    0x100000000, 0x1000000001};
    size_t width = (size_t)1 << rng_below(rng, 4);
    uint64_t value = edge[rng_below(rng, sizeof edge / sizeof edge[0])] + rng_below(rng, 3) - 1;
    bool big = rng_below(rng, 2) == 0;
    for (size_t i = 0; i < width && i < left; i++)
        at[i] = (uint8_t)(value >> 8 * (big ? width - 1 - i : i));
    return width;
}

/* What text is made of: digits, signs, brackets */
static void mutate_text(uint8_t *at, Rng *rng)
{
    static const char letters[] = "0123456789-.eE[]{}\",:\\ \n";
    *at = (uint8_t)letters[rng_below(rng, sizeof letters - 1)];
}

/* Replaces count bytes of the mutant at `at` by those given. */
static void splice(Blob *mutant, size_t at, size_t count, const uint8_t *bytes, size_t size)
{
    if (mutant->size - count + size > MUTANT_ROOM)
        return;
    memmove(mutant->at + at + size, mutant->at + at + count, mutant->size - at - count);
    memcpy(mutant->at + at, bytes, size);
    mutant->size += size - count;
}

static void mutate_once(Blob *mutant, const Blob *other, Rng *rng)
{
    uint8_t piece[256];
    size_t at = rng_below(rng, mutant->size), left = mutant->size - at;
    size_t count = 1 + rng_below(rng, left < 256 ? left : 256);
    switch (rng_below(rng, 8)) {
    case 0:
    case 1:
        mutant->at[at] ^= (uint8_t)(1 << rng_below(rng, 8));
        break;
    case 2:
        mutate_number(mutant->at + at, left, rng);
        break;
    case 3:
        mutate_text(mutant->at + at, rng);
        break;
    case 4: /* cut, seldom */
        if (rng_below(rng, 4) == 0)
            mutant->size = at;
        break;
    case 5: /* a piece away */
        splice(mutant, at, count, piece, 0);
        break;
    case 6: /* a piece twice */
        memcpy(piece, mutant->at + at, count);
        splice(mutant, at, 0, piece, count);
        break;
    default: /* a piece of another input */
        at = rng_below(rng, mutant->size < other->size ? mutant->size : other->size);
        if (count > other->size - at)
            count = other->size - at;
        splice(mutant, at, count < mutant->size - at ? count : mutant->size - at, other->at + at,
               count);
    }
}

static void mutate(Blob *mutant, const Blob *seeds, size_t n, Rng *rng)
{
    const Blob *seed = &seeds[rng_below(rng, n)];
    memcpy(mutant->at, seed->at, seed->size);
    mutant->size = seed->size;
    for (uint64_t edits = rng_below(rng, 6); edits > 0 && mutant->size > 0; edits--)
        mutate_once(mutant, &seeds[rng_below(rng, n)], rng);
}

/* The whole of a fuzzer's main(). Seeds are at most MUTANT_ROOM bytes each. */
static inline int fuzz(const char *what, FuzzTarget *target, const Blob *seeds, size_t n, int argc,
                       char **argv)
{
    uint64_t runs = argc > 1 ? strtoull(argv[1], NULL, 10) : 3000, accepted = 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    char path[] = "/tmp/fuzz.XXXXXX";
    Blob mutant = {malloc(MUTANT_ROOM), 0};
    int fd = mkstemp(path);
    if (fd < 0 || mutant.at == NULL)
        return 1;
    printf("# %s: seed %llu; the input is in %s\n", what, (unsigned long long)seed, path);
    fflush(stdout);
    for (uint64_t run = 0; run < runs; run++) {
        Rng rng = rng_at(seed, run, 0, 0);
        mutate(&mutant, seeds, n, &rng);
        if (ftruncate(fd, 0) != 0 || pwrite(fd, mutant.at, mutant.size, 0) != (ssize_t)mutant.size)
            return 1;
        accepted += target(path, &mutant, run);
    }
    bool both = accepted > 0 && accepted < runs;
    printf("%s 1 - %s: %llu of %llu mutants accepted, the others refused\n1..1\n",
           both ? "ok" : "not ok", what, (unsigned long long)accepted, (unsigned long long)runs);
    close(fd);
    unlink(path);
    free(mutant.at);
    return !both;
}

#endif

#endif
