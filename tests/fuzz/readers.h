/* Whole files of other programs through the readers of the library, for fuzzers. */
#ifndef FUZZ_READERS_H
#define FUZZ_READERS_H

#include <stdint.h>
#include <stdlib.h>

#include "source/source_internal.h"
#include "source/vectors_internal.h"
#include "stream/rows.h"

/* Sanitizers stop the program when it asks for more than this at once. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "max_allocation_size_mb=64";
}

/* A reader: how many rows the file has, or -1 with a message. Each item of a source is shown to
 * `look`, if not NULL. */
typedef void Look(const Item *item, int64_t number);
typedef int64_t Reader(const char *path, int form, Look *look, Err *err);

static volatile unsigned sink;

static inline void touch(const uint8_t *bytes, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += bytes[i];
    sink += sum;
}

static inline int64_t read_vectors(const char *file, int form, Look *look, Err *err)
{
    Frame frame;
    int64_t n = 0;
    int rc = -1;
    (void)look;
    VectorReader *reader = vectors_open((VectorFormat)form, file, NULL, NULL, err);
    while (reader != NULL && (rc = vectors_next(reader, &frame, err)) > 0) {
        Rows rows;
        if (rows_of(&rows, &frame, err) != 0)
            abort();
        n += rows.n;
        rows_release(&rows);
        for (size_t t = 0; t < frame.tensors; t++)
            touch(frame.tensor[t].data, frame.tensor[t].bytes);
        frame_release(&frame);
    }
    vectors_close(reader);
    return rc < 0 ? -1 : n;
}

static inline int64_t read_source(const char *file, int form, Look *look, Err *err)
{
    const SourceOptions options = {.operand = &file, .operands = 1, .from = (SourceForm)form};
    Item item;
    int64_t n = 0, items = 0;
    int rc = -1;
    Source *source = source_open(&options, err);
    while (source != NULL && (rc = source_next(source, &item, err)) > 0) {
        if (look != NULL)
            look(&item, items);
        else
            touch(item.bytes, item.size);
        items++;
        n += item.problem == NULL;
    }
    source_close(source);
    return rc < 0 ? -1 : n;
}

#endif
