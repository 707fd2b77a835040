#include "batch/shuffle_internal.h"

#include <stdlib.h>

#include "base/array_internal.h"
#include "base/rng_internal.h"
#include "stream/faces.h"

struct Shuffle {
    StreamReader *reader;
    uint64_t seed, draws;
    Frame first;  /* metadata only */
    Frame input;  /* the frame being taken apart */
    Faces faces;  /* views input */
    int64_t at;   /* its next row */
    int64_t read; /* rows read so far */
    bool ended;
    ShuffleRow *row; /* the buffer */
    int64_t rows, room, size;
};

/* Goes to the next frame of the input. */
static int next_frame(Shuffle *shuffle, Err *err)
{
    Err inner = {0};
    faces_release(&shuffle->faces);
    frame_release(&shuffle->input);
    shuffle->at = 0;
    int rc = reader_next(shuffle->reader, &shuffle->input, err);
    shuffle->ended = rc == 0;
    if (rc > 0 && faces_of(&shuffle->faces, &shuffle->input, &inner) != 0)
        return reader_blame(shuffle->reader, &shuffle->input, &inner, err);
    return rc < 0 ? -1 : 0;
}

Shuffle *shuffle_open(const char *path, uint64_t seed, int64_t size, Err *err)
{
    Shuffle *shuffle = calloc(1, sizeof *shuffle);
    if (shuffle == NULL) {
        err_memory(err, "a shuffle buffer", sizeof *shuffle);
        return NULL;
    }
    shuffle->seed = seed;
    shuffle->size = size;
    shuffle->reader = reader_open(path, err);
    if (shuffle->reader == NULL || next_frame(shuffle, err) != 0 ||
        frame_inherit_meta(&shuffle->first, &shuffle->input, err) != 0) {
        shuffle_close(shuffle);
        return NULL;
    }
    return shuffle;
}

void shuffle_close(Shuffle *shuffle)
{
    if (shuffle == NULL)
        return;
    for (int64_t i = 0; i < shuffle->rows; i++)
        frame_release(&shuffle->row[i].frame);
    free(shuffle->row);
    faces_release(&shuffle->faces);
    frame_release(&shuffle->input);
    frame_release(&shuffle->first);
    reader_close(shuffle->reader);
    free(shuffle);
}

/* Row i of the input as a frame of its own. */
static int copy_row(Frame *frame, const Rows *rows, int64_t i, Err *err)
{
    RowBuffer buffer = {0};
    *frame = (Frame){0};
    int rc = rowbuffer_add(&buffer, rows, i, err);
    if (rc == 0)
        rc = rowbuffer_flush(&buffer, frame, err);
    if (rc == 0)
        rc = frame_set_meta(frame, "kind", "faces", err);
    rowbuffer_release(&buffer);
    if (rc != 0)
        frame_release(frame);
    return rc;
}

static int make_room(Shuffle *shuffle, Err *err)
{
    return array_reserve(shuffle->row, shuffle->room, shuffle->rows + 1, "a shuffle buffer", err);
}

static int fill(Shuffle *shuffle, Err *err)
{
    while (!shuffle->ended && shuffle->rows < shuffle->size) {
        if (shuffle->at == shuffle->faces.rows.n) {
            if (next_frame(shuffle, err) != 0)
                return -1;
            continue;
        }
        if (make_room(shuffle, err) != 0)
            return -1;
        ShuffleRow *row = &shuffle->row[shuffle->rows];
        if (copy_row(&row->frame, &shuffle->faces.rows, shuffle->at, err) != 0)
            return -1;
        row->number = shuffle->read++;
        shuffle->at++;
        shuffle->rows++;
    }
    return 0;
}

int shuffle_next(Shuffle *shuffle, ShuffleRow *row, Err *err)
{
    if (fill(shuffle, err) != 0)
        return -1;
    if (shuffle->rows == 0)
        return 0;
    Rng rng = rng_at(shuffle->seed, shuffle->draws++, 0, 's');
    uint64_t drawn = rng_below(&rng, (uint64_t)shuffle->rows);
    *row = shuffle->row[drawn];
    shuffle->row[drawn] = shuffle->row[--shuffle->rows];
    return 1;
}

const Frame *shuffle_first(const Shuffle *shuffle)
{
    return &shuffle->first;
}

const char *shuffle_name(const Shuffle *shuffle)
{
    return reader_name(shuffle->reader);
}

const char *shuffle_by(const Shuffle *shuffle)
{
    return reader_by(shuffle->reader);
}
