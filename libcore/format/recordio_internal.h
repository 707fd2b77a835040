/* RecordIO, the container of train.rec: dmlc-core's recordio.h, version of 3 + 29 bits.
 *
 * A file is records one after the other, each in one part or split where the magic number stands
 * in its data at a multiple of four. A part is u32 magic, u32 (cflag << 29 | length), the data
 * and zeros up to a multiple of four. cflag: 0 a whole record, 1 the first part of a split one, 2
 * one in the middle, 3 the last. The magic belongs between two parts and is left out there.
 *
 * Bytes are read where they lie, nothing is allocated; sizes are checked against the end. */
#ifndef FORMAT_RECORDIO_INTERNAL_H
#define FORMAT_RECORDIO_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { RECORDIO_LABELS = 24 }; /* bytes of MXNet's header in front of its further labels */

typedef struct RecordIo {
    const uint8_t *bytes;
    size_t size, at; /* at: where the next record begins */
    uint8_t *dead;   /* NULL, or zeros for recordio_next(), (size + 31) / 32 bytes, a bit for each
                        place where a part may begin: it marks those of split records without an
                        end, so that however many parts lead there, each is looked at once */
} RecordIo;

typedef struct Record {
    size_t offset, end; /* in the file */
    size_t size;        /* of its data, put together */
} Record;

/* MXNet's IRHeader of a record, "IfQQ", and the first of its further labels. */
typedef struct RecordHeader {
    uint32_t flag; /* how many further labels */
    float label;   /* the first of them, or that of the header when there are none */
    uint64_t id;
    size_t image; /* where in the record's data the image begins; its size when it has none */
} RecordHeader;

/* Whether a file that begins so is one: 4 bytes tell. */
bool recordio_known(const uint8_t *bytes, size_t size);

/* The next record: 1, 0 at the end, -1 when none begins there or it is cut; then io->at stays.
 * Messages begin with "byte N: " and do not name the file. */
int recordio_next(RecordIo *io, Record *record, Err *err);

/* After a failure: goes to the next place, after io->at, where a record seems to begin, or to the
 * end. */
void recordio_resync(RecordIo *io);

/* Copies n bytes of the record's data, from the given one on, to out. They must be there. */
void recordio_copy(uint8_t *out, const RecordIo *io, const Record *record, size_t from, size_t n);

/* The header in front of the data; -1 when the record is too small for it. */
int recordio_header(RecordHeader *header, const RecordIo *io, const Record *record, Err *err);

#endif
