/* Reads a tensor stream frame by frame, from a file or a pipe.
 *
 * Everything is checked: sizes against the limits of frame.h and, where it is known, the size of
 * the file, before memory is allocated; from a pipe memory grows only as bytes arrive. The CRC-32
 * must agree, and the stream must end right after a frame that bears "last". */
#ifndef STREAM_READER_H
#define STREAM_READER_H

#include "base/api.h"
#include "stream/frame.h"

API_BEGIN

typedef struct StreamReader StreamReader;

/* path "-" is standard input; gzip is read as it is. NULL on failure. */
StreamReader *reader_open(const char *path, Err *err);

/* The same from memory, which must outlive it; `name` is for messages. */
StreamReader *reader_open_bytes(const char *name, const void *bytes, size_t size, Err *err);
void reader_close(StreamReader *reader); /* NULL is fine */

/* The next frame: 1 and a frame that the caller releases, 0 at the end, -1 on failure. */
int reader_next(StreamReader *reader, Frame *frame, Err *err);

/* A frame with a wrong CRC is returned with crc_bad set instead of being an error (stream-ls). */
void reader_tolerate_crc(StreamReader *reader);

/* The stream's name for messages. */
const char *reader_name(const StreamReader *reader);

/* The provenance ("by") of the first frame read, or "" before that or when it has none. */
const char *reader_by(const StreamReader *reader);

/* A failure in a frame's contents: puts "NAME: frame at byte OFFSET: " before the message of
 * `inner` and sets err to it. Returns -1. */
int reader_blame(const StreamReader *reader, const Frame *frame, const Err *inner, Err *err);

API_END

#endif
